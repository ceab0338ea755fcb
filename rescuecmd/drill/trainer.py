"""What the trainer sees: the next injects and what keeps them from firing, the score so far, who is saved."""

from collections.abc import Mapping
from dataclasses import dataclass

from rescuecmd.condition import Facts
from rescuecmd.drill.faults import fault_words
from rescuecmd.drill.score import Grade, Rating, Score
from rescuecmd.drill.script import DrillScript
from rescuecmd.drill.spoken import Names, speak, speak_part
from rescuecmd.drill.trigger import Trigger
from rescuecmd.drill.world import World
from rescuecmd.text import Text


@dataclass(frozen=True, slots=True)
class NextInject:
    """An inject that has not fired, as the trainer sees it: when, its state and what keeps it from firing.

    ``when`` is the condition as the script has it, ``said`` the same in words; both are empty for one that comes by
    time.
    """

    id: str
    at_s: float | None
    when: str
    said: Text
    to: tuple[str, ...]
    text: Text
    state: str
    value: bool | None
    blocked_by: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class TrainerView:
    """What the trainer sees of a drill; times are drill seconds."""

    drill_id: str
    title: Text
    marking: str
    elapsed_s: float
    duration_s: float
    level_m: float
    rise_m_per_min: float
    next: tuple[NextInject, ...]
    fired: tuple[tuple[str, float], ...]
    faults: tuple[NextInject, ...]
    score: tuple[Rating, ...]
    grades: tuple[Grade, ...]
    breaches: int
    reported: int
    waiting: int
    saved: int
    lost: int
    stopped: bool


def look_at(
    script: DrillScript,
    world: World,
    score: Score,
    *,
    injects: Mapping[str, Trigger],
    faults: Mapping[str, Trigger],
    facts: Facts,
    values: Mapping[str, str],
    t_s: float,
    level_m: float,
    rise_m_per_min: float,
    stopped: bool,
) -> TrainerView:
    """Return the trainer's view of a drill at `t_s` drill seconds; texts to come stand as they would be told now."""
    people = [p for p in world.people.values() if p.present]
    fired = {name: trigger.fired_s for name, trigger in injects.items() if trigger.fired_s is not None}
    texts = {inject.id: (inject.to, inject.text.filled(values)) for inject in script.injects}
    for fault in script.faults:
        texts[fault.id] = ((fault.target,), fault_words(script, fault))
    names = _names(script, world)
    return TrainerView(
        drill_id=script.id,
        title=script.title,
        marking=script.marking,
        elapsed_s=t_s,
        duration_s=script.duration_s,
        level_m=level_m,
        rise_m_per_min=rise_m_per_min,
        next=tuple(_waiting(trigger, *texts[trigger.id], facts, names) for trigger in _open(injects)),
        fired=tuple(sorted(fired.items(), key=lambda item: item[1])),
        faults=tuple(_waiting(trigger, *texts[trigger.id], facts, names) for trigger in _open(faults)),
        score=score.ratings(t_s),
        grades=score.grades(t_s),
        breaches=sum(breach.kind == "breach" for breach in score.breaches),
        reported=sum(p.spec.count for p in people),
        waiting=sum(p.waiting for p in people),
        saved=sum(p.safe for p in people),
        lost=sum(p.lost for p in people),
        stopped=stopped,
    )


def _open(triggers: Mapping[str, Trigger]) -> list[Trigger]:
    waiting = [trigger for trigger in triggers.values() if trigger.state in {"armed", "held"}]
    return sorted(waiting, key=lambda item: (item.when.at_s is None, item.when.at_s or 0.0))


def _names(script: DrillScript, world: World) -> Names:
    """Return how ids of conditions are said: units and people by the script, places by the river, cards as they are."""
    known = {place.id: place.name for place in world.river.places.values()}
    known |= {victim.id: victim.name for victim in script.victims} | {force.id: force.name for force in script.forces}
    return lambda thing: known.get(thing, Text(thing, thing))


def _waiting(trigger: Trigger, to: tuple[str, ...], text: Text, facts: Facts, names: Names) -> NextInject:
    when = trigger.when
    return NextInject(
        trigger.id,
        when.at_s,
        when.text,
        speak(when.text, names) if when.text else Text("", ""),
        to,
        text,
        trigger.state,
        trigger.value,
        tuple(speak_part(part, names) for part in trigger.blocked_by(facts)),
    )
