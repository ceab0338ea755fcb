"""Route of the gauges: readings that a hydrology service pushes."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, FiniteFloat

from rescuecmd.errors import InputError
from rescuecmd.interop.csv_table import parse_time_s
from rescuecmd.interop.gauge_values import Quantity
from rescuecmd.server.access import GaugerDep, RunningDep
from rescuecmd.server.wire import Answer, Request

router = APIRouter(prefix="/api", tags=["gauges"])


class ReadingIn(Request):
    """One reading: its time with a zone offset, and a level or a stage in m."""

    time: Annotated[str, Field(max_length=40)]
    level_m: FiniteFloat | None = None
    stage_m: FiniteFloat | None = None


class ReadingsRequest(Request):
    """Readings of one gauge. Levels need their vertical datum; stages stand above the gauge's zero and need none."""

    readings: Annotated[tuple[ReadingIn, ...], Field(min_length=1, max_length=1000)]
    vertical_datum: Annotated[str, Field(max_length=40)] = ""


class ReadingsAnswer(Answer):
    """What became of them; `held` ones changed too fast and wait for the next reading to bear them out."""

    gauge_id: str
    taken: int
    held: int
    known: int


@router.post("/gauges/{gauge_id}/readings")
async def readings(gauge_id: str, request: ReadingsRequest, running: RunningDep, caller: GaugerDep) -> ReadingsAnswer:
    """Take readings of a gauge, all or none; sending the same again changes nothing. For the role `gauge`."""
    quantity: Quantity = "stage" if request.readings[0].stage_m is not None else "level"
    values = [_value(number, item, quantity) for number, item in enumerate(request.readings)]
    done = await running.gauges.take(
        gauge_id, values, caller.actor, quantity=quantity, vertical_datum=request.vertical_datum
    )
    return ReadingsAnswer(gauge_id=gauge_id, taken=done.taken, held=done.held, known=done.known)


def _value(number: int, item: ReadingIn, quantity: Quantity) -> tuple[float, float]:
    given, other = (item.stage_m, item.level_m) if quantity == "stage" else (item.level_m, item.stage_m)
    if given is None or other is not None:
        raise InputError(
            "bad-reading", f"readings[{number}]: expected {quantity}_m, as in the first reading, and no other"
        )
    time_s = parse_time_s(item.time)
    if isinstance(time_s, str):
        raise InputError("bad-time", f"readings[{number}]: {time_s}")
    return time_s, given
