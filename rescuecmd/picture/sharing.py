"""What one agency may see of another: `Share`s turned into a rule for `delta`. The default is open.

An SOS is shown to everybody in any case, and so are water, hazards and zones: safety has no owner.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rescuecmd.picture.approval import Layer
from rescuecmd.picture.delta import Told, in_full
from rescuecmd.picture.entity import Victim
from rescuecmd.picture.register import Support
from rescuecmd.picture.state import Picture

_TERMINAL = "terminal/"


def hides(picture: Picture, agency: str) -> Callable[[str, Any], bool] | None:
    """Return which entities are hidden from an agency, as (collection, entity) -> hidden; None: nothing is.

    An empty `agency` is the command, from whom nothing is hidden.
    """
    if not agency or not picture.shares:
        return None

    def closed(owner: str, layer: Layer) -> bool:
        return _closed(picture, agency, owner, layer)

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
                return closed(_agency_of(picture, entity.reported_by), "victims")
            case "supports":
                return closed(_agency_of(picture, entity.terminal_id), "positions") and not _helps(
                    picture, agency, entity
                )
            case "cameras":
                return closed(camera_owner(picture, entity.id), "video")
            case _:
                return False

    return hidden


def words_for(picture: Picture, agency: str) -> Told:
    """Return what an agency is told of an entity that it may see, as (collection, entity) -> entity.

    Somebody known to all may have been sighted, described or closed by the people of an agency that keeps its victims
    to itself: their sightings and words stay with it, counts and urgency do not.
    """
    if not agency or not picture.shares:
        return in_full

    def shut(by: str) -> bool:
        return _closed(picture, agency, _agency_of(picture, by), "victims")

    def told(collection: str, entity: Any) -> Any:
        return _without(entity, shut) if collection == "victims" else entity

    return told


def _without(victim: Victim, shut: Callable[[str], bool]) -> Victim:
    closing = victim.closing
    if closing is not None and shut(closing.by):
        closing = replace(closing, rescuer="", note="")
    sightings = tuple(sighting for sighting in victim.sightings if not shut(sighting.by))
    note = "" if shut(victim.note_by) else victim.note
    if (closing, sightings, note) == (victim.closing, victim.sightings, victim.note):
        return victim  # the same object, which is encoded once for all
    return replace(victim, closing=closing, sightings=sightings, note=note)


def _closed(picture: Picture, agency: str, owner: str, layer: Layer) -> bool:
    share = picture.shares.get(f"{owner}/{layer}")
    return share is not None and owner != agency and agency not in share.shown_to


def _helps(picture: Picture, agency: str, support: Support) -> bool:
    helper = picture.terminals.get(support.helper_id)
    return helper is not None and helper.agency == agency


def camera_owner(picture: Picture, camera_id: str) -> str:
    """Return the agency whose camera this is; empty: the operation's own."""
    return next((share.agency for share in picture.shares.values() if camera_id in share.camera_ids), "")


def _agency_of(picture: Picture, who: str) -> str:
    """Return the agency of a terminal, named by its id or as the author of something; empty: none, as the command."""
    terminal = picture.terminals.get(who.removeprefix(_TERMINAL))
    return terminal.agency if terminal else ""
