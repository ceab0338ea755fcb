"""Short words that cards share: times, distances, names; Chinese and English side by side."""

from collections.abc import Iterable

from rescuecmd.picture.state import Picture
from rescuecmd.text import Text


def minutes(seconds: float) -> Text:
    """Return a time as people say it: ``40 秒``, ``3 分 20 秒``, ``12 分钟``; seconds in steps of 10."""
    tens = round(max(0.0, seconds) / 10) * 10
    if tens < 60:
        return Text(zh=f"{tens} 秒", en=f"{tens} s")
    whole, rest = divmod(tens, 60)
    if whole >= 10 or not rest:
        whole = round(seconds / 60)
        return Text(zh=f"{whole} 分钟", en=f"{whole} min")
    return Text(zh=f"{whole} 分 {rest} 秒", en=f"{whole} min {rest} s")


def metres(length_m: float) -> Text:
    """Return a distance as people say it: ``80 米``, ``450 米``, ``1.4 公里``."""
    if length_m < 1000:
        tens = round(length_m / 10) * 10
        return Text(zh=f"{tens} 米", en=f"{tens} m")
    return Text(zh=f"{length_m / 1000:.1f} 公里", en=f"{length_m / 1000:.1f} km")


def people(count: int) -> Text:
    """Return a number of people."""
    return Text(zh=f"{count} 人", en="1 person" if count == 1 else f"{count} people")


def joined(texts: Iterable[Text], zh: str = "、", en: str = ", ") -> Text:
    """Return texts as one, joined by each language's sign."""
    items = tuple(texts)
    return Text(zh=zh.join(item.zh for item in items), en=en.join(item.en for item in items))


def name_of(picture: Picture, terminal_id: str) -> Text:
    """Return the name people know a terminal by: its vessel's, else its own."""
    terminal = picture.find("terminals", terminal_id)
    vessel = picture.vessels.get(terminal.vessel_id)
    name: Text = vessel.name if vessel else terminal.name
    return name
