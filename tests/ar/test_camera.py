import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.ar.camera import Lens, Pose, View
from rescuecmd.ar.clip import visible
from rescuecmd.errors import InputError, NotCoveredError

CLEAN = Lens.from_hfov(1280, 720, 60.0)
BENT = Lens(1280, 720, 900.0, k1=-0.12, k2=0.03, p1=0.001, p2=-0.0015, k3=-0.004)

angles = st.floats(0, 359.99)
poses = st.builds(
    Pose,
    st.floats(-3000, 3000),
    st.floats(-3000, 3000),
    st.floats(185, 240),
    angles,
    st.floats(2, 80),
    st.floats(-15, 15),
)
lenses = st.sampled_from([CLEAN, BENT])


def test_axes_point_right_down_and_forward() -> None:
    view = View(Pose(0, 0, 20, heading_deg=90, tilt_deg=0), CLEAN)
    cu, cv = CLEAN.centre
    assert view.pixel(100, 0, 20) == pytest.approx((cu, cv))  # straight ahead, east
    assert view.pixel(100, -10, 20)[0] > cu  # south of east is to the right
    assert view.pixel(100, 0, 10)[1] > cv  # lower is further down
    left, _ = view.pixel(100, 100 * math.tan(math.radians(30)), 20)
    assert left == pytest.approx(cu - 640)  # half the field of view


def test_roll_turns_the_picture_against_the_camera() -> None:
    view = View(Pose(0, 0, 20, heading_deg=0, tilt_deg=0, roll_deg=10), CLEAN)
    assert view.pixel(50, 100, 20)[1] < CLEAN.centre[1]  # the right end of the horizon rises


@given(pose=poses, lens=lenses, u=st.floats(0, 1279), v=st.floats(0, 719))
def test_pixel_to_water_and_back(pose: Pose, lens: Lens, u: float, v: float) -> None:
    view = View(pose, lens)
    try:
        x, y = view.water_point(u, v, 180.0)
    except NotCoveredError:
        return
    if math.hypot(x - pose.x_m, y - pose.y_m) > 20_000:
        return
    assert view.pixel(x, y, 180.0) == pytest.approx((u, v), abs=1e-6)


@given(pose=poses, lens=lenses, right=st.floats(-0.4, 0.4), down=st.floats(0.02, 0.3), far=st.floats(5, 1500))
def test_water_to_pixel_and_back(pose: Pose, lens: Lens, right: float, down: float, far: float) -> None:
    view = View(pose, lens)
    x, y, z = view.eye + far * (np.array([right, down, 1.0]) @ view.axes)
    u, v = view.pixel(x, y, z)
    if view.rays(u, v)[2] < -0.02:
        assert view.water_point(u, v, z) == pytest.approx((x, y), abs=1e-5)


def test_distortion_inverse_is_exact() -> None:
    u, v = (grid.astype(np.float64) for grid in np.meshgrid(np.arange(0, 1280, 40), np.arange(0, 720, 40)))
    x, y = (u - 639.5) / 900, (v - 359.5) / 900
    back = BENT.bend(*BENT.unbend(x, y))
    assert np.abs(np.array(back) - np.array([x, y])).max() * 900 < 1e-9


def test_nothing_behind_the_camera_gets_a_pixel() -> None:
    view = View(Pose(0, 0, 20, heading_deg=0, tilt_deg=5), CLEAN)
    u, v, depth = view.project([0, 0], [-50, 50], [0, 0])
    assert np.isnan(u[0])
    assert np.isnan(v[0])
    assert depth[0] < 0
    assert np.isfinite(u[1])
    with pytest.raises(NotCoveredError, match="not before the lens"):
        view.pixel(0, -50, 0)


def test_sky_has_no_water() -> None:
    view = View(Pose(0, 0, 20, heading_deg=0, tilt_deg=0), CLEAN)
    with pytest.raises(NotCoveredError, match="does not look at the water"):
        view.water_point(640, 100, 0)
    x, _ = view.to_level([640, 640], [100, 500], 0)
    assert np.isnan(x[0])
    assert np.isfinite(x[1])


def test_far_off_axis_points_do_not_fold_back() -> None:
    view = View(Pose(0, 0, 20, heading_deg=0, tilt_deg=0), BENT)
    assert BENT.fold_radius < 3
    u, _, _ = view.project(100 * BENT.fold_radius * 1.2, 100, 20)
    assert np.isnan(u)


@pytest.mark.parametrize("hfov", [0, 180, -5, math.nan])
def test_impossible_lenses_are_refused(hfov: float) -> None:
    with pytest.raises(InputError):
        Lens.from_hfov(1280, 720, hfov)
    with pytest.raises(InputError):
        Lens(0, 720, 900)


def test_line_is_cut_at_the_near_plane_and_the_frame() -> None:
    view = View(Pose(0, 0, 20, heading_deg=0, tilt_deg=10), CLEAN)
    (run,) = visible(view, np.array([[0, -200, 0], [0, 100, 0], [0, 300, 0]], dtype=np.float64))
    assert np.isfinite(run).all()
    assert run[:, 1].max() <= 720 + 16
    assert run[-1] == pytest.approx(view.pixel(0, 300, 0))
    assert visible(view, np.array([[0, -200, 0], [50, -100, 0]], dtype=np.float64)) == []
    assert visible(view, np.array([[0, 9000, 0], [50, 8000, 0]], dtype=np.float64)) == []
    assert visible(view, np.zeros((1, 3))) == []


def test_line_leaving_and_coming_back_is_two_runs() -> None:
    view = View(Pose(0, 0, 20, heading_deg=0, tilt_deg=10), CLEAN)
    line = np.array([[-20, 100, 0], [-900, 150, 0], [-900, 200, 0], [-20, 250, 0]], dtype=np.float64)
    assert len(visible(view, line)) == 2


@given(pose=poses, seed=st.integers(0, 10_000))
def test_cut_lines_stay_near_the_frame(pose: Pose, seed: int) -> None:
    rng = np.random.default_rng(seed)
    line = np.column_stack([rng.uniform(-4000, 4000, 30), rng.uniform(-4000, 4000, 30), np.full(30, 180.0)])
    for run in visible(View(pose, CLEAN), line):
        assert len(run) >= 2
        assert np.isfinite(run).all()
        assert run.min() >= -16.001
        assert run[:, 0].max() <= 1296.001
        assert run[:, 1].max() <= 736.001
