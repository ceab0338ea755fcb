"""A small straight river for tests: 3 km to the north, 240 m wide, one reef, one beach, a bridge and a pontoon."""

import numpy as np

from rescuecmd.geo import Frame
from rescuecmd.picture.entity import Camera
from rescuecmd.river.axis import Axis
from rescuecmd.river.feature import Beach, Bridge, GaugeSite, Pier, Pontoon, Reef, Section, Span, Surface
from rescuecmd.river.model import River
from rescuecmd.text import Text

LEVEL_M = 172.0
OFFSETS = np.array([-120.0, -110, -80, -30, 0, 40, 80, 100, 120])
BEDS = np.array([186.0, 178, 170, 166, 164, 166, 169, 171.5, 188])


def circle(x_m: float, y_m: float, radius_m: float) -> tuple[tuple[float, float], ...]:
    angles = np.linspace(0, 2 * np.pi, 25)
    return tuple((x_m + radius_m * float(np.cos(a)), y_m + radius_m * float(np.sin(a))) for a in angles)


def make_reach() -> River:
    axis = Axis([(0.0, float(y)) for y in range(0, 3001, 50)])
    sections = tuple(
        Section(f"s{y}", float(y), OFFSETS, BEDS, 0.03, left_bank_m=120.0, right_bank_m=-120.0)
        for y in range(0, 3001, 250)
    )
    return River(
        id="test-reach",
        name=Text("试验河段", "Test reach"),
        frame=Frame(106.45, 29.6),
        vertical_datum="wusong",
        schematic=True,
        centreline=axis,
        sections=sections,
        surface=Surface(172.0, 2e-4, 190.0, 2e-4),
        mouth_km=20.0,
        reefs=(Reef("stone", Text("试验石", "Test Stone"), 45.0, 1500.0, 174.5, 0.2, circle(45, 1500, 22), 6),),
        beaches=(Beach("sand", Text("沙滩", "Sand Beach"), circle(105, 1300, 15), 175.0, ()),),
        bridges=(
            Bridge(
                "bridge",
                Text("试验桥", "Test Bridge"),
                700.0,
                (Span(-120.0, 120.0, 200.0),),
                (Pier(40.0, 700.0, 4.0), Pier(-40.0, 700.0, 4.0)),
            ),
        ),
        pontoons=(Pontoon("pier", Text("趸船", "Pontoon"), -90.0, 1350.0, 1350.0, 168.0, 180.0, 50),),
        gauges=(
            GaugeSite("upper", Text("上水尺", "Upper"), 100.0, 200.0, 200.0, 165.0, "wusong", 0.0),
            GaugeSite("lower", Text("下水尺", "Lower"), 100.0, 2800.0, 2800.0, 165.0, "wusong", 0.0),
        ),
    )


def make_camera() -> Camera:
    """Return a camera on the right bank (east, as the river runs north) that looks upstream at the reef."""
    lon_deg, lat_deg = Frame(106.45, 29.6).point_lonlat(125.0, 1640.0)
    name = Text("岸边相机", "Shore camera")
    return Camera("shore", name, "live", "", lon_deg, lat_deg, 192.0, heading_deg=210.0, tilt_deg=6.0, hfov_deg=60.0)
