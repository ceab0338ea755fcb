import random

import pytest

from rescuecmd.drill.crowd import Departure, capacity_per_s, longest_walk_m
from rescuecmd.drill.script import Span
from rescuecmd.drill.victim import People
from tests.drill import stage


def beach_departure(persons: int = 60, react_s: float = 30.0) -> Departure:
    return Departure(stage.river().beaches[0], persons, react_s)


def people(number: int = 0) -> People:
    spec = stage.script().victims[number]
    made = People(spec, spec.kind, spec.spot.x_m, spec.spot.y_m, 177.0, spec.count, 300.0, 400.0, 0.0)
    made.appear(1000.0)
    return made


def test_exits_let_through_what_the_guide_says_and_drown_one_by_one() -> None:
    exits = stage.river().beaches[0].exits
    assert capacity_per_s(exits, 170.0) == pytest.approx((66 * 2 + 82 * 3) / 60)
    assert capacity_per_s(exits, 180.0) == pytest.approx(66 * 2 / 60)
    assert capacity_per_s(exits, 190.0) == 0


def test_nobody_leaves_before_being_told_or_before_reacting() -> None:
    leaving = beach_departure()
    assert leaving.step(500.0, 170.0, 1.0) == 0
    leaving.tell(500.0)
    assert leaving.step(529.0, 170.0, 1.0) == 0
    leaving.tell(600.0)  # telling twice changes nothing
    assert leaving.told_s == 500.0


def test_everybody_leaves_and_no_faster_than_walking_and_the_exits_allow() -> None:
    leaving = beach_departure()
    leaving.tell(0.0)
    total = 0
    for second in range(1, 400):
        total += leaving.step(float(second), 170.0, 1.0)
        assert total <= capacity_per_s(leaving.beach.exits, 170.0) * second
    walk = longest_walk_m(leaving.beach)
    assert total == 60
    assert 0 < walk < 120


def test_flooded_exits_hold_the_rest_back() -> None:
    leaving = beach_departure()
    leaving.tell(0.0)
    total = sum(leaving.step(float(second), 200.0, 1.0) for second in range(1, 400))
    assert total == 0


def test_a_rock_keeps_people_until_the_water_takes_their_footing() -> None:
    stranded = people()
    assert stranded.water_takes(1001.0, 0.2, 5.0) == ""  # shallow: nobody is swept, however fast
    assert stranded.water_takes(1002.0, 0.5, 0.7) == ""
    assert stranded.water_takes(1003.0, 0.5, 0.9) == "swept"  # 0.45 m2/s
    assert stranded.kind == "in_water"
    assert stranded.water_takes(1402.0, 0.0, 0.0) == ""
    assert stranded.water_takes(1403.0, 0.0, 0.0) == "lost"
    assert (stranded.lost, stranded.waiting, stranded.closed) == (3, 0, True)


def test_waist_deep_is_enough_without_any_current() -> None:
    assert people().water_takes(1001.0, 0.9, 0.0) == "swept"


def test_a_crowd_is_first_cut_off_then_swept() -> None:
    crowd = people(2)
    assert crowd.water_takes(1001.0, 0.29, 2.0) == ""
    assert crowd.water_takes(1002.0, 0.31, 0.1) == "stranded"
    assert crowd.water_takes(1003.0, 1.0, 0.1) == "swept"


def test_drifting_is_the_current_and_a_little_wander() -> None:
    swimmer, rng = people(1), random.Random(1)
    x0 = swimmer.x_m
    for _ in range(100):
        swimmer.x_m, swimmer.y_m = swimmer.drift(1.0, 0.0, rng, 1.0)
    assert swimmer.x_m - x0 == pytest.approx(100, abs=5)


def test_a_span_draws_within_its_range_and_always_once() -> None:
    rng = random.Random(3)
    drawn = [Span(10.0, 20.0).draw(rng) for _ in range(50)]
    assert min(drawn) >= 10
    assert max(drawn) <= 20
    one, other = random.Random(5), random.Random(5)
    Span(4.0, 4.0).draw(one)
    other.random()
    assert one.random() == other.random()
