"""The words of the marks, in Chinese and in English: short, numbers first."""

from typing import Literal, TypeAlias

from rescuecmd.ar.scene import FRESH_S, Boat, Person, Stone
from rescuecmd.text import Text

Language: TypeAlias = Literal["zh", "en"]


def say(text: Text, language: Language) -> str:
    """Return one language of a text."""
    return text.zh if language == "zh" else text.en


def span(seconds: float, language: Language) -> str:
    """Return a length of time: seconds below two minutes, then minutes, then hours and minutes."""
    whole = max(0, round(seconds))
    if whole < 120:
        return f"{whole} 秒" if language == "zh" else f"{whole} s"
    minutes = whole // 60
    if minutes < 120:
        return f"{minutes} 分" if language == "zh" else f"{minutes} min"
    return f"{minutes // 60} 时 {minutes % 60} 分" if language == "zh" else f"{minutes // 60} h {minutes % 60} min"


def ago(seconds: float, language: Language) -> str:
    """Return an age."""
    return f"{span(seconds, language)}前" if language == "zh" else f"{span(seconds, language)} ago"


def boat_lines(boat: Boat, time_s: float, language: Language) -> tuple[str, ...]:
    """Return a boat's label: callsign, then what there is of arrival, persons aboard, failure and age."""
    zh = language == "zh"
    notes = []
    if boat.disabled:
        notes.append("失去动力" if zh else "disabled")
    if boat.arrive_s is not None and boat.arrive_s > time_s:
        left = span(boat.arrive_s - time_s, language)
        notes.append(f"{left}到" if zh else f"in {left}")
    if boat.aboard:
        notes.append(f"载 {boat.aboard} 人" if zh else f"{boat.aboard} aboard")
    if time_s - boat.seen_s > FRESH_S:
        notes.append(ago(time_s - boat.seen_s, language))
    name = say(boat.name, language)
    return (name, " · ".join(notes)) if notes else (name,)


def person_lines(person: Person, time_s: float, language: Language) -> tuple[str, ...]:
    """Return a victim's label: how many and how, time left by the high bound of the water, age of the report."""
    zh = language == "zh"
    kinds = {"stranded": ("被困", "stranded"), "in_water": ("落水", "in water"), "crowd": ("滞留", "on beach")}
    kind = kinds[person.kind][0 if zh else 1]
    first = f"{kind} {person.waiting} 人" if zh else f"{person.waiting} {kind}"
    notes = []
    if person.early_s is not None and person.early_s > time_s:
        left = span(person.early_s - time_s, language)
        notes.append(f"剩 {left}" if zh else f"{left} left")
    elif person.early_s is not None:
        notes.append("随时被淹" if zh else "may go under now")
    if time_s - person.seen_s > FRESH_S * 3:
        notes.append(ago(time_s - person.seen_s, language))
    return (first, " · ".join(notes)) if notes else (first,)


def stone_lines(stone: Stone, level_m: float, time_s: float, language: Language) -> tuple[str, ...]:
    """Return a reef's label: height above or below the water, and when it goes under."""
    zh, name = language == "zh", say(stone.name, language)
    free = stone.crest_m - level_m
    if free <= 0:
        return (name, f"淹没 {-free:.1f} m" if zh else f"{-free:.1f} m under")
    height = f"出水 {free:.1f} m" if zh else f"{free:.1f} m dry"
    if stone.median_s is None or stone.median_s <= time_s:
        return (name, height)
    left = span(stone.median_s - time_s, language)
    return (name, f"{height} · {left}后淹没" if zh else f"{height} · under in {left}")
