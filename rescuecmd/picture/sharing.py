"""What one agency may see of another: `Share`s turned into a rule for `delta`. The default is open.

An SOS is shown to everybody in any case, and so are water, hazards and zones: safety has no owner.
"""

from collections.abc import Callable
from typing import Any

from rescuecmd.picture.approval import Layer
from rescuecmd.picture.state import Picture

_TERMINAL = "terminal/"


def hides(picture: Picture, agency: str) -> Callable[[str, Any], bool] | None:
    """Return which entities are hidden from an agency, as (collection, entity) -> hidden; None: nothing is.

    An empty `agency` is the command, from whom nothing is hidden.
    """
    if not agency or not picture.shares:
        return None

    def closed(owner: str, layer: Layer) -> bool:
        share = picture.shares.get(f"{owner}/{layer}")
        return share is not None and owner != agency and agency not in share.shown_to

    def hidden(collection: str, entity: Any) -> bool:
        match collection:
            case "vessels" | "terminals":
                return closed(str(entity.agency), "positions")
            case "routes":
                vessel = picture.vessels.get(entity.vessel_id)
                return vessel is not None and closed(vessel.agency, "positions")
            case "cards" | "tasks" | "copies":
                terminal = picture.terminals.get(entity.terminal_id)
                return terminal is not None and closed(terminal.agency, "positions")
            case "victims":
                return closed(_reporter(picture, entity.reported_by), "victims")
            case "cameras":
                return closed(camera_owner(picture, entity.id), "video")
            case _:
                return False

    return hidden


def camera_owner(picture: Picture, camera_id: str) -> str:
    """Return the agency whose camera this is; empty: the operation's own."""
    return next((share.agency for share in picture.shares.values() if camera_id in share.camera_ids), "")


def _reporter(picture: Picture, reported_by: str) -> str:
    terminal = picture.terminals.get(reported_by.removeprefix(_TERMINAL))
    return terminal.agency if terminal and reported_by.startswith(_TERMINAL) else ""
