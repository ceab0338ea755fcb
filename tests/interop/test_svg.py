"""The picture of a card as SVG: well formed, marked, in both languages and themes, and nothing can inject markup."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.errors import InputError
from rescuecmd.interop.svg import WIDTH, Language, render
from rescuecmd.interop.svg_symbol import DAY, NIGHT, Theme
from rescuecmd.interop.svg_text import fitted, nice_length_m, text_width, wrap
from rescuecmd.plan.drawing import Area, Drawing, Extent, Line, Mark
from rescuecmd.text import Text

SVG = "{http://www.w3.org/2000/svg}"


def drawing(**changes: object) -> Drawing:
    ring = ((0.0, 0.0), (100.0, 0.0), (100.0, 200.0), (0.0, 200.0))
    base = Drawing(
        kind="approach",
        title=Text("抵近图", "Approach"),
        subtitle=Text("发给 警艇01", "for Police 01"),
        extent=Extent(0.0, 0.0, 200.0, 220.0),
        areas=(Area("deep", (ring,)), Area("forecast", (ring,))),
        lines=(Line("approach", ((50.0, 20.0), (50.0, 100.0))), Line("water_edge", ring)),
        marks=(
            Mark("victim", 50.0, 120.0, Text("三人", "three people")),
            Mark("you", 900.0, 110.0, Text("你 · 距 850 米", "You · 850 m off"), points=True),
            Mark("landing", 900.0, 110.0, Text("远处码头", "far landing")),
            Mark("sounding", 20.0, 20.0, Text("1.2", "1.2")),
        ),
        notes=(Text("从下游抵近，艇首迎流", "Come from downstream, bow to the current"),),
        schematic=True,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314


@pytest.mark.parametrize("theme", ["day", "night"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_well_formed_in_every_theme_and_language(theme: Theme, lang: Language) -> None:
    svg = render(drawing(), marking="演练 DRILL", theme=theme, lang=lang)
    root = ET.fromstring(svg)  # noqa: S314
    assert root.get("viewBox", "").startswith(f"0 0 {WIDTH:.0f} ")
    assert root.get("lang") == lang
    words = " ".join(texts(svg))
    assert ("抵近图" in words, "Approach" in words) == (lang == "zh", lang == "en")
    assert ("示意河道" in words) == (lang == "zh")
    assert "nan" not in svg
    assert "inf" not in svg.replace("info", "")


def test_the_marking_is_in_the_header_and_over_the_whole_map() -> None:
    svg = render(drawing(), marking="演练 DRILL")
    assert svg.count("演练 DRILL") > 6
    assert '<text class="marking"' in svg
    assert '<g class="watermark"' in svg


def test_the_marking_can_be_anything_a_drill_sets_and_none_when_live() -> None:
    assert "EXERCISE &lt;1&gt;" in render(drawing(), marking="EXERCISE <1>")
    live = render(drawing(), marking="")
    assert "watermark" not in live
    assert 'class="marking"' not in live


def test_a_mark_outside_is_pointed_at_from_the_edge_and_others_are_left_out() -> None:
    words = texts(render(drawing(), marking=""))
    assert "你" in words
    assert "距 850 米" in words
    assert "远处码头" not in words
    svg = render(drawing(), marking="")
    place = svg.split('<g class="you" transform="translate(')[1].split(")")[0].split()
    assert float(place[0]) == pytest.approx(WIDTH - 34)
    assert "rotate(9" in svg.split('<g class="you"')[1][:80]  # east, on a map with north up


def test_labels_do_not_cover_each_other() -> None:
    marks = tuple(Mark("victim", 90.0 + n, 100.0, Text(f"第{n}人", f"person {n}")) for n in range(6))
    root = ET.fromstring(render(drawing(marks=marks), marking=""))  # noqa: S314
    boxes = []
    for node in root.iter(f"{SVG}text"):
        word = "".join(node.itertext())
        if word.startswith("第"):
            x, y, size = (float(node.get(name, "0")) for name in ("x", "y", "font-size"))
            boxes.append((x, y - size, x + text_width(word, size), y))
    assert len(boxes) == 6
    for n, a in enumerate(boxes):
        for b in boxes[n + 1 :]:
            assert not (a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3])


def test_all_texts_stand_on_the_sheet() -> None:
    svg = render(drawing(notes=(Text("很长的说明" * 30, "a long note " * 40),)), marking="演练", lang="en")
    root = ET.fromstring(svg)  # noqa: S314
    height = float(root.get("viewBox", "").split()[3])
    below = [node for node in root if node.tag == f"{SVG}text"]
    for node in below:
        assert 0 <= float(node.get("y", "0")) <= height
        if node.get("text-anchor") == "start":
            wide = text_width("".join(node.itertext()), float(node.get("font-size", "0")))
            assert float(node.get("x", "0")) + wide <= WIDTH + 1


@given(st.text(min_size=1, max_size=30))
def test_names_cannot_inject_markup(name: str) -> None:
    evil = Text(f'"><script>{name}</script>', name)
    svg = render(drawing(title=evil, marks=(Mark("hazard", 10.0, 10.0, evil),)), marking=f"<{name}>")
    assert "<script>" not in svg
    ET.fromstring(svg)  # noqa: S314


def test_unknown_theme_and_language() -> None:
    with pytest.raises(InputError, match="'day' or 'night'"):
        render(drawing(), marking="", theme="dusk")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="'zh' or 'en'"):
        render(drawing(), marking="", lang="fr")  # type: ignore[arg-type]


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [DAY, NIGHT], ids=["day", "night"])
def test_words_are_legible(colours: dict[str, str]) -> None:
    assert colours.keys() == DAY.keys()
    for tone in ("ink", "faint", "go", "stop", "current", "edge"):  # on paper or on their own halo of the same colour
        assert contrast(colours[tone], colours["paper"]) >= 4.5, tone
    assert contrast(colours["marking"], colours["on_marking"]) >= 4.5
    for ground in ("land", "shallow", "middle", "deep", "beach"):
        assert contrast(colours["route"], colours[ground]) >= 3.0, ground


def test_wrapping_keeps_numbers_with_their_units() -> None:
    lines = wrap("艇首迎流，流速 1.0 m/s，水深 3.8 m，请注意", 27.0, 300.0)
    assert all(text_width(line, 27.0) <= 300.0 for line in lines)
    assert not any(line.startswith(("m", "m/s")) for line in lines)
    assert "".join(lines).replace("\u00a0", " ").replace(" ", "") == "艇首迎流，流速1.0m/s，水深3.8m，请注意"
    assert wrap("", 27.0, 100.0) == []
    assert fitted("一" * 100, 36.0, 360.0) == pytest.approx(3.6)


@given(st.floats(0.5, 1e6))
def test_scale_bar_lengths_are_round(about: float) -> None:
    length = nice_length_m(about)
    assert about / 2.51 <= length <= about
    assert f"{length:.0e}"[0] in "125"
