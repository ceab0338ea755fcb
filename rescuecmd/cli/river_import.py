"""`rescuecmd river import`: a package from other people's data, piece by piece."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from rescuecmd.cli.console import emit, say
from rescuecmd.cli.position import checked_level_m, lon_lat
from rescuecmd.errors import InputError, nearest
from rescuecmd.interop import river_import as imports
from rescuecmd.interop.gauge_values import Format
from rescuecmd.interop.river_file import VerticalDatum
from rescuecmd.river.feature import Confidence
from rescuecmd.text import Text

app = typer.Typer(help="Make a package from other data, piece by piece. 由外部数据生成河道包。", no_args_is_help=True)

_CODES = "Exit codes: 0 ok · 2 faults or bad values · then: rescuecmd river check FOLDER"
_MOST_TOLD = 5
_DATUM = Text("高程基准", "vertical datum")

File = Annotated[Path, typer.Argument(help="The file to read.")]
Into = Annotated[Path, typer.Option("--into", help="Folder of the package.")]
Layer = Annotated[str, typer.Option(help="Layer of the file, where it has several.")]
Source = Annotated[str, typer.Option(help="Who made the data, when: it is written down with them.")]
Licence = Annotated[str, typer.Option(help="Under which licence, such as CC0-1.0.")]
Trust = Annotated[str, typer.Option(help="How far to trust them: high, medium or low.")]
Datum = Annotated[str, typer.Option(help=f"Vertical datum of the levels: {', '.join(get_args(VerticalDatum))}.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(epilog=_CODES)
def line(
    source_file: File,
    *,
    into: Into,
    start: Annotated[str, typer.Option("--from", help="lon,lat of the upper end.")],
    end: Annotated[str, typer.Option("--to", help="lon,lat of the lower end.")],
    vertical_datum: Datum,
    source: Source,
    licence: Licence,
    name: Annotated[str, typer.Option(help="The river's name in English; empty: the folder's.")] = "",
    name_zh: Annotated[str, typer.Option(help="Its name in Chinese; empty: the English one.")] = "",
    confidence: Trust = "low",
    layer: Layer = "",
    as_json: AsJson = False,
) -> None:
    """Begin a package with a centre line (GeoPackage, GeoJSON, Shapefile) between two points, upstream one first.

    Example: rescuecmd river import line rivers.gpkg --into my-river --from 106.40,29.80 --to 106.45,29.70
    --vertical-datum wusong --source "GSHHG 2.3.7" --licence LGPL-3.0
    """
    english = name or into.name
    length_m = imports.import_line(
        source_file,
        into,
        _origin(source, licence, confidence),
        ends=(lon_lat(start), lon_lat(end)),
        names=(name_zh or english, english),
        datum=_one_of(_DATUM, vertical_datum, get_args(VerticalDatum)),
        layer=layer,
    )
    km = f"{length_m / 1000:.2f}"
    _done(into, as_json, Text(f"中心线 {km} 千米", f"centre line of {km} km"), {"length_m": round(length_m, 1)})


@app.command(epilog=_CODES)
def shapes(
    source_file: File,
    *,
    into: Into,
    kind: Annotated[str, typer.Option("--as", help="Layer of the package: reefs, bridges, gauges, landings ...")],
    source: Source,
    licence: Licence,
    take: Annotated[list[str] | None, typer.Option(help="FIELD=COLUMN: our field from the file's column.")] = None,
    fixed: Annotated[list[str] | None, typer.Option("--set", help="FIELD=VALUE for every feature.")] = None,
    radius: Annotated[float, typer.Option(min=0.0, help="Draw points as circles of this radius, m.")] = 0.0,
    confidence: Trust = "low",
    layer: Layer = "",
    encoding: Annotated[str, typer.Option(help="Of its text where a Shapefile does not say: gb18030, utf-8 ...")] = "",
    as_json: AsJson = False,
) -> None:
    """Add drawn points, lines or areas to a layer of a package.

    Example: rescuecmd river import shapes rocks.shp --into my-river --as reefs --radius 12 --take crest_m=HEIGHT
    --take name_en=NAME --take name_zh=NAME --set sigma_m=0.3 --set capacity=0 --source "a survey" --licence CC0-1.0
    """
    count = imports.import_layer(
        source_file,
        into,
        _origin(source, licence, confidence),
        kind,
        take=dict(_pair(one) for one in take or ()),
        fixed={key: _plain(value) for key, value in map(_pair, fixed or ())},
        layer=layer,
        encoding=encoding,
        radius_m=radius,
    )
    words = Text(f"{kind} 图层 {count} 个要素", f"{count} features of {kind}")
    _done(into, as_json, words, {"features": count, "layer": kind})


@app.command(epilog=_CODES)
def sections(
    source_file: File,
    *,
    into: Into,
    source: Source,
    licence: Licence,
    manning: Annotated[float, typer.Option(min=0.005, max=0.5, help="Manning's n, s/m^(1/3).")] = 0.035,
    confidence: Trust = "low",
    layer: Layer = "",
    as_json: AsJson = False,
) -> None:
    """Write the sections from surveyed lines across the river that carry a height at every point (x, y, z).

    Example: rescuecmd river import sections survey.gpkg --into my-river --source "survey of 2024" --licence CC0-1.0
    """
    origin = _origin(source, licence, confidence)
    count = imports.import_sections(source_file, into, origin, layer=layer, manning_n=manning)
    _done(into, as_json, Text(f"{count} 个断面", f"{count} sections"), {"sections": count})


@app.command("hec-ras", epilog=_CODES)
def hec_ras(
    source_file: File,
    *,
    into: Into,
    vertical_datum: Datum,
    source: Source,
    licence: Licence,
    reach: Annotated[str, typer.Option(help="River of the model; empty: the longest one.")] = "",
    at: Annotated[str, typer.Option(help="lon,lat of its middle, for a model without a projection.")] = "",
    beyond: Annotated[float, typer.Option(min=0.0, help="How far sections go beyond the channel's banks, m.")] = 20.0,
    confidence: Trust = "medium",
    as_json: AsJson = False,
) -> None:
    """Begin a package with a reach of a HEC-RAS model (HDF of 5.0.7 or 6.x): centre line, sections, water surfaces.

    Where the model has been run, its surfaces come along with a gauge at either end, slopes and a rating.

    Example: rescuecmd river import hec-ras Baxter.p01.hdf --into baxter --at 0.5,0.5 --vertical-datum local
    --source "USACE example model" --licence CC0-1.0
    """
    from rescuecmd.interop.hec_ras_import import import_hec_ras  # noqa: PLC0415  (h5py, for those who have a model)

    done, surfaces = import_hec_ras(
        source_file,
        into,
        _origin(source, licence, confidence),
        datum=_one_of(_DATUM, vertical_datum, get_args(VerticalDatum)),
        reach=reach,
        at=lon_lat(at) if at else None,
        beyond_m=beyond,
    )
    if not as_json:
        _tell_left_out(done.left_out)
    km, out = f"{done.length_m / 1000:.2f}", len(done.left_out)
    come = Text(f"{surfaces} 条水面线", f"{surfaces} water surfaces")
    if not surfaces:
        come = Text("模型没有计算结果，故无水面线", "no results, so no water surfaces,")
    words = Text(f"{km} 千米，{done.sections} 个断面，未采用 {out} 个，{come.zh}",
                 f"{done.sections} sections over {km} km, {out} left out, {come.en}")  # fmt: skip
    told = {"sections": done.sections, "length_m": round(done.length_m, 1), "left_out": done.left_out}
    told["surfaces"] = surfaces
    _done(into, as_json, words, told)


@app.command(epilog=_CODES)
def series(
    source_file: File,
    *,
    into: Into,
    gauge: Annotated[str, typer.Option(help="Gauge of the package.")],
    vertical_datum: Datum,
    source: Source,
    licence: Licence,
    series_id: Annotated[str, typer.Option("--id", help="Id of the series; empty: the file's name.")] = "",
    zero: Annotated[float | None, typer.Option(help="Level of the gauge's zero, m, where the file has stages.")] = None,
    site: Annotated[str, typer.Option(help="Site of the file, where it has several.")] = "",
    parameter: Annotated[str, typer.Option(help="USGS code: 00065 stage, 62615 level; empty: the stage.")] = "",
    method: Annotated[str, typer.Option(help="Sensor (methodID, time_series_id), where it has several.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of a series of the same id.")] = False,
    form: Annotated[str, typer.Option("--format", help="usgs, csv or json; empty: found out.")] = "",
    sigma: Annotated[float, typer.Option(min=0.0, help="Error of each level, m.")] = 0.0,
    confidence: Trust = "medium",
    as_json: AsJson = False,
) -> None:
    """Add a level series: USGS WaterML-JSON or OGC JSON, CSV with time and level_m or stage_m, or a HEC-RAS run (.hdf).

    Of a HEC-RAS run, 2D ones too, the site is a reference point; without --site the names are told.

    Example: rescuecmd river import series iv.json --into my-river --gauge upper --site 01645000 --zero 52.1
    --vertical-datum local --source "USGS 01645000" --licence CC0-1.0
    """
    spec = imports.SeriesSpec(
        id=series_id or _id_of(f"{source_file.stem} {site if _is_hdf(source_file) else ''}"),
        gauge=gauge,
        vertical_datum=_one_of(_DATUM, vertical_datum, get_args(VerticalDatum)),
        zero_m=zero,
        site=site,
        sigma_m=sigma,
        parameter=parameter,
        method=method,
    )
    known = get_args(Format)
    chosen: Any = _one_of(Text("格式", "format"), form, known) if form else None
    origin = _origin(source, licence, confidence)
    if chosen is None and _is_hdf(source_file):
        from rescuecmd.interop.hec_ras_series import import_reference_point  # noqa: PLC0415  (h5py)

        read = import_reference_point(source_file, into, origin, spec, replace=replace)
    else:
        read = imports.import_series(source_file, into, origin, spec, form=chosen, replace=replace)
    if not as_json:
        _tell_left_out(read.left_out)
    told = {"series": spec.id, "values": len(read.values), "left_out": read.left_out}
    count, out = len(read.values), len(read.left_out)
    _done(into, as_json, Text(f"{count} 个水位，未采用 {out} 个", f"{count} levels, {out} left out"), told)


def _tell_left_out(left_out: Sequence[str]) -> None:
    for why in left_out[:_MOST_TOLD]:
        say(Text(f"  未采用：{why}", f"  left out: {why}"))
    if more := len(left_out[_MOST_TOLD:]):
        say(Text(f"  另有 {more} 个", f"  and {more} more"))


def _is_hdf(path: Path) -> bool:
    return path.suffix.lower() == ".hdf"


def _id_of(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


@app.command(epilog=_CODES)
def rating(
    source_file: File,
    *,
    into: Into,
    gauge: Annotated[str, typer.Option(help="Gauge of the package.")],
    zero: Annotated[float, typer.Option(help="Level of the gauge's zero, m above the river's vertical datum.")],
    max_current: Annotated[float, typer.Option(min=0.1, help="No current is ever given above this, m/s.")],
    source: Source,
    licence: Licence,
    confidence: Trust = "medium",
    as_json: AsJson = False,
) -> None:
    """Set the rating (discharge by level) from a USGS rating table in RDB form.

    Example: rescuecmd river import rating 01594440.rdb --into my-river --gauge upper --zero 4.6 --max-current 3
    --source "USGS rating 20.0" --licence CC0-1.0
    """
    origin = _origin(source, licence, confidence)
    table = imports.import_rating(
        source_file, into, origin, gauge=gauge, zero_m=checked_level_m(zero), max_current_mps=max_current
    )
    count = len(table.points)
    words = Text(f"水位流量关系 {count} 点", f"rating of {count} points")
    _done(into, as_json, words, {"points": count, "site": table.site})


def _origin(source: str, licence: str, confidence: str) -> imports.Origin:
    for name, value in (("source", source), ("licence", licence)):
        if not value.strip():
            message = f"--{name} must say something: it is written down with the data"
            raise InputError("no-origin", message, zh=f"--{name} 不能为空：它随数据一起记录")
    return imports.Origin(source, licence, _one_of(Text("可信度", "confidence"), confidence, get_args(Confidence)))


def _one_of(what: Text, value: str, known: Sequence[str]) -> str:
    if value not in known:
        message = f"no {what.en} {value!r}{nearest(value, known)}; known are {', '.join(known)}"
        raise InputError("bad-value", message, zh=f"没有{what.zh} {value!r}；可用：{', '.join(known)}")
    return value


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        message = f"expected FIELD=VALUE, got {text!r}"
        raise InputError("bad-pair", message, zh=f"应为 字段=值，所给为 {text!r}")
    return key.strip(), value.strip()


def _plain(text: str) -> Any:
    """Return a value as YAML reads it: a number, true, a list, else text."""
    try:
        return YAML(typ="safe", pure=True).load(text)
    except YAMLError:
        return text


def _done(into: Path, as_json: bool, words: Text, facts: dict[str, Any]) -> None:
    if as_json:
        emit({"folder": str(into), **facts})
    else:
        say(Text(f"已写入 {into}：{words.zh}；下一步：rescuecmd river check {into}",
                 f"{words.en} written into {into}; next: rescuecmd river check {into}"))  # fmt: skip
