"""Any moment of the running operation, as the centre saw it or as one terminal is proven to have seen it."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from rescuecmd.delivery.knowledge import Difference, Knowledge, Known, differences, with_own
from rescuecmd.errors import ForbiddenError, unknown
from rescuecmd.picture.delta import Told, View, snapshot
from rescuecmd.picture.events import Event
from rescuecmd.picture.fold import fold
from rescuecmd.picture.state import Picture
from rescuecmd.server.access import CallerDep, RunningDep, angle_of
from rescuecmd.server.frames import Angle, encode
from rescuecmd.server.views import ReplayAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rescuecmd.desk import Desk

router = APIRouter(prefix="/api", tags=["picture"])
_PAGE = 2000
EVERY = 2000  # events between two pictures that are kept, so that no question folds more than that


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment: the centre's picture, and the picture of whoever was asked for."""

    at_s: float
    centre: Picture
    seen: Picture
    known: Known


class Replays:
    """The past of one operation, read once and kept in a few pictures."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._reading = asyncio.Lock()
        self._kept: list[Picture] = [Picture()]
        self._last = Picture()
        self.knowledge = Knowledge()

    async def moment(self, at_s: float, terminal_id: str) -> Moment:
        """Return a moment of the operation's clock; with a `terminal_id` as that terminal is proven to have seen it.

        Raises
        ------
        NotFoundError
            There was no such terminal then.
        """
        await self._catch_up()
        seq = self.knowledge.seq_at(at_s)
        centre = await self._picture(seq)
        if not terminal_id:
            return Moment(at_s, centre, centre, Known(seq))
        if terminal_id not in centre.terminals:
            raise unknown("terminal", terminal_id, centre.terminals)
        known = self.knowledge.known(terminal_id, seq)
        own = self.knowledge.own(terminal_id, known.seq, seq)
        later = [event for event in await self._events(known.seq, seq) if event.seq in own] if own else []
        return Moment(at_s, centre, with_own(await self._picture(known.seq), later, own), known)

    async def _catch_up(self) -> None:
        async with self._reading:
            while events := await self._desk.since(self.knowledge.seq, limit=_PAGE):
                await asyncio.to_thread(self._take, events)

    def _take(self, events: "Sequence[Event]") -> None:
        for event in events:
            self.knowledge.add(event)
            self._last = fold(self._last, event)
            if self._last.seq % EVERY == 0:
                self._kept.append(self._last)

    async def _picture(self, seq: int) -> Picture:
        start = self._kept[min(seq // EVERY, len(self._kept) - 1)]
        return await asyncio.to_thread(_folded, start, await self._events(start.seq, seq))

    async def _events(self, after: int, upto: int) -> list[Event]:
        found: list[Event] = []
        while after + len(found) < upto:
            found += await self._desk.since(after + len(found), limit=min(_PAGE, upto - after - len(found)))
        return found


def _folded(picture: Picture, events: "Sequence[Event]") -> Picture:
    for event in events:
        picture = fold(picture, event)
    return picture


@router.get("/replay", response_model=ReplayAnswer)
async def replay(
    running: RunningDep,
    caller: CallerDep,
    *,
    at: Annotated[float, Query(description="Operation's time, s since epoch (UTC).")],
    who: Annotated[str, Query(alias="as", max_length=200, description="A terminal; empty: the centre.")] = "",
) -> Response:
    """Return the picture of a past moment, as the centre had it or as a terminal is proven to have had it."""
    if caller.terminal_id:
        raise ForbiddenError("view", "the past is for the centre's pages")
    moment = await running.replays.moment(at, who)
    return Response(encode(_answer(running.epoch, running.replays, moment, who, angle_of(caller))), 200, None,
                    "application/json")  # fmt: skip


def _answer(epoch: str, replays: Replays, moment: Moment, who: str, angle: Angle) -> "Mapping[str, object]":
    view = eyes(angle, moment.centre, who)
    differs: Mapping[str, Mapping[str, Difference]] = differences(moment.seen, moment.centre, view) if who else {}
    terminal = moment.centre.terminals.get(who)
    first_s, last_s = replays.knowledge.span_s
    return {
        "epoch": epoch,
        "at_s": moment.at_s,
        "first_s": first_s,
        "last_s": last_s,
        "terminal_id": who,
        "seq": moment.known.seq,
        "centre_seq": moment.centre.seq,
        "proven_s": moment.known.proven_s,
        "proof": moment.known.proof,
        "connected": bool(terminal and (terminal.people or terminal.robots)),
        "operation": moment.seen.operation,
        "picture": snapshot(moment.seen, view, words(angle, moment.centre, who)),
        "differs": differs,
    }


def eyes(angle: Angle, centre: Picture, who: str) -> View:
    """Return what the asker may see of what a terminal might have seen."""
    mine = angle.view(centre)
    if not who:
        return mine
    theirs = Angle("terminal", who).view(centre)
    return lambda collection, entity: mine(collection, entity) and theirs(collection, entity)


def words(angle: Angle, centre: Picture, who: str) -> Told:
    """Return what the asker is told of what a terminal might have been told."""
    mine = angle.told(centre)
    if not who:
        return mine
    theirs = Angle("terminal", who).told(centre)
    return lambda collection, entity: mine(collection, theirs(collection, entity))
