"""``profiles.csv`` of a river package: the water surfaces that `rescuecmd river build` has computed.

One row for each profile and section: ``profile`` names it, ``kind`` is *family* (a level to go by), *stored* (the same,
as an imported model has it) or *variant* (the river made rougher here and smoother there: it says only how wrong the
others may be).
"""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import groupby
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
_REMEDY = "run `rescuecmd river build` again, or `river import hec-ras` where the surfaces are a model's"


def family_of(parts: Parts, file: RiverFile, sections: Sequence[Section]) -> Family | None:
    """Return the family of a package; None where it has none, or after noting what is wrong with it."""
    table = parts.profiles
    if table is None:
        return None
    ids = [section.id for section in sections]
    read = [profile for rows in _profiles(table) if (profile := _profile(table, rows, ids)) is not None]
    family = sorted((flow, levels) for kind, flow, levels in read if kind != "variant")
    if table.faults or not family:
        if not table.faults:
            table.fault(table.rows[0], "kind", "at least two profiles of the kind 'family' or 'stored' are needed")
        return None
    layer = file.layers.get("profiles")
    if layer is not None and layer.built_from not in {None, sections_digest(parts.folder)}:
        table.fault(table.rows[0], "level_m", f"the sections have changed since: {_REMEDY}")
        return None
    variants = _by_flow([(flow, levels) for kind, flow, levels in read if kind == "variant"])
    if len({len(rows) for rows in variants.values()}) != 1:
        table.fault(table.rows[0], "kind", f"each flow of the kind 'variant' needs equally many profiles: {_REMEDY}")
        return None
    try:
        return Family(
            chainage_m=np.array([section.chainage_m for section in sections]),
            flows_m3ps=np.array([flow for flow, _ in family]),
            levels_m=np.array([levels for _, levels in family]),
            variant_flows_m3ps=np.array(list(variants)),
            variants_m=np.array(list(variants.values())),
            source=layer.source if layer else "",
            stored=any(kind == "stored" for kind, _, _ in read),
        )
    except InputError as error:
        table.fault(table.rows[0], "level_m", f"{error.message}: {_REMEDY}")
        return None


def _by_flow(profiles: Sequence[tuple[float, list[float]]]) -> dict[float, list[list[float]]]:
    """Return the levels of some profiles by their flow, ascending."""
    ordered = sorted(profiles, key=_flow)
    return {flow: [levels for _, levels in one] for flow, one in groupby(ordered, key=_flow)}


def _flow(profile: tuple[float, list[float]]) -> float:
    return profile[0]


def _profiles(table: Table) -> Iterator[list[Row]]:
    for _, rows in groupby(table.rows, key=lambda row: row.cells["profile"]):
        yield list(rows)


def _profile(table: Table, rows: list[Row], ids: Sequence[str]) -> tuple[str, float, list[float]] | None:
    """Return kind, flow and one level for each section; None after noting a fault."""
    kind = table.one_of(rows[0], "kind", _KINDS)
    flow = table.number(rows[0], "flow_m3ps")
    levels = [table.number(row, "level_m") for row in rows]
    named = [row.cells["section"] for row in rows]
    if named != list(ids):
        wrong = next(
            (at for at, (got, wanted) in enumerate(zip(named, ids, strict=False)) if got != wanted), len(rows) - 1
        )
        message = f"expected all {len(ids)} sections in their order, once each; {_REMEDY}"
        table.fault(rows[wrong], "section", message)
        return None
    if kind is None or flow is None or any(level is None for level in levels):
        return None
    return kind, flow, [level for level in levels if level is not None]


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
