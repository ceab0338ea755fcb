"""A small made-up operation for the pages: a bent river of 8 km, four boats, people on reef, water, beach.

Everything is built from the program's own entities, so that the pages meet exactly what the server would send.
"""

import math
from dataclasses import replace
from typing import Any, cast

import msgspec

from rescuecmd.picture.entity import Camera, Craft, Fix, Operation, Terminal, Vessel, Victim, Zone
from rescuecmd.picture.order import (
    Alarm,
    Candidate,
    Card,
    CardContent,
    Limit,
    Priority,
    Push,
    Route,
    Step,
    Suggestion,
    Task,
    Tightest,
    Waypoint,
)
from rescuecmd.picture.state import COLLECTIONS
from rescuecmd.picture.water import BodyStage, BodyStageName, Gauge, Outlook, PlaceKind, Reading
from rescuecmd.text import Text

START_S = 1_790_000_000.0
LON, LAT = 106.45, 29.63
M_LAT = 1 / 111_195
M_LON = M_LAT / math.cos(math.radians(LAT))
LENGTH_M, HALF_M = 8000.0, 170.0


def bend(chainage_m: float) -> float:
    """Return how far east of the straight line the river runs there, m."""
    return 700 * math.sin(chainage_m / 1500)


def at(chainage_m: float, offset_m: float = 0.0) -> tuple[float, float]:
    """Return (lon, lat) of a place; the river runs south, so its left bank is east."""
    east = bend(chainage_m) + offset_m
    north = LENGTH_M / 2 - chainage_m
    return LON + east * M_LON, LAT + north * M_LAT


def fix(chainage_m: float, offset_m: float, age_s: float = 1.0, **more: float) -> Fix:
    lon, lat = at(chainage_m, offset_m)
    return Fix(lon, lat, START_S - age_s, more.pop("accuracy_m", 3.0), "gps", **more)


def line(*places: tuple[float, float]) -> list[tuple[float, float]]:
    return [at(*place) for place in places]


def feature(place_id: str, zh: str, en: str, kind: str, coordinates: object) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": place_id,
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": {"id": place_id, "name_zh": zh, "name_en": en},
    }


def collection(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def point(place_id: str, zh: str, en: str, chainage_m: float, offset_m: float) -> dict[str, Any]:
    return feature(place_id, zh, en, "Point", at(chainage_m, offset_m))


def ring(chainage_m: float, offset_m: float, along_m: float, across_m: float) -> list[list[tuple[float, float]]]:
    turns = [2 * math.pi * i / 12 for i in range(13)]
    return [[at(chainage_m + along_m * math.cos(a), offset_m + across_m * math.sin(a)) for a in turns]]


def river() -> dict[str, Any]:
    """Return the answer of ``GET /api/river``."""
    steps = [i * 100.0 for i in range(81)]
    left = [(s, HALF_M) for s in steps]
    right = [(s, -HALF_M) for s in steps]
    layers = {
        "centreline": collection(
            feature("axis", "中线", "Centre line", "LineString", line(*[(s, 0.0) for s in steps]))
        ),
        "banks": collection(
            feature("left", "左岸", "Left bank", "LineString", line(*left)),
            feature("right", "右岸", "Right bank", "LineString", line(*right)),
        ),
        "reefs": collection(
            feature("huangpanshi", "黄盘石", "Huangpan Rock", "Polygon", ring(4300, 30, 40, 22)),
            feature("heiyangshi", "黑羊石", "Black Sheep Rock", "Polygon", ring(2600, -60, 30, 18)),
            feature("feilanzi", "飞缆子", "Feilanzi", "Polygon", ring(5600, 40, 28, 16)),
        ),
        "bridges": collection(
            feature("jingkou-bridge", "井口大桥", "Jingkou Bridge", "LineString", line((6400, -200), (6400, 200))),
            feature("tongxing-catwalk", "同兴栈桥", "Tongxing Catwalk", "LineString", line((3300, 60), (3300, 170))),
        ),
        "weirs": collection(),
        "ways": collection(),
        "booms": collection(),
        "restricted": collection(),
        "piers": collection(point("p1", "", "", 6400, -60), point("p2", "", "", 6400, 60)),
        "pontoons": collection(point("dazhulin-pontoon", "大竹林趸船", "Dazhulin pontoon", 3100, 150)),
        "ramps": collection(point("tongxing-ramp", "同兴坡道", "Tongxing ramp", 2100, -160)),
        "landings": collection(point("dazhulin-landing", "大竹林上岸点", "Dazhulin landing", 3500, 160)),
        "safe_ground": collection(point("dazhulin-plaza", "大竹林广场", "Dazhulin plaza", 4900, 330)),
        "beaches": collection(
            feature("dazhulin-beach", "大竹林江滩", "Dazhulin beach", "Polygon", ring(4900, 150, 180, 45))
        ),
        "exits": collection(
            point("exit-upper", "上口", "Upper exit", 4760, 195), point("exit-lower", "下口", "Lower exit", 5040, 195)
        ),
        "gauges": collection(point("ciqikou", "磁器口", "Ciqikou", 7500, 165)),
        "sections": collection(),
    }
    return {
        "id": "test-river",
        "name": {"zh": "嘉陵江大竹林段", "en": "Jialing at Dazhulin"},
        "schematic": True,
        "vertical_datum": "wusong",
        "frame": {"lon_deg": LON, "lat_deg": LAT},
        "provenance": [],
        "layers": layers,
    }


OPERATION = Operation(
    id="op-1",
    title=Text("大竹林水域救援演练", "Dazhulin water rescue drill"),
    mode="drill",
    marking="演练 DRILL",
    river_id="test-river",
    river_name=Text("嘉陵江大竹林段", "Jialing at Dazhulin"),
    schematic=True,
    vertical_datum="wusong",
    started_s=START_S - 600,
    state="running",
    speed=1.0,
    note=Text("涨水过程压缩 24 倍", "Rise compressed 24 times"),
    drill_id="dazhulin",
)

_RIGID = Craft("assault", 5.5, 0.35, 0.3, 1.8, 9.0, 8)
_PATROL = Craft("patrol", 11.0, 0.85, 0.4, 2.6, 13.0, 12)
BOATS = {
    "police-1": (Text("水警 1 号艇", "Police 1"), "police", _PATROL),
    "fire-2": (Text("消防 2 号艇", "Fire 2"), "fire", _RIGID),
    "maritime-3": (Text("海巡 3 号艇", "Maritime 3"), "maritime", _PATROL),
    "volunteer-4": (Text("蓝天 4 号艇", "Blue Sky 4"), "volunteer", _RIGID),
}


def vessels() -> list[Vessel]:
    places = {
        "police-1": fix(3150, 130, 0.6, course_deg=150.0, speed_mps=6.5),
        "fire-2": fix(2150, -130, 1.2, course_deg=170.0, speed_mps=0.2),
        "maritime-3": fix(6900, 20, 14, course_deg=350.0, speed_mps=4.0),
        "volunteer-4": fix(5300, -140, 75, course_deg=20.0, speed_mps=0.0),
    }
    made = []
    for boat_id, (name, agency, craft) in BOATS.items():
        state = "under_way" if boat_id in {"police-1", "maritime-3"} else "ready"
        made.append(Vessel(boat_id, name, agency, craft, f"t-{boat_id}", places[boat_id], state))  # type: ignore[arg-type]
    return made


def terminals() -> list[Terminal]:
    boats = [
        Terminal(f"t-{boat_id}", name, "boat", agency, boat_id, people=1 if boat_id == "police-1" else 0, robots=1)  # type: ignore[arg-type]
        for boat_id, (name, agency, _) in BOATS.items()
    ]
    return [*boats, Terminal("t-shore", Text("江滩岸组", "Beach team"), "shore", "police", robots=1)]


def stages(early: float) -> tuple[BodyStage, ...]:
    """Return when the water stands at ankle, knee and waist of people whose rock it reaches first after `early` s."""
    names: tuple[BodyStageName, ...] = ("ankle", "knee", "waist", "footing")
    return tuple(
        BodyStage(name, *(START_S + (early + later) * share for share in (1.0, 1.2, 1.4)))
        for name, later in zip(names, (120, 480, 1080, 900), strict=True)
    )


def victims() -> list[Victim]:
    reef = fix(4300, 30, 40)
    water = fix(4800, -40, 22, accuracy_m=60.0)
    beach = fix(4900, 150, 30)
    return [
        Victim(
            "v-reef",
            "stranded",
            Text("黄盘石被困人员", "People on Huangpan Rock"),
            3,
            reef,
            START_S - 240,
            "112",
            "huangpanshi",
            early_s=START_S + 1110,
            median_s=START_S + 1320,
            late_s=START_S + 1560,
            stages=stages(1110),
        ),
        Victim("v-water", "in_water", Text("落水人员", "Person in the water"), 2, water, START_S - 95, "112"),
        Victim(
            "v-beach",
            "crowd",
            Text("江滩群众", "Crowd on the beach"),
            120,
            beach,
            START_S - 300,
            "police",
            "dazhulin-beach",
            safe=35,
            early_s=START_S + 2400,
            median_s=START_S + 2900,
            late_s=START_S + 3400,
        ),
    ]


def gauge() -> Gauge:
    lon, lat = at(7500, 165)
    recent = tuple(Reading(START_S - 3600 + 120 * i, 179.6 + 0.0009 * i * i) for i in range(31))
    last = recent[-1].level_m
    forecast = tuple(
        Reading(START_S + 300 * i, last + 0.16 * i - 0.0018 * i * i, 0.03 + 0.018 * i) for i in range(1, 37)
    )
    return Gauge(
        "ciqikou",
        Text("磁器口站", "Ciqikou gauge"),
        lon,
        lat,
        7500,
        "wusong",
        182.64,
        185.64,
        recent,
        forecast,
        START_S - 600,
        1.35,
    )


def outlooks() -> list[Outlook]:
    """Return what the water does to the places: name, where, what is left, and when it is used up at the earliest."""

    def made(
        place: str, names: str, where: tuple[float, float], margin_m: float, early: float | None = None
    ) -> Outlook:
        kind, place_id = place.split("/")
        lon, lat = at(*where)
        times: tuple[float | None, ...] = (
            (None,) * 3 if early is None else (START_S + early, START_S + early * 1.2, START_S + early * 1.4)
        )
        critical_m = 180.5 + margin_m
        return Outlook(
            place_id,
            cast("PlaceKind", kind),
            Text(*names.split(" / ")),
            lon,
            lat,
            critical_m,
            180.5,
            0.05,
            margin_m,
            START_S,
            early_s=times[0],
            median_s=times[1],
            late_s=times[2],
            stages=stages(early) if early is not None and kind in {"reef", "beach"} else (),
        )

    return [
        made("reef/huangpanshi", "黄盘石 / Huangpan Rock", (4300, 30), 0.42, 1110),
        made("reef/heiyangshi", "黑羊石 / Black Sheep Rock", (2600, -60), 1.9, 4200),
        made("reef/feilanzi", "飞缆子 / Feilanzi", (5600, 40), -0.7),
        made("beach/dazhulin-beach", "大竹林江滩 / Dazhulin beach", (4900, 150), 1.1, 2400),
        made("bridge/tongxing-catwalk", "同兴栈桥 / Tongxing Catwalk", (3300, 115), 3.4, 5200),
        made("bridge/jingkou-bridge", "井口大桥 / Jingkou Bridge", (6400, 0), 17.2),
        made("landing/dazhulin-landing", "大竹林上岸点 / Dazhulin landing", (3500, 160), 2.2, 7000),
        made("pontoon/dazhulin-pontoon", "大竹林趸船 / Dazhulin pontoon", (3100, 150), 6.0),
        made("safe_ground/dazhulin-plaza", "大竹林广场 / Dazhulin plaza", (4900, 330), 14.0),
    ]


def suggestions() -> list[Suggestion]:
    def who(terminal: str, eta: float | None, seats: int, note: Text | None = None) -> Candidate:
        return Candidate(f"t-{terminal}", terminal, None if eta is None else START_S + eta, seats, note)

    return [
        Suggestion(
            "s-reef",
            1,
            "reef",
            Text("礁石救援", "Reef rescue"),
            Text("派 2 艇接走黄盘石 3 人", "Send 2 boats for 3 people on Huangpan Rock"),
            Text(
                "黄盘石最早 18 分钟后没顶；水警 1 号艇 4 分钟可到，旁道水深够。",
                "Huangpan Rock goes under in 18 min; Police 1 is there in 4 min by the side channel.",
            ),
            ("v-reef",),
            "huangpanshi",
            (
                who("police-1", 245, 12),
                who("fire-2", 410, 8),
                who("maritime-3", 520, 12),
                who("volunteer-4", None, 8, Text("位置过旧", "position too old")),
            ),
            ("t-police-1", "t-fire-2"),
            START_S + 1110,
            START_S,
        ),
        Suggestion(
            "s-water",
            2,
            "water",
            Text("落水救援", "Person in the water"),
            Text("下游拦截 2 名落水者", "Intercept 2 people in the water"),
            Text(
                "漂向飞缆子暗礁，海巡 3 号艇从下游迎上最快。",
                "Drifting towards Feilanzi; Maritime 3 meets them first from below.",
            ),
            ("v-water",),
            "",
            (who("maritime-3", 180, 12), who("police-1", 260, 12)),
            ("t-maritime-3",),
            made_s=START_S,
        ),
        Suggestion(
            "s-beach",
            3,
            "beach",
            Text("江滩单向疏散", "One-way evacuation"),
            Text("大竹林江滩 85 人由上口撤离", "Move 85 people off Dazhulin beach by the upper exit"),
            Text(
                "江滩最早 40 分钟后进水；下口先被淹。",
                "The beach floods in 40 min at the earliest, the lower exit first.",
            ),
            ("v-beach",),
            "dazhulin-beach",
            (Candidate("t-shore", "", START_S + 60, 0),),
            ("t-shore",),
            START_S + 2400,
            START_S,
        ),
    ]


def alarms() -> list[Alarm]:
    return [
        Alarm(
            "a-reef",
            "reef_going_under",
            "alarm",
            Text("黄盘石 18 分钟后没顶，上有 3 人", "Huangpan Rock goes under in 18 min, 3 people on it"),
            "huangpanshi",
            START_S - 60,
        ),
        Alarm(
            "a-rise",
            "rising_fast",
            "warning",
            Text("磁器口站每小时上涨 1.35 m", "Ciqikou rises 1.35 m an hour"),
            "ciqikou",
            START_S - 200,
        ),
    ]


def level_outside(priority: Priority = "alarm") -> Alarm:
    """Return the alarm that the level is outside what the river covers, or is expected to be."""
    told = Text(
        "磁器口水位只算到 194.37 米（吴淞高程），预报 2021-09-05T06:40Z 超出",
        "levels are computed up to 194.37 m (Wusong datum) at Ciqikou; the forecast passes that at 2021-09-05T06:40Z",
    )
    return Alarm("level_outside/river", "level_outside", priority, told, "river", START_S)


def waypoints(*places: tuple[float, float], depart_s: float = START_S, speed_mps: float = 6.0) -> tuple[Waypoint, ...]:
    made: list[Waypoint] = []
    eta_s = depart_s
    for i, (chainage, offset) in enumerate(places):
        lon, lat = at(chainage, offset)
        if i:
            before = made[-1]
            eta_s += math.hypot((lon - before.lon_deg) / M_LON, (lat - before.lat_deg) / M_LAT) / speed_mps
        made.append(Waypoint(lon, lat, chainage, eta_s, 0.4 + 0.1 * i if i else None))
    return tuple(made)


def route(route_id: str, boat: str, task_id: str, *places: tuple[float, float], why: Text | None = None) -> Route:
    points = waypoints(*places)
    room = Tightest(Text("K23+050 左岸", "at K23+050 left bank"), 0.5, 3.1, START_S + 900, START_S + 1500)
    reason = why or Text("主航道最早到达", "Earliest by the main channel")
    return Route(
        route_id,
        boat,
        task_id,
        Text("黄盘石", "Huangpan Rock"),
        points,
        START_S,
        points[-1].eta_s,
        0.5,
        START_S,
        reason,
        tightest=room,
        no_return=1,
    )


def planned_earlier(laid: Route, seconds: float) -> Route:
    """Return a route whose boat should have left so much earlier than it does."""
    assert laid.tightest is not None
    return replace(
        laid,
        waypoints=tuple(replace(point, eta_s=point.eta_s - seconds) for point in laid.waypoints),
        depart_s=laid.depart_s - seconds,
        arrive_s=laid.arrive_s - seconds,
        tightest=replace(laid.tightest, passes_s=laid.tightest.passes_s - seconds),
    )


def content(boat: str) -> CardContent:
    return CardContent(
        title=Text("礁石救援", "Reef rescue"),
        spoken=Text(
            "演练。水警 1 号艇，去黄盘石接 3 人，四分钟到。",
            "Drill. Police 1, take 3 people off Huangpan Rock, four minutes.",
        ),
        role=Text("抵近艇", "Approach boat"),
        where=Text("K23+400 左岸 黄盘石", "K23+400 left bank, Huangpan Rock"),
        steps=(
            Step(
                1,
                Text("观察艇", "Spotter"),
                Text("上游 100 m 观察漂浮物", "Watch for debris 100 m upstream"),
                mine=False,
            ),
            Step(
                2,
                Text("抵近艇", "Approach boat"),
                Text("从下游顶流抵近，艇首对礁", "Approach from below against the stream, bow on"),
                mine=True,
                budget_s=90,
            ),
            Step(
                3,
                Text("抵近艇", "Approach boat"),
                Text("先抛救生衣，再逐一接人", "Throw jackets first, then take them one by one"),
                mine=True,
            ),
        ),
        limits=(
            Limit("draught", Text("富余水深不小于 0.3 m", "At least 0.3 m under the keel"), "ok", "0.9 m", "plan"),
            Limit("current", Text("流速不超过 3.0 m/s", "Current at most 3.0 m/s"), "breach", "3.2 m/s", "plan"),
            Limit("wind", Text("阵风不超过 7 级", "Gusts at most force 7"), "unknown", "", "plan"),
        ),
        abort=(Text("发动机失去动力", "Engine stops"), Text("能见度低于 200 m", "Visibility under 200 m")),
        hazards=(Text("航线东侧飞缆子暗礁，水深 0.7 m", "Feilanzi under water east of the route, 0.7 m over it"),),
        sources=("NFPA 1670", "GB/T 38654"),
        reviewed_by="",
        eta_s=START_S + 245,
        route_id=f"r-{boat}",
        picture="approach",
    )


def pushed(push_id: str, plan_id: str, terminal_ids: list[str]) -> dict[str, list[Any]]:
    """Return what a push adds: the push, and for each terminal its card, task and route."""
    title = Text("礁石救援", "Reef rescue")
    push = Push(push_id, plan_id, "1", title, "commander", START_S, tuple(terminal_ids), ("v-reef",), "huangpanshi")
    made: dict[str, list[Any]] = {"pushes": [push], "cards": [], "tasks": [], "routes": []}
    lon, lat = at(4300, 30)
    for terminal_id in terminal_ids:
        boat = terminal_id.removeprefix("t-")
        card_id = f"{push_id}/{terminal_id}"
        task_id = f"task-{card_id}"
        made["cards"].append(Card(card_id, push_id, terminal_id, plan_id, content(boat), START_S, task_id=task_id))
        made["tasks"].append(
            Task(
                task_id,
                "reef",
                plan_id,
                push_id,
                terminal_id,
                boat,
                ("v-reef",),
                "huangpanshi",
                lon,
                lat,
                "offered",
                START_S,
            )
        )
        route_id = f"r-{boat}" if push_id == "p1" else f"r-{push_id}-{boat}"
        made["routes"].append(route(route_id, boat, task_id, (3150, 130), (3500, 60), (4000, -30), (4270, 20)))
    return made


def camera() -> Camera:
    return Camera("shore-1", Text("大竹林岸基 1", "Dazhulin shore 1"), "live")


def zone() -> Zone:
    corners = tuple(ring(5600, 40, 120, 70)[0])
    return Zone("z-1", "no_go", Text("飞缆子禁入", "Feilanzi no-go"), corners, START_S - 300)


def picture() -> dict[str, dict[str, Any]]:
    """Return the opening picture, every collection by id."""
    entities: dict[str, list[Any]] = {
        "vessels": vessels(),
        "victims": victims(),
        "zones": [zone()],
        "cameras": [camera()],
        "terminals": terminals(),
        "gauges": [gauge()],
        "outlooks": outlooks(),
        "suggestions": suggestions(),
        "alarms": alarms(),
    }
    return {name: {item.id: wire(item) for item in entities.get(name, [])} for name in COLLECTIONS}


DEPTH_CLASSES: list[dict[str, Any]] = [
    {"from_m": None, "to_m": 0.0, "colour": "rgb(178 158 120 / 0.43)"},
    {"from_m": 0.0, "to_m": 2.0, "colour": "rgb(190 222 242 / 0.82)"},
    {"from_m": 2.0, "to_m": None, "colour": "rgb(26 82 142 / 0.88)"},
]


def reach(vessel_id: str, minutes: float, now_s: float) -> dict[str, Any]:
    """Return a reach map of two bands around the middle of the reach, the farthest first."""
    bands = []
    for number, half in ((2, 1200), (1, 500)):
        properties = {"from_min": (number - 1) * minutes / 2, "to_min": number * minutes / 2, "area_m2": 400.0 * half}
        shape = {"type": "MultiPolygon", "coordinates": [ring(3800, 0, half, 150)]}
        bands.append({"type": "Feature", "id": f"{number}", "properties": properties, "geometry": shape})
    return {"vessel_id": vessel_id, "time_s": now_s, "minutes": minutes, "type": "FeatureCollection", "features": bands}


def profile(route_id: str, now_s: float) -> dict[str, Any]:
    """Return the profile of a way over one shoal and under one bridge."""
    metres = [float(25 * number) for number in range(49)]
    bed = [172.0 + 6.6 * max(0.0, 1.0 - abs(metre - 900.0) / 200.0) for metre in metres]
    bridge = {"id": "tongxing-catwalk", "name": {"zh": "同兴栈桥", "en": "Tongxing Catwalk"}, "span": 1,
              "distance_m": 300.0, "time_s": now_s + 40, "soffit_m": 184.5, "top_m": 183.1, "free_m": 1.4}  # fmt: skip
    return {
        "route_id": route_id, "vertical_datum": "wusong", "schematic": True, "distance_m": metres,
        "time_s": [now_s + metre / 7.5 for metre in metres],
        "kilometres": [f"K23+{round(400 - metre / 4):03d}" for metre in metres],
        "level_m": [180.5 for _ in metres], "low_m": [180.4 for _ in metres], "bed_m": [*bed[:-1], None],
        "draught_m": 0.55, "under_keel_m": 0.3, "air_draught_m": 2.6, "bridges": [bridge], "tightest_m": 900.0,
        "guidance": [
            {"kind": "leave", "distance_m": 0.0, "time_s": now_s,
             "where": {"zh": "K23+400 右岸", "en": "K23+400 right bank"},
             "text": {"zh": "出发，下行，航向 210", "en": "leave downstream, course 210"}},
            {"kind": "bridge", "distance_m": 300.0, "time_s": now_s + 40,
             "where": {"zh": "K23+100 河心", "en": "K23+100 midstream"},
             "text": {"zh": "过同兴栈桥，净空余 1.4 米", "en": "under Tongxing Catwalk, 1.4 m of headroom to spare"}},
            {"kind": "arrive", "distance_m": 1200.0, "time_s": now_s + 160,
             "where": {"zh": "K22+200 左岸", "en": "K22+200 left bank"}, "text": {"zh": "到达", "en": "there"}},
        ],
    }  # fmt: skip


STORY: list[tuple[float, str, str, str]] = [
    (-600, "OperationOpened", "演练开始：大竹林水域救援演练", "Drill starts: Dazhulin water rescue drill"),
    (-300, "VictimReported", "报告：大竹林江滩约 120 人", "Reported: about 120 people on Dazhulin beach"),
    (-240, "VictimReported", "报告：黄盘石 3 人被困", "Reported: 3 people stranded on Huangpan Rock"),
    (-200, "AlarmRaised", "警告：磁器口站陡涨", "Warning: Ciqikou is rising fast"),
    (-95, "VictimReported", "报告：2 人落水，K24+100 附近", "Reported: 2 people in the water near K24+100"),
    (-60, "AlarmRaised", "警报：黄盘石 18 分钟后没顶", "Alarm: Huangpan Rock goes under in 18 min"),
]


def story() -> list[dict[str, Any]]:
    return [
        {"seq": i + 1, "time_s": START_S + offset, "kind": kind, "text": {"zh": zh, "en": en}}
        for i, (offset, kind, zh, en) in enumerate(STORY)
    ]


def wire(entity: Any, **changes: Any) -> dict[str, Any]:
    """Return an entity as it travels, with some fields changed."""
    built: dict[str, Any] = msgspec.to_builtins(replace(entity, **changes) if changes else entity)
    return built
