"""Every refusal is counted, and written down: who asked for what, from where, and by which rule it was refused.

A flood of refusals must not become a flood of writes: at most `KEPT_PER_FLUSH` of each second are written down, all
are counted.
"""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rescuecmd.server.register import Register

KEPT_PER_FLUSH = 100
KEPT = 20_000
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal; ``time_s`` is the server's clock."""

    time_s: float
    code: str
    who: str
    what: str
    address: str


class Refusals:
    """What was refused since the server started, and the last of it in the register."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._waiting: deque[Refusal] = deque(maxlen=KEPT_PER_FLUSH)
        self._counts: Counter[str] = Counter()

    @property
    def counts(self) -> Mapping[str, int]:
        """How many, by code."""
        return dict(self._counts)

    def note(self, code: str, *, who: str, what: str, address: str) -> None:
        """Take a refusal in; it is written with the next `flush`."""
        self._counts[code] += 1
        self._waiting.append(Refusal(self._register.now(), code, who[:_LONGEST], what[:_LONGEST], address[:_LONGEST]))

    def flush(self) -> None:
        """Write what waits; the oldest make room."""
        rows = []
        while self._waiting:
            item = self._waiting.popleft()
            rows.append((item.time_s, item.code, item.who, item.what, item.address))
        if rows:
            with self._register.change() as db:
                db.executemany("INSERT INTO refusal (time_s, code, who, what, address) VALUES (?,?,?,?,?)", rows)
                db.execute("DELETE FROM refusal WHERE n <= (SELECT max(n) FROM refusal) - ?", (KEPT,))

    def last(self, count: int) -> Sequence[Refusal]:
        """Return the newest, newest first."""
        self.flush()
        sql = "SELECT time_s, code, who, what, address FROM refusal ORDER BY n DESC LIMIT ?"
        return [Refusal(*row) for row in self._register.rows(sql, count)]
