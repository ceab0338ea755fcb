"""Orders and what becomes of them: pushes, each terminal's card, tasks, routes, alarms, notes."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from rescuecmd.picture.entity import Fix
from rescuecmd.text import Text

CardState: TypeAlias = Literal["queued", "delivered", "displayed", "accepted", "declined", "withdrawn", "expired"]
TaskState: TypeAlias = Literal["offered", "accepted", "under_way", "on_scene", "done", "declined", "aborted"]
TaskKind: TypeAlias = Literal["reef", "in_water", "evacuate"]
LimitState: TypeAlias = Literal["ok", "breach", "unknown"]
DeclineReason: TypeAlias = Literal["engine", "busy", "too_dangerous", "cannot_reach"]
AlarmKind: TypeAlias = Literal[
    "reef_going_under", "rising_fast", "no_answer", "no_route", "boat_lost", "limit", "level_mark", "no_movement",
    "sos_unanswered", "count_mismatch", "record", "gauge_stale", "gauge_stuck", "gauge_spike",
    "level_outside",
]  # fmt: skip
Stage: TypeAlias = Literal[
    "offered", "stored", "delivered", "displayed", "accepted", "declined", "under_way", "on_scene",
    "done", "aborted", "withdrawn", "expired",
]  # fmt: skip
Level: TypeAlias = Literal["calm", "amber", "red", "supervisor", "second_channel"]
Takers: TypeAlias = Literal["all", "one"]
Movement: TypeAlias = Literal["", "none_yet", "moving"]
CopyKind: TypeAlias = Literal["note", "zone", "sos"]
CopyState: TypeAlias = Literal["queued", "delivered", "displayed", "accepted", "withdrawn"]
Priority: TypeAlias = Literal["emergency", "alarm", "warning", "caution"]
NoteKind: TypeAlias = Literal["inject", "report", "message", "decision"]


@dataclass(frozen=True, slots=True)
class Mark:
    """One step of an order's life: when it was by the operation's clock, the server's and the device's, and by whom.

    ``device_time_s`` is None where no device had a part in it.
    """

    step: Stage
    time_s: float
    server_time_s: float
    by: str
    device_time_s: float | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """When a crew's silence climbs, s from the push; ``remind_s`` counts from delivery. None: that step is left out.

    ``movement_s`` is how long an acceptance may go without movement towards the task, ``expires_s`` how long the
    offer stands unanswered. The defaults are those of the house; a plan card may set its own.
    """

    remind_s: float = 10.0
    amber_s: float = 15.0
    red_s: float = 30.0
    supervisor_s: float | None = 60.0
    second_channel_s: float | None = 90.0
    movement_s: float | None = 120.0
    expires_s: float | None = None


HOUSE = Escalation()
"""The ladder of a push whose plan card sets none."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a card: who does what."""

    n: int
    who: Text
    text: Text
    mine: bool
    budget_s: float | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A hard limit of a card as it stands: the rule in words, its state and the value it was judged by."""

    id: str
    text: Text
    state: LimitState
    value: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class CardContent:
    """What one terminal is told: the plan made its own. ``spoken`` is the one line to read aloud.

    ``eta_s`` is the arrival by the route ``route_id``; where there is none, ``no_route`` says why. ``picture`` names
    the drawing fetched separately. ``red_lines`` are what nobody may ever do, ``comms`` the channels in their order.
    """

    title: Text
    spoken: Text
    role: Text
    where: Text
    steps: tuple[Step, ...]
    limits: tuple[Limit, ...]
    abort: tuple[Text, ...]
    hazards: tuple[Text, ...]
    sources: tuple[str, ...]
    reviewed_by: str
    eta_s: float | None = None
    route_id: str = ""
    picture: str = ""
    no_route: Text | None = None
    red_lines: tuple[Text, ...] = ()
    comms: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """A card on its way to one terminal, with the times of its life; ids are ``<push>/<terminal>``.

    ``trail`` is its whole life and that of its task, oldest first; ``why`` says why it was withdrawn, ``level`` how
    far its silence has climbed.
    """

    id: str
    push_id: str
    terminal_id: str
    plan_id: str
    content: CardContent
    pushed_s: float
    state: CardState = "queued"
    delivered_s: float | None = None
    displayed_s: float | None = None
    answered_s: float | None = None
    reason: DeclineReason | None = None
    reminders: int = 0
    task_id: str = ""
    expires_s: float | None = None
    why: Text | None = None
    level: Level = "calm"
    trail: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Push:
    """One click: a plan sent to terminals for victims or a place.

    ``takers`` "one": the first who accepts has it, and the other cards are withdrawn.
    """

    id: str
    plan_id: str
    plan_version: str
    title: Text
    by: str
    pushed_s: float
    terminal_ids: tuple[str, ...]
    victim_ids: tuple[str, ...] = ()
    place_id: str = ""
    group_id: str = ""
    takers: Takers = "all"
    escalation: Escalation = HOUSE


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of work that one terminal has been asked to do.

    ``taken_fix`` and ``taken_s`` are where and when its boat was as the crew accepted; ``movement`` is what has been
    seen of it since.
    """

    id: str
    kind: TaskKind
    plan_id: str
    push_id: str
    terminal_id: str
    vessel_id: str
    victim_ids: tuple[str, ...]
    place_id: str
    goal_lon_deg: float
    goal_lat_deg: float
    state: TaskState
    changed_s: float
    taken_fix: Fix | None = None
    taken_s: float | None = None
    movement: Movement = ""


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A point of a route: when the boat passes it, and the least water under the keel on the leg to it.

    ``margin_m`` is beyond draught and under-keel allowance (None at the start). ``closes_s`` says when that leg stops
    being passable after the boat, ``go_by_s`` until when the boat may be at the point and still reach the goal,
    ``back_by_s`` until when it may turn round there and still get back to the start; None: not within the forecast.
    ``way`` is the river's portage, ramp or lock by which the boat gets here; empty: by water. ``wait_s`` is how long
    the boat stays here until the water, or a way, is open.
    """

    lon_deg: float
    lat_deg: float
    chainage_m: float
    eta_s: float
    margin_m: float | None = None
    closes_s: float | None = None
    go_by_s: float | None = None
    back_by_s: float | None = None
    way: str = ""
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Tightest:
    """The leg of a route that leaves the boat least time, or where none closes the one with least water.

    ``sigmas``: so many standard errors may the level lie under its median before the leg is too shallow. ``passes_s``
    is when the boat has left that leg behind; from then on nothing here concerns it.
    """

    where: Text
    margin_m: float
    sigmas: float
    passes_s: float
    closes_s: float | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """A route of one vessel. ``why`` says in one sentence why it is this one (and why the old one went).

    Of one that was cut it says why it was. ``depart_s`` is when the boat was to leave; the times of the waypoints move
    with a boat that leaves later, or is slower on the way, and with the water.

    ``no_return`` is the last waypoint from which the boat still gets back to the start if it comes there on time (-1:
    from none; None: from all of them).
    """

    id: str
    vessel_id: str
    task_id: str
    goal: Text
    waypoints: tuple[Waypoint, ...]
    depart_s: float
    arrive_s: float
    margin_m: float
    made_s: float
    why: Text
    replaces: str = ""
    state: Literal["active", "replaced", "cut", "ended"] = "active"
    tightest: Tightest | None = None
    no_return: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A terminal that could take a task: its arrival and what speaks against it."""

    terminal_id: str
    vessel_id: str
    eta_s: float | None
    seats: int
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A card that the present picture calls for, ready to be pushed with one click; never sent by itself.

    The arrivals of its candidates count from ``made_s``: so long after the click each would be there.
    """

    id: str
    rank: int
    plan_id: str
    title: Text
    verb: Text
    why: Text
    victim_ids: tuple[str, ...]
    place_id: str
    candidates: tuple[Candidate, ...]
    chosen: tuple[str, ...]
    deadline_s: float | None = None
    made_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Offer:
    """Who could go instead, after a terminal declined or stayed silent."""

    id: str
    push_id: str
    instead_of: str
    candidate: Candidate
    why: Text
    made_s: float
    state: Literal["open", "taken", "closed"] = "open"


@dataclass(frozen=True, slots=True)
class Sos:
    """A crew in trouble. It repeats until somebody acknowledges it, and then, more seldom, until it is cancelled."""

    id: str
    terminal_id: str
    raised_s: float
    fix: Fix | None = None
    acked_by: str = ""
    acked_s: float | None = None
    cancelled_s: float | None = None
    repeats: int = 0
    trail: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something the software wants seen; `about` names the entity, so that one situation has one alarm.

    ``rectified_s``: the trouble has gone, but nobody had acknowledged it. `alarm_state` reads these fields.
    """

    id: str
    kind: AlarmKind
    priority: Priority
    text: Text
    about: str
    raised_s: float
    acked_by: str = ""
    acked_s: float | None = None
    silenced_until_s: float | None = None
    transferred_to: str = ""
    rectified_s: float | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """A message, zone or SOS on its way to one terminal; ids are ``<kind>/<id>/<terminal>``."""

    id: str
    kind: CopyKind
    about: str
    terminal_id: str
    made_s: float
    state: CopyState = "queued"
    trail: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A line of text for somebody: an inject of the drill, a report, a message, a decision.

    ``group_id`` names the task group in whose chat it was said.
    """

    id: str
    kind: NoteKind
    text: Text
    to: tuple[str, ...]
    via: str
    by: str
    time_s: float
    group_id: str = ""
