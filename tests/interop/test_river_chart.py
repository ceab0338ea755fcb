"""The drawn river: a picture at every level, and its warning always on it."""

from itertools import combinations, pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from rescuecmd.interop import chart_labels
from rescuecmd.interop.river_chart import chart_png
from rescuecmd.river.model import River
from tests.river.jialing import jialing
from tests.river.teaching import round_reef, straight_river

RED = (0x2A, 0x2A, 0xC9)  # the box of the warning, blue-green-red


def pixels(river: River, level_m: float, width_px: int = 900) -> NDArray[np.uint8]:
    picture = cv2.imdecode(
        np.frombuffer(chart_png(river, level_m=level_m, gauge=river.gauges[-1], width_px=width_px), np.uint8),
        cv2.IMREAD_COLOR,
    )
    return np.asarray(picture, dtype=np.uint8)


def wet_share(picture: NDArray[np.uint8]) -> float:
    deep = np.array([0x9C, 0x5E, 0x1F])
    return float((np.abs(picture.astype(int) - deep).max(axis=2) < 12).mean())


def test_more_water_is_more_blue() -> None:
    low, high = (pixels(jialing(), level) for level in (167.5, 183.71))
    assert low.shape == high.shape
    assert low.shape[1] == 900
    assert wet_share(high) > wet_share(low) + 0.05


@pytest.mark.parametrize("level", [166.5, 178.88, 194.3])
def test_a_schematic_river_carries_its_warning_at_every_level(level: float) -> None:
    corner = pixels(jialing(), level)[:60, 450:]
    assert (np.abs(corner.astype(int) - np.array(RED)).max(axis=2) < 8).mean() > 0.1


def test_a_surveyed_river_does_not() -> None:
    drawn = straight_river(reefs=[round_reef("rock", 500, 20, 178)])
    fields = {name: getattr(drawn, name) for name in drawn.__dataclass_fields__}
    corner = pixels(River(**{**fields, "schematic": False}), 175.0)[:60, 450:]
    assert not (np.abs(corner.astype(int) - np.array(RED)).max(axis=2) < 8).any()


def test_without_a_chinese_font_it_draws_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chart_labels, "_CHINESE", ())
    assert chart_png(jialing(), level_m=178.88, gauge=jialing().gauge("ciqikou"), width_px=700).startswith(b"\x89PNG")


def test_labels_never_overlap_and_stay_in_order() -> None:
    spots = chart_labels._apart([10.0, 12.0, 13.0, 400.0], [50.0, 30.0, 50.0, 40.0], 0.0, 500.0)
    edges = [(at - width / 2, at + width / 2) for at, width in zip(spots, (50, 30, 50, 40), strict=True)]
    assert all(first[1] <= second[0] + 1e-9 for first, second in pairwise(edges))
    assert edges[0][0] >= 0
    assert spots[3] == pytest.approx(400.0)


def test_names_one_above_the_other_are_moved_down_and_never_cover_each_other() -> None:
    boxes = [(0.0, 100.0, 50.0), (10.0, 98.0, 50.0), (200.0, 99.0, 50.0), (20.0, 97.0, 300.0), (0.0, 40.0, 50.0)]
    heights = chart_labels.stacked(boxes, 12.0)
    assert heights == [100.0, 88.0, 99.0, 76.0, 40.0]
    for (one, low), (other, lower) in combinations(zip(boxes, heights, strict=True), 2):
        beside = one[0] < other[0] + other[2] and other[0] < one[0] + one[2]
        assert not beside or abs(low - lower) >= 12.0
