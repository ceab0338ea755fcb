"""Chinese or English: what commands say to people is said in one of them; JSON carries both.

``--lang`` or ``RESCUECMD_LANG`` chooses; otherwise the locale of the terminal does (``LC_ALL``, ``LC_MESSAGES``,
``LANG``, as gettext has it), and English stands where that says neither.
"""

import os
import unicodedata
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Literal, TypeAlias

from rescuecmd.errors import FEW, RescueError, closest
from rescuecmd.text import Text

Lang: TypeAlias = Literal["zh", "en"]
VARIABLE = "RESCUECMD_LANG"

_CHOSEN: ContextVar[Lang | None] = ContextVar("language", default=None)
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")

_THINGS = {
    "river": "河段", "place": "地点", "gauge": "水位站", "series": "水位序列", "event": "涨水过程", "craft": "艇型",
    "drill": "演练", "plan": "预案卡",
}  # fmt: skip
"""What may be unknown, as in the codes of `errors.unknown`."""


def choose(lang: Lang | None) -> None:
    """Speak this language from now on; None: that of the terminal."""
    _CHOSEN.set(lang)


def language() -> Lang:
    """Return the language to speak."""
    said = (_CHOSEN.get(), *(os.environ.get(name) for name in (VARIABLE, *_LOCALE)))
    return "zh" if next((word for word in said if word), "").startswith("zh") else "en"


def told(text: Text | Mapping[str, str] | str) -> str:
    """Return a text in the language to speak; one that has only one stays as it is."""
    if isinstance(text, str):
        return text
    if isinstance(text, Text):
        return text.zh if language() == "zh" else text.en
    return text[language()]


def column(text: str, width: int) -> str:
    """Return a text filled up with spaces to a width in a terminal, where a Chinese character takes two places."""
    taken = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * (width - taken)


def sentence(error: RescueError) -> str:
    """Return an error in one line; in English where nobody has put it into Chinese."""
    zh = _in_chinese(error) if language() == "zh" else ""
    return f"rescuecmd：{zh}" if zh else f"rescuecmd: {' '.join(error.message.split())}"


def _in_chinese(error: RescueError) -> str:
    facts = error.facts
    if "zh" in facts:
        return "；".join(str(facts[name]) for name in ("zh", "near_zh") if facts.get(name))
    thing, known = _THINGS.get(error.code.removeprefix("unknown-")), facts.get("known")
    if thing is None or not isinstance(known, tuple):
        return ""
    name = str(facts["name"])
    close = closest(name, known)
    if close:
        return f"没有{thing} {name!r}；是不是 {close!r}？"
    return f"没有{thing} {name!r}" + (f"；现有 {', '.join(known)}" if 0 < len(known) <= FEW else "")
