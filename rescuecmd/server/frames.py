"""The frames of the live socket: made once per tick and view, encoded once, shared by everybody who looks the same way.

An entity is encoded when it changes and never again: a frame is put together from those pieces.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from rescuecmd.picture.delta import View, everything, since, snapshot, terminal_view
from rescuecmd.picture.entity import Operation
from rescuecmd.picture.order import Note
from rescuecmd.picture.state import Picture
from rescuecmd.picture.story import Line

# A reader that missed more than this many lines of the timeline gets the newest of them; `GET /api/story` has all.
STORY_LINES = 300
_HIDDEN_DROPS = frozenset({"suggestions", "offers", "alarms"})
_encoder = msgspec.json.Encoder()
encode = _encoder.encode


@dataclass(frozen=True, slots=True)
class Angle:
    """Whose eyes: ``wall``, ``trainer``, or one terminal's. Equal angles share their frames."""

    name: str
    terminal_id: str = ""

    def view(self, picture: Picture) -> View:
        """Return the rule of what these eyes may see."""
        if self.name == "trainer":
            return everything
        if self.name == "wall":
            return _but_the_trainers
        terminal = picture.terminals.get(self.terminal_id)
        return terminal_view(self.terminal_id, terminal.vessel_id if terminal else "")

    def hears(self, line: Line, secrets: Collection[int]) -> bool:
        """Return whether a line of the timeline is for these: none for a terminal, the trainer's own for nobody else.

        To a terminal the timeline would speak of other crews' cards.
        """
        return self.name == "trainer" or (self.name == "wall" and line.seq not in secrets)


def is_secret(entity: object) -> bool:
    """Return whether this is a note between the drill and its trainer, which players must not see."""
    return isinstance(entity, Note) and entity.to == ("trainer",)


def _but_the_trainers(collection: str, entity: Any) -> bool:
    return not is_secret(entity)


class Pieces:
    """Entities as JSON, each encoded once while it stays the same object."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], tuple[object, msgspec.Raw]] = {}

    def of(self, tables: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, msgspec.Raw]]:
        """Return these tables with every entity encoded."""
        return {
            name: {key: self._one(name, key, item) for key, item in table.items()} for name, table in tables.items()
        }

    def _one(self, collection: str, key: str, entity: object) -> msgspec.Raw:
        made = self._made.get((collection, key))
        if made is None or made[0] is not entity:
            made = entity, msgspec.Raw(encode(entity))
            self._made[collection, key] = made
        return made[1]


@dataclass(slots=True)
class Tick:
    """The picture at one moment, and the frames made from it so far."""

    epoch: str
    picture: Picture
    now_s: float
    story: Sequence[Line]
    secrets: Collection[int]
    pieces: Pieces
    drill: bytes = b""
    _frames: dict[tuple[Angle, int], str] = field(default_factory=dict)

    @property
    def clock(self) -> dict[str, object]:
        """State and speed of the operation's clock."""
        operation = self.picture.operation
        return {"state": operation.state if operation else "ready", "speed": operation.speed if operation else 1.0}

    def frame(self, angle: Angle, *, epoch: str, after: int) -> str:
        """Return what eyes at `after` of `epoch` need: a delta, or the whole picture when they are elsewhere."""
        resumes = epoch == self.epoch and 0 < after <= self.picture.seq
        key = (angle, after if resumes else -1)
        if key not in self._frames:
            made = self._delta(angle, after) if resumes else self.snapshot(angle)
            self._frames[key] = made.decode()
        return self._frames[key]

    def snapshot(self, angle: Angle) -> bytes:
        """Return the whole picture as these eyes may see it."""
        seen = snapshot(self.picture, angle.view(self.picture))
        head = self._head("snapshot", self.picture.operation)
        return encode({**head, "picture": self.pieces.of(seen), "story": self._lines(angle, 0)})

    def _delta(self, angle: Angle, after: int) -> bytes:
        change = since(self.picture, after, angle.view(self.picture))
        hidden = _HIDDEN_DROPS if angle.name == "terminal" else frozenset()
        drop = {name: ids for name, ids in change.drop.items() if name not in hidden}
        head = self._head("delta", change.operation)
        if change.operation is None:
            del head["operation"]
        body = {"after": after, "put": self.pieces.of(change.put), "drop": drop, "story": self._lines(angle, after)}
        return encode({**head, **body})

    def _head(self, kind: str, operation: Operation | None) -> dict[str, object]:
        return {
            "type": kind,
            "epoch": self.epoch,
            "seq": self.picture.seq,
            "now_s": self.now_s,
            "clock": self.clock,
            "operation": operation,
        }

    def _lines(self, angle: Angle, after: int) -> Sequence[Line]:
        told = [line for line in lines_after(self.story, after) if line.seq <= self.picture.seq]
        return [line for line in told if angle.hears(line, self.secrets)][-STORY_LINES:]


def lines_after(story: Iterable[Line], after: int) -> list[Line]:
    """Return the lines after a sequence number, oldest first."""
    return [line for line in story if line.seq > after]
