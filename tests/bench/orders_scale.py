"""Terminals that report where they are every second, and vessels beside them, through the whole server."""

import asyncio
import time

from tests.bench.bench import Bench
from tests.bench.crowd import Frame, Member, command, fix, quantile
from tests.bench.harbour import harbour

SETTLE_S = 8.0
PACE_S = 1.0  # what the phone page asks for
LOOK_EVERY = 25
TICK_MS = 200.0


class Watch:
    """What the crowd notes: how long an acknowledgement took, how old the positions are that come."""

    def __init__(self) -> None:
        self.sent: dict[str, float] = {}
        self.acks: list[float] = []
        self.ages: list[float] = []
        self.refused = 0

    def report(self, member: Member, op_id: str, mover: str, n: int, turn: int) -> None:
        now = time.time()
        self.sent[op_id] = now
        member.say(command(op_id, "ReportPositions", {"fixes": {mover: fix(n, turn, now)}}))

    def answers(self, _: Member, frame: Frame) -> None:
        if frame["type"] == "done":
            self.acks.append(time.time() - self.sent.pop(frame["op_id"]))
        self.refused += frame["type"] == "refused"

    def everything(self, member: Member, frame: Frame) -> None:
        self.answers(member, frame)
        now = time.time()
        for moves in frame.get("moved", {}).values():
            self.ages.extend(now - moves["base_s"] - at / 10 for at in moves["at"])


async def scale(bench: Bench, *, quick: bool) -> None:
    """Hold the server to its figures at 500 + 200, and to its latency at 1,000 + 400."""
    seconds = 10.0 if quick else 30.0
    await _run(bench, "s500", 500, 200, seconds)
    bench.at_most("s500_core_percent", 30.0)
    bench.at_most("s500_ack_p99_ms", 100.0)
    bench.at_most("s500_lan_age_p99_ms", TICK_MS + 100.0)
    bench.at_most("s500_phone_age_p99_ms", 1e3 * PACE_S + TICK_MS + 100.0)
    bench.at_most("s500_rss_over_rest_mb", 100.0)
    await _run(bench, "s1000", 1000, 400, seconds)
    bench.at_most("s1000_ack_p99_ms", 200.0)


async def _run(bench: Bench, name: str, terminals: int, vessels: int, seconds: float) -> None:
    with harbour(terminals, vessels) as server:
        wall = Watch()
        on_lan = await Member.join(server.url("commander", pack="zlib"), wall.everything)
        await asyncio.sleep(SETTLE_S)
        rest_mb = server.rss_mb()
        watch = Watch()
        members = []
        for n, role in enumerate(server.terminals):
            looks = n % LOOK_EVERY == 0  # unpacking every frame of every client would cost more than the server does
            url = server.url(role, pack="zlib", pace_s=PACE_S)
            members.append(await Member.join(url, watch.everything, unpacks=looks))
        await asyncio.sleep(3.0)
        used_s = server.cpu_s()
        begin = time.time()
        phones = [_phone(member, watch, n, seconds) for n, member in enumerate(members)]
        await asyncio.gather(*phones, _boats(on_lan, wall, vessels, seconds))
        took_s, used_s = time.time() - begin, server.cpu_s() - used_s
        await asyncio.sleep(1.0)
        bench.figure(f"{name}_core_percent", 100.0 * used_s / took_s)
        acks = watch.acks + wall.acks
        bench.figure(f"{name}_ack_p50_ms", 1e3 * quantile(acks, 0.5))
        bench.figure(f"{name}_ack_p99_ms", 1e3 * quantile(acks, 0.99))
        bench.figure(f"{name}_lan_age_p99_ms", 1e3 * quantile(wall.ages, 0.99))
        bench.figure(f"{name}_phone_age_p99_ms", 1e3 * quantile(watch.ages, 0.99))
        bench.figure(f"{name}_rss_over_rest_mb", server.rss_mb() - rest_mb)
        bench.check(f"{name}_all_acknowledged", not (watch.sent or wall.sent or watch.refused or wall.refused))


async def _phone(member: Member, watch: Watch, n: int, seconds: float) -> None:
    """Report a terminal's own position and confirm what it has, once a second, at its own moment of the second."""
    await asyncio.sleep(n * 0.001 % 1.0)
    begin = time.time()
    for turn in range(int(seconds)):
        watch.report(member, f"p-{n}-{turn}", f"x-{n}", n, turn)
        await asyncio.sleep(max(0.0, begin + turn + 1 - time.time()))


async def _boats(member: Member, watch: Watch, vessels: int, seconds: float) -> None:
    """Report every vessel once a second over one connection, evenly."""
    begin = time.time()
    for turn in range(int(seconds)):
        for n in range(vessels):
            watch.report(member, f"v-{n}-{turn}", f"v-{n}", n, turn)
            if n % 10 == 9:
                await asyncio.sleep(max(0.0, begin + turn + (n + 1) / vessels - time.time()))
