"""What follows when a crew answers or falls out: the book is kept, and the next best unit is named."""

from collections.abc import Iterator

from rescuecmd.errors import NotCoveredError
from rescuecmd.picture.commands import EndRoute, MoveTask, OfferAlternative, WithdrawCard
from rescuecmd.picture.events import CardExpired, CardWithdrawn, ReceiptGiven, TaskMoved, VesselStateSet
from rescuecmd.picture.lifecycle import ANSWERED, CARD_RANK, cards_of
from rescuecmd.picture.order import Candidate, Card, Offer, Task
from rescuecmd.picture.state import Picture
from rescuecmd.reactions.moment import Moment, Wish, victims_of
from rescuecmd.reactions.routes import lay_for
from rescuecmd.routing.guide import duration
from rescuecmd.text import Text

REASONS = {
    "engine": Text("动力故障", "engine trouble"),
    "busy": Text("正在执行任务", "busy"),
    "too_dangerous": Text("风险过大", "too dangerous"),
    "cannot_reach": Text("无法到达", "cannot reach"),
}
_ACCEPTED = Text("受领任务，从当前位置出发", "task taken, from where the boat is now")
_TAKEN = {"accepted", "under_way", "on_scene"}


def accepted(moment: Moment) -> Iterator[Wish]:
    """Book an accepted card's task, lay its route from where the boat is now; one taker frees the others."""
    for task in _answered(moment, "accepted"):
        if task.state == "offered":
            yield task.id, MoveTask(task.id, "accepted")
        yield from lay_for(moment, task, _ACCEPTED)
        yield from _free_others(moment, task)


def _free_others(moment: Moment, task: Task) -> Iterator[Wish]:
    """Withdraw the other open cards of a push that wants one taker, with a word who has it."""
    push = moment.picture.pushes.get(task.push_id)
    if push is None or push.takers != "one":
        return
    name = _name(moment.picture, task.terminal_id)
    why = Text(f"已由{name.zh}接受", f"accepted by {name.en}")
    for card in cards_of(moment.picture, push):
        if card.terminal_id != task.terminal_id and CARD_RANK[card.state] < ANSWERED:
            yield card.id, WithdrawCard(card.id, why)


def declined(moment: Moment) -> Iterator[Wish]:
    """Book a declined card's task, take its route away and offer the next best unit."""
    for task in _answered(moment, "declined"):
        if task.state == "offered":
            yield task.id, MoveTask(task.id, "declined")
        card = moment.picture.cards.get(task.id)
        why = REASONS.get(card.reason or "", Text("", "")) if card else Text("", "")
        yield from offer(moment, task, "declined", Text(f"已拒绝（{why.zh}）", f"declined ({why.en})"))


def _answered(moment: Moment, receipt: str) -> Iterator[Task]:
    for event in moment.events:
        if isinstance(event.body, ReceiptGiven) and event.body.receipt == receipt:
            card = moment.picture.cards.get(event.body.card_id)
            task = moment.picture.tasks.get(card.task_id) if card else None
            if task is not None:
                yield task


def withdrawn(moment: Moment) -> Iterator[Wish]:
    """The task of a card that was withdrawn or has expired is over."""
    for event in moment.events:
        if isinstance(event.body, (CardWithdrawn, CardExpired)):
            card = moment.picture.cards.get(event.body.card_id)
            task = moment.picture.tasks.get(card.task_id) if card else None
            if task is not None and task.state in {"offered", *_TAKEN}:
                yield task.id, MoveTask(task.id, "aborted")


def over(moment: Moment) -> Iterator[Wish]:
    """The route of a task that is over is over too, unless people are aboard: then the crew is on its way ashore."""
    words = {
        "declined": Text("任务被拒绝", "the task was declined"),
        "aborted": Text("任务中止", "the task was aborted"),
        "done": Text("任务完成", "the task is done"),
    }
    for event in moment.events:
        if not isinstance(event.body, TaskMoved) or event.body.state not in words:
            continue
        task = moment.picture.tasks.get(event.body.task_id)
        vessel = moment.picture.vessels.get(task.vessel_id) if task else None
        route = moment.picture.routes.get(vessel.route_id) if vessel else None
        if task is None or vessel is None or route is None or vessel.aboard or route.task_id != task.id:
            continue
        if route.state == "active":
            yield route.id, EndRoute(route.id, "ended", words[event.body.state])


def disabled(moment: Moment) -> Iterator[Wish]:
    """Offer the next best unit for the task of a boat that can no longer move."""
    for event in moment.events:
        if not isinstance(event.body, VesselStateSet) or event.body.state != "disabled":
            continue
        vessel = moment.picture.vessels.get(event.body.vessel_id)
        task = moment.picture.tasks.get(vessel.task_id) if vessel else None
        if vessel is None or task is None or task.state not in _TAKEN or vessel.state != "disabled":
            continue
        why = vessel.state_why or Text("失去动力", "out of action")
        yield from offer(moment, task, "disabled", why)


def offer(moment: Moment, task: Task, reason: str, why: Text) -> Iterator[Wish]:
    """Offer the next best unit for a task, once for each reason; nobody left is said by an alarm."""
    offer_id = f"offer/{task.id}/{reason}"
    card = moment.picture.cards.get(task.id)
    if offer_id in moment.picture.offers or card is None or not _needed(moment.picture, task):
        return
    best = _next_best(moment, task, card)
    name = _name(moment.picture, task.terminal_id)
    if best is None:
        return
    other = _name(moment.picture, best.terminal_id)
    text = Text(f"{name.zh}{why.zh}，可改派{other.zh}", f"{name.en}: {why.en}; {other.en} could go")
    if best.eta_s is not None:
        wait = duration(best.eta_s - moment.now_s)
        text = Text(f"{text.zh}，{wait.zh}到", f"{text.en}, there in {wait.en}")
    if best.note is not None:
        text = Text(f"{text.zh}（{best.note.zh}）", f"{text.en} ({best.note.en})")
    yield offer_id, OfferAlternative(Offer(offer_id, card.push_id, task.terminal_id, best, text, moment.now_s))


def _needed(picture: Picture, task: Task) -> bool:
    """Return whether somebody still waits for the task."""
    return not task.victim_ids or bool(victims_of(picture, task))


def _next_best(moment: Moment, task: Task, card: Card) -> Candidate | None:
    """Return the first unit with a way that was not asked by this push already; None where there is none."""
    push = moment.picture.pushes.get(card.push_id)
    asked = set(push.terminal_ids) if push else {card.terminal_id}
    offered = {
        other.candidate.terminal_id
        for other in moment.picture.offers.values()
        if other.push_id == card.push_id and other.state == "open"
    }
    victims = victims_of(moment.picture, task)
    place_id = "" if task.kind == "in_water" else task.place_id
    try:
        found = moment.situation.candidates(moment.picture, victims, place_id, now_s=moment.now_s, push_id=card.push_id)
    except NotCoveredError:
        return None
    able = (one for one in found if one.terminal_id not in asked | offered)
    return next((one for one in able if one.eta_s is not None or not one.vessel_id), None)


def _name(picture: Picture, terminal_id: str) -> Text:
    terminal = picture.terminals.get(terminal_id)
    vessel = picture.vessels.get(terminal.vessel_id) if terminal else None
    if vessel is not None:
        return vessel.name
    return terminal.name if terminal else Text(terminal_id, terminal_id)
