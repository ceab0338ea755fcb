"""A log that was written before orders had a trail, ladders, copies and a register of people still folds."""

from typing import Any

import msgspec

from rescuecmd.picture import commands as c
from rescuecmd.picture.fold import fold
from rescuecmd.picture.order import HOUSE, Alarm
from rescuecmd.picture.state import Picture
from rescuecmd.store.codec import decode_event, encode_event
from tests.picture.cases import fix, opening, push, run, text

SINCE_THEN = frozenset({
    "trail", "expires_s", "why", "level", "takers", "escalation", "taken_fix", "taken_s", "movement", "repeats",
    "silenced_until_s", "transferred_to", "rectified_s", "group_id", "supervisor_id", "sightings",
    "merged_into", "merges", "triage", "note", "handed", "closing", "ends_s", "ring", "camera_ids", "stages",
})  # fmt: skip


def without(value: Any) -> Any:
    """Return what was written without the fields that came later."""
    if isinstance(value, dict):
        return {key: without(item) for key, item in value.items() if key not in SINCE_THEN}
    return [without(item) for item in value] if isinstance(value, list) else value


def test_an_old_log_gives_the_orders_of_its_time_with_the_defaults_of_the_house() -> None:
    picture, events = run(
        [
            *opening(),
            push(),
            c.GiveReceipt("P1/JY-01", "accepted"),
            c.MoveTask("T-JY-01", "accepted"),
            c.SightVictim("V1", fix(30.0)),
            c.RaiseSos("S1", "JY-01"),
            c.RaiseAlarm(Alarm("A1", "limit", "alarm", text("limit"), "P1/JY-01", 10.0)),
            c.PickUpVictims("V1", "JY-01", 1),
        ]
    )
    old = Picture()
    for event in events:
        written = without(msgspec.msgpack.decode(encode_event(event)))
        old = fold(old, decode_event(msgspec.msgpack.encode(written)))
    assert old.pushes["P1"].escalation == HOUSE
    assert (old.cards["P1/JY-01"].state, old.tasks["T-JY-01"].state) == ("accepted", "accepted")
    assert [mark.step for mark in old.cards["P1/JY-01"].trail] == ["offered", "stored", "accepted"]
    assert (old.victims["V1"].aboard, old.victims["V1"].merged_into) == (1, "")
    assert set(old.copies) == set(picture.copies) == {"sos/S1/XF-02"}
