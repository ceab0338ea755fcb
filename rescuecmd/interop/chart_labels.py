"""The words of a drawn river: fonts that have Chinese, both languages, and labels moved apart until none overlap."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes

from rescuecmd.text import Text

_CHINESE = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Zen Hei", "SimHei")
_LABEL_PT = 9.2


@dataclass(frozen=True, slots=True)
class Label:
    """Words for a place of a picture, to be written above the river or below it."""

    x_m: float
    y_m: float
    above: bool
    text: str
    colour: str


def families() -> list[str]:
    """Return the fonts to draw with: one with Chinese if the machine has one, then the one that is always there."""
    here = {font.name for font in font_manager.fontManager.ttflist}
    return [*[name for name in _CHINESE if name in here][:1], "DejaVu Sans"]


def say(text: Text, between: str = " ") -> str:
    """Return both languages, or English alone where no font has Chinese."""
    return f"{text.zh}{between}{text.en}" if len(families()) > 1 else text.en


def put_labels(axis: Axes, labels: list[Label], frame: tuple[float, float, float, float], scale: float) -> None:
    """Write the labels in a row above and a row below the river, moved apart, each with a line to its place."""
    left, right, low, high = frame
    for above in (True, False):
        row = sorted((label for label in labels if label.above == above), key=lambda label: label.x_m)
        spots = _apart([label.x_m for label in row], [_width_m(label.text, right - left) for label in row], left, right)
        level = high - 30 if above else low + 30
        for label, x in zip(row, spots, strict=True):
            axis.plot([x, label.x_m], [level, label.y_m], color=label.colour, lw=0.8 * scale, alpha=0.75, zorder=3)
            axis.text(
                x,
                level,
                label.text,
                color=label.colour,
                ha="center",
                va="top" if above else "bottom",
                fontsize=_LABEL_PT * scale,
                linespacing=1.12,
                zorder=8,
                bbox={"fc": "#ffffffe6", "ec": label.colour, "lw": 0.6, "boxstyle": "round,pad=0.22"},
            )


def _width_m(text: str, across_m: float) -> float:
    """Return the room a label takes along the strip."""
    return (ems(text) + 1.0) * _LABEL_PT / 72 / 18.6 * across_m


def ems(text: str) -> float:
    """Return the width of words in ems: a Chinese character is one wide, others a little over half."""
    return max(sum(1.0 if ord(sign) > 0x2E7F else 0.56 for sign in line) for line in text.split("\n"))


def stacked(boxes: Sequence[tuple[float, float, float]], high: float) -> list[float]:
    """Return heights at or below the wanted ones so that labels (left, wanted height, width) do not overlap."""
    placed: dict[int, float] = {}
    for number in sorted(range(len(boxes)), key=lambda one: -boxes[one][1]):
        left, at, width = boxes[number]
        beside = sorted(
            (low for other, low in placed.items()
             if boxes[other][0] < left + width and left < boxes[other][0] + boxes[other][2]),
            reverse=True,
        )  # fmt: skip
        for low in beside:
            at = min(at, low - high) if abs(at - low) < high else at
        placed[number] = at
    return [placed[number] for number in range(len(boxes))]


def _apart(wanted: list[float], widths: list[float], first: float, last: float) -> list[float]:
    """Return centres near the wanted ones (ascending) so that labels of these widths do not overlap.

    Neighbours that touch move as one block to the mean of where they want to be (pool adjacent violators).
    """
    before = np.concatenate([[0.0], np.cumsum(widths)])[: len(widths)] + np.array(widths) / 2
    blocks: list[tuple[float, int]] = []
    for at, shift in zip(wanted, before, strict=True):
        mean, count = at - float(shift), 1
        while blocks and blocks[-1][0] > mean:
            other, members = blocks.pop()
            mean, count = (other * members + mean * count) / (members + count), members + count
        blocks.append((mean, count))
    starts = np.array([mean for mean, count in blocks for _ in range(count)])
    return list(np.clip(starts, first, max(first, last - sum(widths))) + before)
