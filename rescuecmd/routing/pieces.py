"""The passable water as pieces: what touches across the river within one step of the grid, and which of them touch.

In that small graph, a few hundred pieces to ten kilometres, networkx looks for passages without a way round and for
other ways. The half steps of narrows belong to the step they lie in: they join water, they do not fork it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from rescuecmd.routing.chart import Links
from rescuecmd.routing.network import Ints, Network

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Piece:
    """Water that touches across the river within one step along it, the `row`; every node of it from right to left.

    ``line`` are its nodes at the row itself, or the others where all lie half a step below it.
    """

    row: int
    nodes: tuple[int, ...]
    line: tuple[int, ...]


class Pieces:
    """The pieces of some nodes and edges, numbered down the river, and the graph of those that touch.

    ``of`` tells the piece of each node, -1 for those left out and those that do not lie on the grid.
    """

    def __init__(self, network: Network, nodes: Mask, edges: Mask) -> None:
        import networkx as nx  # noqa: PLC0415

        assert network.chart is not None  # noqa: S101 - a scene with a chart made this network
        half_row, column = np.nonzero(network.chart.node >= 0)
        placed = network.chart.node[half_row, column]
        kept = nodes[placed]
        half_row, placed = half_row[kept], placed[kept]
        row = np.full(network.n_nodes, -1, dtype=np.int64)
        row[placed] = half_row // 2
        start, end = network.start[edges], network.end[edges]
        self.of = _numbered(row, placed, (start, end))
        self.pieces = _pieces(self.of, half_row, placed)
        self.graph: nx.Graph = nx.Graph()
        self.graph.add_nodes_from(range(len(self.pieces)))
        ends = np.column_stack([self.of[start], self.of[end]])
        apart = ends[(ends[:, 0] != ends[:, 1]) & (ends >= 0).all(axis=1)]
        self.graph.add_edges_from(np.unique(np.sort(apart, axis=1), axis=0).tolist())


def _numbered(row: Ints, placed: Links, ends: tuple[Links, Links]) -> Ints:
    """Return the piece of each node: one per water joined inside a row, in the order of the nodes `placed`."""
    start, end = ends
    inside = (row[start] == row[end]) & (row[start] >= 0)
    joins = coo_matrix((np.ones(inside.sum(), dtype=np.int8), (start[inside], end[inside])), shape=(len(row), len(row)))
    part = connected_components(joins, directed=False)[1][placed]
    _, first, number = np.unique(part, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    of = np.full(len(row), -1, dtype=np.int64)
    of[placed] = rank[number]
    return of


def _pieces(of: Ints, half_row: Ints, placed: Links) -> list[Piece]:
    order = np.argsort(of[placed], kind="stable")
    half_row, placed = half_row[order], placed[order]
    cuts = np.flatnonzero(np.diff(of[placed])) + 1
    found = []
    for rows, nodes in zip(np.split(half_row, cuts), np.split(placed, cuts), strict=True):
        if len(nodes):
            line = nodes[rows == rows[0]]  # a whole row comes before the half one below it
            found.append(Piece(int(rows[0]) // 2, tuple(nodes.tolist()), tuple(line.tolist())))
    return found
