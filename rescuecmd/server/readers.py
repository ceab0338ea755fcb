"""Who reads along, and how far behind: a slow reader is seen on the wall and delays nobody."""

import asyncio
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from rescuecmd.errors import UnavailableError

BEHIND_S = 2.0
"""From here on a reader counts as behind; a healthy one answers within a second or two."""


_KEPT = 256  # unconfirmed frames remembered; who owes more than that is far behind already


@dataclass(slots=True, eq=False)
class Reader:
    """One live connection: which frames it still owes an answer for. Times are of the event loop's clock."""

    terminal_id: str
    robot: bool
    confirms: bool = False  # it says what it has; of others we know only that the socket took the frame
    known: tuple[str, int] = ("", 0)  # epoch and sequence number
    _owed: deque[tuple[int, float]] = field(default_factory=deque)

    def sending(self, seq: int, now_s: float) -> None:
        """Note that a frame is on its way."""
        if len(self._owed) < _KEPT and (not self._owed or seq > self._owed[-1][0]):
            self._owed.append((seq, now_s))

    def sent(self) -> None:
        """Note that the socket has taken everything."""
        if not self.confirms:
            self._owed.clear()

    def has(self, epoch: str, seq: int) -> None:
        """Note that the reader has everything up to a sequence number."""
        self.confirms = True
        self.known = epoch, seq
        while self._owed and self._owed[0][0] <= seq:
            self._owed.popleft()

    def behind_s(self, now_s: float) -> float:
        """Return for how long the reader has owed an answer, s."""
        return now_s - self._owed[0][1] if self._owed else 0.0


class Readers:
    """Everybody who is connected."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._readers: set[Reader] = set()
        self.changed = asyncio.Event()
        self.somebody = asyncio.Event()

    def __len__(self) -> int:
        return len(self._readers)

    @contextmanager
    def join(self, terminal_id: str, *, robot: bool) -> Iterator[Reader]:
        """Count a connection while it lasts.

        Raises
        ------
        UnavailableError
            The server holds as many as it may.
        """
        if len(self._readers) >= self._most:
            raise UnavailableError("full", f"{len(self._readers)} are connected, no more are taken")
        reader = Reader(terminal_id, robot)
        self._readers.add(reader)
        if not robot:
            self.somebody.set()
        self.changed.set()
        try:
            yield reader
        finally:
            self._readers.discard(reader)
            self.changed.set()

    def present(self) -> Counter[tuple[str, bool]]:
        """Return how many people (False) and robots (True) hold each terminal."""
        return Counter((reader.terminal_id, reader.robot) for reader in self._readers if reader.terminal_id)

    def known(self, epoch: str) -> Mapping[str, int]:
        """Return up to where each terminal says that it has followed an epoch; the best of its connections counts."""
        found: dict[str, int] = {}
        for reader in self._readers:
            if reader.terminal_id and reader.known[0] == epoch:
                found[reader.terminal_id] = max(reader.known[1], found.get(reader.terminal_id, 0))
        return found

    def behind(self, now_s: float) -> Mapping[str, float]:
        """Return the terminals that are behind, each by its best connection, s."""
        best: dict[str, float] = {}
        for reader in self._readers:
            if reader.terminal_id:
                late_s = reader.behind_s(now_s)
                best[reader.terminal_id] = min(late_s, best.get(reader.terminal_id, late_s))
        return {terminal_id: round(late_s, 1) for terminal_id, late_s in best.items() if late_s >= BEHIND_S}
