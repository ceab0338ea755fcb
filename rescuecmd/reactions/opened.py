"""Water that somebody answers for: the river with their word in it, and its network.

What is not surveyed is nobody's way. An assumed depth (a zone of that kind, in the log with its author, reason and end)
puts a bed there; before it begins and after it ends the area is closed like any no-go zone, so that no route that is
planned now relies on a word that will no longer hold.

A boom, an area's rules or a lock's hours that somebody has lifted (a zone of that kind) are left out of the river until
it is taken back; nothing is drawn anew for it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rescuecmd.errors import RefusedError, unknown
from rescuecmd.picture.entity import Zone
from rescuecmd.river.feature import AssumedBed, TimedWay
from rescuecmd.river.model import River
from rescuecmd.routing.network import Network
from rescuecmd.routing.redraw import redraw_network


def standing(zones: Iterable[Zone], now_s: float) -> tuple[Zone, ...]:
    """Return the assumed depths that have not ended, and what is lifted."""
    return tuple(
        zone
        for zone in zones
        if zone.kind == "lifted" or (zone.kind == "assumed_depth" and (zone.ends_s or 0.0) > now_s)
    )


def check_rule(zone: Zone, river: River) -> None:
    """Refuse a zone about a rule that the river does not have, or that cannot be closed or lifted.

    Raises
    ------
    NotFoundError
        The river has no such way, boom or area.
    RefusedError
        Only ways are closed by name; a way without hours has nothing to lift.
    """
    if not zone.rule_id:
        return
    rules = {rule.id: rule for rule in river.rules}
    if zone.rule_id not in rules:
        raise unknown("rule", zone.rule_id, rules)
    rule = rules[zone.rule_id]
    if zone.kind == "closed" and not isinstance(rule, TimedWay):
        raise RefusedError("not-a-way", f"only a portage, ramp or lock is closed by name; {rule.id!r} is none")
    if zone.kind == "lifted" and isinstance(rule, TimedWay) and rule.hours is None:
        raise RefusedError("no-hours", f"{rule.id!r} has no hours that could be lifted")


def opened(river: River, network: Network, zones: Iterable[Zone]) -> tuple[River, Network]:
    """Return the river with these assumed beds and without what is lifted, and its network made anew where they are."""
    beds, lifted = [], {zone.rule_id for zone in zones if zone.kind == "lifted"}
    for zone in zones:
        if zone.kind == "lifted":
            continue
        x, y = river.frame.to_xy([lon for lon, _ in zone.ring], [lat for _, lat in zone.ring])
        beds.append(AssumedBed(tuple(zip(x.tolist(), y.tolist(), strict=True)), zone.bed_m or 0.0))
    wider = replace(
        river,
        assumed=tuple(beds),
        ways=tuple(replace(way, hours=None) if way.id in lifted else way for way in river.ways),
        booms=tuple(boom for boom in river.booms if boom.id not in lifted),
        restricted=tuple(area for area in river.restricted if area.id not in lifted),
    )
    return wider, redraw_network(network, wider)


def closures(zones: Iterable[Zone], now_s: float) -> Iterator[Zone]:
    """Yield the no-go zones that close each area before its assumption begins, and after it ends."""
    for zone in zones:
        if zone.kind == "lifted":
            continue
        if zone.ends_s is not None:
            yield Zone(f"{zone.id}/after", "no_go", zone.name, zone.ring, zone.ends_s)
        if zone.starts_s > now_s:
            yield Zone(f"{zone.id}/before", "no_go", zone.name, zone.ring, now_s - 1.0, zone.starts_s)
