"""The frame of every bench: progress while it runs, a table, and one JSON object as the last line.

A bench is a script ``tests/bench/NAME.py`` with a ``main() -> int``::

    from tests.bench.bench import Bench

    def main() -> int:
        bench = Bench("routing")
        bench.say("building the network")                 # a progress line, to stderr at once
        times = bench.interleave({"ours": ours, "networkx": theirs}, rounds=5)
        bench.figure("ours_s", times["ours"])             # a measured number, unit in its name
        bench.ratio("networkx_over_ours", times["networkx"] / times["ours"])
        bench.at_least("networkx_over_ours", 5.0)         # a floor: fails the bench when missed
        bench.at_most("ours_s", 0.05)                     # a ceiling
        bench.check("same_answer", same)                  # a truth that must hold
        return bench.finish()                             # table, JSON line, exit status

    if __name__ == "__main__":
        raise SystemExit(main())

Standard output holds the table and, as its last line, ``{"name", "figures", "ratios", "floors", "ok"}``; a floor is
``{"value", "sense", "bound", "ok"}``. Times are CPU seconds of this process (``time.process_time``), because the
machines are shared; `Bench.wall_s` is there for what is really about waiting.
"""

import gc
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping

Job = Callable[[], object]


class Bench:
    """One run of a bench: collects figures, ratios and floors, and prints them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.figures: dict[str, float] = {}
        self.ratios: dict[str, float] = {}
        self.floors: dict[str, dict[str, object]] = {}
        self._begin = time.perf_counter()
        self.say(f"python {platform.python_version()}, {platform.system()} {platform.machine()}")

    def say(self, text: str) -> None:
        """Print a progress line to stderr, with the seconds since the start."""
        elapsed = time.perf_counter() - self._begin
        print(f"[{self.name} {elapsed:6.1f}s] {text}", file=sys.stderr, flush=True)

    def figure(self, name: str, value: float) -> float:
        """Record a measured number; its unit stands in the name. Return it."""
        self.figures[name] = float(value)
        self.say(f"{name} = {value:.6g}")
        return value

    def ratio(self, name: str, value: float) -> float:
        """Record a ratio between a peer and us (above 1: we are better). Return it."""
        self.ratios[name] = float(value)
        self.say(f"{name} = {value:.3g}x")
        return value

    def at_least(self, name: str, floor: float) -> bool:
        """Hold a recorded figure or ratio to a floor."""
        value = self._value(name)
        return self._hold(name, value, ">=", floor, ok=value >= floor)

    def at_most(self, name: str, ceiling: float) -> bool:
        """Hold a recorded figure or ratio to a ceiling."""
        value = self._value(name)
        return self._hold(name, value, "<=", ceiling, ok=value <= ceiling)

    def check(self, name: str, truth: bool) -> bool:
        """Hold a statement to be true (the same answer as the peer, nothing lost, ...)."""
        return self._hold(name, bool(truth), "is", True, ok=bool(truth))

    def cpu_s(self, job: Job, *, rounds: int = 5) -> float:
        """Return the median CPU seconds of `job` over `rounds` runs, after one run that is not counted."""
        return self.interleave({"job": job}, rounds=rounds)["job"]

    def interleave(self, jobs: Mapping[str, Job], *, rounds: int = 5, warm: bool = True) -> dict[str, float]:
        """Return the median CPU seconds of each job; jobs take turns, so that noise falls on all alike."""
        for name, job in jobs.items() if warm else ():
            self.say(f"warming {name}")
            job()
        spent: dict[str, list[float]] = {name: [] for name in jobs}
        for turn in range(rounds):
            self.say(f"round {turn + 1} of {rounds}")
            for name, job in jobs.items():
                spent[name].append(_spent(job, time.process_time))
        return {name: statistics.median(values) for name, values in spent.items()}

    @staticmethod
    def wall_s(job: Job) -> float:
        """Return the wall seconds of one run of `job`."""
        return _spent(job, time.perf_counter)

    @property
    def ok(self) -> bool:
        """True while every floor, ceiling and check holds."""
        return all(bool(floor["ok"]) for floor in self.floors.values())

    def finish(self) -> int:
        """Print the table and the JSON line; return the exit status (0 if everything holds)."""
        rows = [(name, f"{value:.6g}", self._verdict(name)) for name, value in self.figures.items()]
        rows += [(name, f"{value:.3g}x", self._verdict(name)) for name, value in self.ratios.items()]
        rows += [(name, "", self._verdict(name)) for name in self.floors if name not in self.figures | self.ratios]
        width = max((len(row[0]) for row in rows), default=4)
        print(f"{self.name}\n" + "-" * (width + 40))
        for name, value, verdict in rows:
            print(f"{name:<{width}}  {value:>12}  {verdict}".rstrip())
        whole = {
            "name": self.name,
            "figures": self.figures,
            "ratios": self.ratios,
            "floors": self.floors,
            "ok": self.ok,
        }
        print(json.dumps(whole), flush=True)
        return 0 if self.ok else 1

    def _value(self, name: str) -> float:
        return self.ratios[name] if name in self.ratios else self.figures[name]

    def _hold(self, name: str, value: object, sense: str, bound: object, *, ok: bool) -> bool:
        self.floors[name] = {"value": value, "sense": sense, "bound": bound, "ok": ok}
        self.say(f"{name}: {'holds' if ok else 'MISSED'} ({value} {sense} {bound})")
        return ok

    def _verdict(self, name: str) -> str:
        if name not in self.floors:
            return ""
        floor = self.floors[name]
        return f"{'ok' if floor['ok'] else 'MISSED'} ({floor['sense']} {floor['bound']})"


def _spent(job: Job, clock: Callable[[], float]) -> float:
    gc.collect()
    begin = clock()
    job()
    return clock() - begin
