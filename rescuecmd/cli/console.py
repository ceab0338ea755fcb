"""What the commands say: results on stdout, everything else on stderr, errors as one line or one JSON object."""

import json
import sys
from pathlib import Path
from typing import Any

from rescuecmd.cli.language import sentence, told
from rescuecmd.errors import FaultsError, InputError, RescueError
from rescuecmd.text import Text

EXIT_CODES = {
    0: "ok",
    1: "failed",
    2: "usage, or a bad file",
    3: "not found",
    4: "refused",
    5: "unreachable or unavailable",
    130: "interrupted",
}
INTERRUPTED = 130


def emit(value: Any) -> None:
    """Print one result as JSON on stdout."""
    json.dump(value, sys.stdout, ensure_ascii=False, default=_plain)
    sys.stdout.write("\n")
    sys.stdout.flush()


def say(text: Text | str = "") -> None:
    """Print a line for people on stdout, in their language."""
    sys.stdout.write(f"{told(text)}\n")
    sys.stdout.flush()


def hint(text: Text | str) -> None:
    """Print a line on stderr: progress, warnings, what is not the result."""
    sys.stderr.write(f"{told(text)}\n")
    sys.stderr.flush()


def write(path: Path, content: bytes) -> None:
    """Write a file; `InputError` where it cannot be written."""
    try:
        path.write_bytes(content)
    except OSError as error:
        why = error.strerror or str(error)
        raise InputError("cannot-write", f"{path} cannot be written: {why}", zh=f"{path} 无法写入：{why}") from error


def report(error: RescueError, *, as_json: bool) -> None:
    """Print an error: one line (a file's faults: one each) on stderr, or with ``--json`` one object on stdout."""
    if as_json:
        emit({"error": error.as_dict()})
    elif isinstance(error, FaultsError):
        for fault in error.faults:
            hint(str(fault))
    else:
        hint(sentence(error))


def wants_json(arguments: list[str]) -> bool:
    """Return whether a command line asks for JSON."""
    return "--json" in arguments


def _plain(value: object) -> object:
    if hasattr(value, "item"):  # a NumPy number
        return value.item()
    return str(value)
