"""What hangs on a session while it lasts: live sockets and videos. Pulling the cord ends them at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from rescuecmd.errors import ForbiddenError
from rescuecmd.server.auth import Caller
from rescuecmd.server.sessions import holder


class Cord:
    """One live connection, waiting to be cut."""

    def __init__(self) -> None:
        self._cut: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def wait(self) -> None:
        """Wait for the cut.

        Raises
        ------
        ForbiddenError
            It has come.
        """
        await asyncio.shield(self._cut)
        raise _ended()

    def check(self) -> None:
        """Go on, unless the cut has come.

        Raises
        ------
        ForbiddenError
            It has.
        """
        if self._cut.done():
            raise _ended()

    def cut(self) -> None:
        """End the connection."""
        if not self._cut.done():
            self._cut.set_result(None)


def _ended() -> ForbiddenError:
    return ForbiddenError("revoked", "this session was ended by the command, or its time is over")


class Cords:
    """Who holds which connection and which video."""

    def __init__(self) -> None:
        self._cords: dict[str, set[Cord]] = {}
        self._videos: dict[str, dict[str, Callable[[], Awaitable[None]]]] = {}

    @contextmanager
    def hold(self, caller: Caller) -> Iterator[Cord]:
        """Give a cord for a connection while it lasts; a key of a link has one too, which nobody pulls."""
        whose, cord = holder(caller), Cord()
        self._cords.setdefault(whose, set()).add(cord)
        try:
            yield cord
        finally:
            self._cords[whose].discard(cord)
            if not self._cords[whose]:
                del self._cords[whose]

    def watch(self, caller: Caller, session_id: str, close: Callable[[], Awaitable[None]]) -> None:
        """Note a video session and how it is closed."""
        self._videos.setdefault(holder(caller), {})[session_id] = close

    def unwatch(self, caller: Caller, session_id: str) -> bool:
        """Forget a video session; return whether it was this caller's."""
        mine = self._videos.get(holder(caller), {})
        found = mine.pop(session_id, None) is not None
        if not mine:
            self._videos.pop(holder(caller), None)
        return found

    def holders(self) -> frozenset[str]:
        """Return everybody who has a connection or a video."""
        return frozenset(self._cords) | frozenset(self._videos)

    async def pull(self, whose: str) -> int:
        """End every connection and video of a holder; return how many."""
        cords, videos = list(self._cords.get(whose, ())), self._videos.pop(whose, {})
        for cord in cords:
            cord.cut()
        await asyncio.gather(*(close() for close in videos.values()), return_exceptions=True)
        return len(cords) + len(videos)
