"""BOAT ROUTES AS WATER RISES: the navigable water as a graph, and the earliest arrival on it while it changes.

`network.build_graph` gives the `networkx.DiGraph` that people read and change; `network.compile_network` turns it into
flat arrays, and `network.draw_network` makes these straight from the river; `conditions.Conditions` says how high the
water stands and how fast it runs at each node at each knot of time; `openings` says for a craft's limits in which exact
intervals each node is afloat and each edge open, the latter as they are asked for; `search.arrivals` finds the earliest
arrival everywhere; `scene.Scene` answers in paths that a crew can follow; `watch.review` says when a running route is
cut or beaten. The graph may be changed before it is compiled (`edit`): edges closed, portages, ramps and locks added,
speeds limited, hours and limits of craft set. What changed in one place has only its reach made anew (`redraw` for a
river, `recompile` for a graph).

What is promised, and tested:

- Level, bounds and current are linear between knots, so opening and closing instants are exact roots, not steps.
- An edge may be entered at ``t`` only if it is open from ``t`` until the boat has left it: enough water at the low
  bound of the level, free height at the high bound, no more current than the craft may meet, no no-go zone in force.
- Waiting is allowed at nodes while they themselves are afloat. The search runs over (node, afloat interval) pairs, so
  the answer stays exact where a node falls dry and floods again (Phillips and Likhachev 2011, ICRA: safe intervals).
- Speed over ground is that of the moment of departure for the length of one edge (18 m, some seconds). An edge on which
  this could break first-in-first-out (the current growing faster than the boat gains by waiting) counts as closed.
- Of a speed limit (over ground) the later arrival counts; an edge with a time of its own takes exactly that, whatever
  the current, and needs the water at both of its ends all the while.
- What is not known is not passable: outside the survey, outside the time covered, above the highest level on file.

Decision, 2026: one grid of 18 m aligned with the river (0.4 % of arrival time against 2.25 m, measured), beds swept
over 4.5 m to either side, one-to-all Dijkstra without a heuristic (a river is a tube: A* settles the same nodes).

Decision, 2026-11-27: 9 m in narrows, by squares of the grid and on the same chart (`narrows`). Stretches of the whole
width would have been a quarter of the river; a finer chart too would let boats nearer to rocks there than elsewhere.
"""
