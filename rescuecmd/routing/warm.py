"""Compiles the loops ahead of the first question: some ten seconds on a machine that has never done it, then none."""

import numpy as np

from rescuecmd.geo import Frame
from rescuecmd.picture.entity import Craft
from rescuecmd.river.model import Axis, GaugeSite, River, Section, Surface
from rescuecmd.river.water import LevelSeries, Water
from rescuecmd.routing.network import draw_network
from rescuecmd.routing.scene import Scene
from rescuecmd.text import Text


def warm() -> None:
    """Route one boat on a canal of 200 m, so that every loop is compiled and on disk. Safe to call from a thread."""
    canal = _canal()
    water = Water(canal, {"g": LevelSeries(np.array([0.0, 3600.0]), np.array([5.0, 6.0]), np.zeros(2))})
    scene = Scene(canal, draw_network(canal), water, 0.0)
    craft = Craft("canoe", 4.0, 0.2, 0.1, 1.0, 3.0, 2)
    scene.path(craft, (20.0, 0.0), (180.0, 0.0), 0.0)


def _canal() -> River:
    name = Text("水渠", "Canal")
    offsets, beds = np.array([-41.0, -40.0, 40.0, 41.0]), np.array([9.0, 0.0, 0.0, 9.0])
    sections = tuple(Section(f"s{at}", float(at), offsets, beds, 0.03, 41.0, -41.0) for at in (0, 100, 200))
    gauge = GaugeSite("g", name, 0.0, 0.0, 0.0, 0.0, "local", 0.0)
    return River(
        id="canal",
        name=name,
        frame=Frame(0.0, 0.0),
        vertical_datum="local",
        schematic=True,
        centreline=Axis([[0.0, 0.0], [200.0, 0.0]]),
        sections=sections,
        surface=Surface(0.0, 0.0, 1.0, 0.0),
        mouth_km=0.2,
        gauges=(gauge,),
    )
