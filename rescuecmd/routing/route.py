"""A searched path as the route that a crew is given."""

from rescuecmd.picture.order import Route
from rescuecmd.routing.path import Path
from rescuecmd.routing.scene import Scene
from rescuecmd.text import Text


def make_route(
    scene: Scene, path: Path, *, route_id: str, vessel_id: str, task_id: str, goal: Text, why: Text, replaces: str = ""
) -> Route:
    """Return the route of a vessel along a path; `why` says in one sentence why it is this one."""
    waypoints = path.waypoints(scene.river.frame)
    return Route(
        id=route_id,
        vessel_id=vessel_id,
        task_id=task_id,
        goal=goal,
        waypoints=waypoints,
        depart_s=path.depart_s,
        arrive_s=path.arrive_s,
        margin_m=path.least_margin_m,
        made_s=scene.now_s,
        why=why,
        replaces=replaces,
    )
