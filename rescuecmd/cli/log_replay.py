"""`rescuecmd log replay`: any moment of an operation, as the centre had it or as a terminal is proven to have."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
import typer

from rescuecmd.cli.console import emit, say
from rescuecmd.cli.log_read import AsJson, Data, OperationId, chosen_one, events_of, iso, with_log
from rescuecmd.delivery.knowledge import Difference, Knowledge, Known, differences, with_own
from rescuecmd.errors import InputError, unknown
from rescuecmd.picture.delta import View, everything, in_full, snapshot
from rescuecmd.picture.events import Event
from rescuecmd.picture.fold import fold
from rescuecmd.picture.state import Picture
from rescuecmd.server.frames import Angle
from rescuecmd.store.sqlite import SqliteLog

CODES = "Exit codes: 0 ok · 2 a time that cannot be read · 3 no such operation or terminal · 5 damaged"
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_AFTER = re.compile(r"\+(\d+(?:\.\d+)?)")


def replay(
    operation: OperationId = "",
    *,
    at: Annotated[str, typer.Option(help="06:12 (this machine's time zone), an ISO time, or +1800 (s after start).")],
    who: Annotated[str, typer.Option("--as", help="A terminal: what it is proven to have known then.")] = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Show a past moment: the whole picture, or what one terminal knew of it and what it did not.

    Example: rescuecmd log replay --at 06:12 --as t-police-1
    """

    async def look(log: SqliteLog) -> _Past:
        chosen = await chosen_one(log, operation)
        past = _Past(who)
        async for event in events_of(log, chosen):
            past.first(event, at)
            if event.time_s > past.at_s and past.centre.seq:
                break
            past.add(event)
        return await _as_known(log, chosen, past) if who else past

    past = with_log(data, look)
    if as_json:
        emit(past.as_dict())
    else:
        _tell(past)


@dataclass(slots=True)
class _Past:
    """A moment being read from the log."""

    who: str
    at_s: float = 0.0
    centre: Picture = field(default_factory=Picture)
    seen: Picture = field(default_factory=Picture)
    known: Known = field(default_factory=Known)
    knowledge: Knowledge = field(default_factory=Knowledge)

    def first(self, event: Event, at: str) -> None:
        """Take the time that was asked for, now that the operation's start is known."""
        if event.seq == 1:
            self.at_s = read_moment(at, event.time_s)

    def add(self, event: Event) -> None:
        """Take the next event in."""
        self.centre = self.seen = fold(self.centre, event)
        self.knowledge.add(event)

    @property
    def view(self) -> View:
        """What is shown of it: everything, or what the terminal may see."""
        return Angle("terminal", self.who).view(self.centre) if self.who else everything

    @property
    def shown(self) -> dict[str, dict[str, Any]]:
        """What there was to see, by collection and id."""
        told = Angle("terminal", self.who).told(self.centre) if self.who else in_full
        return snapshot(self.seen, self.view, told)

    @property
    def differs(self) -> Mapping[str, Mapping[str, Difference]]:
        """Where the terminal was behind."""
        return differences(self.seen, self.centre, self.view) if self.who else {}

    def as_dict(self) -> dict[str, Any]:
        """Return all of it, as `GET /api/replay` names it."""
        known = self.known if self.who else Known(self.centre.seq)
        return {
            "at": iso(self.at_s),
            "at_s": self.at_s,
            "terminal_id": self.who,
            "seq": known.seq,
            "centre_seq": self.centre.seq,
            "proven_s": known.proven_s,
            "proof": known.proof,
            "picture": msgspec.to_builtins(self.shown),
            "differs": self.differs,
        }


async def _as_known(log: SqliteLog, operation: str, past: _Past) -> _Past:
    if past.who not in past.centre.terminals:
        raise unknown("terminal", past.who, past.centre.terminals)
    past.known = past.knowledge.known(past.who, past.centre.seq)
    own = past.knowledge.own(past.who, past.known.seq, past.centre.seq)
    past.seen, later = Picture(), []
    async for event in events_of(log, operation):
        if event.seq <= past.known.seq:
            past.seen = fold(past.seen, event)
        elif event.seq in own:
            later.append(event)
        if event.seq >= past.centre.seq:
            break
    past.seen = with_own(past.seen, later, own)
    return past


def read_moment(text: str, start_s: float) -> float:
    """Return a moment as s since epoch. A time of day is the first such one after the start of the operation.

    Raises
    ------
    InputError
        It is none of the forms.
    """
    if after := _AFTER.fullmatch(text):
        return start_s + float(after[1])
    if clock := _CLOCK.fullmatch(text):
        start = datetime.fromtimestamp(start_s, UTC).astimezone()
        hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
        if hour < 24 and minute < 60 and second < 60:
            moment = start.replace(hour=hour, minute=minute, second=second, microsecond=999_999)
            return (moment if moment >= start else moment + timedelta(days=1)).timestamp()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            "bad-time", f"expected 06:12, 06:12:30, 2026-09-21T06:12:00+08:00 or +1800, got {text!r}"
        ) from None
    return (moment if moment.tzinfo else moment.astimezone()).timestamp()


def _tell(past: _Past) -> None:
    whose = f"as {past.who} knew it" if past.who else "as the centre knew it"
    say(f"{iso(past.at_s)}, {whose} (event {past.known.seq if past.who else past.centre.seq} of {past.centre.seq})")
    if past.who:
        since = iso(past.known.proven_s) if past.known.proven_s is not None else "never"
        say(f"  proof: {past.known.proof}, {since}")
    shown = past.shown
    for name in ("vessels", "victims", "hazards", "cards", "soses", "alarms"):
        for key, entity in shown[name].items():
            say(f"  {name.removesuffix('s'):8} {key:24} {getattr(entity, 'state', '')}")
    for name, table in past.differs.items():
        for key, how in table.items():
            say(f"  {how:8} {name.removesuffix('s')} {key}")
