"""How wide a text is, and how it breaks into lines, without a font at hand."""

import math
import re
from collections.abc import Iterator

_UNIT = re.compile(r"(\d) (?=[a-zA-Z°%])")
_NARROW, _WIDE = frozenset("iljtfrI.,:;|'()[] -"), frozenset("mwMW%@")
_IDEOGRAPHS = 0x2E7F  # letters beyond this are a full square wide


def text_width(text: str, size: float) -> float:
    """Return the width of a text in the same unit as its size: an estimate that is rarely too small."""
    return size * sum(_share(letter) for letter in text)


def _share(letter: str) -> float:
    if ord(letter) > _IDEOGRAPHS:
        return 1.0
    if letter in _NARROW:
        return 0.36
    return 0.9 if letter in _WIDE else 0.66 if letter.isupper() else 0.58


def fitted(text: str, size: float, width: float) -> float:
    """Return the size at which a text fits a width, at most `size`."""
    return min(size, size * width / max(1.0, text_width(text, size)))


def wrap(text: str, size: float, width: float) -> list[str]:
    """Return a text in lines that fit a width: Chinese breaks anywhere, English between words."""
    lines, line = list[str](), ""
    for word in _words(_UNIT.sub("\\1\u00a0", text)):  # a number and its unit stay together
        if line and text_width(line + word.rstrip(), size) > width:
            lines.append(line.rstrip())
            line = word.lstrip()
        else:
            line += word
    return [*lines, line.rstrip()] if line.strip() else lines


def _words(text: str) -> Iterator[str]:
    word = ""
    for letter in text:
        if ord(letter) > _IDEOGRAPHS or letter == " ":
            word += letter
            yield word
            word = ""
        else:
            word += letter
    if word:
        yield word


def nice_length_m(about_m: float) -> float:
    """Return 1, 2 or 5 times a power of ten, at most `about_m`."""
    power = 10.0 ** math.floor(math.log10(about_m))
    return max(step * power for step in (0.5, 1.0, 2.0, 5.0) if step * power <= about_m)  # 0.5: log10 rounds up
