"""The facts that limits, steps and suggestions of plan cards may ask for; one table, checked when a card is loaded."""

from collections.abc import Mapping
from dataclasses import dataclass

from rescuecmd.text import Text


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact: its name in words, its unit (none for what the rule counts in words) and how many decimals to print."""

    name: Text
    unit: str
    digits: int = 0

    def show(self, value: float | bool | None) -> str:
        """Return a value as it is printed on a card; empty when unknown."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "✓" if value else "✗"
        return f"{value:.{self.digits}f} {self.unit}".strip()


FACTS: Mapping[str, Fact] = {
    # the water at the job
    "current_mps": Fact(Text(zh="现场流速", en="current at the place"), "m/s", 1),
    "depth_m": Fact(Text(zh="现场水深", en="depth where the boat stops"), "m", 1),
    "margin_m": Fact(Text(zh="距淹没余量", en="height left above the water"), "m", 2),
    "minutes_left": Fact(Text(zh="最早淹没剩余", en="minutes to earliest submergence"), "min"),
    "knee_min": Fact(Text(zh="最早没膝剩余", en="minutes until the water may stand at their knees"), "min"),
    "footing_min": Fact(Text(zh="最早站不稳剩余", en="minutes until the water may take their footing"), "min"),
    "rise_cm_per_min": Fact(Text(zh="涨率", en="rate of rise"), "cm/min", 1),
    "water_temp_c": Fact(Text(zh="水温", en="water temperature"), "°C", 1),
    "visibility_m": Fact(Text(zh="能见度", en="visibility"), "m"),
    "daylight": Fact(Text(zh="日光", en="daylight"), ""),
    # the boat that the card is for
    "own_speed_mps": Fact(Text(zh="本艇静水航速", en="own speed through water"), "m/s", 1),
    "own_current_limit_mps": Fact(Text(zh="本艇流速限值", en="own current limit"), "m/s", 1),
    "own_seats_free": Fact(Text(zh="本艇空位", en="own free seats"), ""),
    "own_under_keel_m": Fact(Text(zh="本艇要求富余水深", en="own depth needed"), "m", 1),
    "route_margin_m": Fact(Text(zh="航路最小富余水深", en="least water under the keel on the route"), "m", 1),
    "eta_min": Fact(Text(zh="到达用时", en="minutes to arrival"), "min", 1),
    "spare_min": Fact(Text(zh="到达后余时", en="minutes left on arrival"), "min", 1),
    # the job
    "people": Fact(Text(zh="待救人数", en="people waiting"), ""),
    "seats_sent": Fact(Text(zh="已派空位", en="seats on the way"), ""),
    "boats_sent": Fact(Text(zh="已派艇", en="boats on the way"), ""),
    "boats_there": Fact(Text(zh="到场艇", en="boats on scene"), ""),
    "boats_accepted": Fact(Text(zh="已接令艇", en="boats that accepted"), ""),
    "minutes_since_report": Fact(Text(zh="接报已过", en="minutes since the report"), "min", 1),
    "minutes_since_seen": Fact(Text(zh="目击已过", en="minutes since last seen"), "min", 1),
    # a beach and its exits
    "exits_open": Fact(Text(zh="可用出口", en="exits above the forecast water"), ""),
    "flow_min": Fact(Text(zh="疏散所需", en="minutes needed to leave"), "min", 1),
    "density_p_m2": Fact(Text(zh="台阶人群密度", en="crowd density at the steps"), "/m²", 1),
}

FUNCTIONS: Mapping[str, tuple[str, ...]] = {"posted": ("role",)}
"""``posted('role')``: somebody who has accepted this card holds that role."""
