"""The units of a service as a YAML file: who takes part in its live operations. Every fault comes with its line."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from pydantic import Field
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from rescuecmd.errors import Fault, FaultsError, NotFoundError, nearest
from rescuecmd.interop.files import Document, FileModel, load_document, parse, read_document
from rescuecmd.interop.unit_shape import CRAFT_KINDS, UnitModel
from rescuecmd.picture.unit import Unit, terminal_of

_WIDTH = 4096  # no line is broken
FORMAT: Literal["river-units/1"] = "river-units/1"

_HEAD = """\
# The units of this service: who takes part in a live operation. Edit it once, then: rescuecmd units check
# 本单位的艇组与队伍：实战行动中的参与力量。修改后运行：rescuecmd units check
# A unit 'fire-2' carries the terminal 't-fire-2'; its phone is enrolled on the wall (Devices) and tells where it is.
# agency: police, fire, maritime, volunteer, medical, command. role: boat (has a craft), shore, medical.
# supervisor: the id of another unit, which is told when this one does not answer a card.
# under_keel_m is the water that the crew wants under the keel, air_draught_m the height above water with mast down.
"""


class UnitsModel(FileModel):
    """The whole file."""

    units: Literal["river-units/1"]
    forces: list[UnitModel] = Field(min_length=1, max_length=500)


def load_units(path: Path) -> tuple[Unit, ...]:
    """Return the units in a file.

    Raises
    ------
    FaultsError
        Every fault of the file, with line, what was expected and the nearest right name.
    NotFoundError
        ``no-units``: there is no such file; nobody has named the units yet.
    """
    if not path.exists():
        raise NotFoundError(
            "no-units", f"there is no {path}: `rescuecmd units init` writes one, to be edited", file=str(path)
        )
    return _units(load_document(path))


def read_units(raw: bytes, name: str) -> tuple[Unit, ...]:
    """Return the units in the bytes of a file; `name` stands in the faults (see `load_units`)."""
    return _units(read_document(raw, name))


def write_units(units: Iterable[Unit]) -> str:
    """Return a file with these units, to be edited; `read_units` gives them back."""
    yaml = YAML()
    yaml.width = _WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = io.StringIO()
    yaml.dump({"units": FORMAT, "forces": [_row(unit) for unit in units]}, text)
    return _HEAD + text.getvalue()


def _row(unit: Unit) -> dict[str, Any]:
    name = {"zh": DoubleQuotedScalarString(unit.name.zh), "en": DoubleQuotedScalarString(unit.name.en)}
    row: dict[str, Any] = {"id": unit.id, "name": _on_one_line(name), "agency": unit.agency, "role": unit.role}
    if unit.craft is not None:
        row["craft"] = _on_one_line({key: value for key, value in asdict(unit.craft).items() if value is not None})
    if unit.supervisor:
        row["supervisor"] = unit.supervisor
    return row


def _on_one_line(values: Mapping[str, Any]) -> CommentedMap:
    row = CommentedMap(values)
    row.fa.set_flow_style()
    return row


def _units(document: Document) -> tuple[Unit, ...]:
    model = parse(document, UnitsModel)
    faults = [*_taken(document, model), *unit_faults(document, model.forces)]
    if faults:
        raise FaultsError(faults)
    return tuple(
        Unit(x.id, x.name.text(), x.agency, x.role, x.craft.craft() if x.craft else None, x.supervisor)
        for x in model.forces
    )


def _taken(document: Document, model: UnitsModel) -> Iterator[Fault]:
    """Yield a fault for each id that another unit or its terminal has."""
    seen: set[str] = set()
    for n, unit in enumerate(model.forces):
        names = {unit.id, terminal_of(unit.id)}
        if names & seen:
            yield document.fault(f"{min(names & seen)!r} is already used", "forces", n, "id")
        seen |= names


def unit_faults(document: Document, forces: Sequence[UnitModel]) -> Iterator[Fault]:
    """Yield a fault for each unit under ``forces`` whose craft no plan card knows or whose supervisor is nobody."""
    known = [force.id for force in forces]
    for n, force in enumerate(forces):
        others = [name for name in known if name != force.id]
        if force.supervisor and force.supervisor not in others:
            message = f"no other unit {force.supervisor!r}{nearest(force.supervisor, others)}"
            yield document.fault(message, "forces", n, "supervisor")
        if force.craft is not None and force.craft.kind not in CRAFT_KINDS:
            message = f"no craft kind {force.craft.kind!r}{nearest(force.craft.kind, CRAFT_KINDS)}"
            yield document.fault(message, "forces", n, "craft", "kind")
