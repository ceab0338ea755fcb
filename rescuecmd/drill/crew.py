"""Robot crews and a robot commander: what they answer and order, and when. Used headless and behind real sockets.

A robot knows only the picture (as its screen would show it) and its own character from the script and the seed. It
keeps silent wherever a person holds the terminal.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from rescuecmd.drill.script import DrillScript, FaultSpec
from rescuecmd.picture.commands import AckAlarm, AckSos, Command, ConfirmCopy, FormGroup, GiveReceipt
from rescuecmd.picture.entity import Group
from rescuecmd.picture.lifecycle import ANSWERED, CARD_RANK, COPY_RANK
from rescuecmd.picture.order import Card, Copy, Suggestion, Task
from rescuecmd.picture.state import Picture
from rescuecmd.text import Text

DISPLAY_S = (1.0, 2.0)
ANSWER_S = (5.0, 20.0)
THINK_S = (15.0, 30.0)
OFFER_THINK_S = (6.0, 12.0)
AGAIN_S = 180.0  # a suggestion that still stands after this long is pushed again
OPEN = {"offered", "accepted", "under_way", "on_scene"}


@dataclass(frozen=True, slots=True)
class CrewPolicy:
    """How one robot crew answers its cards: delivered at once, shown within 2 s, answered within 5 to 20 s.

    Pure: the same card and time always give the same answer. ``faults`` are the script's crew faults for it.
    """

    terminal_id: str
    seed: int
    start_s: float = 0.0
    faults: tuple[FaultSpec, ...] = ()

    def answers(self, card: Card, now_s: float) -> list[Command]:
        """Return the receipts that are due for a card of this terminal, in order; empty when there are none."""
        if card.terminal_id != self.terminal_id or CARD_RANK[card.state] >= ANSWERED:
            return []
        draw = random.Random(f"{self.seed}/{card.id}")
        display_s = card.pushed_s + draw.uniform(*DISPLAY_S)
        answer_s = card.pushed_s + draw.uniform(*ANSWER_S)
        due: list[Command] = []
        if card.state == "queued":
            due.append(GiveReceipt(card.id, "delivered"))
        if card.state in {"queued", "delivered"} and now_s >= display_s:
            due.append(GiveReceipt(card.id, "displayed"))
        if now_s >= answer_s:
            due += self._answer(card, now_s)
        return due

    def _answer(self, card: Card, now_s: float) -> list[Command]:
        fault = self.fault_at(card.plan_id, card.pushed_s)
        if fault is None:
            return [GiveReceipt(card.id, "accepted")]
        if fault.type == "decline":
            return [GiveReceipt(card.id, "declined", fault.reason)]
        silent_until = None if fault.for_s is None else self.start_s + (fault.when.at_s or 0.0) + fault.for_s
        return [] if silent_until is None or now_s < silent_until else [GiveReceipt(card.id, "accepted")]

    def confirms(self, copy: Copy) -> list[Command]:
        """Return what is due for a message, zone or SOS sent to this terminal: its device shows it at once."""
        due = copy.terminal_id == self.terminal_id and COPY_RANK[copy.state] < COPY_RANK["displayed"]
        return [ConfirmCopy(copy.id, "displayed")] if due else []

    def fault_at(self, plan_id: str, time_s: float) -> FaultSpec | None:
        """Return the crew fault that decides about a card of a plan pushed at a time, or None."""
        t_s = time_s - self.start_s
        for fault in self.faults:
            begins = fault.when.at_s or 0.0
            ends = float("inf") if fault.for_s is None else begins + fault.for_s
            if begins <= t_s < ends and fault.plan_id in {"", plan_id}:
                return fault
        return None


def crew_policies(script: DrillScript, seed: int, start_s: float) -> dict[str, CrewPolicy]:
    """Return a policy for every terminal of the script, by terminal id."""
    return {
        force.terminal_id: CrewPolicy(
            force.terminal_id,
            seed,
            start_s,
            tuple(fault for fault in script.faults if fault.part == "crew" and fault.target == force.id),
        )
        for force in script.forces
    }


@dataclass(frozen=True, slots=True)
class Wish:
    """What a commander wants pushed: one click."""

    plan_id: str
    terminal_ids: tuple[str, ...]
    victim_ids: tuple[str, ...]
    place_id: str
    suggestion_id: str = ""
    offer_id: str = ""
    group_id: str = ""


@dataclass(slots=True)
class CommanderPolicy:
    """A robot commander: pushes the top suggestion after thinking, takes offers, forms task groups, answers SOS.

    It remembers only when it first saw a thing, so that its delay is a person's and not a machine's.
    """

    seed: int
    _seen_s: dict[str, float] = field(default_factory=dict)
    _pushed_s: dict[str, float] = field(default_factory=dict)

    def orders(self, picture: Picture, now_s: float) -> list[Wish]:
        """Return what to push now: at most one suggestion, and every offer that has been thought about."""
        wishes = []
        for offer in picture.offers.values():
            if offer.state == "open" and self._thought(f"offer/{offer.id}", now_s, OFFER_THINK_S):
                push = picture.pushes.get(offer.push_id)
                if push is not None and self._first(f"offer/{offer.id}", now_s):
                    taken = (offer.candidate.terminal_id,)
                    wishes.append(Wish(push.plan_id, taken, push.victim_ids, push.place_id, offer_id=offer.id))
        for suggestion in sorted(picture.suggestions.values(), key=lambda item: (item.rank, item.id)):
            key = f"suggestion/{suggestion.id}"
            if suggestion.chosen and self._thought(key, now_s, THINK_S) and self._first(key, now_s):
                wishes.append(_wish(suggestion))
                break
        return wishes

    def commands(self, picture: Picture, now_s: float) -> list[Command]:
        """Return the other things a commander does: task groups, and acknowledging SOS and alarms."""
        told: list[Command] = [AckSos(sos.id) for sos in picture.soses.values() if sos.acked_s is None]
        told += [
            AckAlarm(alarm.id)
            for alarm in picture.alarms.values()
            if alarm.acked_s is None and self._thought(f"alarm/{alarm.id}", now_s, OFFER_THINK_S)
        ]
        return told + self._new_groups(picture, now_s)

    def _new_groups(self, picture: Picture, now_s: float) -> list[Command]:
        together: dict[tuple[str, ...], set[str]] = {}
        for task in picture.tasks.values():
            if task.state in OPEN:
                together.setdefault(_about(task), set()).add(task.terminal_id)
        known = {frozenset(group.terminal_ids) for group in picture.groups.values() if group.closed_s is None}
        formed: list[Command] = []
        for about, terminals in sorted(together.items()):
            if len(terminals) < 2 or any(terminals <= group for group in known):
                continue
            number = len(picture.groups) + len(formed) + 1
            name = Text(zh=f"任务编组 {number}", en=f"Task group {number}")
            group = Group(f"group-{number}-{about[0]}", name, tuple(sorted(terminals)), "commander", now_s)
            formed.append(FormGroup(group))
        return formed

    def _thought(self, key: str, now_s: float, delay_s: Sequence[float]) -> bool:
        first_s = self._seen_s.setdefault(key, now_s)
        return now_s - first_s >= random.Random(f"{self.seed}/{key}").uniform(delay_s[0], delay_s[1])

    def _first(self, key: str, now_s: float) -> bool:
        """Return whether this has not been pushed lately, and remember that it now is."""
        last = self._pushed_s.get(key)
        if last is not None and now_s - last < AGAIN_S:
            return False
        self._pushed_s[key] = now_s
        return True


def _wish(suggestion: Suggestion) -> Wish:
    return Wish(
        suggestion.plan_id, suggestion.chosen, suggestion.victim_ids, suggestion.place_id, suggestion_id=suggestion.id
    )


def _about(task: Task) -> tuple[str, ...]:
    return (task.plan_id, task.place_id, *sorted(task.victim_ids))
