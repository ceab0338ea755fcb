"""What a level series must fit before it is written into a package."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from rescuecmd.errors import InputError, nearest
from rescuecmd.interop.geojson_layer import load_layer
from rescuecmd.interop.river_edit import read_river
from rescuecmd.interop.river_file import ID_PATTERN
from rescuecmd.interop.river_series import HIGHEST_M, LOWEST_M


class _Spec(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def gauge(self) -> str: ...
    @property
    def vertical_datum(self) -> str: ...
    @property
    def zero_m(self) -> float | None: ...


def check_id(name: str, hint: str) -> None:
    """Refuse an id that is not of small letters, digits and single hyphens: `InputError`, with the hint."""
    if not re.fullmatch(ID_PATTERN, name) or len(name) > 64:
        message = f"expected an id of small letters, digits and single hyphens such as may-2024, got {name!r}"
        raise InputError("bad-id", f"{message}; {hint}")


def check_series(folder: Path, spec: _Spec, *, replace: bool) -> None:
    """Refuse a series that the package would not take.

    Raises
    ------
    InputError
        Its id is no name for a file or is taken, its gauge is not in the package, its zero is no level, or its vertical
        datum has no offset to the river's.
    """
    check_id(spec.id, "name one with --id")
    river = read_river(folder)
    if not replace and any(item.get("id") == spec.id for item in _mappings(river, "series")):
        message = f"{folder} has a series {spec.id!r} already; take another --id, or --replace it"
        raise InputError("exists", message, zh=f"{folder} 已有序列 {spec.id!r}；换一个 --id，或用 --replace 替换")
    if spec.zero_m is not None and not LOWEST_M <= spec.zero_m <= HIGHEST_M:  # NaN is not between either
        message = f"expected --zero from {LOWEST_M:g} to {HIGHEST_M:g} m, got {spec.zero_m:g}"
        zh = f"--zero 应在 {LOWEST_M:g} 至 {HIGHEST_M:g} 米之间，所给为 {spec.zero_m:g}"
        raise InputError("bad-zero", message, zh=zh)
    if (folder / "gauges.geojson").exists():
        features, _ = load_layer(folder / "gauges.geojson", "Point")
        known = [str(one.document.data.get("id")) for one in features]
        if spec.gauge not in known:
            message = f"{folder} has no gauge {spec.gauge!r}{nearest(spec.gauge, known)}; it has "
            zh = f"{folder} 没有水位站 {spec.gauge!r}；现有：{', '.join(known) or '无'}"
            raise InputError("bad-gauge", message + (", ".join(known) or "none"), zh=zh)
    _check_datum(river, spec)


def _check_datum(river: Mapping[str, Any], spec: _Spec) -> None:
    own = river.get("vertical_datum")
    offsets = [(item.get("gauge"), item.get("from")) for item in _mappings(river, "datum_offsets")]
    if spec.vertical_datum != own and (spec.gauge, spec.vertical_datum) not in offsets:
        message = f"levels on {spec.vertical_datum!r} need an offset to the river's {own!r} at gauge {spec.gauge!r}"
        zh = f"水位站 {spec.gauge!r} 的 {spec.vertical_datum!r} 水位需要换算到河段的 {own!r}："
        zh += "请在 river.yaml 的 datum_offsets 中写明差值"
        raise InputError("no-offset", f"{message}: state it under datum_offsets in river.yaml", zh=zh)


def _mappings(river: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    items = river.get(key)
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []
