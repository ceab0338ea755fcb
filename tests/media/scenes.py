"""Bodies, snapshots and scenes for tests, on the straight test river."""

import math
from typing import Any

import numpy as np

from rescuecmd.ar.scene import Boat, Line, Person, Scene, Stone
from rescuecmd.media.motion import Body, Snapshot
from rescuecmd.text import Text

T0 = 1_760_000_000.0
LEVELS = {"upper": 172.26, "lower": 171.74}  # the test river's own slope, 172.0 m at the reef


def body(body_id: str, kind: Any, x_m: float, y_m: float, **more: Any) -> Body:
    fields: dict[str, Any] = {
        "agency": "",
        "heading_deg": 0.0,
        "speed_mps": 0.0,
        "count": 1,
        "aboard": 0,
        "length_m": 0.5,
    } | more
    return Body(id=body_id, kind=kind, x_m=x_m, y_m=y_m, **fields)


def snapshot(*bodies: Body, time_s: float = T0, rise_m: float = 0.0) -> Snapshot:
    return Snapshot(time_s, bodies, {gauge: level + rise_m for gauge, level in LEVELS.items()})


def boat(boat_id: str, x_m: float, y_m: float, **more: Any) -> Boat:
    fields: dict[str, Any] = {
        "name": Text(f"艇 {boat_id}", f"Boat {boat_id}"),
        "agency": "police",
        "seen_s": T0,
        "east_mps": 0.0,
        "north_mps": 0.0,
        "aboard": 0,
        "disabled": False,
        "arrive_s": None,
    } | more
    return Boat(id=boat_id, x_m=x_m, y_m=y_m, **fields)


def person(person_id: str, kind: Any, x_m: float, y_m: float, **more: Any) -> Person:
    fields: dict[str, Any] = {
        "name": Text("人", "person"),
        "waiting": 1,
        "ground_m": math.nan,
        "accuracy_m": 3.0,
        "seen_s": T0,
        "early_s": None,
        "late_s": None,
    } | more
    return Person(id=person_id, kind=kind, x_m=x_m, y_m=y_m, **fields)


def scene(**more: Any) -> Scene:
    fields: dict[str, Any] = {
        "now_s": T0,
        "title": Text("试验", "Test"),
        "marking": "演练 DRILL",
        "schematic": True,
        "state": "running",
        "levels": LEVELS,
        "level_time_s": T0,
    } | more
    return Scene(**fields)


def full_scene() -> Scene:
    """Return a scene with something of everything around the reef."""
    return scene(
        boats=(
            boat("1", 30.0, 1460.0, arrive_s=T0 + 90, aboard=2),
            boat("2", 60.0, 1540.0, agency="fire", seen_s=T0 - 25),
            boat("3", 0.0, 1380.0, agency="volunteer", disabled=True),
        ),
        people=(
            person("a", "stranded", 45.0, 1500.0, waiting=3, ground_m=174.5, early_s=T0 + 1300, late_s=T0 + 1900),
            person("b", "in_water", 70.0, 1545.0, waiting=2, accuracy_m=20.0),
            person("c", "crowd", 112.0, 1300.0, waiting=30, ground_m=176.0, early_s=T0 - 1),
        ),
        stones=(Stone("stone", Text("试验石", "Test Stone"), 45.0, 1500.0, 174.5, T0 + 1300, T0 + 1600),),
        lines=(Line("r1", "1", "police", np.array([[30, 1460], [28, 1475], [30, 1490], [40.0, 1500]])),),
    )
