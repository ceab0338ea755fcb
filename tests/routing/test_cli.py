"""`rescuecmd route` as people and scripts call it."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from rescuecmd.cli.route import app
from rescuecmd.errors import InputError, NotCoveredError, NotFoundError, RefusedError
from rescuecmd.routing.warm import warm


def call(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=True)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout


def test_find_gives_every_leg_with_its_margin() -> None:
    found: dict[str, Any] = json.loads(call("find", "tongxing-pontoon", "huangpanshi", "--at", "12h", "--json"))
    assert found["schematic"] is True
    assert found["points"][0]["margin_m"] is None
    assert found["least_margin_m"] == min(point["margin_m"] for point in found["points"][1:])
    assert found["points"][-1]["eta_s"] == pytest.approx(found["seconds"], abs=0.1)
    assert found["depart"] == "2021-09-05T12:00:00Z"
    assert set(found["avoided"]) == {"zh", "en"}
    text = call("find", "tongxing-pontoon", "huangpanshi", "--at", "2021-09-05T20:00+08:00")
    assert "schematic river, not for navigation" in text
    assert "least margin" in text
    assert text.count("K2") > 5


def test_reach_tells_places_in_the_order_they_are_reached() -> None:
    found = json.loads(call("reach", "dazhulin-pontoon", "--minutes", "4", "--level", "180", "--rise", "0.5", "--json"))
    etas = [place["eta_s"] for place in found["places"]]
    assert etas == sorted(etas)
    assert etas[-1] <= 240.0
    assert found["places"][0]["id"] == "dazhulin-pontoon"
    assert found["upstream"] > found["downstream"]  # kilometres count from the mouth


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("find", "tongxing-pontoo", "huangpanshi"), NotFoundError),
        (("find", "106.1,29.1", "huangpanshi"), NotCoveredError),
        (("find", "dazhulin-pontoon", "huangpanshi", "--craft", "submarine"), NotFoundError),
        (("find", "dazhulin-pontoon", "huangpanshi", "--event", "1870-07"), NotFoundError),
        (("find", "dazhulin-pontoon", "huangpanshi", "--at", "noon"), InputError),
        (("find", "dazhulin-pontoon", "huangpanshi", "--at", "2021-09-05T20:00"), InputError),
        (("find", "dazhulin-pontoon", "huangpanshi", "--at", "2021-99-05T20:00Z"), InputError),
        (("find", "dazhulin-pontoon", "huangpanshi", "--at", "99h"), NotCoveredError),
        (("find", "dazhulin-pontoon", "huangpanshi", "--draught", "30"), RefusedError),
        (("reach", "dazhulin-pontoon", "--level", "nan"), InputError),
    ],
)
def test_bad_questions_are_refused(arguments: tuple[str, ...], error: type[Exception]) -> None:
    with pytest.raises(error):
        call(*arguments)


def test_warming_runs_every_loop_once() -> None:
    warm()
