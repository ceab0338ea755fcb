"""Where something is on a river and how long it takes, in the words crews use.

Places are told by the distance from the river's mouth, as on notices and kilometre boards: ``K23+400`` is 23.4 km
above the mouth; left and right are those of somebody looking downstream.
"""

from rescuecmd.river.model import River
from rescuecmd.text import Text

_SIDE = 1 / 3
"""The outer thirds of the width are named after their bank, the middle third is midstream."""


def kilometre(river: River, chainage_m: float) -> str:
    """Return the kilometre words for a chainage: ``K23+400``, to ten metres."""
    metres = round(river.km(chainage_m) * 100) * 10
    sign = "-" if metres < 0 else ""
    return f"{sign}K{abs(metres) // 1000}+{abs(metres) % 1000:03d}"


def place(river: River, chainage_m: float, offset_m: float) -> Text:
    """Return the words for a place: ``K23+400 左岸`` / ``K23+400 left bank``."""
    words = kilometre(river, chainage_m)
    left, right = river.banks(chainage_m)
    width = float(left) - float(right)
    share = (offset_m - float(right)) / width if width > 0 else 0.5
    if share > 1 - _SIDE:
        return Text(f"{words} 左岸", f"{words} left bank")
    if share < _SIDE:
        return Text(f"{words} 右岸", f"{words} right bank")
    return Text(f"{words} 河心", f"{words} midstream")


def duration(seconds: float) -> Text:
    """Return a duration in words: ``40 秒`` / ``40 s``, ``12 分`` / ``12 min``, ``1 小时 5 分`` / ``1 h 5 min``."""
    whole = max(0, round(seconds))
    if whole < 90:
        return Text(f"{whole} 秒", f"{whole} s")
    minutes = round(whole / 60)
    if minutes < 60:
        return Text(f"{minutes} 分钟", f"{minutes} min")
    hours, minutes = divmod(minutes, 60)
    return Text(f"{hours} 小时 {minutes} 分", f"{hours} h {minutes} min")
