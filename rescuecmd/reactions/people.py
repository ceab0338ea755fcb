"""What the register of people calls for: reports that may be one, counts that do not agree, groups whose time is over.

The software proposes and warns; it merges, closes and counts nobody.
"""

from collections.abc import Iterator
from itertools import chain

from rescuecmd.picture.alarm import standing
from rescuecmd.picture.assigned import OPEN
from rescuecmd.picture.commands import ClearAlarm, CloseGroup, ProposeMerge, RaiseAlarm, SettleProposal
from rescuecmd.picture.duplicates import proposals, same_people, same_work
from rescuecmd.picture.events import CallerLocated, CardPushed, TaskMoved, VictimReported
from rescuecmd.picture.order import Alarm
from rescuecmd.picture.reconcile import mismatches
from rescuecmd.picture.register import HeadCount, Proposal
from rescuecmd.reactions.moment import Moment, Wish
from rescuecmd.text import Text

PLACES = {
    "boat": Text("艇上", "aboard"),
    "shore": Text("岸上", "ashore"),
    "ambulance": Text("救护车", "in the ambulances"),
}


def propose(moment: Moment) -> Iterator[Wish]:
    """Put before the commander which reports and tasks look like one."""
    yield from ((proposal.id, ProposeMerge(proposal)) for proposal in _alike(moment))
    moves = [event.body for event in moment.events if isinstance(event.body, TaskMoved)]
    if not moment.events or any(move.state not in OPEN for move in moves):
        yield from _settled(moment)


def _settled(moment: Moment) -> Iterator[Wish]:
    """Settle the proposals about tasks of which one is over."""
    for proposal in moment.picture.proposals.values():
        if proposal.state == "open" and proposal.kind == "tasks":
            tasks = [moment.picture.tasks.get(item) for item in proposal.ids]
            if any(task is None or task.state not in OPEN for task in tasks):
                yield proposal.id, SettleProposal(proposal.id, "taken")


def _alike(moment: Moment) -> Iterator[Proposal]:
    """Yield what looks like one: among all there is on a tick, else among what the events are about."""
    picture, now_s, kinds = moment.picture, moment.now_s, {type(event.body) for event in moment.events}
    if not kinds:
        yield from proposals(picture, now_s)
    if kinds & {VictimReported, CallerLocated}:
        yield from same_people(picture, now_s)
    pushed = (event.body.tasks for event in moment.events if isinstance(event.body, CardPushed))
    yield from same_work(picture, chain.from_iterable(pushed), now_s)


def check_counts(moment: Moment) -> Iterator[Wish]:
    """Warn where a head count and the book do not agree, until a later count does."""
    wrong = {f"count_mismatch/{item.id}": item for item in mismatches(moment.picture)}
    for alarm_id, item in wrong.items():
        text = _words(moment, item)
        stands = standing(moment.picture, alarm_id)
        if stands is None or stands.text != text:
            yield alarm_id, RaiseAlarm(Alarm(alarm_id, "count_mismatch", "warning", text, item.unit_id, moment.now_s))
    for alarm in moment.picture.alarms.values():
        if alarm.kind == "count_mismatch" and alarm.rectified_s is None and alarm.id not in wrong:
            yield alarm.id, ClearAlarm(alarm.id)


def _words(moment: Moment, item: HeadCount) -> Text:
    table = moment.picture.vessels if item.where == "boat" else moment.picture.terminals
    unit = table.get(item.unit_id)
    name = unit.name if unit else Text(item.unit_id, item.unit_id)
    place = PLACES[item.where]
    return Text(
        f"{name.zh}清点{place.zh} {item.count} 人，账面 {item.book} 人",
        f"{name.en} counts {item.count} {place.en}, the book says {item.book}",
    )


def end_groups(moment: Moment) -> Iterator[Wish]:
    """End the task groups whose time is over."""
    for group in moment.picture.groups.values():
        if group.closed_s is None and group.ends_s is not None and moment.now_s >= group.ends_s:
            yield group.id, CloseGroup(group.id)
