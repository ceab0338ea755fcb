"""Which picture a card gets, and drawing it from what the log holds."""

from rescuecmd.errors import RefusedError
from rescuecmd.picture.assigned import route_of
from rescuecmd.picture.order import Card, Route, Task
from rescuecmd.picture.state import Picture
from rescuecmd.plan.approach import approach
from rescuecmd.plan.drawing import Drawing
from rescuecmd.plan.escape import evacuation_picture
from rescuecmd.plan.evacuation import evacuation, find_beach
from rescuecmd.routing.scene import Scene


def draw_card(picture: Picture, scene: Scene, card_id: str) -> Drawing:
    """Return the picture of a card that was pushed, as things stand now.

    Raises
    ------
    NotFoundError
        There is no such card.
    RefusedError
        The card has no task to draw.
    NotCoveredError
        The water is not known at the scene's time.
    """
    card: Card = picture.find("cards", card_id)
    task = picture.tasks.get(card.task_id)
    if task is None:
        raise RefusedError("no-task", f"card {card_id!r} has no task to draw")
    return draw(picture, scene, card, task, route_of(picture, task.id) or picture.routes.get(card.content.route_id))


def draw(picture: Picture, scene: Scene, card: Card, task: Task, route: Route | None) -> Drawing:
    """Return the picture of a card that may not be in the log yet (a preview)."""
    beach = find_beach(scene.river, task.place_id) if card.content.picture == "evacuation" else None
    if beach is None:
        return approach(picture, scene, card, task, route)
    victims = [picture.victims[item] for item in task.victim_ids if item in picture.victims]
    state = evacuation(scene.river, scene.water, beach, sum(item.waiting for item in victims), scene.now_s)
    return evacuation_picture(picture, scene, card, task, state)
