"""How fast anybody may ask: token buckets by class of message. An SOS and its cancelling are never limited.

Positions above their rate are refused, since the next one is better anyway; everything else is put off ("later") and
loses nothing: its sender gives it again with the same id. Guessing of keys, codes and passwords is counted for each
address and, for a password, each account.
"""

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rescuecmd.errors import Outcome, RescueError

Kind: TypeAlias = Literal["position", "order", "note", "stranger", "guess", "sign-in"]
FREE = frozenset({"RaiseSos", "CancelSos", "AckSos"})
_KINDS: Mapping[str, Kind] = {"ReportPositions": "position", "AddNote": "note", "ReportVictim": "note"}
_BUCKETS_KEPT = 20_000
STRANGERS_AT_ONCE = (
    100  # a tenth of all connections: nobody can fill the house from one address by standing in the door
)


@dataclass(frozen=True, slots=True)
class Rate:
    """A bucket: so many at once, and so many more each second."""

    burst: float
    per_s: float


# A phone that comes back after a day gives a few hundred orders; a password is tried five times in a quarter of an
# hour (OWASP ASVS 5.0.0-6.3.1); one address may be a whole field post behind one router.
RATES: Mapping[Kind, Rate] = {
    "position": Rate(20, 5),
    "order": Rate(100, 20),
    "note": Rate(30, 2),
    "stranger": Rate(100, 20),
    "guess": Rate(10, 10 / 600),
    "sign-in": Rate(5, 5 / 900),
}


class TooManyError(RescueError):
    """Understood, but too fast; the same may be sent again later."""

    outcome = Outcome(http=429, close=4429, exit=5)


class Pace:
    """The buckets of everybody."""

    def __init__(self, steady: Callable[[], float] = time.monotonic, rates: Mapping[Kind, Rate] = RATES) -> None:
        self._steady = steady
        self._rates = rates
        self._left: OrderedDict[tuple[Kind, str], tuple[float, float]] = OrderedDict()
        self._waiting: Counter[str] = Counter()

    def command(self, who: str, name: str) -> None:
        """Count a command.

        Raises
        ------
        TooManyError
            It comes too fast for its class.
        """
        if name not in FREE:
            self.take(_KINDS.get(name, "order"), who)

    def take(self, kind: Kind, who: str) -> None:
        """Take one from a bucket.

        Raises
        ------
        TooManyError
            It is empty; ``after_s`` says when it will not be.
        """
        rate, now_s = self._rates[kind], self._steady()
        left, then_s = self._left.pop((kind, who), (rate.burst, now_s))
        left = min(rate.burst, left + (now_s - then_s) * rate.per_s)
        self._left[kind, who] = (left - 1 if left >= 1 else left), now_s
        while len(self._left) > _BUCKETS_KEPT:
            self._left.popitem(last=False)
        if left < 1:
            raise _too_many(kind, (1 - left) / rate.per_s)

    def check(self, kind: Kind, who: str) -> None:
        """Refuse who has nothing left, and take nothing: for failures, which are counted when they happen.

        Raises
        ------
        TooManyError
            The bucket is empty.
        """
        rate = self._rates[kind]
        left, then_s = self._left.get((kind, who), (rate.burst, self._steady()))
        left += (self._steady() - then_s) * rate.per_s
        if left < 1:
            raise _too_many(kind, (1 - left) / rate.per_s)

    @contextmanager
    def waiting(self, who: str) -> Iterator[None]:
        """Hold a connection for somebody who has not proved anything yet.

        Raises
        ------
        TooManyError
            `who` holds `STRANGERS_AT_ONCE` already.
        """
        if self._waiting[who] >= STRANGERS_AT_ONCE:
            raise _too_many("stranger", 1.0)
        self._waiting[who] += 1
        try:
            yield
        finally:
            self._waiting[who] -= 1
            if not self._waiting[who]:
                del self._waiting[who]

    def spend(self, kind: Kind, who: str) -> None:
        """Count a failure."""
        try:
            self.take(kind, who)
        except TooManyError:
            return


def _too_many(kind: Kind, wait_s: float) -> TooManyError:
    after_s = max(0.1, round(wait_s, 1))
    return TooManyError(
        "too-many", f"too many of kind {kind!r} at once; again in {after_s} s", kind=kind, after_s=after_s
    )
