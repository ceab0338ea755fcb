"""What a terminal is proven to have had at any moment: "what did boat 7 know at 06:12?", for replay and inquiry.

Proof is what the device itself said: the sequence number that it confirmed (noted every few seconds), and its receipts
for cards and messages, which mean that everything up to those had come. Being connected proves nothing. What is
shown as known is therefore never too much; it may be some seconds too little.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from rescuecmd.picture import events as e
from rescuecmd.picture.delta import View, snapshot
from rescuecmd.picture.fold import fold
from rescuecmd.picture.state import Picture

Proof: TypeAlias = Literal["none", "confirmed", "receipt"]
Difference: TypeAlias = Literal["missing", "older", "gone"]


@dataclass(frozen=True, slots=True)
class Known:
    """Up to where a terminal is proven to have followed, since when that is proven, and by what."""

    seq: int = 0
    proven_s: float | None = None
    proof: Proof = "none"


@dataclass(slots=True)
class _Trail:
    """The proofs of one terminal, by the event that gave them; what is known only grows."""

    at: list[int] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    own: list[int] = field(default_factory=list)


class Knowledge:
    """The proofs in an operation's events, taken in their order."""

    def __init__(self) -> None:
        self._latest_s: list[float] = []
        self._sent: dict[str, int] = {}
        self._trails: dict[str, _Trail] = {}

    @property
    def seq(self) -> int:
        """The last event taken in."""
        return len(self._latest_s)

    @property
    def span_s(self) -> tuple[float, float]:
        """The operation's time from its first to its last event, s since epoch."""
        return (self._latest_s[0], self._latest_s[-1]) if self._latest_s else (0.0, 0.0)

    def add(self, event: e.Event) -> None:
        """Take in the next event."""
        self._latest_s.append(max(event.time_s, self._latest_s[-1] if self._latest_s else event.time_s))
        kind, _, terminal_id = event.actor.id.partition("/")
        if kind == "terminal":
            self._trail(terminal_id).own.append(event.seq)
        self._note(event)

    def _note(self, event: e.Event) -> None:
        match event.body:
            case e.CardPushed(cards=cards):
                self._sent.update((card.id, event.seq) for card in cards)
            case e.NoteAdded(note=note):
                self._sent[f"note/{note.id}"] = event.seq
            case e.ZoneDrawn(zone=zone):
                self._sent[f"zone/{zone.id}"] = event.seq
            case e.SosRaised(sos_id=sos_id):
                self._sent[f"sos/{sos_id}"] = event.seq
            case e.ReceiptGiven(card_id=card_id):
                self._prove(event, card_id.rpartition("/")[2], self._sent.get(card_id, 0), "receipt")
            case e.CopyConfirmed(copy_id=copy_id):
                about, _, terminal_id = copy_id.rpartition("/")
                self._prove(event, terminal_id, self._sent.get(about, 0), "receipt")
            case e.KnowledgeNoted(known=known):
                for terminal_id, seq in known.items():
                    self._prove(event, terminal_id, seq, "confirmed")

    def _prove(self, event: e.Event, terminal_id: str, seq: int, proof: Proof) -> None:
        trail = self._trail(terminal_id)
        if seq > (trail.known[-1].seq if trail.known else 0):
            trail.at.append(event.seq)
            trail.known.append(Known(seq, event.time_s, proof))

    def _trail(self, terminal_id: str) -> _Trail:
        return self._trails.setdefault(terminal_id, _Trail())

    def seq_at(self, time_s: float) -> int:
        """Return the last event that had happened at a time of the operation's clock."""
        return bisect_right(self._latest_s, time_s)

    def known(self, terminal_id: str, seq: int) -> Known:
        """Return what a terminal was proven to have when the centre stood at `seq`."""
        trail = self._trails.get(terminal_id, _Trail())
        place = bisect_right(trail.at, seq)
        return trail.known[place - 1] if place else Known()

    def own(self, terminal_id: str, after: int, upto: int) -> frozenset[int]:
        """Return the events in between that the terminal itself gave rise to; it knows those in any case."""
        own = self._trails.get(terminal_id, _Trail()).own
        return frozenset(own[bisect_right(own, after) : bisect_right(own, upto)])


def with_own(known: Picture, later: Iterable[e.Event], own: frozenset[int]) -> Picture:
    """Return what a terminal knew, with what it did itself since then."""
    for event in later:
        if event.seq in own:
            known = fold(known, event)
    return known


def differences(known: Picture, centre: Picture, view: View) -> Mapping[str, Mapping[str, Difference]]:
    """Return where a terminal's picture was behind the centre's, of all that it may see at all."""
    mine, theirs = snapshot(known, view), snapshot(centre, view)
    found = {name: _differ(mine[name], theirs[name]) for name in theirs}
    return {name: table for name, table in found.items() if table}


def _differ(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Difference]:
    found: dict[str, Difference] = {key: "gone" for key in mine if key not in theirs}
    for key, entity in theirs.items():
        if key not in mine:
            found[key] = "missing"
        elif mine[key] != entity:
            found[key] = "older"
    return found
