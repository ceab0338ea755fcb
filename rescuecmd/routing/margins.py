"""How much each leg of a path has to spare: in metres of water, in standard errors, and in seconds until it closes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rescuecmd.river.model import River
from rescuecmd.routing import explain
from rescuecmd.routing.guide import duration, place
from rescuecmd.routing.kernel import CURRENT, OVERHEAD, RULED, ZONE
from rescuecmd.routing.soundings import Soundings
from rescuecmd.text import Text


@dataclass(frozen=True, slots=True)
class LegMargin:
    """One leg: the least it has to spare, and the place on it that closes first.

    Attributes
    ----------
    leg
        The number of the point that the leg leads to.
    margin_m
        Least water beyond draught and under-keel allowance at the low bound of the level, as the path has it.
    sigmas
        How many standard errors the level may lie under its median before the leg is too shallow.
    closes_s
        When the leg stops being passable after the boat has passed it; None: not within what is known.
    spare_s
        From the boat's passing that place until then: how late it may be. None like `closes_s`.
    reason
        Why it closes (`kernel.SHALLOW` and so on); where nothing closes: what is least, which is water.
    chainage_m, offset_m
        Where it closes first; where nothing closes, its shallowest place.
    """

    leg: int
    margin_m: float
    sigmas: float
    closes_s: float | None
    spare_s: float | None
    reason: int
    chainage_m: float
    offset_m: float


def leg_margins(soundings: Soundings) -> tuple[LegMargin, ...]:
    """Return the margin of every leg of a path, in order; a path of one point has none."""
    path, (closes, why) = soundings.path, soundings.closes_s
    sigmas, margin = soundings.sigmas, soundings.margin_m
    found = []
    for leg in range(1, len(path.x_m)):
        on = np.flatnonzero(soundings.leg == leg)
        passed = soundings.time_s[on]
        if leg > 1:  # a leg begins where the one before ends; where the boat lies now, it lies
            on = np.concatenate([on[:1] - 1, on])
            passed = np.concatenate([[path.eta_s[leg - 1] + path.wait_s[leg - 1]], passed])
        spare = closes[on] - passed
        tightest = int(np.argmin(spare))
        first = int(on[tightest])
        shallowest = int(on[np.argmin(margin[on])])
        shuts = math.isfinite(closes[first])
        at = first if shuts else shallowest
        found.append(
            LegMargin(
                leg=leg,
                margin_m=float(path.margin_m[leg]),
                sigmas=float(sigmas[on].min()),
                closes_s=float(closes[first]) if shuts else None,
                spare_s=float(spare[tightest]) if shuts else None,
                reason=int(why[at]),
                chainage_m=float(soundings.chainage_m[at]),
                offset_m=float(soundings.offset_m[at]),
            )
        )
    return tuple(found)


def worst_of(legs: Sequence[LegMargin]) -> LegMargin | None:
    """Return the leg that leaves the boat least time; where none closes, the one with the least water."""
    return min(legs, key=lambda one: (math.inf if one.spare_s is None else one.spare_s, one.margin_m), default=None)


def worst_told(river: River, worst: LegMargin, now_s: float) -> Text:
    """Return the sentence about the worst leg: what and where it is, what it has to spare, when it closes."""
    what = worst_where(river, worst)
    room = Text(
        f"余 {worst.margin_m:.1f} 米（{worst.sigmas:.1f}σ）",
        f"{worst.margin_m:.1f} m to spare ({worst.sigmas:.1f} sigma)",
    )
    if worst.closes_s is None:
        return Text(f"最紧处 {what.zh}，{room.zh}，预报期内不关闭", f"tightest {what.en}: {room.en}, stays open")
    wait = duration(worst.closes_s - now_s)
    return Text(f"最紧处 {what.zh}，{room.zh}，{wait.zh}后关闭", f"tightest {what.en}: {room.en}, closes in {wait.en}")


def worst_where(river: River, worst: LegMargin) -> Text:
    """Return the words for what is tightest and where."""
    where = place(river, worst.chainage_m, worst.offset_m)
    if worst.reason == OVERHEAD:
        bridge = explain.bridge_near(river, worst.chainage_m)
        return Text(f"{where.zh} {bridge.zh}桥下", f"under {bridge.en} at {where.en}")
    if worst.reason == CURRENT:
        return Text(f"{where.zh} 急流", f"current at {where.en}")
    if worst.reason == ZONE:
        return Text(f"{where.zh} 禁航区", f"no-go zone at {where.en}")
    if worst.reason == RULED:
        way = explain.ruled_near(river, worst.chainage_m, worst.offset_m)
        return Text(f"{where.zh} {way.zh}", f"{way.en} at {where.en}")
    reef = explain.reef_near(river, worst.chainage_m, worst.offset_m)
    name = Text(f"{where.zh} {reef.zh}", f"at {reef.en}, {where.en}") if reef else None
    return name or Text(f"{where.zh}", f"at {where.en}")
