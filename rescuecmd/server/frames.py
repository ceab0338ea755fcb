"""The frames of the live socket: made once per tick and view, encoded once, shared by everybody who looks the same way.

An entity is encoded when it changes and never again: a frame is put together from those pieces. Terminals of whose
own orders nothing changed share one frame. An entity of which only the position changed since the reader's sequence
travels as a row of `moved` instead of whole.
"""

import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import msgspec

from rescuecmd.delivery.moves import pack_fixes
from rescuecmd.delivery.outbox import unconfirmed
from rescuecmd.picture.delta import (
    COMMAND_ONLY,
    PRIVATE,
    Change,
    Told,
    View,
    changes,
    everything,
    is_for_all,
    snapshot,
    terminal_view,
)
from rescuecmd.picture.entity import Fix, Operation
from rescuecmd.picture.order import Card, Note
from rescuecmd.picture.sharing import hides, words_for
from rescuecmd.picture.state import Picture
from rescuecmd.picture.story import Line

# A reader that missed more than this many lines of the timeline gets the newest of them; `GET /api/story` has all.
STORY_LINES = 300
MOVERS = frozenset({"vessels", "terminals"})
_OF_ALL = COMMAND_ONLY | {"notes", "pushes"}  # they speak of everybody's people and boats
_FOR_ALL = frozenset({"operation", "water", "sos", "hazard"})  # lines that speak of nobody's people or boats
_WORTH_PACKING = 512  # bytes; a greeting and a heartbeat are shorter than that and go as they are
_encoder = msgspec.json.Encoder()
encode = _encoder.encode


@dataclass(frozen=True, slots=True)
class Angle:
    """Whose eyes: ``wall``, ``trainer``, or one terminal's. Equal angles share their frames."""

    name: str
    terminal_id: str = ""
    agency: str = ""
    limited: bool = False

    def view(self, picture: Picture) -> View:
        """Return the rule of what these eyes may see."""
        hidden = self.hides(picture)
        if self.name == "trainer":
            return everything
        if self.name == "wall":
            return _unless(hidden, _but_the_trainers)
        terminal = picture.terminals.get(self.terminal_id)
        return _unless(hidden, terminal_view(self.terminal_id, terminal.vessel_id if terminal else ""))

    def hides(self, picture: Picture) -> View | None:
        """Return what other agencies keep from these eyes, and of a volunteer all victims; None: nothing is hidden."""
        hidden = hides(picture, self.side(picture)) if self.name != "trainer" else None
        if hidden and self.name == "wall":
            return lambda collection, entity: _speaks_of_all(collection, entity) or bool(hidden(collection, entity))
        if not self.limited:
            return hidden
        return lambda collection, entity: collection == "victims" or bool(hidden and hidden(collection, entity))

    def told(self, picture: Picture) -> Told:
        """Return what these eyes are told of an entity that they may see."""
        return words_for(picture, self.side(picture) if self.name != "trainer" else "")

    def side(self, picture: Picture) -> str:
        """Return the agency of these eyes; empty: the command's."""
        terminal = picture.terminals.get(self.terminal_id)
        return terminal.agency if terminal else self.agency

    def hears(self, line: Line, secrets: Collection[int]) -> bool:
        """Return whether a line of the timeline is for these: none for a terminal, the trainer's own for nobody else.

        To a terminal the timeline would speak of other crews' cards, to an agency's people of what is not shared.
        """
        if self.agency and line.kind not in _FOR_ALL:
            return False
        return self.name == "trainer" or (self.name == "wall" and line.seq not in secrets)


def is_secret(entity: object) -> bool:
    """Return whether this is a note between the drill and its trainer, which players must not see."""
    return isinstance(entity, Note) and entity.to == ("trainer",)


def _speaks_of_all(collection: str, entity: Any) -> bool:
    return collection in _OF_ALL and not (collection == "alarms" and is_for_all(collection, entity.id))


def _unless(hidden: View | None, view: View) -> View:
    if hidden is None:
        return view
    return lambda collection, entity: view(collection, entity) and not hidden(collection, entity)


def _but_the_trainers(collection: str, entity: Any) -> bool:
    return not is_secret(entity)


class Frame:
    """One message as text, and packed for those who asked for that; both are made at most once."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    @cached_property
    def text(self) -> str:
        """The message as JSON."""
        return self.body.decode()

    @cached_property
    def packed(self) -> bytes:
        """The message as JSON in zlib's format (RFC 1950); level 1 takes a third of the time for a tenth more."""
        return zlib.compress(self.body, 1)

    @property
    def worth_packing(self) -> bool:
        """True where packing saves more than it costs."""
        return len(self.body) >= _WORTH_PACKING


class Pieces:
    """Entities of one operation as JSON, each encoded once while it stays the same object."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], tuple[object, msgspec.Raw]] = {}
        self._still: dict[tuple[str, str], tuple[Any, int]] = {}

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

    def only_moved_since(self, change: Change) -> int:
        """Return the sequence since which nothing but the position of this mover changed.

        Every frame that shows a mover must have asked, or a reader could hold a state that was never noted here.
        """
        place = (change.collection, change.id)
        known = self._still.get(place)
        if known is not None and known[0] is change.entity:
            return known[1]
        same = known is not None and known[0].fix is not None and change.entity.fix is not None
        seq = known[1] if known and same and replace(known[0], fix=change.entity.fix) == change.entity else change.seq
        self._still[place] = change.entity, seq
        return seq


@dataclass(slots=True)
class _News:
    """What changed after one sequence number, sorted once for all eyes."""

    moved: dict[str, dict[str, Fix]] = field(default_factory=dict)
    shared: list[Change] = field(default_factory=list)  # every terminal sees these alike
    private: list[Change] = field(default_factory=list)
    command: list[Change] = field(default_factory=list)


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
    behind: Mapping[str, float] = field(default_factory=dict)
    witness: str = ""
    record: str = "sound"
    waiting_since_s: Mapping[str, float] = field(default_factory=dict)  # unconfirmed cards, by the event loop's clock
    _frames: dict[tuple[Angle, int], Frame] = field(default_factory=dict)
    _news: dict[int, _News] = field(default_factory=dict)
    _unconfirmed: Mapping[str, Sequence[Card]] | None = None

    @property
    def unconfirmed(self) -> Mapping[str, Sequence[Card]]:
        """The cards that no device has confirmed, by terminal."""
        if self._unconfirmed is None:
            self._unconfirmed = unconfirmed(self.picture)
        return self._unconfirmed

    @property
    def clock(self) -> dict[str, object]:
        """State and speed of the operation's clock."""
        operation = self.picture.operation
        return {"state": operation.state if operation else "ready", "speed": operation.speed if operation else 1.0}

    def resumes(self, epoch: str, after: int) -> bool:
        """Return whether a reader at `after` of `epoch` can go on from there."""
        return epoch == self.epoch and 0 < after <= self.picture.seq

    def before(self, other: "Tick") -> bool:
        """Return whether this tick is of the same epoch and knows less."""
        return self.epoch == other.epoch and self.picture.seq < other.picture.seq

    def frame(self, angle: Angle, *, epoch: str, after: int) -> Frame:
        """Return what eyes at `after` of `epoch` need: a delta, or the whole picture when they are elsewhere."""
        if not self.resumes(epoch, after) or self._recast(angle, after):
            return self.whole(angle)
        own = self._own(angle, after)
        key = (angle if own else self._everyone(angle), after)
        if key not in self._frames:
            self._frames[key] = Frame(self._delta(angle, after, own))
        return self._frames[key]

    def whole(self, angle: Angle) -> Frame:
        """Return the whole picture as a frame."""
        key = (angle, -1)
        if key not in self._frames:
            self._frames[key] = Frame(self.snapshot(angle))
        return self._frames[key]

    def only_moves(self, *, epoch: str, after: int) -> bool:
        """Return whether all that is new, to anybody, is where things are."""
        if not self.resumes(epoch, after) or self.picture.operation_changed > after:
            return False
        news = self._after(after)
        return not (news.shared or news.private or news.command)

    def can_wait(self, angle: Angle, *, epoch: str, after: int) -> bool:
        """Return whether all that is new to these eyes is where things are."""
        if not self.resumes(epoch, after) or self.picture.operation_changed > after:
            return False
        news = self._after(after)
        return not news.shared and not self._own(angle, after) and not self._recast(angle, after)

    def _recast(self, angle: Angle, after: int) -> bool:
        """Return whether what agencies share has changed since: these eyes then begin anew, with what they may see."""
        if not angle.side(self.picture):
            return False
        return any(change.collection == "shares" for change in self._after(after).command)

    def _everyone(self, angle: Angle) -> Angle:
        """Return the eyes that see the same as these where nothing is their own."""
        if angle.name != "terminal":
            return angle
        side = angle.side(self.picture) if self.picture.shares else ""
        return Angle("terminal", agency=side, limited=angle.limited)

    def snapshot(self, angle: Angle) -> bytes:
        """Return the whole picture as these eyes may see it."""
        self._after(0)
        seen = snapshot(self.picture, angle.view(self.picture), angle.told(self.picture))
        head = self._head("snapshot", self.picture.operation)
        return encode({**head, "picture": self.pieces.of(seen), "story": self._lines(angle, 0), **self._late(angle)})

    def _after(self, after: int) -> _News:
        """Return what changed after a sequence number, sorted."""
        if after not in self._news:
            self._news[after] = news = _News()
            for change in changes(self.picture, after):
                self._sort(change, news, after)
        return self._news[after]

    def _sort(self, change: Change, news: _News, after: int) -> None:
        if change.collection in MOVERS and change.entity is not None:
            if self.pieces.only_moved_since(change) <= after:
                news.moved.setdefault(change.collection, {})[change.id] = change.entity.fix
            else:
                news.shared.append(change)
        elif change.collection in COMMAND_ONLY and not is_for_all(change.collection, change.id):
            news.command.append(change)
        elif change.collection in PRIVATE and change.entity is not None:
            news.private.append(change)
        else:
            news.shared.append(change)

    def _own(self, angle: Angle, after: int) -> list[Change]:
        """Return what is new to these eyes and not to every terminal."""
        news = self._after(after)
        apart = news.private if angle.name == "terminal" else [*news.private, *news.command]
        view = angle.view(self.picture) if apart else everything
        return [change for change in apart if change.entity is None or view(change.collection, change.entity)]

    def _delta(self, angle: Angle, after: int, own: Iterable[Change]) -> bytes:
        news = self._after(after)
        put: dict[str, dict[str, Any]] = {}
        drop: dict[str, list[str]] = {}
        hidden, told = angle.hides(self.picture), angle.told(self.picture)
        for change in (*news.shared, *own):
            if change.entity is None:
                drop.setdefault(change.collection, []).append(change.id)
            elif hidden is None or not hidden(change.collection, change.entity):
                put.setdefault(change.collection, {})[change.id] = told(change.collection, change.entity)
        moved = {name: pack_fixes(self._seen(name, fixes, hidden)) for name, fixes in news.moved.items()}
        head = self._head("delta", self.picture.operation)
        if self.picture.operation_changed <= after:
            del head["operation"]
        body = {"after": after, "put": self.pieces.of(put), "drop": drop, "moved": moved}
        return encode({**head, **body, "story": self._lines(angle, after), **self._late(angle)})

    def _seen(self, collection: str, fixes: Mapping[str, Fix], hidden: View | None) -> Mapping[str, Fix]:
        """Return the positions that are not hidden."""
        if hidden is None:
            return fixes
        table = getattr(self.picture, collection)
        return {mover: fix for mover, fix in fixes.items() if not hidden(collection, table[mover])}

    def _late(self, angle: Angle) -> dict[str, Mapping[str, float]]:
        return {"behind": {} if angle.name == "terminal" else self.behind}

    def _head(self, kind: str, operation: Operation | None) -> dict[str, object]:
        return {
            "type": kind,
            "epoch": self.epoch,
            "seq": self.picture.seq,
            "now_s": self.now_s,
            "clock": self.clock,
            "operation": operation,
            "witness": self.witness,
            "record": self.record,
        }

    def _lines(self, angle: Angle, after: int) -> Sequence[Line]:
        told = [line for line in lines_after(self.story, after) if line.seq <= self.picture.seq]
        return [line for line in told if angle.hears(line, self.secrets)][-STORY_LINES:]


def lines_after(story: Sequence[Line], after: int) -> list[Line]:
    """Return the lines after a sequence number, oldest first."""
    found = []
    for line in reversed(story):  # most readers are near the end
        if line.seq <= after:
            break
        found.append(line)
    return found[::-1]
