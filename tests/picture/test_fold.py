import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rescuecmd.picture import commands as c
from rescuecmd.picture.delta import since, snapshot, terminal_view
from rescuecmd.picture.fold import fold
from rescuecmd.picture.order import Route
from rescuecmd.picture.state import COLLECTIONS, Picture
from rescuecmd.picture.story import tell
from rescuecmd.picture.water import Outlook
from rescuecmd.store.codec import decode_event, decode_picture, encode_event, encode_picture
from tests.picture.cases import fix, opening, push, readings, route, run, text


def test_a_receipt_fills_the_ladder_below_it() -> None:
    picture, _ = run([*opening(), push(), c.GiveReceipt("P1/JY-01", "accepted")], now_s=42.0)
    card = picture.cards["P1/JY-01"]
    assert (card.state, card.delivered_s, card.displayed_s, card.answered_s) == ("accepted", 42.0, 42.0, 42.0)


def test_people_are_never_created_or_forgotten() -> None:
    picture, _ = run(
        [
            *opening(),
            c.PickUpVictims("V1", "JY-01", 2),
            c.LandVictims("V1", "JY-01", 2, "ramp"),
            c.PickUpVictims("V1", "JY-01", 1),
        ]
    )
    victim = picture.victims["V1"]
    assert (victim.waiting, victim.aboard, victim.safe, victim.closed) == (0, 1, 2, False)
    assert picture.vessels["JY-01"].aboard == 1


def test_a_new_route_replaces_the_one_before() -> None:
    picture, _ = run([*opening(), c.SetRoute(route("R1")), c.SetRoute(route("R2", replaces="R1"))])
    states = {key: item.state for key, item in picture.routes.items()}
    assert states == {"R1": "replaced", "R2": "active"}
    assert picture.vessels["JY-01"].route_id == "R2"


def test_the_rate_of_rise_is_taken_over_a_quarter_of_an_hour() -> None:
    picture, _ = run([*opening(), *readings(178.0, 178.1, 178.2, 178.3)])
    assert picture.gauges["ciqikou"].rise_m_per_h == pytest.approx(6.0)


@pytest.mark.parametrize(
    ("every_s", "levels", "rise"),
    [
        (3600.0, (178.0, 180.0), 2.0),  # hourly readings have a rate too: since the one before
        (1800.0, (170.0, 178.0, 179.0), 2.0),
        (10.0, (178.0, 178.04), None),  # a wave
        (4 * 3600.0, (178.0, 180.0), None),  # no present rate
    ],
)
def test_rare_readings_have_a_rate_since_the_one_before_and_waves_have_none(
    every_s: float, levels: tuple[float, ...], rise: float | None
) -> None:
    picture, _ = run([*opening(), *readings(*levels, every_s=every_s)])
    assert picture.gauges["ciqikou"].rise_m_per_h == (None if rise is None else pytest.approx(rise))


def test_the_outlook_of_a_place_reaches_those_who_wait_there() -> None:
    outlook = Outlook("reef", "reef", text("reef"), 106.4, 29.6, 180.0, 179.0, 0.1, 1.0, 0.0, 300.0, 360.0, 420.0)
    picture, _ = run([*opening(), c.AssessWater((outlook,))])
    victim = picture.victims["V1"]
    assert (victim.early_s, victim.median_s, victim.late_s) == (300.0, 360.0, 420.0)


def test_a_terminal_sees_its_own_orders_only() -> None:
    picture, _ = run([*opening(), push("P1", ("JY-01", "XF-02")), push("P2", ("XF-02",)), c.SetRoute(route("R1"))])
    seen = snapshot(picture, terminal_view("XF-02", "XF-02"))
    assert set(seen["cards"]) == {"P1/XF-02", "P2/XF-02"}
    assert set(seen["tasks"]) == {"T-XF-02"}
    assert not seen["routes"]
    assert set(seen["vessels"]) == {"JY-01", "XF-02"}


_steps = st.lists(
    st.sampled_from(
        [
            c.ReportPositions({"JY-01": fix(50.0)}),
            c.GiveReceipt("P1/JY-01", "displayed"),
            c.GiveReceipt("P1/JY-01", "accepted"),
            c.MoveTask("T-JY-01", "under_way"),
            c.MoveTask("T-JY-01", "on_scene"),
            c.JudgeMovement("T-JY-01", "none_yet"),
            c.EscalateCard("P1/JY-01", "supervisor", text("duty officer")),
            c.WithdrawCard("P1/JY-01", text("taken")),
            c.ConfirmCopy("sos/S1/XF-02", "displayed"),
            c.RepeatSos("S1"),
            c.CancelSos("S1"),
            c.AckSos("S1"),
            c.RaiseSos("S1", "JY-01"),
            c.SetVesselState("XF-02", "disabled", text("engine")),
            c.PickUpVictims("V1", "JY-01", 1),
            c.LandVictims("V1", "JY-01", 1, "ramp"),
            c.RankSuggestions(()),
            *readings(178.0, 178.2),
        ]
    ),
    max_size=14,
)


def _try(steps: list[c.Command]) -> list[c.Command]:
    """Return the steps that the operation accepts, in order."""
    from rescuecmd.errors import RescueError

    taken: list[c.Command] = [*opening(), push()]
    for step in steps:
        try:
            run([*taken, step])
        except RescueError:
            continue
        taken.append(step)
    return taken


@settings(max_examples=40, deadline=None)
@given(_steps, st.data())
def test_snapshot_and_delta_meet_at_any_cut(steps: list[c.Command], data: st.DataObject) -> None:
    """Property: what a client has at n plus the delta after n is the snapshot now."""
    final, events = run(_try(steps))
    cut = data.draw(st.integers(0, len(events)))
    early = Picture()
    for event in events[:cut]:
        early = fold(early, event)
    have = snapshot(early)
    delta = since(final, cut)
    for name in COLLECTIONS:
        have[name].update(delta.put.get(name, {}))
        for key in delta.drop.get(name, ()):
            have[name].pop(key, None)
    assert have == snapshot(final)


@settings(max_examples=40, deadline=None)
@given(_steps, st.data())
def test_events_fold_the_same_in_one_or_in_many_steps(steps: list[c.Command], data: st.DataObject) -> None:
    """Property: a picture kept on disk half-way, and events read back from the log, give the same picture."""
    final, events = run(_try(steps))
    cut = data.draw(st.integers(0, len(events)))
    picture = Picture()
    for event in events[:cut]:
        picture = fold(picture, event)
    picture = decode_picture(encode_picture(picture))
    for event in events[cut:]:
        picture = fold(picture, decode_event(encode_event(event)))
    assert picture == final


@settings(max_examples=40, deadline=None)
@given(_steps)
def test_every_line_of_the_story_speaks_both_languages(steps: list[c.Command]) -> None:
    picture = Picture()
    for event in run(_try(steps))[1]:
        picture = fold(picture, event)
        line = tell(picture, event)
        assert line is None or (line.text.zh and line.text.en)


def test_fold_never_fails_when_what_an_event_names_is_gone() -> None:
    _, events = run(
        [
            *opening(),
            push(),
            c.GiveReceipt("P1/JY-01", "accepted"),
            c.PickUpVictims("V1", "JY-01", 1),
            c.SetRoute(route("R1")),
            c.EndRoute("R1", "cut", text("dry")),
        ]
    )
    for event in events:
        after = fold(Picture(), event)
        tell(after, event)
        assert after.seq == event.seq
    assert isinstance(route("R1"), Route)
