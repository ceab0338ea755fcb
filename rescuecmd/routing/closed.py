"""What is shut by order: no-go zones, over the cells, nodes, edges and ways that they meet, and ways closed by name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rescuecmd.compiled import vector
from rescuecmd.errors import RefusedError
from rescuecmd.geo import Floats
from rescuecmd.picture.entity import MOST_NO_GO, Zone
from rescuecmd.river.model import River
from rescuecmd.routing.chart import PER_STEP
from rescuecmd.routing.kernel import Closures
from rescuecmd.routing.network import Ints, Network
from rescuecmd.routing.openings import Block


@dataclass(frozen=True, eq=False)
class Closed:
    """The no-go zones and closed ways among some zones, as they lie over a network."""

    river: River
    network: Network
    zones: Sequence[Zone]

    @cached_property
    def no_go(self) -> tuple[Zone, ...]:
        """The no-go zones.

        Raises
        ------
        RefusedError
            There are more than fit (code ``too-many-zones``).
        """
        zones = tuple(zone for zone in self.zones if zone.kind == "no_go")
        if len(zones) > MOST_NO_GO:
            raise RefusedError("too-many-zones", f"at most {MOST_NO_GO} no-go zones at once, there are {len(zones)}")
        return zones

    def over(self, chainage_m: Floats, offset_m: Floats) -> Iterator[tuple[NDArray[np.bool_], float, float]]:
        """Yield for each no-go zone which points it covers (widened by a cell), and when it starts and ends."""
        if not self.no_go:
            return
        chart = self.network.charted
        rows, columns = (size - 1 for size in chart.bed_m.shape)
        row = np.rint(chainage_m / chart.cell_m).clip(0, rows).astype(np.int64)
        column = np.rint((offset_m - chart.right_m) / chart.cell_m).clip(0, columns).astype(np.int64)
        bits = self._cover[row, column]
        for number, zone in enumerate(self.no_go):
            yield (bits >> number & 1).astype(bool), zone.starts_s, _end_s(zone)

    @cached_property
    def closures(self) -> Closures:
        """The no-go zones over the cells of the chart, for straight legs."""
        starts = np.array([zone.starts_s for zone in self.no_go], dtype=np.float64)
        ends = np.array([_end_s(zone) for zone in self.no_go], dtype=np.float64)
        bits = self._cover if len(starts) else np.zeros(0, dtype=np.int64)
        return Closures(vector(bits), vector(starts), vector(ends))

    @cached_property
    def blocks(self) -> list[Block]:
        """The nodes and edges in each no-go zone, by the cells they meet, and the ways that are closed by name."""
        return [*self._zone_blocks(), *self._closed_ways()]

    @cached_property
    def _cover(self) -> Ints:
        """The no-go zones over each cell of the chart, one bit each."""
        chart = self.network.charted
        bits = np.zeros(chart.bed_m.shape, dtype=np.int64)
        for number, zone in enumerate(self.no_go):
            bits[chart.cover(self._ring_xy(zone))] |= 1 << number
        return bits

    def _zone_blocks(self) -> Iterator[Block]:
        if not self.no_go:
            return
        network, chart = self.network, self.network.charted
        row = np.rint(network.chainage_m / chart.cell_m).astype(np.int64)
        column = np.rint((network.offset_m - chart.right_m) / chart.cell_m).astype(np.int64)
        node_bits = self._cover[row, column]
        edge_bits = np.zeros(network.n_edges, dtype=np.int64)
        for share in np.linspace(0.0, 1.0, PER_STEP + 1):
            cells = tuple(
                np.rint(line[network.start] * (1 - share) + line[network.end] * share).astype(np.int64)
                for line in (row, column)
            )
            edge_bits |= self._cover[cells]
        for edge, bits in self._over_ways():
            edge_bits[edge] |= bits
        for number, zone in enumerate(self.no_go):
            nodes, edges = (np.flatnonzero(bits >> number & 1) for bits in (node_bits, edge_bits))
            yield Block(nodes, edges, zone.starts_s, _end_s(zone))

    def _over_ways(self) -> Iterator[tuple[int, int]]:
        """Yield the edges of the river's ways, which lead over land too, with a bit for each no-go zone over them."""
        import shapely  # noqa: PLC0415  (half a second to import, and most rivers have no way)

        lines = {way.id: shapely.LineString(way.line_xy) for way in self.river.ways}
        for edge, way_id in self._edges_of_ways.items():
            bits = 0
            for number, zone in enumerate(self.no_go):
                area = shapely.Polygon(self._ring_xy(zone)).buffer(self.network.charted.cell_m)  # as over the chart
                if way_id in lines and area.intersects(lines[way_id]):
                    bits |= 1 << number
            yield edge, bits

    def _closed_ways(self) -> Iterator[Block]:
        """Yield the edges of the river's ways that zones close by name."""
        nobody, named = np.zeros(0, dtype=np.int64), self._edges_of_ways
        for zone in self.zones:
            edges = [edge for edge, way_id in named.items() if zone.kind == "closed" and way_id == zone.rule_id]
            if edges:
                yield Block(nobody, np.array(edges, dtype=np.int64), zone.starts_s, _end_s(zone))

    @property
    def _edges_of_ways(self) -> Mapping[int, str]:
        return self.network.rules.terms.way if self.network.rules is not None else {}

    def _ring_xy(self, zone: Zone) -> Floats:
        x, y = self.river.frame.to_xy(*np.array(zone.ring, dtype=np.float64).T)
        ring: Floats = np.column_stack([x, y])
        return ring


def _end_s(zone: Zone) -> float:
    return np.inf if zone.ends_s is None else zone.ends_s
