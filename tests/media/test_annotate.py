from dataclasses import replace

import numpy as np
import pytest

from rescuecmd.ar.placement import shore_camera, view_of
from rescuecmd.ar.wording import Language
from rescuecmd.media.annotate import Annotator, Freshness
from rescuecmd.media.planes import Canvas, Colour
from rescuecmd.river.model import River
from tests.media.scenes import T0, full_scene, scene

SIZE = (1280, 720)
FRESH = Freshness("岸边相机", 0.0, 0.0)


def blank() -> Canvas:
    canvas = Canvas(*SIZE)
    canvas.rect(0, 0, *SIZE, Colour.rgb(96, 110, 120))
    return canvas


@pytest.fixture(scope="module", params=["zh", "en"])
def annotator(reach: River, request: pytest.FixtureRequest) -> Annotator:
    view = view_of(shore_camera(reach, "stone", 172.0), reach.frame, *SIZE)
    language: Language = request.param
    return Annotator(reach, view, SIZE, language=language)


def yellow_share(canvas: Canvas) -> float:
    corner = canvas.bgr()[4:28, SIZE[0] - 110 : SIZE[0] - 4].reshape(-1, 3).astype(int)
    return float(((corner[:, 2] > 180) & (corner[:, 1] > 150) & (corner[:, 0] < 90)).mean())


def test_every_frame_of_a_drill_carries_the_marking(annotator: Annotator, reach: River) -> None:
    posed, blind = blank(), blank()
    annotator.draw(posed, full_scene(), T0, FRESH)
    Annotator(reach, None, SIZE).draw(blind, full_scene(), T0, Freshness("x", 60.0, 60.0))
    assert yellow_share(posed) > 0.4
    assert yellow_share(blind) > 0.4
    live = blank()
    annotator.draw(live, replace(full_scene(), marking=""), T0, FRESH)
    assert yellow_share(live) == 0.0


def test_without_a_pose_only_the_strips_are_drawn(reach: River) -> None:
    canvas = blank()
    assert Annotator(reach, None, SIZE).draw(canvas, full_scene(), T0, FRESH) is None
    middle = canvas.y[60:660, 20:1260]
    assert (middle == middle[0, 0]).all()


def test_a_stale_source_is_grey(annotator: Annotator) -> None:
    fresh, stale = blank(), blank()
    quiet = scene(marking="")
    annotator.draw(fresh, quiet, T0, FRESH)
    annotator.draw(stale, quiet, T0, Freshness("岸边相机", 12.0, 0.0))
    assert np.ptp(fresh.bgr()[600, 900].astype(int)) > 10
    assert np.ptp(stale.bgr()[600, 900].astype(int)) <= 2


def test_stale_marks_lose_their_colour(annotator: Annotator) -> None:
    quiet = replace(full_scene(), marking="")
    fresh, stale = blank(), blank()
    annotator.draw(fresh, quiet, T0, FRESH)
    annotator.draw(stale, quiet, T0, Freshness("岸边相机", 0.0, 40.0))
    assert int(fresh.u.min()) < 90  # the stranded are orange
    assert int(stale.u.min()) > 110


def test_labels_fit_the_frame_and_avoid_each_other(annotator: Annotator) -> None:
    overlay = annotator.draw(blank(), full_scene(), T0, FRESH)
    assert overlay is not None
    boxes = [label.box for label in overlay.labels]
    assert len(boxes) == 6
    for i, box in enumerate(boxes):
        assert box.x0 >= 0
        assert box.x1 <= SIZE[0]
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])


def test_chinese_is_measured_and_drawn(annotator: Annotator) -> None:
    wide, tall = annotator.measure(("被困 3 人", "剩 21 分"))
    assert 60 < wide < 200
    assert 40 < tall < 80
    canvas = blank()
    before = canvas.y.copy()
    annotator._text(canvas, "救援艇 落水者 暗礁", (40, 300), 235)
    assert int((canvas.y != before).sum()) > 400
