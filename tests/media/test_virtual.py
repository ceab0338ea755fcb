from dataclasses import replace

import numpy as np
import pytest

from rescuecmd.ar.placement import shore_camera, view_of
from rescuecmd.errors import InputError
from rescuecmd.media.motion import Motion, Playout
from rescuecmd.media.planes import WHITE, Canvas, Colour
from rescuecmd.media.virtual import VirtualCamera
from rescuecmd.river.model import River
from tests.media.scenes import T0, body, snapshot

SIZE = (640, 360)


@pytest.fixture(scope="module")
def camera(reach: River) -> VirtualCamera:
    view = view_of(shore_camera(reach, "stone", 172.0), reach.frame, *SIZE)
    return VirtualCamera(reach, view, 172.0, background=False)


def reef_pixels(camera: VirtualCamera) -> int:
    u, v = camera.view.pixel(45.0, 1500.0, 174.5)
    window = ~camera.wet[int(v) - 10 : int(v) + 40, int(u) - 70 : int(u) + 70]
    return int(window.sum())


def test_the_reef_shrinks_and_goes_under_as_the_water_rises(camera: VirtualCamera) -> None:
    sizes = []
    for number, rise in enumerate((0.0, 0.8, 1.6, 2.2, 2.7)):
        camera.put(snapshot(time_s=T0 + 10 * number, rise_m=rise))
        camera.frame(T0 + 10 * number)
        assert camera.level_m == pytest.approx(172.0 + rise, abs=0.05)
        sizes.append(reef_pixels(camera))
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 300
    assert sizes[-1] == 0


def test_at_a_level_that_the_river_does_not_cover_the_water_stays_as_it_was(camera: VirtualCamera) -> None:
    camera.put(snapshot(time_s=T0 + 60))
    camera.frame(T0 + 60.0)
    before = camera.level_m
    camera.put(snapshot(time_s=T0 + 70, rise_m=900.0))
    camera.frame(T0 + 70.0)
    assert camera.level_m == before
    camera.put(snapshot(time_s=T0 + 80, rise_m=0.5))
    camera.frame(T0 + 80.0)
    assert camera.level_m == pytest.approx(172.5, abs=0.05)


def test_water_moves_and_the_rest_stands_still(camera: VirtualCamera) -> None:
    camera.put(snapshot(time_s=T0 + 100))
    first = camera.frame(T0 + 100.0).y.astype(int)
    for second_s in range(1, 9):
        second = camera.frame(T0 + 100.0 + second_s).y.astype(int)
    moved = np.abs(second - first) > 3
    assert moved[camera.wet].mean() > 0.15
    inner = ~camera.wet & ~np.roll(camera.wet, 3, 0) & ~np.roll(camera.wet, -3, 0)
    assert moved[inner].mean() < 0.01


def test_a_boat_behind_the_bank_is_not_drawn(reach: River) -> None:
    view = view_of(shore_camera(reach, "stone", 172.0), reach.frame, *SIZE)
    low = replace(view, pose=replace(view.pose, level_m=175.0, tilt_deg=0.0))
    camera = VirtualCamera(reach, low, 172.0, background=False)
    u, v = low.pixel(45.0, 1500.0, 173.0)
    behind = 45 - (low.pose.x_m - 45) * 0.35, 1500 - (low.pose.y_m - 1500) * 0.35
    camera.put(snapshot())
    empty = camera.frame(T0)
    camera.put(snapshot(body("b", "boat", *behind, agency="fire", length_m=4.0)))
    assert (camera.frame(T0).v == empty.v).all()
    assert low.inside(np.array(u), np.array(v))


def test_frames_are_the_same_for_the_same_past(reach: River) -> None:
    view = view_of(shore_camera(reach, "stone", 172.0), reach.frame, *SIZE)
    frames = []
    for _ in range(2):
        camera = VirtualCamera(reach, view, 172.0, background=False)
        camera.put(snapshot(body("p", "stranded", 45.0, 1500.0, count=3)))
        camera.frame(T0)
        frames.append(camera.frame(T0 + 0.4).data)
    assert (frames[0] == frames[1]).all()


def test_bodies_move_between_snapshots() -> None:
    motion = Motion()
    motion.put(snapshot(body("b", "boat", 0.0, 0.0, heading_deg=350.0), time_s=T0))
    motion.put(snapshot(body("b", "boat", 10.0, 20.0, heading_deg=20.0), time_s=T0 + 1, rise_m=0.1))
    (seen,) = motion.bodies(T0 + 0.5)
    assert (seen.x_m, seen.y_m, seen.heading_deg) == pytest.approx((5.0, 10.0, 5.0))
    assert motion.levels(T0 + 0.5)["upper"] == pytest.approx(172.31)
    motion.put(snapshot(body("b", "boat", 9000.0, 20.0), time_s=T0 + 2))
    assert motion.bodies(T0 + 1.5)[0].x_m == 9000.0  # put somewhere else, not flying there
    motion.put(snapshot(time_s=T0 + 3))
    assert motion.bodies(T0 + 2.5) == ()


def test_playout_runs_one_snapshot_late_and_stops_with_the_clock() -> None:
    playout = Playout()
    assert playout.time_s(5.0) == 0.0
    playout.put(T0, 100.0)
    playout.put(T0 + 20, 101.0)  # a drill at twenty times real time
    assert playout.time_s(101.0) == T0
    assert playout.time_s(101.25) == pytest.approx(T0 + 5)
    playout.put(T0 + 20, 101.4)  # the same instant again: the drill stands still
    assert playout.time_s(102.0) == T0 + 20
    assert playout.time_s(500.0) == T0 + 20
    playout.put(T0 - 500, 103.0)  # another operation
    assert playout.time_s(103.0) == T0 - 500


def test_canvas_keeps_its_planes_together() -> None:
    canvas = Canvas(64, 32)
    canvas.rect(0, 0, 64, 32, Colour.rgb(255, 0, 0))
    blue, green, red = canvas.bgr()[16, 32]
    assert red > 245
    assert green < 12
    assert blue < 12
    canvas.grey()
    assert np.ptp(canvas.bgr().astype(int), axis=2).max() <= 2
    with pytest.raises(InputError):
        Canvas(63, 32)


def test_drawing_outside_the_frame_changes_nothing() -> None:
    canvas = Canvas(64, 32)
    canvas.rect(0, 0, 64, 32, Colour(100, 128, 128))
    before = canvas.data.copy()
    for place in ((-50.0, -50.0), (500.0, 10.0), (10.0, 500.0)):
        canvas.block(place[0], place[1], place[0] + 5, place[1] + 5, WHITE)
        canvas.shade(int(place[0]), int(place[1]), int(place[0]) + 9, int(place[1]) + 9)
        canvas.brighten([(np.array([place, place]), 40, 3)])
        canvas.poly(np.array([place, place, place]), WHITE)
    assert (canvas.data == before).all()
