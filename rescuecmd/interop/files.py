"""YAML files that people write: read with the line of every value, checked by a pydantic model, faults by line.

YAML 1.2 by ruamel: times like ``5:30`` stay text, ``on`` stays text, doubled keys are faults. Anchors and very
large files are refused, because a drill or plan needs neither.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from rescuecmd.errors import Fault, FaultsError, nearest
from rescuecmd.interop.plain_text import decoded
from rescuecmd.text import Text

MAX_BYTES = 256 * 1024
Step = str | int
M = TypeVar("M", bound=BaseModel)


class FileModel(BaseModel):
    """Base of every file model: unknown keys and numbers without end are faults, values do not change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Bilingual(FileModel):
    """A text in both languages; neither may be empty."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def text(self) -> Text:
        """Return the value of the core."""
        return Text(zh=self.zh.strip(), en=self.en.strip())


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: its plain data and, for each path into it, the line where that value stands."""

    name: str
    data: Any
    lines: dict[tuple[Step, ...], int]

    def line(self, *path: Step) -> int:
        """Return the line (from 1) of the value at `path`, or of its nearest parent that has one."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def fault(self, message: str, *path: Step) -> Fault:
        """Return a fault at `path`."""
        return Fault(self.name, self.line(*path), where(path), message)


def where(path: Iterable[Step]) -> str:
    """Return a path as people write it: ``injects[0].at``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def load_document(path: Path) -> Document:
    """Read a YAML file.

    Raises
    ------
    FaultsError
        The file cannot be read or is not plain YAML.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise FaultsError([Fault(str(path), 0, "", f"cannot be read: {error.strerror or error}")]) from error
    return read_document(raw, str(path))


def read_document(raw: bytes, name: str) -> Document:
    """Parse the bytes of a YAML file; `name` stands in the faults (see `load_document`)."""
    text = decoded(raw, name, MAX_BYTES)
    lines: dict[tuple[Step, ...], int] = {}
    try:
        node, data = _compose(text), YAML(typ="safe", pure=True).load(text)
        if node is not None:
            _index(node, (), lines)
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise FaultsError([Fault(name, line, "", _first_line(error.problem))]) from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise FaultsError([Fault(name, line, "", f"not valid YAML: {_first_line(error.problem)}")]) from error
    except (YAMLError, ValueError, RecursionError, TypeError, AttributeError) as error:
        # ruamel lets a few plain exceptions through on hostile input (control characters, absurd timestamps)
        raise FaultsError([Fault(name, 0, "", f"not valid YAML: {_first_line(str(error))}")]) from error
    return Document(name, data, lines)


def parse(document: Document, model: type[M]) -> M:
    """Return the document as `model`.

    Raises
    ------
    FaultsError
        Every fault, each with its line, what was expected and the nearest right name.
    """
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise FaultsError(
            document.fault(_sentence(item, model), *_real(item["loc"], document)) for item in error.errors()
        ) from None


def _first_line(text: object) -> str:
    lines = str(text or "unreadable").strip().splitlines()
    return lines[0] if lines else "unreadable"


def _compose(text: str) -> Node | None:
    yaml = YAML(typ="safe", pure=True)
    constructor, parser = yaml.get_constructor_parser(text)
    composer: Composer = constructor.composer
    try:
        node: Node | None = composer.get_single_node()
        return node
    finally:
        parser.dispose()


def _index(node: Node, path: tuple[Step, ...], lines: dict[tuple[Step, ...], int]) -> None:
    if node.anchor:
        raise MarkedYAMLError(problem="anchors and aliases are not used in these files", problem_mark=node.start_mark)
    lines[path] = node.start_mark.line + 1
    if isinstance(node, MappingNode):
        for key, value in node.value:
            inner = (*path, key.value)
            _index(value, inner, lines)
            lines[inner] = key.start_mark.line + 1
    elif isinstance(node, SequenceNode):
        for position, value in enumerate(node.value):
            _index(value, (*path, position), lines)


def _real(location: Sequence[Step], document: Document) -> tuple[Step, ...]:
    """Drop the steps that pydantic adds (union member names), keep those that lead through the file."""
    kept: list[Step] = []
    for step in location:
        if (*kept, step) in document.lines or step == location[-1]:
            kept.append(step)
    return tuple(kept)


def _sentence(item: Any, model: type[BaseModel]) -> str:
    kind, value = item["type"], item.get("input")
    name = str(item["loc"][-1]) if item["loc"] else ""
    if kind == "extra_forbidden":
        return f"unknown key {name!r}{nearest(name, _keys(item['loc'][:-1], model))}"
    if kind == "missing":
        return f"{name!r} is required"
    if kind == "literal_error":
        expected = [word.strip(" '") for word in item["ctx"]["expected"].replace(" or ", ", ").split(",")]
        return f"expected {item['ctx']['expected']}, got {value!r}{nearest(str(value), expected)}"
    message = str(item["msg"]).removeprefix("Value error, ")
    shown = "" if isinstance(value, (dict, list)) or repr(value) in message else f", got {value!r}"
    return f"{message[0].lower()}{message[1:]}{shown}"


def _keys(location: Sequence[Step], model: Any) -> list[str]:
    """Return the keys a model knows at a location, by walking its JSON schema."""
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})

    def expand(part: dict[str, Any]) -> list[dict[str, Any]]:
        if "$ref" in part:
            return expand(definitions[part["$ref"].rsplit("/", 1)[-1]])
        options = [option for key in ("anyOf", "oneOf", "allOf") for option in part.get(key, ())]
        return [found for option in options for found in expand(option)] if options else [part]

    parts = expand(schema)
    for step in location:
        following: list[dict[str, Any]] = []
        for part in parts:
            child = part.get("items") if isinstance(step, int) else part.get("properties", {}).get(step)
            child = child or part.get("additionalProperties")
            if isinstance(child, dict):
                following += expand(child)
        parts = following or parts
    return [key for part in parts for key in part.get("properties", {})]
