"""`rescuecmd route` as people and scripts call it."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rescuecmd.cli import route_options
from rescuecmd.cli.route import app
from rescuecmd.errors import InputError, NotCoveredError, NotFoundError, RefusedError
from rescuecmd.interop.river_package import load_river
from rescuecmd.routing.network import draw_network
from rescuecmd.routing.warm import warm

load_once, draw_once = cache(load_river), cache(draw_network)


@pytest.fixture(autouse=True)
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read and compile the river once for all these commands; each of them alone would do it anew."""
    monkeypatch.setattr(route_options, "load_river", load_once)
    monkeypatch.setattr(route_options, "draw_network", draw_once)


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


def test_find_says_what_each_leg_has_to_spare_and_how_to_steer() -> None:
    found = json.loads(call("find", "tongxing-pontoon", "huangpanshi", "--at", "12h", "--json"))
    legs = [point["leg"] for point in found["points"]]
    assert legs[0] is None
    assert all(leg["sigmas"] > 1.28 for leg in legs[2:])
    assert found["worst"]["margin_m"] == found["least_margin_m"]
    assert found["guidance"][0]["kind"] == "leave"
    assert found["guidance"][-1]["kind"] == "arrive"
    assert all(one["opens"] is None or one["opens"].endswith("Z") for one in found["why"])


def test_pictures_and_shapes_are_written(tmp_path: Path) -> None:
    profile, reach, shapes = (tmp_path / name for name in ("profile.png", "reach.png", "reach.geojson"))
    call("profile", "tongxing-pontoon", "huangpanshi", "--at", "24h", "--png", str(profile), "--theme", "night")
    call("reach", "dazhulin-pontoon", "--at", "12h", "--png", str(reach), "--geojson", str(shapes))
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in (profile, reach))
    assert json.loads(shapes.read_text())["features"]
    along = json.loads(call("profile", "tongxing-pontoon", "huangpanshi", "--at", "24h", "--json"))
    assert len(along["distance_m"]) == len(along["level_m"]) == len(along["bed_m"]) == len(along["kilometres"])


def test_departure_names_the_last_moment() -> None:
    found = json.loads(call("departure", "tongxing-pontoon", "jianjialiang", "--at", "4h", "--json"))
    assert found["goes_under"] > found["there"]["leave_by"] > "2021-09-05T04:00:00Z"
    assert "leave within" in found["text"]["en"]
    assert "最迟" in found["text"]["zh"]
    by = json.loads(call("departure", "tongxing-pontoon", "jianjialiang", "--at", "4h", "--by", "4h1m", "--json"))
    assert by["there"]["possible"] is False
    assert "too late" in by["text"]["en"]


def test_the_whole_water_is_asked() -> None:
    found = json.loads(call("critical", "--at", "6h", "--json"))
    assert found["passages"][0]["fall_m"] == min(one["fall_m"] for one in found["passages"])
    parts = json.loads(call("cutoff", "--level", "172", "--json"))
    assert parts["reaches"][0]["area_m2"] == max(one["area_m2"] for one in parts["reaches"])
    ways = json.loads(call("alternatives", "tongxing-pontoon", "huangpanshi", "--at", "12h", "--json"))["ways"]
    assert ways[0]["seconds"] == min(way["seconds"] for way in ways)
    table = json.loads(call("table", "--boats", "rib@tongxing-pontoon", "--to", "heiyangshi;feilanzi", "--json"))
    assert [len(row) for row in table["cells"]] == [2]


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
        (("find", "dazhulin-pontoon", "huangpanshi", "--level", "500"), NotCoveredError),
        (("find", "dazhulin-pontoon", "huangpanshi", "--level", "100"), NotCoveredError),
        (("find", "dazhulin-pontoon", "huangpanshi", "--speed", "inf"), InputError),
        (("find", "dazhulin-pontoon", "huangpanshi", "--speed", "1e308"), InputError),
        (("find", "dazhulin-pontoon", "huangpanshi", "--level", "1e308"), InputError),
        (("find", "dazhulin-pontoon", "huangpanshi", "--level", "180", "--rise", "nan"), InputError),
        (("find", "dazhulin-pontoon", "huangpanshi", "--level", "180", "--rise", "1e308"), InputError),
        (("find", "dazhulin-pontoon", "huangpanshi", "--rise", "0.5"), InputError),
        (("find", "dazhulin-pontoon", "huangpanshi", "--level", "180", "--event", "2021-09"), InputError),
        (("find", "29.61,106.45", "huangpanshi"), InputError),
        (("find", "500,99", "huangpanshi"), InputError),
        (("find", "nan,nan", "huangpanshi"), InputError),
        (("find", "-106.45,29.61", "huangpanshi"), NotCoveredError),
        (("find", "dazhulin-pontoon", "huangpanshi", "--graph", "none.graphml"), InputError),
        (("reach", "dazhulin-pontoon", "--level", "nan"), InputError),
        (("table", "--boats", " ; "), InputError),
        (("table", "--boats", "rib"), InputError),
        (("table", "--boats", "rib@nowhere"), NotFoundError),
    ],
)
def test_bad_questions_are_refused(arguments: tuple[str, ...], error: type[Exception]) -> None:
    with pytest.raises(error):
        call(*arguments)


@pytest.mark.parametrize("question", [("find", "dazhulin-pontoon", "huangpanshi"), ("reach", "dazhulin-pontoon")])
@pytest.mark.parametrize(
    ("level", "told"),
    [("500", "166.38 to 194.37 m (Wusong datum)"), ("190", "as far as levels are on file; asked for 190.00 m")],
)
def test_a_level_that_is_not_covered_is_refused_with_the_range(
    question: tuple[str, ...], level: str, told: str
) -> None:
    with pytest.raises(NotCoveredError) as outside:
        call(*question, "--level", level)
    assert outside.value.code == "level-outside"
    assert told in outside.value.message
    assert outside.value.facts["highest_m"] < float(level)  # type: ignore[operator]


def test_a_refusal_names_the_nearest_thing_that_would_do() -> None:
    with pytest.raises(RefusedError, match=r"needs 30\.30 m of water; the deepest of the river has"):
        call("find", "dazhulin-pontoon", "huangpanshi", "--draught", "30")
    with pytest.raises(NotCoveredError, match=r"nearest: K.*km") as far:
        call("find", "106.1,29.1", "huangpanshi")
    assert "最近" in str(far.value.facts["zh"])
    assert far.value.facts["nearest_lon_deg"] == pytest.approx(106.44, abs=0.02)


def test_swapped_coordinates_are_named() -> None:
    with pytest.raises(InputError, match=r"longitude comes first: 106\.45,29\.61\?") as swapped:
        call("find", "29.61,106.45", "huangpanshi")
    assert "经度在前" in str(swapped.value.facts["zh"])


def test_a_boat_that_floats_nowhere_has_no_way_round() -> None:
    for question in ("critical", "cutoff"):
        assert "no water for this boat at this level" in call(question, "--level", "172", "--draught", "25")


def test_warming_runs_every_loop_once() -> None:
    warm()


PORTAGE = ("0.0040424,-0.0001", "0.0040424,0.00066", "--river", "teaching", "--level", "13.4", "--craft", "inflatable")


def test_a_slow_boat_is_carried_over_the_bar_and_is_told_so() -> None:
    slow = ("--speed", "2", "--max-current", "3")
    found = json.loads(call("find", *PORTAGE, *slow, "--json"))
    way = next(one for one in found["guidance"] if one["kind"] == "way")
    assert way["text"] == {"zh": "陆运：沙洲陆运道，2 分钟", "en": "portage: Bar portage, 2 min"}
    assert found["least_margin_m"] > 0
    assert "portage: Bar portage, 2 min" in call("find", *PORTAGE, *slow)
    heavy = json.loads(call("find", *PORTAGE, "--speed", "2.5", "--draught", "0.6", "--max-current", "3", "--json"))
    assert "way" not in {one["kind"] for one in heavy["guidance"]}
    assert all(bed is not None for bed in json.loads(call("profile", *PORTAGE, *slow, "--json"))["bed_m"])


def test_a_boom_is_gone_round_and_the_reason_told() -> None:
    ends = ("0.0098815,-0.0005783", "0.0106,0.0002", "--river", "teaching", "--level", "13.4")
    found = json.loads(call("find", *ends, "--json"))
    assert "Teaching boom at K0+060" in found["avoided"]["en"]
    assert "教学拦索（封闭）" in found["avoided"]["zh"]
    assert found["why"][0]["opens"] is None


def test_the_exported_graph_has_them_and_is_taken_back(tmp_path: Path) -> None:
    file = tmp_path / "teaching.geojson"
    call("export", "teaching", str(file))
    edges = [one["properties"] for one in json.loads(file.read_text("utf-8"))["features"]]
    assert [one["max_draught_m"] for one in edges if one.get("way") == "bar-portage"] == [0.5, 0.5]
    again = json.loads(call("find", *PORTAGE, "--speed", "2", "--max-current", "3", "--graph", str(file), "--json"))
    assert next(one for one in again["guidance"] if one["kind"] == "way")["text"]["en"] == "portage: Bar portage, 2 min"
