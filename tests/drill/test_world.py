import math
import random
from dataclasses import replace

import numpy as np
import pytest

from rescuecmd.drill.conduct import Home
from rescuecmd.drill.field import DRY_M, Field
from rescuecmd.drill.hydrograph import true_water
from rescuecmd.drill.mission import IDLE, Mission, missions
from rescuecmd.drill.world import World
from rescuecmd.picture.commands import ClearVictims, Command, LandVictims, LoseVictims, PickUpVictims
from rescuecmd.picture.entity import Vessel
from rescuecmd.picture.state import Picture
from rescuecmd.river.feature import TimedWay
from rescuecmd.text import Text
from tests.drill import stage


def make_world(seed: int = 1) -> World:
    script, river = stage.script(), stage.river()
    water = true_water(river, script.levels, stage.START_S, script.duration_s)
    return World(script, river, stage.network(), water, random.Random(seed))


def play(
    world: World, orders: dict[str, Mission], first: int, last: int, rng: random.Random | None = None
) -> list[Command]:
    rng = rng or random.Random(1)
    told: list[Command] = []
    for t in range(first, last + 1):
        told += world.step(orders, stage.START_S + t, float(t), rng)
    return told


def on_task(vessel: str, *victims: str, to: tuple[float, float] = (960.0, 20.0)) -> dict[str, Mission]:
    taken = replace(stage.task("T", f"t-{vessel}", vessel, *victims, place_id="rock"), state="accepted")
    return {vessel: Mission(taken, stage.route("way-1", vessel, "T", (600.0, 70.0), to))}


def test_the_field_agrees_with_the_river() -> None:
    world = make_world()
    now_s = stage.START_S + 200.0
    x, y = np.array([300.0, 777.0, 1500.0]), np.array([0.0, -31.0, 55.0])
    sample = Field(world.water, stage.network()).at(x, y, now_s)
    u, v = world.water.current_xy(x, y, now_s)
    depth = world.water.depth_m(x, y, now_s)
    assert sample.u_mps == pytest.approx(u, abs=0.05)
    assert sample.v_mps == pytest.approx(v, abs=0.05)
    assert sample.depth_m == pytest.approx(depth, abs=0.05)
    assert Field(world.water, stage.network()).at([300.0], [400.0], now_s).depth_m[0] == DRY_M
    inward = sample.inward_y * np.sign(y)
    assert (inward[1:] < 0).all()


def test_a_boat_without_a_mission_stays_at_its_berth() -> None:
    world = make_world()
    play(world, {}, 1, 60)
    assert (world.boats["rib-1"].x_m, world.boats["rib-1"].y_m) == (600.0, 70.0)


def test_a_rescue_from_setting_out_to_the_quay() -> None:
    world = make_world()
    out = on_task("rib-1", "rock-3")
    told = play(world, out, 1, 240)
    assert told == [PickUpVictims("rock-3", "rib-1", 2)]  # two seats, three people
    boat, rock = world.boats["rib-1"], world.people["rock-3"]
    assert (boat.heads, boat.seats_free, rock.waiting, rock.aboard) == (2, 0, 1, 2)
    assert math.dist((boat.x_m, boat.y_m), (1000, 20)) < 60
    landing = world.script.landings[0]
    world.homes["rib-1"] = Home(landing, {"home-1"}, Text("码头", "Quay"))
    home = {"rib-1": Mission(out["rib-1"].task, stage.route("home-1", "rib-1", "T", (960.0, 20.0), (600.0, 70.0)))}
    assert play(world, home, 241, 320) == [LandVictims("rock-3", "rib-1", 2, "quay")]
    assert (rock.safe, rock.aboard, rock.waiting, boat.heads) == (2, 0, 1, 0)


def test_a_crew_sees_a_drifting_person_and_leaves_its_line() -> None:
    world = make_world()
    play(world, {}, 1, 31)
    swimmer = world.people["swimmer"]
    orders = on_task("rib-1", "swimmer", to=(swimmer.x_m + 80.0, swimmer.y_m + 60.0))
    told = play(world, orders, 32, 300)
    assert told[0] == PickUpVictims("swimmer", "rib-1", 1)


def test_the_drifting_go_with_the_current_and_are_lost_in_the_end() -> None:
    world = make_world()
    play(world, {}, 1, 30)
    swimmer = world.people["swimmer"]
    x0, y0 = swimmer.x_m, swimmer.y_m
    u = float(world.field.at([x0], [y0], stage.START_S + 30).u_mps[0])
    play(world, {}, 31, 130)
    assert swimmer.x_m - x0 == pytest.approx(100 * u, rel=0.1)
    assert abs(swimmer.y_m - y0) < 10
    told = play(world, {}, 131, 400)
    assert [type(command) for command in told] == [LoseVictims]
    assert 30 + 300 <= (swimmer.ends_s or 0.0) - stage.START_S <= 30 + 361


def test_the_rising_water_takes_the_rock_and_the_beach() -> None:
    world = make_world()
    turns = []
    for t in range(1, 700):
        world.step({}, stage.START_S + t, float(t), random.Random(t))
        turns += [(turn.who.id, turn.loss, t) for turn in world.turns]
    lost = {(who, loss): t for who, loss, t in turns}
    # 0.5 m a minute from 1m on: the rock (+2 m) is waist deep or too fast between 2.3 and 2.9 m, the beach wet at 2.8 m
    assert 60 + 120 * 2.2 < lost["rock-3", "swept"] < 60 + 120 * 2.95
    assert lost["crowd", "stranded"] == pytest.approx(60 + 120 * 2.8, abs=5)
    assert lost["crowd", "swept"] > lost["crowd", "stranded"]


def test_a_crowd_leaves_when_a_shore_team_asks_it_to() -> None:
    world = make_world()
    world.tell_crowd("strand", (), stage.START_S)
    told = play(world, {}, 1, 300)
    assert sum(command.count for command in told if isinstance(command, ClearVictims)) == 60
    assert world.people["crowd"].closed
    assert len(told) < 30  # heads are counted every ten seconds, not one by one


def test_a_boat_stops_before_water_too_shallow_for_it() -> None:
    world = make_world()
    orders = {"rib-1": Mission(None, stage.route("r", "rib-1", "", (600.0, 70.0), (600.0, 300.0)))}
    play(world, orders, 1, 60)
    boat = world.boats["rib-1"]
    assert boat.aground
    assert boat.y_m < 135


def test_a_boat_is_carried_over_land_where_its_route_says_so() -> None:
    world = make_world()
    carry = TimedWay("carry", Text("陆运", "Carry"), "portage", ((600.0, 80.0), (600.0, 300.0)), 100.0, both=True)
    world.river = replace(world.river, ways=(carry,))
    route = stage.route("r", "rib-1", "", (600.0, 70.0), (600.0, 80.0), (600.0, 300.0))
    points = (*route.waypoints[:2], replace(route.waypoints[2], way="carry", eta_s=stage.START_S + 130.0))
    orders = {"rib-1": Mission(None, replace(route, waypoints=points))}
    play(world, orders, 1, 29)
    assert world.boats["rib-1"].y_m < 92.0  # it has waited for its turn
    play(world, orders, 30, 80)
    assert not world.boats["rib-1"].aground
    assert 180.0 < world.boats["rib-1"].y_m < 210.0
    play(world, orders, 81, 140)
    assert world.boats["rib-1"].y_m == pytest.approx(300.0, abs=1.0)


def test_a_boat_that_grounds_as_its_route_changes_follows_the_new_one() -> None:
    world = make_world()
    play(world, {"rib-1": Mission(None, stage.route("r", "rib-1", "", (600.0, 70.0), (600.0, 300.0)))}, 1, 60)
    assert world.boats["rib-1"].aground
    across = stage.route("s", "rib-1", "", (600.0, 310.0), (600.0, 400.0))
    play(world, {"rib-1": Mission(None, across)}, 61, 62)
    assert world.boats["rib-1"].along_m == 0.0
    off = stage.route("t", "rib-1", "", (600.0, 99.0), (600.0, 50.0))
    play(world, {"rib-1": Mission(None, off)}, 63, 90)
    assert world.boats["rib-1"].y_m == pytest.approx(50.0, abs=0.5)


def test_truth_shows_everybody_where_they_are() -> None:
    world = make_world()
    play(world, {}, 1, 40)
    truth = world.truth(stage.START_S + 40)
    bodies = {body.id: body for body in truth.bodies}
    assert set(bodies) == {"rib-1", "raft-2", "rock-3", "swimmer", "crowd"}
    assert bodies["rock-3"].count == 3
    assert bodies["swimmer"].kind == "in_water"
    assert stage.metres(bodies["rib-1"].lon_deg, bodies["rib-1"].lat_deg, 600, 70) < 0.01
    assert truth.levels["down"] == pytest.approx(175.0)


def test_equal_seeds_give_equal_worlds() -> None:
    def end(seed: int) -> tuple[float, float]:
        world, rng = make_world(seed), random.Random(seed)
        play(world, {}, 1, 200, rng)
        return world.people["swimmer"].x_m, world.people["swimmer"].y_m

    assert end(4) == end(4)
    assert end(4) != end(5)


def test_a_proposed_route_moves_nobody() -> None:
    offered = stage.task("T", "t-rib-1", "rib-1", "rock-3")
    force = stage.script().forces[0]
    assert force.craft is not None
    vessel = Vessel("rib-1", force.name, "police", force.craft, "t-rib-1", task_id="T", route_id="R")
    picture = Picture().put("tasks", offered).put("vessels", vessel)
    picture = picture.put("routes", stage.route("R", "rib-1", "T", (600.0, 70.0), (960.0, 20.0)))
    assert missions(picture)["rib-1"] == IDLE
    taken = picture.put("tasks", replace(offered, state="accepted"))
    assert missions(taken)["rib-1"].route is not None
