"""Indexes against the plain search that they stand for."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.geo import distance_m
from rescuecmd.picture.assigned import OPEN, busy, route_of, tasks_for
from rescuecmd.picture.duplicates import NEAR_M, proposals, same_work
from rescuecmd.picture.lifecycle import cards_of
from rescuecmd.picture.order import Task
from rescuecmd.picture.register import Proposal
from rescuecmd.picture.state import Picture
from rescuecmd.picture.table import worked_out
from tests.picture.cases import push, route, text

VICTIMS = st.lists(st.sampled_from(["V1", "V2", "V3"]), max_size=2, unique=True).map(tuple)
TASKS = st.lists(
    st.builds(
        Task,
        id=st.uuids().map(str),
        kind=st.sampled_from(["reef", "in_water"]),
        plan_id=st.just("p"),
        push_id=st.just("P1"),
        terminal_id=st.sampled_from(["a", "b"]),
        vessel_id=st.just(""),
        victim_ids=VICTIMS,
        place_id=st.sampled_from(["", "reef", "bank"]),
        goal_lon_deg=st.floats(-0.004, 0.004).map(lambda lon: 106.4 + lon),
        goal_lat_deg=st.floats(-0.004, 0.004) | st.floats(59.996, 60.004),
        state=st.sampled_from(["offered", "under_way", "done"]),
        changed_s=st.integers(0, 5).map(float),
    ),
    max_size=25,
    unique_by=lambda task: task.id,
)


def _same(first: Task, second: Task) -> bool:
    goals = first.goal_lon_deg, first.goal_lat_deg, second.goal_lon_deg, second.goal_lat_deg
    return bool(set(first.victim_ids) & set(second.victim_ids)) or distance_m(*goals) <= NEAR_M


def _by_comparing_all(tasks: Sequence[Task]) -> set[tuple[str, str]]:
    found: dict[str, str] = {}
    for first, second in combinations((task for task in tasks if task.state in OPEN), 2):
        if (first.terminal_id, first.kind) == (second.terminal_id, second.kind) and _same(first, second):
            found.setdefault(second.id, first.id)
    return {(first, second) for second, first in found.items()}


@given(TASKS)
def test_each_task_is_held_against_the_first_that_is_the_same_work(tasks: list[Task]) -> None:
    picture = Picture(seq=1).put("tasks", *tasks)
    wanted = _by_comparing_all(tasks)
    assert {found.ids for found in proposals(picture, 9.0)} == wanted
    last = tasks[-3:]
    assert {found.ids for found in same_work(picture, last, 9.0)} == {
        pair for pair in wanted if pair[1] in {task.id for task in last}
    }
    told = (Proposal(f"same/{one}/{two}", "tasks", (one, two), text("w"), 9.0) for one, two in wanted)
    assert not list(proposals(picture.put("proposals", *told), 9.0))


def test_a_hundred_equal_tasks_of_a_unit_are_ninety_nine_questions() -> None:
    one = push().tasks[0]
    picture = Picture(seq=1).put("tasks", *(replace(one, id=f"T{n:03}") for n in range(100)))
    asked = [("T000", f"T{n:03}") for n in range(1, 100)]
    assert [found.ids for found in proposals(picture, 9.0)] == asked
    accepted = picture.edit("tasks", "T000", state="accepted", changed_s=99.0)
    assert [found.ids for found in proposals(accepted, 9.0)] == asked  # the same questions, whoever answers first


@given(TASKS, VICTIMS, st.sampled_from(["", "reef", "bank"]))
def test_open_tasks_are_found_by_victim_or_place(tasks: list[Task], wanted: tuple[str, ...], place_id: str) -> None:
    picture = Picture(seq=1).put("tasks", *tasks)
    for _ in range(2):  # the second time from what was worked out
        assert tasks_for(picture, wanted, place_id) == [
            task
            for task in tasks
            if task.state in OPEN
            and (set(wanted) & set(task.victim_ids) if wanted else place_id and task.place_id == place_id)
        ]
        assert busy(picture) == {task.terminal_id for task in tasks if task.state in OPEN}


def test_what_was_worked_out_is_of_one_version() -> None:
    one = push().tasks[0]
    picture = Picture(seq=1).put("tasks", one)
    assert busy(picture) == {one.terminal_id}
    assert not busy(picture.put("tasks", replace(one, state="done")))
    assert busy(picture) == {one.terminal_id}
    assert worked_out({"a": 1}, len) == 1  # a plain dict is asked each time


def test_the_route_of_a_task_is_its_newest_active_one() -> None:
    whens = [(1.0, "active"), (3.0, "active"), (2.0, "active"), (9.0, "cut")]
    made = [replace(route(f"R{n}"), made_s=at, state=state) for n, (at, state) in enumerate(whens)]  # type: ignore[arg-type]
    picture = Picture(seq=1).put("routes", *made)
    assert route_of(picture, "T1") == made[1]
    assert route_of(picture, "T2") is None


def test_the_cards_of_a_push_are_found_by_name_or_else_by_search() -> None:
    order, other = push("P1", ("JY-01", "XF-02")), push("P2", ("JY-01",))
    picture = Picture(seq=1).put("cards", *order.cards, *other.cards)
    assert cards_of(picture, order.push) == list(order.cards)
    renamed = tuple(replace(card, id=f"x{n}") for n, card in enumerate(order.cards))
    picture = Picture(seq=1).put("cards", *renamed, *other.cards)
    assert cards_of(picture, order.push) == list(renamed)
