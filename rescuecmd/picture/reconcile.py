"""Does the count agree: boat, shore, ambulance. The book is what crews reported; a head count checks it."""

from rescuecmd.picture.register import CountPlace, HeadCount
from rescuecmd.picture.state import Picture


def book_of(picture: Picture, where: CountPlace, unit_id: str) -> int:
    """Return how many rescued persons the book has at a place.

    A boat has its own number. Shore and ambulance are one number for the operation, of which what other units there
    counted last is taken off, so that each unit answers for the rest.
    """
    if where == "boat":
        vessel = picture.vessels.get(unit_id)
        return vessel.aboard if vessel else 0
    counted = [item.count for item in picture.head_counts.values() if item.where == where and item.unit_id != unit_id]
    return max(0, total_of(picture, where) - sum(counted))


def total_of(picture: Picture, where: CountPlace) -> int:
    """Return how many rescued persons the book has in all boats, on the shore, in the ambulances."""
    victims = [item for item in picture.victims.values() if not item.merged_into]
    if where == "boat":
        return sum(victim.aboard for victim in victims)
    if where == "ambulance":
        return sum(victim.handed for victim in victims)
    return sum(victim.safe - victim.handed for victim in victims)


def mismatches(picture: Picture) -> tuple[HeadCount, ...]:
    """Return the head counts that did not agree with the book when they were taken."""
    return tuple(item for item in picture.head_counts.values() if item.count != item.book)
