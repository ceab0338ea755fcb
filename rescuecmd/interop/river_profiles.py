"""``profiles.csv`` of a river package: the water surfaces that `rescuecmd river build` has computed.

One row for each profile and section: ``profile`` names it, ``kind`` is *family* (a level to go by), *stored* (the same,
as an imported model has it) or *variant* (the river made rougher here and smoother there: it says only how wrong the
others may be).
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np

from rescuecmd.errors import InputError
from rescuecmd.interop.csv_table import Row, Table
from rescuecmd.interop.river_file import RiverFile
from rescuecmd.interop.river_parts import PROFILE_COLUMNS, Parts
from rescuecmd.interop.river_write import table_text
from rescuecmd.river.family import Family
from rescuecmd.river.feature import Section

_KINDS = ("family", "stored", "variant")
_ROUNDED_M = 0.005  # beds are written in cm
ABOVE_M = 30.0
"""A level so far above the ground beside a section is a slip of the pen or stands on another vertical datum."""

_REMEDY = "run `rescuecmd river build` again, or `river import hec-ras` where the surfaces are a model's"


@dataclass(frozen=True, slots=True)
class _Profile:
    """One water surface as read: its rows stand in the order of the sections."""

    kind: str
    flow_m3ps: float
    levels_m: list[float]
    rows: list[Row]


def family_of(parts: Parts, file: RiverFile, sections: Sequence[Section]) -> Family | None:
    """Return the family of a package; None where it has none, or after noting what is wrong with it."""
    table = parts.profiles
    if table is None:
        return None
    read = [profile for rows in _grouped(table) if (profile := _profile(table, rows, sections)) is not None]
    family = sorted((one for one in read if one.kind != "variant"), key=_flow)
    if table.faults or not family:
        if not table.faults:
            table.fault(table.rows[0], "kind", "at least two profiles of the kind 'family' or 'stored' are needed")
        return None
    layer = file.layers.get("profiles")
    if layer is not None and layer.built_from not in {None, sections_digest(parts.folder)}:
        table.fault(table.rows[0], "level_m", f"the sections have changed since: {_REMEDY}")
        return None
    for first, second in pairwise(family):
        _check_rise(table, first, second)
    variants = _by_flow([one for one in read if one.kind == "variant"])
    if len({len(levels) for levels in variants.values()}) != 1:
        table.fault(table.rows[0], "kind", f"each flow of the kind 'variant' needs equally many profiles: {_REMEDY}")
    if table.faults:
        return None
    try:
        return Family(
            chainage_m=np.array([section.chainage_m for section in sections]),
            flows_m3ps=np.array([one.flow_m3ps for one in family]),
            levels_m=np.array([one.levels_m for one in family]),
            variant_flows_m3ps=np.array(list(variants)),
            variants_m=np.array(list(variants.values())),
            source=layer.source if layer else "",
            stored=any(one.kind == "stored" for one in read),
        )
    except InputError as error:
        table.fault(table.rows[0], "level_m", f"{error.message}: {_REMEDY}")
        return None


def _by_flow(profiles: Sequence[_Profile]) -> dict[float, list[list[float]]]:
    """Return the levels of some profiles by their flow, ascending."""
    ordered = sorted(profiles, key=_flow)
    return {flow: [one.levels_m for one in same] for flow, same in groupby(ordered, key=_flow)}


def _flow(profile: _Profile) -> float:
    return profile.flow_m3ps


def _grouped(table: Table) -> Iterator[list[Row]]:
    for _, rows in groupby(table.rows, key=lambda row: row.cells["profile"]):
        yield list(rows)


def _profile(table: Table, rows: list[Row], sections: Sequence[Section]) -> _Profile | None:
    """Return what rows of one profile say, a level for each section; None after noting a fault."""
    kind = table.one_of(rows[0], "kind", _KINDS)
    flow = table.number(rows[0], "flow_m3ps")
    named, ids = [row.cells["section"] for row in rows], [section.id for section in sections]
    if named != ids:
        wrong = next(
            (at for at, (got, wanted) in enumerate(zip(named, ids, strict=False)) if got != wanted), len(rows) - 1
        )
        message = f"expected all {len(ids)} sections in their order, once each; {_REMEDY}"
        table.fault(rows[wrong], "section", message)
        return None
    for column in ("kind", "flow_m3ps"):
        other = next((row for row in rows if row.cells[column] != rows[0].cells[column]), None)
        if other is not None:
            message = f"expected {rows[0].cells[column]!r}, as in line {rows[0].line}: a profile has one {column}"
            table.fault(other, column, message)
    levels = [_level(table, row, section) for row, section in zip(rows, sections, strict=True)]
    if kind is None or flow is None or any(level is None for level in levels):
        return None
    return _Profile(kind, flow, [level for level in levels if level is not None], rows)


def _level(table: Table, row: Row, section: Section) -> float | None:
    """Return the level of a row: no water stands below the bed of its section, nor far above the ground beside it."""
    level = table.number(row, "level_m")
    bed, top = float(np.nanmin(section.beds_m)), float(np.nanmax(section.beds_m))
    if level is None or bed - _ROUNDED_M <= level <= top + ABOVE_M:
        return level
    off = f"below the bed of section {section.id}, {bed:.2f} m"
    if level > bed:
        off = f"more than {ABOVE_M:g} m above the highest point of section {section.id}, {top:.2f} m"
    table.fault(row, "level_m", f"{level:.2f} m is {off}; {_REMEDY}")
    return None


def _check_rise(table: Table, first: _Profile, second: _Profile) -> None:
    """Note where the greater of two flows stands lower, and two profiles of the same flow."""
    if first.flow_m3ps == second.flow_m3ps:
        message = f"profile {first.rows[0].cells['profile']!r} has this flow too: keep one of them, or {_REMEDY}"
        table.fault(second.rows[0], "flow_m3ps", message)
        return
    for low, high, row, other in zip(first.levels_m, second.levels_m, second.rows, first.rows, strict=True):
        if high < low:
            message = (
                f"{high:.2f} m at {second.flow_m3ps:g} m3/s, but line {other.line} has {low:.2f} m at "
                f"{first.flow_m3ps:g} m3/s: a greater flow must not stand lower; {_REMEDY}"
            )
            table.fault(row, "level_m", message)


def sections_digest(folder: Path) -> str:
    """Return the mark of a package's sections, kept beside what was computed from them."""
    files = (folder / "sections.geojson", folder / "sections.csv")
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def profiles_text(family: Family, sections: Sequence[Section]) -> str:
    """Return a family as the text of ``profiles.csv``."""
    variants = zip(family.variant_flows_m3ps, family.variants_m, strict=True)
    kind = "stored" if family.stored else "family"
    profiles = [(kind, flow, levels) for flow, levels in zip(family.flows_m3ps, family.levels_m, strict=True)]
    profiles += [("variant", flow, levels) for flow, surfaces in variants for levels in surfaces]
    rows = [
        (f"p{number:02d}", kind, f"{flow:.6g}", section.id, f"{level:.3f}")
        for number, (kind, flow, levels) in enumerate(profiles, 1)
        for section, level in zip(sections, levels, strict=True)
    ]
    return table_text(PROFILE_COLUMNS, rows)
