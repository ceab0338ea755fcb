"""One error tree, and one table that turns it into HTTP, WebSocket and exit codes.

Every error carries a stable `code`, a sentence that says what was expected and what came, and typed facts.
The pages look the sentence up by `code` (zh / en) and fall back to the English one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar, TypeAlias

FEW = 8
"""So many names are told where none is near."""

Fact: TypeAlias = str | int | float | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an error means to the three kinds of caller."""

    http: int
    close: int
    exit: int


class RescueError(Exception):
    """Base of all errors of this program."""

    outcome: ClassVar[Outcome] = Outcome(http=500, close=1011, exit=1)

    def __init__(self, code: str, message: str, /, **facts: Fact) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.facts: Mapping[str, Fact] = facts

    def as_dict(self) -> dict[str, object]:
        """Return the error as it travels on every wire: code, message, facts."""
        return {"code": self.code, "message": self.message, "facts": dict(self.facts)}


class InputError(RescueError):
    """You sent it wrong; sending the same again will fail again."""

    outcome = Outcome(http=422, close=4400, exit=2)


class NotFoundError(InputError):
    """The thing named does not exist; the nearest right name is among the facts."""

    outcome = Outcome(http=404, close=4404, exit=3)


class ForbiddenError(InputError):
    """We do not know you, or your role may not do this."""

    outcome = Outcome(http=403, close=4403, exit=4)


class RefusedError(RescueError):
    """Understood, but not allowed in the present state."""

    outcome = Outcome(http=409, close=4409, exit=4)


class NotCoveredError(RescueError):
    """Outside the river, time or variable that the data cover."""

    outcome = Outcome(http=422, close=4422, exit=1)


class UnavailableError(RescueError):
    """Something outside failed; the same may succeed later."""

    outcome = Outcome(http=503, close=4503, exit=5)


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault in a file that a person wrote."""

    file: str
    line: int
    where: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.where}: {self.message}" if self.where else f"{place}: {self.message}"


class FaultsError(InputError):
    """A file (river, plan, drill) with all its faults, each with file and line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        lines = tuple(str(fault) for fault in self.faults)
        super().__init__("file-faults", "\n".join(lines), faults=lines)


def closest(name: str, known: Iterable[str]) -> str:
    """Return the known name that somebody who wrote `name` may have meant, or an empty text."""
    return next(iter(get_close_matches(name, list(known), n=1, cutoff=0.5)), "")


def nearest(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean 'x'?" for the known name closest to `name`, or an empty text."""
    close = closest(name, known)
    return f"; did you mean {close!r}?" if close else ""


def unknown(what: str, name: str, known: Iterable[str]) -> NotFoundError:
    """Return the error for a name that is not among the known ones."""
    known = sorted(known)
    hint = nearest(name, known) or (f"; there are {', '.join(known)}" if 0 < len(known) <= FEW else "")
    return NotFoundError(
        f"unknown-{what}",
        f"no {what} {name!r}{hint}",
        name=name,
        known=tuple(known),
    )
