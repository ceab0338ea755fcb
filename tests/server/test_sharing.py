"""No forbidden read: whatever happens in whatever order, nobody's frames hold what is not shown to them."""

import json
import re
from collections.abc import Iterator
from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from rescuecmd.picture import commands as c
from rescuecmd.picture.approval import Layer, Share
from rescuecmd.picture.decide import decide
from rescuecmd.picture.delta import snapshot
from rescuecmd.picture.entity import Agency, Camera, Terminal, Vessel, Victim
from rescuecmd.picture.events import Event
from rescuecmd.picture.fold import fold
from rescuecmd.picture.order import Alarm
from rescuecmd.picture.register import Support
from rescuecmd.picture.state import COLLECTIONS, Picture
from rescuecmd.picture.story import Line, tell
from rescuecmd.server.frames import Angle, Frame, Pieces, Tick
from rescuecmd.server.replay import eyes, words
from tests.picture.cases import RIB, fix, operation, text

AGENCIES: tuple[Agency, ...] = ("police", "fire", "volunteer")
LAYERS: tuple[Layer, ...] = get_args(Layer)
ANGLES = (
    *(Angle("terminal", f"t-{agency}") for agency in AGENCIES),
    Angle("terminal", "t-fire", limited=True),
    *(Angle("wall", agency=agency) for agency in AGENCIES),
    Angle("wall"),
    Angle("trainer"),
)


def opened() -> Iterator[tuple[c.Command, str]]:
    yield c.OpenOperation(operation()), "commander"
    for agency in AGENCIES:
        boat = Vessel(f"b-{agency}", text(f"boat of {agency}"), agency, RIB, terminal_id=f"t-{agency}", fix=fix())
        yield c.JoinVessel(boat), "commander"
        phone = Terminal(f"t-{agency}", text(f"phone of {agency}"), "boat", agency, boat.id, fix())
        yield c.EnrolTerminal(phone), "commander"
        yield c.SetCamera(Camera(f"c-{agency}", text(f"camera of {agency}"), "live")), "feed/video"
        victim = Victim(f"v-{agency}", "stranded", text("somebody"), 1, fix(), 0.0, f"terminal/t-{agency}")
        yield c.ReportVictim(victim), f"terminal/t-{agency}"


def happen(picture: Picture, command: c.Command, actor: str) -> tuple[Picture, list[Line]]:
    now_s, lines = picture.time_s + 1, []
    for body in decide(picture, command, c.Actor(actor), now_s):
        event = Event(picture.seq + 1, f"op{picture.seq}", c.Actor(actor), "", now_s, now_s, None, body)
        picture = fold(picture, event)
        lines += [line for line in [tell(picture, event)] if line is not None]
    return picture, lines


def take(picture: Picture, command: c.Command, actor: str = "commander") -> Picture:
    return happen(picture, command, actor)[0]


class Reader:
    """A page that keeps what its frames said."""

    def __init__(self, angle: Angle) -> None:
        self.angle = angle
        self.seq = 0
        self.tables: dict[str, dict[str, Any]] = {}

    def take(self, frame: Frame) -> None:
        told = json.loads(frame.body)
        if told["type"] == "snapshot":
            self.tables = told["picture"]
        else:
            for name, table in told["put"].items():
                self.tables[name].update(table)
            for name, ids in told["drop"].items():
                for key in ids:
                    self.tables[name].pop(key, None)
            for name, moves in told["moved"].items():
                assert set(moves["ids"]) <= set(self.tables[name]), "a hidden thing moved"
        self.seq = told["seq"]


shares = st.builds(
    lambda agency, layer, shown: c.SetShare(
        Share(f"{agency}/{layer}", agency, layer, tuple(shown), (f"c-{agency}",) if layer == "video" else ())
    ),
    st.sampled_from(AGENCIES),
    st.sampled_from(LAYERS),
    st.lists(st.sampled_from(AGENCIES), max_size=2, unique=True),
)
lifts = st.builds(lambda a, b: c.LiftShare(f"{a}/{b}"), st.sampled_from(AGENCIES), st.sampled_from(LAYERS))
moves = st.builds(
    lambda agency, n: c.ReportPositions({f"b-{agency}": fix(100.0 + n, 106.4 + n / 1e4)}),
    st.sampled_from(AGENCIES),
    st.integers(0, 99),
)
states = st.builds(lambda agency: c.SetVesselState(f"b-{agency}", "returning"), st.sampled_from(AGENCIES))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.one_of(shares, lifts, moves, states), st.sets(st.sampled_from(range(len(ANGLES))))), max_size=25
    )
)
def test_no_forbidden_read(deeds: list[tuple[c.Command, set[int]]]) -> None:
    picture, pieces = Picture(), Pieces()
    for command, actor in opened():
        picture = take(picture, command, actor)
    readers = [Reader(angle) for angle in ANGLES]
    for command, who in [*deeds, (c.SetVesselState("b-fire", "ready"), set(range(len(ANGLES))))]:
        if not isinstance(command, c.LiftShare) or command.share_id in picture.shares:
            picture = take(picture, command)
        tick = Tick("e", picture, picture.time_s, (), (), pieces)
        for n in who:
            reader = readers[n]
            reader.take(tick.frame(reader.angle, epoch="e", after=reader.seq))
            allowed = snapshot(picture, reader.angle.view(picture))
            for name in COLLECTIONS:
                assert set(reader.tables[name]) == set(allowed[name]), (reader.angle, name)


def worded() -> Iterator[tuple[c.Command, str]]:
    """Yield what the fire service writes about people and boats, each time with the word that must stay with it."""
    fire = "terminal/t-fire"
    yield c.SightVictim("v-police", fix(), "crew", "SECRET sighted"), fire
    yield c.TriageVictim("v-police", "immediate", note="SECRET note"), fire
    yield c.CloseVictim("v-police", "false_alarm", "SECRET rescuer", "SECRET closing"), fire
    yield c.SightVictim("v-fire", fix(), "crew", "SECRET own"), fire
    yield c.RequestSupport(Support("s-1", "t-fire", "rope", "SECRET support", 0.0, fix())), fire
    yield c.RaiseAlarm(Alarm("a-1", "limit", "warning", text("SECRET alarm"), "b-fire", 0.0)), "software"


def test_words_of_an_agency_stay_with_those_it_shows_them_to() -> None:
    picture, lines = Picture(), list[Line]()
    for command, actor in opened():
        picture = take(picture, command, actor)
    for layer in LAYERS:
        picture = take(picture, c.SetShare(Share(f"fire/{layer}", "fire", layer, ("volunteer",), ("c-fire",))))
    before = picture.seq
    for command, actor in worded():
        picture, more = happen(picture, command, actor)
        lines += more
    tick = Tick("e", picture, picture.time_s, lines, (), Pieces())

    def told(angle: Angle) -> set[str]:
        frames = (tick.frame(angle, epoch="e", after=before), tick.whole(angle))
        each = [set(re.findall(r"SECRET ([a-z]+)", frame.text)) for frame in frames]
        assert each[0] == each[1]
        return each[0]

    words = {"sighted", "note", "rescuer", "closing", "own", "support"}
    assert told(Angle("terminal", "t-police")) == set()
    assert told(Angle("wall", agency="police")) == set()
    assert told(Angle("terminal", "t-volunteer")) == words
    assert told(Angle("terminal", "t-fire")) == words
    assert told(Angle("wall")) == words | {"alarm"}
    assert snapshot(picture, Angle("terminal", "t-police").view(picture))["victims"]["v-police"].triage


def test_what_is_closed_is_hidden_and_an_sos_never() -> None:
    picture = Picture()
    for command, actor in opened():
        picture = take(picture, command, actor)
    for layer in LAYERS:
        picture = take(picture, c.SetShare(Share(f"fire/{layer}", "fire", layer, ("volunteer",), ("c-fire",))))
    picture = take(picture, c.RaiseSos("s", "t-fire"), "terminal/t-fire")
    seen = {angle: snapshot(picture, angle.view(picture)) for angle in ANGLES}
    police, friend, own = (seen[Angle("terminal", f"t-{x}")] for x in ("police", "volunteer", "fire"))
    for name, key in (("vessels", "b-fire"), ("terminals", "t-fire"), ("victims", "v-fire"), ("cameras", "c-fire")):
        assert key not in police[name]
        assert key not in seen[Angle("wall", agency="police")][name]
        assert key in friend[name]
        assert key in own[name]
        assert key in seen[Angle("wall")][name]
    assert "s" in police["soses"]
    assert not seen[Angle("terminal", "t-fire", limited=True)]["victims"]


def test_the_past_as_another_saw_it_tells_no_more_than_the_asker_may_see() -> None:
    picture = Picture()
    for command, actor in opened():
        picture = take(picture, command, actor)
    for layer in LAYERS:
        picture = take(picture, c.SetShare(Share(f"fire/{layer}", "fire", layer, ("volunteer",), ("c-fire",))))
    for command, actor in worded():
        picture = take(picture, command, actor)

    def past(angle: Angle, who: str) -> dict[str, dict[str, Any]]:
        return snapshot(picture, eyes(angle, picture, who), words(angle, picture, who))

    def secrets(tables: dict[str, dict[str, Any]]) -> set[str]:
        return set(re.findall(r"SECRET ([a-z]+)", str(tables)))

    police = Angle("wall", agency="police")
    own = past(police, "")
    assert "v-fire" not in own["victims"]
    for who in ("t-fire", "t-volunteer", "t-police"):
        seen = past(police, who)
        assert secrets(seen) <= secrets(own) == set()
        assert all(set(seen[name]) <= set(own[name]) for name in seen)
    assert "v-fire" in past(Angle("wall"), "t-volunteer")["victims"]
    assert secrets(past(Angle("wall"), "t-volunteer")) >= {"own", "note"}
    assert "v-fire" not in past(Angle("wall"), "t-police")["victims"], "what the terminal could not see it did not know"
