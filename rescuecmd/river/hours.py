"""Hours of the day at which something is open, as a notice board gives them: ``06:00-12:00,14:00-22:00 +08:00``.

They hold every day. The zone is part of them: without it nobody knows when a lock closes. It is an offset, not the name
of a place, so that hours mean the same wherever they are read; one that keeps summer time needs two sets of hours.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from rescuecmd.errors import InputError

DAY_S = 86_400.0
_DAY_MIN = 24 * 60
_SPAN = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_ZONE = re.compile(r"Z|([+-])(\d\d):(\d\d)")


@dataclass(frozen=True, slots=True)
class DailyHours:
    """Spans of minutes after local midnight, in order (an end beyond 24:00 is on the next day), and the zone."""

    spans: tuple[tuple[int, int], ...]
    zone_min: int

    @classmethod
    def parse(cls, text: str) -> "DailyHours":
        """Return the hours that a text names.

        Raises
        ------
        InputError
            It is no such text, has no zone, or its spans overlap.
        """
        words, _, zone = text.strip().partition(" ")
        offset = _ZONE.fullmatch(zone.strip())
        if offset is None or (offset[1] and (int(offset[2]) > 14 or int(offset[3]) > 59)):
            raise InputError("bad-hours", f"hours end with their zone, as in '06:00-22:00 +08:00', got {text!r}")
        zone_min = (int(offset[2]) * 60 + int(offset[3])) * (-1 if offset[1] == "-" else 1) if offset[1] else 0
        spans = tuple(_span(word, text) for word in words.split(","))
        after = [*spans, (spans[0][0] + _DAY_MIN, spans[0][1] + _DAY_MIN)]
        if any(later[0] < sooner[1] for sooner, later in pairwise(after)):
            raise InputError("bad-hours", f"hours follow each other without overlap, got {text!r}")
        return cls(spans, zone_min)

    def __str__(self) -> str:
        """Return the hours as `parse` reads them."""
        sign, (hours, minutes) = "-" if self.zone_min < 0 else "+", divmod(abs(self.zone_min), 60)
        return f"{self.clock} {sign}{hours:02d}:{minutes:02d}"

    @property
    def clock(self) -> str:
        """The hours without their zone, for people who are there."""
        return ",".join(f"{_clock(begins)}-{_clock(ends)}" for begins, ends in self.spans)

    def between(self, from_s: float, to_s: float) -> tuple[tuple[float, float], ...]:
        """Return when it is open, pairs in s since epoch: whole from one time to another, and a little beyond."""
        zone_s = 60.0 * self.zone_min
        first, last = (int((time + zone_s) // DAY_S) for time in (from_s, to_s))
        found: list[tuple[float, float]] = []
        for day in range(first - 1, last + 2):
            for begins, ends in self.spans:
                opens, closes = (day * DAY_S + 60.0 * minute - zone_s for minute in (begins, ends))
                if found and opens <= found[-1][1]:
                    found[-1] = (found[-1][0], closes)
                else:
                    found.append((opens, closes))
        return tuple(found)


def _span(word: str, text: str) -> tuple[int, int]:
    match = _SPAN.fullmatch(word)
    if match is None:
        raise InputError("bad-hours", f"expected hours such as '06:00-22:00 +08:00', got {text!r}")
    begins, ends = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    if max(int(match[2]), int(match[4])) > 59 or begins >= _DAY_MIN or ends > _DAY_MIN or begins == ends:
        raise InputError("bad-hours", f"expected two different times of day, got {word!r} in {text!r}")
    return begins, ends if ends > begins else ends + _DAY_MIN


def _clock(minute: int) -> str:
    hours, minutes = divmod(minute if minute == _DAY_MIN else minute % _DAY_MIN, 60)
    return f"{hours:02d}:{minutes:02d}"
