"""Conversions with their constants: durations as people write them, angles, speeds at the edge."""

import re

from rescuecmd.errors import InputError

MPS_PER_KNOT = 1852.0 / 3600.0  # exact, by the definition of the nautical mile
M_PER_FOOT = 0.3048  # exact, international foot
M_PER_US_SURVEY_FOOT = 1200.0 / 3937.0  # exact; abolished in 2022, still in every older American survey

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?")


def parse_duration_s(text: str) -> float:
    """Return seconds for a duration with units, such as ``90s``, ``5m30s`` or ``1h``.

    Raises
    ------
    InputError
        The text has no unit or is not a duration.
    """
    match = _DURATION.fullmatch(text.strip())
    if not match or not any(match.groups()):
        message = f"expected a duration with units like '90s' or '5m30s', got {text!r}"
        raise InputError("bad-duration", message, zh=f"时长须带单位，例如 90s 或 5m30s，所给为 {text!r}")
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


def format_duration(seconds: float) -> str:
    """Return a duration as ``1h05m``, ``5m30s`` or ``42s``; a leading minus where it lies in the past."""
    sign, whole = ("-" if seconds < 0 else ""), round(abs(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, secs = divmod(rest, 60)
    if hours:
        return f"{sign}{hours}h{minutes:02d}m"
    return f"{sign}{minutes}m{secs:02d}s" if minutes else f"{sign}{secs}s"


def wrap_deg(angle_deg: float) -> float:
    """Return the angle in [0, 360)."""
    return angle_deg % 360.0
