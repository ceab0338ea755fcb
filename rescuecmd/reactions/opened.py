"""Unsurveyed water that somebody answers for: the river with their word in it, and its network.

What is not surveyed is nobody's way. An assumed depth (a zone of that kind, in the log with its author, reason and end)
puts a bed there; before it begins and after it ends the area is closed like any no-go zone, so that no route that is
planned now relies on a word that will no longer hold.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rescuecmd.picture.entity import Zone
from rescuecmd.river.feature import AssumedBed
from rescuecmd.river.model import River
from rescuecmd.routing.network import Network
from rescuecmd.routing.redraw import redraw_network


def standing(zones: Iterable[Zone], now_s: float) -> tuple[Zone, ...]:
    """Return the assumed depths that have not ended."""
    return tuple(zone for zone in zones if zone.kind == "assumed_depth" and (zone.ends_s or 0.0) > now_s)


def opened(river: River, network: Network, zones: Iterable[Zone]) -> tuple[River, Network]:
    """Return the river with these assumed beds, and its network drawn anew where they are."""
    beds = []
    for zone in zones:
        x, y = river.frame.to_xy([lon for lon, _ in zone.ring], [lat for _, lat in zone.ring])
        beds.append(AssumedBed(tuple(zip(x.tolist(), y.tolist(), strict=True)), zone.bed_m or 0.0))
    wider = replace(river, assumed=tuple(beds))
    return wider, redraw_network(network, wider)


def closures(zones: Iterable[Zone], now_s: float) -> Iterator[Zone]:
    """Yield the no-go zones that close each area before its assumption begins, and after it ends."""
    for zone in zones:
        if zone.ends_s is not None:
            yield Zone(f"{zone.id}/after", "no_go", zone.name, zone.ring, zone.ends_s)
        if zone.starts_s > now_s:
            yield Zone(f"{zone.id}/before", "no_go", zone.name, zone.ring, now_s - 1.0, zone.starts_s)
