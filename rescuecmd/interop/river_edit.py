"""Changes of a `river.yaml` that leave everything else in it as its author wrote it, comments included."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from rescuecmd.errors import Fault, FaultsError, InputError


def start_river(folder: Path, head: str) -> None:
    """Write the first `river.yaml` of a package.

    Raises
    ------
    InputError
        The folder has one already, or cannot be written.
    """
    path = folder / "river.yaml"
    if path.exists():
        message = f"{path} exists already; nothing is overwritten"
        raise InputError("exists", message, zh=f"{path} 已存在；不会覆盖", path=str(path))
    write(path, head)


def set_entry(folder: Path, key: str, value: Mapping[str, Any], *, under: str = "") -> None:
    """Set one mapping of `river.yaml` (``under`` another one, if named).

    Raises
    ------
    FaultsError
        The file is missing or not plain YAML.
    """
    data = _load(folder)
    home = data.setdefault(under, CommentedMap()) if under else data
    home[key] = _inner(value) if under else _outer(value)
    _save(folder, data)


def joined_entry(folder: Path, layer: str, value: Mapping[str, str]) -> dict[str, str]:
    """Return the entry of a layer that gets more data: of one licence, its sources one after the other.

    Raises
    ------
    InputError
        The layer has another licence: what is drawn under both would carry a wrong one.
    """
    layers = _load(folder).get("layers")
    before = layers.get(layer) if isinstance(layers, Mapping) else None
    if not isinstance(before, Mapping):
        return dict(value)
    had, licence = str(before.get("licence", value["licence"])), value["licence"]
    if had != licence:
        message = f"layer {layer!r} is under {had!r}, these data under {licence!r}; a layer has one licence"
        message += ": put them into another package, or state the licence of both"
        zh = f"图层 {layer!r} 的许可为 {had!r}，新数据为 {licence!r}；一个图层只有一个许可："
        zh += "请放入另一个河道包，或写明共同的许可"
        raise InputError("other-licence", message, zh=zh)
    sources = [one for one in str(before.get("source", "")).split("; ") if one]
    more = [] if value["source"] in {*sources, "; ".join(sources)} else [value["source"]]
    return {**value, "source": "; ".join([*sources, *more])}


def read_river(folder: Path) -> Mapping[str, Any]:
    """Return what `river.yaml` says, unchecked; `FaultsError` where it is missing or not plain YAML."""
    return _load(folder)


def add_entry(folder: Path, key: str, value: Mapping[str, Any]) -> None:
    """Append an item to a list of `river.yaml`; an item of the same ``id`` is replaced."""
    data = _load(folder)
    items = data.setdefault(key, CommentedSeq())
    kept = [at for at, item in enumerate(items) if item.get("id") == value["id"]]
    if kept:
        items[kept[0]] = _outer(value)
    else:
        items.append(_outer(value))
    _save(folder, data)


def write(path: Path, text: str) -> None:
    """Write a file of a package; `InputError` where that cannot be done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        why = error.strerror or str(error)
        raise InputError("cannot-write", f"{path} cannot be written: {why}", zh=f"{path} 无法写入：{why}") from error


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _outer(value: Mapping[str, Any]) -> CommentedMap:
    """Return a mapping that is written one key to a line, and what stands in it one mapping to a line."""
    return CommentedMap((key, _inner(item)) for key, item in value.items())


def _inner(value: Any) -> Any:
    if isinstance(value, Mapping):
        line = CommentedMap(value)
        line.fa.set_flow_style()
        return line
    return CommentedSeq(_inner(item) for item in value) if isinstance(value, list) else value


def _load(folder: Path) -> CommentedMap:
    path = folder / "river.yaml"
    try:
        data = _yaml().load(path.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}; begin with `rescuecmd river import line`"
        raise FaultsError([Fault(str(path), 0, "", message)]) from error
    except (YAMLError, UnicodeDecodeError, ValueError) as error:
        raise FaultsError([Fault(str(path), 0, "", f"not valid YAML: {str(error).splitlines()[0]}")]) from error
    if not isinstance(data, CommentedMap):
        raise FaultsError([Fault(str(path), 1, "", "expected a mapping: id, name, layers ...")])
    return data


def _save(folder: Path, data: CommentedMap) -> None:
    text = io.StringIO()
    _yaml().dump(data, text)
    write(folder / "river.yaml", text.getvalue())
