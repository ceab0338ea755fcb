"""The renderer and the overlay are two programs; a mark must lie within 1 px of the thing it marks."""

import cv2
import numpy as np
import pytest

from rescuecmd.ar.camera import Lens, Pose, View
from rescuecmd.ar.overlay import Annotation
from rescuecmd.geo import Floats
from rescuecmd.media.planes import Canvas
from rescuecmd.media.virtual import VirtualCamera
from rescuecmd.river.model import River
from tests.media.scenes import T0, boat, body, person, scene, snapshot

SIZE = (640, 360)
PLACES = 40


def poses(count: int) -> list[View]:
    rng = np.random.default_rng(7)
    views = []
    for _ in range(count):
        x, y = rng.choice([-1, 1]) * rng.uniform(95, 128), rng.uniform(1200, 1800)
        aim = rng.uniform(-60, 60), y + rng.uniform(-250, 250)
        heading = np.degrees(np.arctan2(aim[0] - x, aim[1] - y)) % 360
        pose = Pose(x, y, rng.uniform(188, 200), heading, rng.uniform(3, 14))
        views.append(View(pose, Lens.from_hfov(*SIZE, rng.uniform(35, 65))))
    return views


def seen_places(view: View, rng: np.random.Generator, level_m: float) -> Floats:
    """Return places on open water that lie well inside the frame, shape (n, 2)."""
    u, v = rng.uniform(40, SIZE[0] - 40, 400), rng.uniform(60, SIZE[1] - 40, 400)
    x, y = view.to_level(u, v, level_m)
    far = np.hypot(x - view.pose.x_m, y - view.pose.y_m)
    with np.errstate(invalid="ignore"):
        open_water = (np.abs(x) < 85) & (y > 900) & (y < 2600) & (far > 25) & (far < 700)
        open_water &= np.hypot(x - 45, y - 1500) > 30
        open_water &= (x > -60) | (np.abs(y - 1350) > 60)  # the pontoon hides what is behind it
    return np.column_stack([x, y])[open_water][:PLACES]


def changed(before: Canvas, after: Canvas) -> tuple[float, float]:
    """Return the middle of what a body changed: of its colour where it has one, in luma pixels."""
    change = np.abs(after.v.astype(np.float64) - before.v) + np.abs(after.u.astype(np.float64) - before.u)
    change[change < 40] = 0
    rows, columns = np.mgrid[0 : change.shape[0], 0 : change.shape[1]]
    total = change.sum()
    assert total > 0, "nothing was drawn"
    return 2 * float((columns * change).sum() / total) + 0.5, 2 * float((rows * change).sum() / total) + 0.5


@pytest.mark.parametrize("number", range(8))
def test_a_mark_lies_on_the_rendered_swimmer(reach: River, number: int) -> None:
    view = poses(8)[number]
    camera = VirtualCamera(reach, view, 172.0, background=False)
    camera.put(snapshot())
    camera.frame(T0)
    annotation = Annotation(reach, view)
    rng = np.random.default_rng(number)
    places = seen_places(view, rng, camera.level_m)
    assert len(places) >= 5
    camera.put(snapshot())
    for x, y in places:
        camera.put(snapshot())
        before = camera.frame(T0)
        camera.put(snapshot(body("w", "in_water", x, y)))
        after = camera.frame(T0)
        known = scene(people=(person("w", "in_water", x, y),))
        (mark,) = [m for m in annotation.overlay(known, T0, lambda _: (40, 20)).marks if m.id == "victim/w"]
        u, v = changed(before, after)
        assert abs(u - mark.u) <= 1.0, (x, y)
        assert abs(v - mark.v) <= 1.0, (x, y)


def test_a_mark_lies_on_the_rendered_boat(reach: River) -> None:
    """A boat end on and a boat broadside: the middle of its width in the frame is the mark's u."""
    for view in poses(4):
        camera = VirtualCamera(reach, view, 172.0, background=False)
        camera.put(snapshot())
        camera.frame(T0)
        annotation = Annotation(reach, view)
        for x, y in seen_places(view, np.random.default_rng(1), camera.level_m)[:12]:
            camera.put(snapshot())
            before = camera.frame(T0)
            away = np.degrees(np.arctan2(x - view.pose.x_m, y - view.pose.y_m)) % 360
            camera.put(snapshot(body("b", "boat", x, y, agency="fire", length_m=1.2, heading_deg=away)))
            after = camera.frame(T0)
            known = scene(boats=(boat("b", x, y),))
            (mark,) = [m for m in annotation.overlay(known, T0, lambda _: (40, 20)).marks if m.id == "boat/b"]
            u, _ = changed(before, after)
            assert abs(u - mark.u) <= 1.0, (x, y)


def test_projection_agrees_with_opencv() -> None:
    for view in poses(6):
        points = view.eye + np.random.default_rng(2).uniform([-200, -200, -30], [200, 200, 10], (200, 3))
        ahead = points[(points - view.eye) @ view.axes[2] > 5]
        matrix = np.array(
            [[view.lens.focal_px, 0, view.lens.centre[0]], [0, view.lens.focal_px, view.lens.centre[1]], [0, 0, 1]]
        )
        expected, _ = cv2.projectPoints(ahead, cv2.Rodrigues(view.axes)[0], -view.axes @ view.eye, matrix, None)
        assert view.pixels(ahead) == pytest.approx(expected[:, 0], abs=1e-6)


def test_the_water_line_lies_on_the_rendered_water(reach: River) -> None:
    """Of the drawn edge, what is nearer than 300 m runs along the border of the rendered water."""
    for view in poses(5):
        camera = VirtualCamera(reach, view, 172.0, background=False)
        camera.put(snapshot())
        camera.frame(T0)
        wet = camera.wet.astype(np.uint8)
        border = cv2.morphologyEx(wet, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
        far_from_border = cv2.distanceTransform(1 - border, cv2.DIST_L2, 5)
        strokes = [
            s for s in Annotation(reach, view).overlay(scene(), T0, lambda _: (40, 20)).strokes if s.kind == "edge"
        ]
        points = np.concatenate([s.points for s in strokes])
        inside = view.inside(points[:, 0], points[:, 1], -3)
        x, y = view.to_level(points[:, 0], points[:, 1], camera.level_m)
        near = inside & (np.hypot(x - view.pose.x_m, y - view.pose.y_m) < 300)
        shown = points[near].round().astype(int)
        away = far_from_border[shown[:, 1], shown[:, 0]]
        assert len(away) > 10
        assert np.median(away) <= 1.0
        assert np.quantile(away, 0.95) <= 3.0
