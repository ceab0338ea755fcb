"""The second road: the next frame by plain HTTP, for a card that the socket has not got through, or without a socket.

The frame is the very one that the socket would carry, so a client takes it in the same way and nothing counts twice.
"""

import asyncio
from math import inf
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Header, Query
from starlette.responses import Response

from rescuecmd.server import wire
from rescuecmd.server.access import CallerDep, HostDep, RunningDep, angle_of
from rescuecmd.server.cords import Cord
from rescuecmd.server.frames import Angle, Frame, Tick

if TYPE_CHECKING:
    from rescuecmd.server.hub import Hub

router = APIRouter(prefix="/api", tags=["picture"])
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

    def due_s(self, tick: Tick) -> float:
        """Return when something of `tick` must not wait any longer (event loop's clock); infinite for never."""
        ahead = self._epoch == tick.epoch and self._have > tick.picture.seq
        if not tick.epoch or ahead:  # who knows more than this tick waits for the next one
            return inf
        resumes = tick.resumes(self._epoch, self._have)
        if not self._late_s:
            return 0.0 if not resumes or tick.picture.seq > self._have else inf
        marks, since_s = tick.picture.changed, tick.waiting_since_s
        cards = tick.unconfirmed.get(self._angle.terminal_id, ())
        fresh = (card.id for card in cards if not resumes or marks["cards", card.id] > self._have)
        return min((since_s[card_id] + self._late_s for card_id in fresh if card_id in since_s), default=inf)


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
    accepted: Annotated[str, Header(alias="accept-encoding", include_in_schema=False)] = "",
) -> Response:
    """Return the frame that a reader at `have` of `epoch` needs, as soon as one is due; 204 after `wait_s` without.

    With `late_s` only a card of the caller's terminal that no device has confirmed for so long counts.
    """
    angle = angle_of(caller)
    with host.doorman.cords.hold(caller) as cord:
        tick = await _wait(host.hub, Patience(angle, epoch=epoch, have=have, late_s=late_s), wait_s, cord)
    if tick is None:
        return Response(status_code=204)
    return _answer(tick.frame(angle, epoch=epoch, after=have), accepted)


def _answer(frame: Frame, accepted: str) -> Response:
    """Return a frame, packed where the client takes that: on a bad link each packet less counts."""
    headers = {"vary": "accept-encoding"}
    if "deflate" in accepted and frame.worth_packing:
        packed = {**headers, "content-encoding": "deflate"}
        return Response(frame.packed, media_type="application/json", headers=packed)
    return Response(frame.body, media_type="application/json", headers=headers)


async def _wait(hub: "Hub", patience: Patience, wait_s: float, cord: Cord) -> Tick | None:
    clock = asyncio.get_running_loop()
    end_s = clock.time() + wait_s
    while (due_s := patience.due_s(hub.tick)) > clock.time():
        if clock.time() >= end_s or hub.over:
            return None
        try:
            async with asyncio.timeout_at(min(end_s, due_s)):
                await hub.stir()
        except TimeoutError:
            continue
        finally:
            cord.check()
    return hub.tick
