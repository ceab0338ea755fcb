"""The second road: the next frame by plain HTTP, for a card that the socket has not got through, or without a socket.

The frame is the very one that the socket would carry, so a client takes it in the same way and nothing counts twice.
"""

import asyncio
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from rescuecmd.server import wire
from rescuecmd.server.access import CallerDep, HostDep, RunningDep, angle_of
from rescuecmd.server.cords import Cord
from rescuecmd.server.frames import Angle, Tick

if TYPE_CHECKING:
    from rescuecmd.server.hub import Hub

router = APIRouter(prefix="/api", tags=["picture"])
_LOOK_S = 0.5
_LONGEST_WAIT_S = 30.0


class Patience:
    """Knows when a reader's next frame is due on this road.

    With `late_s` of zero that is as soon as there is anything new; else when a card of this terminal has gone that
    long without any device confirming it.
    """

    def __init__(self, angle: Angle, *, epoch: str, have: int, late_s: float) -> None:
        self._angle = angle
        self._epoch, self._have = epoch, have
        self._late_s = late_s
        self._first_s: dict[str, float] = {}

    def due(self, tick: Tick, now_s: float) -> bool:
        """Return whether `tick` has something that must not wait any longer; `now_s` is a steady clock."""
        ahead = self._epoch == tick.epoch and self._have > tick.picture.seq
        if not tick.epoch or ahead:  # who knows more than this tick waits for the next one
            return False
        if not self._late_s:
            return not tick.resumes(self._epoch, self._have) or tick.picture.seq > self._have
        marks = tick.picture.changed
        for card in tick.unconfirmed.get(self._angle.terminal_id, ()):
            known = tick.resumes(self._epoch, self._have) and marks["cards", card.id] <= self._have
            if not known and now_s - self._first_s.setdefault(card.id, now_s) >= self._late_s:
                return True
        return False


@router.get("/next", response_model=wire.Snapshot | wire.Delta, responses={204: {"description": "Nothing was due."}})
async def next_frame(
    host: HostDep,
    running: RunningDep,
    caller: CallerDep,
    *,
    epoch: Annotated[str, Query(max_length=200)] = "",
    have: Annotated[int, Query(ge=0)] = 0,
    late_s: Annotated[float, Query(ge=0, le=_LONGEST_WAIT_S)] = 0.0,
    wait_s: Annotated[float, Query(ge=0, le=_LONGEST_WAIT_S)] = 25.0,
) -> Response:
    """Return the frame that a reader at `have` of `epoch` needs, as soon as one is due; 204 after `wait_s` without.

    With `late_s` only a card of the caller's terminal that no device has confirmed for so long counts.
    """
    angle = angle_of(caller)
    with host.doorman.cords.hold(caller) as cord:
        tick = await _wait(host.hub, Patience(angle, epoch=epoch, have=have, late_s=late_s), wait_s, cord)
    if tick is None:
        return Response(status_code=204)
    return Response(tick.frame(angle, epoch=epoch, after=have).body, media_type="application/json")


async def _wait(hub: "Hub", patience: Patience, wait_s: float, cord: Cord) -> Tick | None:
    clock = asyncio.get_running_loop()
    end_s = clock.time() + wait_s
    while not patience.due(hub.tick, clock.time()):
        if clock.time() >= end_s:
            return None
        try:
            async with asyncio.timeout_at(min(end_s, clock.time() + _LOOK_S)):
                await hub.next(hub.tick)
        except TimeoutError:
            continue
        finally:
            cord.check()
    return hub.tick
