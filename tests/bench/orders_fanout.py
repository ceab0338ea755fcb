"""Fifty clients and a thousand positions a second: through our server, through a bare asyncio fan-out, through taky."""

import asyncio
import json
import time

from tests.bench.bench import Bench
from tests.bench.crowd import Frame, Member, command, fix, quantile
from tests.bench.harbour import Harbour, harbour
from tests.bench.peers import Aged, Counter, bare_server, cot, taky_server

CLIENTS, VESSELS, RATE_HZ = 50, 1000, 1000
LOOKERS = 10
SETTLE_S = 8.0  # the server warms its routes in the first seconds
_TAKY_RATES_HZ = (20, 50, 100, 200)


class Looker:
    """A client that notes which positions it saw, and how old they were when they came."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, float]] = set()
        self.ages: list[float] = []

    def look(self, _: Member, frame: Frame) -> None:
        now = time.time()
        moves = frame.get("moved", {}).get("vessels")
        if moves:
            times = [moves["base_s"] + at / 10 for at in moves["at"]]
            self.seen.update(zip(moves["ids"], times, strict=True))
            self.ages.extend(now - at for at in times)
        for key, vessel in frame.get("put", {}).get("vessels", {}).items():
            if vessel["fix"] is not None:
                self.seen.add((key, round(vessel["fix"]["time_s"], 1)))


def tenth(now: float) -> float:
    """Return a time as the wire shows it, so that what was sent can be compared with what was seen."""
    return int(now * 10) / 10


async def feed(member: Member, seconds: float, sent: list[tuple[str, float]]) -> None:
    """Send a thousand positions a second, each vessel once a second, evenly."""
    begin = time.time()
    for turn in range(int(seconds)):
        for n in range(VESSELS):
            now = tenth(time.time())
            sent.append((f"v-{n}", now))
            member.say(command(f"f-{turn}-{n}", "ReportPositions", {"fixes": {f"v-{n}": fix(n, turn, now)}}))
            if n % 10 == 9:
                await asyncio.sleep(max(0.0, begin + turn + n / VESSELS - time.time()))


async def fanout(bench: Bench, *, quick: bool) -> None:
    """Hold our fan-out to its figures, beside the bare one."""
    seconds = 10.0 if quick else 60.0
    with harbour(0, VESSELS) as server:
        lookers = [Looker() for _ in range(LOOKERS)]
        looks = [looker.look for looker in lookers] + [None] * (CLIENTS - LOOKERS)
        members = [await Member.join(server.url("observer", view="wall", pack="zlib"), look) for look in looks]
        feeder = await Member.join(server.url("commander", pack="zlib"))
        await asyncio.sleep(SETTLE_S)
        sent: list[tuple[str, float]] = []
        used_s, came = server.cpu_s(), sum(member.bytes for member in members)
        rss_mb = await _flat(server, feed(feeder, seconds, sent), seconds)
        await asyncio.sleep(1.0)
        used_s, came = server.cpu_s() - used_s, sum(member.bytes for member in members) - came
        _report(bench, lookers, sent, used_s, came / CLIENTS / len(sent))
        bench.figure("fanout_rss_growth_mb", rss_mb)
    bench.figure("bare_age_p99_ms", await _bare(seconds))
    bench.ratio("bare_p99_over_ours", bench.figures["bare_age_p99_ms"] / bench.figures["fanout_age_p99_ms"])
    bench.at_least("fanout_seen_percent", 99.9)
    bench.at_most("fanout_cpu_us", 15.0)
    bench.at_least("bare_p99_over_ours", 0.5)
    bench.at_most("fanout_bytes_a_position", 16.0)
    if not quick:
        bench.at_most("fanout_rss_growth_mb", 10.0)


async def _flat(server: Harbour, feeding: object, seconds: float) -> float:
    """Feed, and return by how many MB the server grew in the last third, when all its memories are full."""
    assert asyncio.iscoroutine(feeding)
    task = asyncio.create_task(feeding)
    await asyncio.sleep(seconds * 2 / 3)
    before = server.rss_mb()
    await task
    return server.rss_mb() - before


def _report(
    bench: Bench, lookers: list[Looker], sent: list[tuple[str, float]], used_s: float, bytes_each: float
) -> None:
    current = {item for item in sent if item[1] < sent[-1][1] - 2.0}  # the last ones are still on their way
    for looker in lookers:  # times are tenths on the wire: compared as such
        looker.seen = {(key, round(at, 1)) for key, at in looker.seen}
    seen = min(sum((key, round(at, 1)) in looker.seen for key, at in current) for looker in lookers)
    bench.figure("fanout_seen_percent", 100.0 * seen / len(current))
    ages = [age for looker in lookers for age in looker.ages]
    bench.figure("fanout_age_p50_ms", 1e3 * quantile(ages, 0.5))
    bench.figure("fanout_age_p99_ms", 1e3 * quantile(ages, 0.99))
    bench.figure("fanout_cpu_us", 1e6 * used_s / (len(sent) * CLIENTS))
    bench.figure("fanout_bytes_a_position", bytes_each)


async def _bare(seconds: float) -> float:
    """Return the age of positions through the bare fan-out, ms, p99: the same rate, clients and bytes."""
    loop = asyncio.get_running_loop()
    with bare_server() as (port, _):
        readers = [Aged() for _ in range(LOOKERS)]
        for n in range(CLIENTS):
            protocol = readers[n] if n < LOOKERS else Aged()
            await loop.create_connection(lambda protocol=protocol: protocol, "127.0.0.1", port)  # type: ignore[misc]
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"feed\n")
        begin = time.time()
        for turn in range(int(seconds)):
            for n in range(VESSELS):
                body = json.dumps(fix(n, turn, 0.0)).encode()[:12]
                writer.write(body + f"{tenth(time.time()):017.6f}\n".encode())
                if n % 10 == 9:
                    await asyncio.sleep(max(0.0, begin + turn + n / VESSELS - time.time()))
        await asyncio.sleep(1.0)
        ages = [age for reader in readers for age in reader.ages]
        writer.close()
        return 1e3 * quantile(ages, 0.99)


async def taky(bench: Bench, *, quick: bool) -> None:
    """Measure taky's CPU for each delivery at the rate where it is cheapest and still delivers."""
    seconds = 3.0 if quick else 6.0
    best = min([await _taky_us(bench, rate, seconds) for rate in _TAKY_RATES_HZ])
    bench.figure("taky_cpu_us", best)


async def _taky_us(bench: Bench, rate_hz: int, seconds: float) -> float:
    loop = asyncio.get_running_loop()
    with taky_server() as (port, process):
        readers = [Counter() for _ in range(CLIENTS)]
        for n, reader in enumerate(readers):
            transport, _ = await loop.create_connection(lambda reader=reader: reader, "127.0.0.1", port)  # type: ignore[misc]
            transport.write(cot(-n - 1, 0).replace(b"a-f-S-X", b"a-f-G-U-C"))
        _, feeder = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(1.0)
        before = sum(reader.seen for reader in readers)
        used = process.cpu_times()
        begin = time.time()
        count = int(rate_hz * seconds)
        for n in range(count):
            feeder.write(cot(n % VESSELS, n))
            await asyncio.sleep(max(0.0, begin + n / rate_hz - time.time()))
        await asyncio.sleep(1.0)
        after = process.cpu_times()
        feeder.close()
        seen = sum(reader.seen for reader in readers) - before
        spent_s = after.user + after.system - used.user - used.system
        each_us = 1e6 * spent_s / max(seen, 1)
        share = seen / (count * CLIENTS)
        bench.say(f"taky at {rate_hz} events/s: {each_us:.1f} us a delivery, {share:.1%} delivered")
        return each_us if share >= 0.99 else float("inf")
