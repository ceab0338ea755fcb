"""Who takes which role of a card: boats in the order of their arrival, roles that are already held left out."""

from collections.abc import Mapping, Sequence

from rescuecmd.picture.assigned import tasks_for
from rescuecmd.picture.state import Picture
from rescuecmd.plan.card import PlanCard, Role, Taker
from rescuecmd.routing.journey import Journey
from rescuecmd.text import Text

SUPPORT = Role("support", Text(zh="支援", en="Support"), "command")
"""The role of a terminal for whose kind the card has none."""


def assign_roles(
    plan: PlanCard,
    picture: Picture,
    terminal_ids: Sequence[str],
    journeys: Mapping[str, Journey],
    *,
    victim_ids: Sequence[str],
    place_id: str,
) -> dict[str, Role]:
    """Return each terminal's role.

    The counted roles of the card go first, in its order, to the terminals that arrive first; everybody else takes the
    role without a count, or shares the last one.
    """
    held = _held(plan, picture, victim_ids, place_id)
    order = sorted(terminal_ids, key=lambda item: (_arrival(journeys.get(item)), terminal_ids.index(item)))
    given: dict[str, Role] = {}
    for terminal_id in order:
        options = [role for role in plan.roles if role.takes == taker(picture, terminal_id)]
        free = [role for role in options if role.count is None or held.get(role.id, 0) < role.count]
        role = free[0] if free else options[-1] if options else SUPPORT
        held[role.id] = held.get(role.id, 0) + 1
        given[terminal_id] = role
    return given


def taker(picture: Picture, terminal_id: str) -> Taker:
    """Return what kind of crew a terminal is: one with a vessel is a boat whatever it is called."""
    terminal = picture.find("terminals", terminal_id)
    return "boat" if terminal.vessel_id in picture.vessels else terminal.role


def _held(plan: PlanCard, picture: Picture, victim_ids: Sequence[str], place_id: str) -> dict[str, int]:
    """Return how many crews already hold each role of this card for the same job."""
    names = {role.name: role.id for role in plan.roles}
    held: dict[str, int] = {}
    for task in tasks_for(picture, victim_ids, place_id):
        card = picture.cards.get(f"{task.push_id}/{task.terminal_id}")
        if card is not None and card.plan_id == plan.id and card.content.role in names:
            role_id = names[card.content.role]
            held[role_id] = held.get(role_id, 0) + 1
    return held


def _arrival(journey: Journey | None) -> float:
    return float("inf") if journey is None or journey.arrive_s is None else journey.arrive_s
