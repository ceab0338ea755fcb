"""Cards over bad links: lost packets, cut connections, and a terminal that was away for ten minutes."""

import asyncio
import json
import random
import time
from contextlib import suppress
from urllib.parse import urlencode

import httpx

from tests.bench.bench import Bench
from tests.bench.crowd import Frame, Member, quantile
from tests.bench.harbour import Harbour, harbour
from tests.lossy import can_lose, lossy_link

PHONES, CARD_EVERY_S = 24, 5.0
PUSH_EVERY_S = 0.05
RTT_S, LOSS = 0.3, 0.3
LATE_S = 0.6  # as on the phone page
PATIENCE_S = 60.0
STRANDS, GIVE_UP_S = 2, 6.0  # as the phone page, too


class Terminal:
    """A terminal that follows, confirms, and comes back after a cut; it shows each card when it first sees it."""

    def __init__(self, server: Harbour, role: str, *, second_road: bool = False) -> None:
        self.server, self.role = server, role
        self.epoch, self.seq = "", 0
        self.shown: list[str] = []
        self.twice = 0
        self.when: dict[str, float] = {}
        self.connections = 0
        self.second_road = second_road
        self.by_road = 0
        self.member: Member | None = None

    async def run(self) -> None:
        """Follow until cancelled."""
        strands = [self._listen() for _ in range(STRANDS if self.second_road else 0)]
        await asyncio.gather(self._follow(), *strands)

    async def _follow(self) -> None:
        while True:
            url = self.server.url(self.role, pack="zlib", pace_s=1, epoch=self.epoch, have=self.seq)
            try:
                async with asyncio.timeout(GIVE_UP_S):
                    self.member = await Member.join(url, self._look)
                self.connections += 1
                await self._until_silent(self.member)
            except OSError:
                await asyncio.sleep(0.2)
            await asyncio.sleep(random.uniform(0.05, 0.3))

    async def _until_silent(self, member: Member) -> None:
        """Wait until a connection is lost, or nothing has come over it for so long that it is as good as lost."""
        frames = -1
        while not member.lost.is_set():
            if member.frames == frames:
                member.cut()
                return
            frames = member.frames
            with suppress(TimeoutError):
                async with asyncio.timeout(GIVE_UP_S):
                    await member.lost.wait()

    def _look(self, member: Member, frame: Frame) -> None:
        if frame["type"] not in {"snapshot", "delta"}:
            return
        self.take(frame)
        member.say(json.dumps({"type": "have", "epoch": self.epoch, "seq": self.seq}).encode())

    def take(self, frame: Frame) -> bool:
        """Take a frame in, whichever road it came; an older one changes nothing."""
        if frame["epoch"] == self.epoch and frame["seq"] < self.seq:
            return False
        if frame["type"] == "delta" and (frame["epoch"] != self.epoch or frame["after"] > self.seq):
            raise AssertionError(f"{self.role}: a gap from {self.seq} to {frame['after']}")
        cards = frame["put"] if frame["type"] == "delta" else frame["picture"]
        for card_id in cards.get("cards", {}):
            if card_id not in self.when:
                self.when[card_id] = time.time()
                self.shown.append(card_id)
        self.epoch, self.seq = frame["epoch"], frame["seq"]
        return True

    async def _listen(self) -> None:
        query = {"key": self.server.keys[self.role], "late_s": LATE_S, "wait_s": 25}
        async with httpx.AsyncClient(base_url=self.server.address, timeout=40.0) as http:
            while not self.seq:  # noqa: ASYNC110  (as the page: the second road opens when the first has brought a picture)
                await asyncio.sleep(0.1)
            while True:
                try:
                    at = urlencode({**query, "epoch": self.epoch, "have": self.seq})
                    answer = await http.get(f"/api/next?{at}")
                    if answer.status_code == 200 and self.take(answer.json()):
                        self.by_road += 1
                except httpx.HTTPError:
                    await asyncio.sleep(0.5)


async def loss(bench: Bench, *, quick: bool) -> None:
    """Push cards over a link of 300 ms that loses 30 % each way, without and with the second road."""
    if not can_lose():
        bench.say("skipped: a lossy link needs root, iproute2 and /dev/net/tun")
        return
    rounds = 8 if quick else 20
    for name, second_road in (("tcp", False), ("two_roads", True)):
        times, roads = await _cards(rounds, second_road=second_road)
        bench.figure(f"loss_{name}_p50_s", quantile(times, 0.5))
        bench.figure(f"loss_{name}_p95_s", quantile(times, 0.95))
        bench.figure(f"loss_{name}_p99_s", quantile(times, 0.99))
        bench.figure(f"loss_{name}_by_second_road", roads)
    bench.at_most("loss_tcp_p95_s", 4.5)
    bench.at_most("loss_two_roads_p95_s", 2.5)


async def _cards(rounds: int, *, second_road: bool) -> tuple[list[float], int]:
    """Return the seconds from each push to its card on a phone, and how many came by the second road."""
    with lossy_link() as link, harbour(PHONES, 50, host=link.inside, within=link.namespace) as server:
        phones = [Terminal(server, role, second_road=second_road) for role in server.terminals]
        tasks = [asyncio.create_task(phone.run()) for phone in phones]
        while not all(phone.seq for phone in phones):  # noqa: ASYNC110  (a look now and then is enough)
            await asyncio.sleep(0.1)
        link.set(loss=LOSS, delay_s=RTT_S / 2)
        await asyncio.sleep(2.0)
        pushed = {}
        ids = [phone.role.removeprefix("terminal/") for phone in phones]
        for n in range(rounds):
            pushed[n] = (await server.ask(push=ids, n=n))["at_s"]
            await asyncio.sleep(CARD_EVERY_S)
        link.set()
        await asyncio.sleep(5.0)
        await _end(tasks)
        cards = [
            (phone.when.get(f"b-{n}/{one}"), at)
            for n, at in pushed.items()
            for phone, one in zip(phones, ids, strict=True)
        ]
        return [when - at if when else PATIENCE_S for when, at in cards], sum(phone.by_road for phone in phones)


async def cuts(bench: Bench, *, quick: bool) -> None:
    """Push ten thousand cards to fifty terminals while every second a fifth of the connections is cut."""
    phones_wanted, rounds = 50, 40 if quick else 200
    with harbour(phones_wanted, 50) as server:
        phones = [Terminal(server, role) for role in server.terminals]
        tasks = [asyncio.create_task(phone.run()) for phone in phones]
        cutting = asyncio.create_task(_cut(phones))
        ids = [phone.role.removeprefix("terminal/") for phone in phones]
        used_s, begin, pushed_s = server.cpu_s(), time.time(), 0.0
        for n in range(rounds):
            asked = time.time()
            await server.ask(push=ids, n=n)
            pushed_s += time.time() - asked
            await asyncio.sleep(PUSH_EVERY_S)
        wanted = [[f"b-{n}/{one}" for n in range(rounds)] for one in ids]
        async with asyncio.timeout(PATIENCE_S * 2):
            while any(len(phone.shown) < rounds for phone in phones):  # noqa: ASYNC110
                await asyncio.sleep(0.2)
        bench.figure("cuts_all_shown_s", time.time() - begin)
        bench.figure("cuts_orders_a_second_durable", rounds * phones_wanted / pushed_s)
        bench.figure("cuts_cpu_us_an_order", 1e6 * (server.cpu_s() - used_s) / (rounds * phones_wanted))
        cutting.cancel()
        await _end([*tasks, cutting])
        bench.figure("cuts_connections", sum(phone.connections for phone in phones))
        bench.check("cuts_all_delivered_in_order_none_twice", [phone.shown for phone in phones] == wanted)


async def _cut(phones: list[Terminal]) -> None:
    """Cut a fifth of the connections at random every second."""
    rng = random.Random(7)
    while True:
        await asyncio.sleep(1.0)
        for phone in phones:
            if rng.random() < 0.2 and phone.member is not None:
                phone.member.cut()


async def resume(bench: Bench, *, quick: bool) -> None:
    """Let a terminal come back with 20,000 events behind it."""
    with harbour(5, 200) as server:
        phone = Terminal(server, server.terminals[0])
        task = asyncio.create_task(phone.run())
        while not phone.seq:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        await _end([task])
        assert phone.member is not None
        phone.member.cut()
        last = (await server.ask(move=20_000))["seq"]
        await server.ask(push=["x-0"], n=1)
        await asyncio.sleep(1.0)
        begin = time.time()
        task = asyncio.create_task(phone.run())
        while phone.seq <= last:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        bench.figure("resume_s", time.time() - begin)
        bench.figure("resume_kb", phone.member.bytes / 1e3)
        bench.check("resume_brings_the_card", phone.shown == ["b-1/x-0"])
        await _end([task])
    bench.at_most("resume_s", 1.0)
    bench.at_most("resume_kb", 300.0)


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
