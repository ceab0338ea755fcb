"""One series out of everything that a file or a server tells of gauges: by site, by parameter, by sensor."""

from collections.abc import Sequence, Set
from typing import Protocol

from rescuecmd.errors import InputError, nearest
from rescuecmd.interop.gauge_values import GaugeValues
from rescuecmd.text import Text

_STAGE = "00065"  # USGS, gage height: what a gauge's zero and its flood levels are stated for

_WORDS = {"site": Text("站点", "site"), "parameter": Text("参数", "parameter"), "method": Text("传感器", "method")}


class Wanted(Protocol):
    """Which series is wanted; empty: the only one there is."""

    @property
    def site(self) -> str:
        """Return the site's number or name."""

    @property
    def parameter(self) -> str:
        """Return the USGS parameter code; where several are there and none is named, the stage is taken."""

    @property
    def method(self) -> str:
        """Return the sensor: ``methodID`` of WaterML, ``time_series_id`` of the OGC service."""


def choose_levels(read: Sequence[GaugeValues], wanted: Wanted, source: str, *, option: str = "--{}") -> GaugeValues:
    """Return the levels or stages wanted, of one site, parameter and sensor.

    Parameters
    ----------
    source
        File or address, for the message.
    option
        How the reader of the message chooses: the place of ``{}`` is taken by site, parameter or method.

    Raises
    ------
    InputError
        There are none such, or there are several and none was named.
    """
    heights = [one for one in read if one.quantity != "discharge"]
    chosen = [one for one in heights if one.values]
    if not chosen:
        why = next((one.left_out[0] for one in heights if one.left_out), "it holds none")
        message = f"no level or stage could be read from {source}: {why}"
        raise InputError("no-values", message, zh=f"{source} 中没有可用的水位：{why}")
    for name in _WORDS:
        there = {str(getattr(one, name)) for one in chosen}
        taken = _taken(name, str(getattr(wanted, name)), there, source, option.format(name))
        chosen = [one for one in chosen if getattr(one, name) == taken]
    if len(chosen) != 1:
        message = f"{source} tells one site twice, in different units; keep one of them"
        raise InputError("many-series", message, zh=f"{source} 中同一站点有两种单位的数据，请只留一种")
    return chosen[0]


def _taken(name: str, asked: str, there: Set[str], source: str, option: str) -> str:
    """Return the site, parameter or method to take: the one asked for, the only one, the stage of USGS."""
    known, words = sorted(there), _WORDS[name]
    listed = ", ".join(one or "unnamed" for one in known)
    if asked and asked not in known:
        message = f"{source} has no levels of {name} {asked!r}{nearest(asked, known)}; it has {listed}"
        raise InputError(f"bad-{name}", message, zh=f"{source} 中没有{words.zh} {asked!r} 的水位；现有 {listed}")
    if asked or len(known) == 1:
        return asked or known[0]
    if name == "parameter" and _STAGE in known:
        return _STAGE
    message = f"expected the levels of one {name} in {source}, it has {listed}; choose with {option}"
    raise InputError(f"many-{name}s", message, zh=f"{source} 中有多个{words.zh}：{listed}；请用 {option} 选定")
