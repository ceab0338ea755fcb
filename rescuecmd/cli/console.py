"""What the commands say: results on stdout, everything else on stderr, errors as one line or one JSON object."""

import json
import sys
from typing import Any

from rescuecmd.errors import FaultsError, RescueError

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


def say(text: str = "") -> None:
    """Print a line for people on stdout."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def hint(text: str) -> None:
    """Print a line on stderr: progress, warnings, what is not the result."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def report(error: RescueError, *, as_json: bool) -> None:
    """Print an error: one line (a file's faults: one each) on stderr, or with ``--json`` one object on stdout."""
    if as_json:
        emit({"error": error.as_dict()})
    elif isinstance(error, FaultsError):
        for fault in error.faults:
            hint(str(fault))
    else:
        hint(f"rescuecmd: {' '.join(error.message.split())}")


def wants_json(arguments: list[str]) -> bool:
    """Return whether a command line asks for JSON."""
    return "--json" in arguments


def _plain(value: object) -> object:
    if hasattr(value, "item"):  # a NumPy number
        return value.item()
    return str(value)
