"""Who could take a job: boats by their arrival, shore teams for a beach; and who was passed over, and why."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from rescuecmd.drift.expected import follower
from rescuecmd.picture.assigned import busy, free_seats
from rescuecmd.picture.entity import Terminal, Vessel, Victim
from rescuecmd.picture.lifecycle import cards_of
from rescuecmd.picture.order import Candidate
from rescuecmd.picture.state import Picture
from rescuecmd.routing.journey import Journey, fix_xy, goal_xy, plan_journey, walk
from rescuecmd.routing.scene import Scene
from rescuecmd.text import Text

_DISABLED = Text(zh="失去动力或停用", en="disabled")
Weighed: TypeAlias = dict[tuple[str, ...], Candidate]
"""Candidates by terminal, victims and place."""

_BUSY = Text(zh="已有任务", en="already on a task")
_DECLINED = Text(zh="已拒绝这次推送", en="declined this push")
_FULL = Text(zh="没有空位", en="no free seat")


def candidates(
    scene: Scene,
    picture: Picture,
    victims: Sequence[Victim],
    *,
    place_id: str = "",
    push_id: str = "",
    weighed: Weighed | None = None,
) -> tuple[Candidate, ...]:
    """Return who could take a job, earliest arrival first; those without a way come last and say why.

    Boats for a reef or people in the water; shore and medical teams for a crowd. Left out: disabled, on a task,
    full, or having declined the push `push_id`. What has been worked out of this scene and picture is kept in
    `weighed`, if it is given.
    """
    known: Weighed = {} if weighed is None else weighed
    job = (*(victim.id for victim in victims), place_id)
    found = []
    for terminal, why in _considered(picture, victims, push_id):
        if why is None:
            key = (terminal.id, *job)
            if key not in known:
                known[key] = _candidate(scene, picture, terminal, victims, place_id)
            found.append(known[key])
    return tuple(sorted(found, key=_order))


def passed_over(picture: Picture, victims: Sequence[Victim], *, push_id: str = "") -> tuple[Candidate, ...]:
    """Return those who were left out, each with the reason as its note."""
    return tuple(
        Candidate(terminal.id, terminal.vessel_id, None, _seats(picture, terminal), why)
        for terminal, why in _considered(picture, victims, push_id)
        if why is not None
    )


def _considered(picture: Picture, victims: Sequence[Victim], push_id: str) -> Iterator[tuple[Terminal, Text | None]]:
    """Yield the terminals whose kind of crew fits the job, each with what rules it out."""
    on_foot = bool(victims) and all(victim.kind == "crowd" for victim in victims)
    on_a_task, push = busy(picture), picture.pushes.get(push_id)
    declined = {card.terminal_id for card in cards_of(picture, push) if card.state == "declined"} if push else set()
    for terminal in picture.terminals.values():
        vessel = picture.vessels.get(terminal.vessel_id)
        if on_foot != (vessel is None):
            continue
        if vessel is not None and vessel.state == "disabled":
            yield terminal, vessel.state_why or _DISABLED
        elif terminal.id in on_a_task:
            yield terminal, _BUSY
        elif terminal.id in declined:
            yield terminal, _DECLINED
        elif vessel is not None and not free_seats(vessel):
            yield terminal, _FULL
        else:
            yield terminal, None


def _candidate(
    scene: Scene, picture: Picture, terminal: Terminal, victims: Sequence[Victim], place_id: str
) -> Candidate:
    vessel = picture.vessels.get(terminal.vessel_id)
    if vessel is None:
        _, seconds = walk(fix_xy(scene.river, terminal.fix), goal_xy(scene.river, victims, place_id))
        note = Text(zh="步行，按直线估计", en="on foot, estimated by the straight line")
        far = Text(zh="位置不明或超过 2 km", en="position unknown or more than 2 km away")
        eta_s = None if seconds is None else scene.now_s + seconds
        return Candidate(terminal.id, "", eta_s, 0, far if seconds is None else note)
    journey = plan_journey(scene, vessel, victims, place_id, follow=follower(scene))
    return Candidate(terminal.id, vessel.id, journey.arrive_s, free_seats(vessel), _note(scene, vessel, journey))


def _note(scene: Scene, vessel: Vessel, journey: Journey) -> Text | None:
    """Return what speaks against a boat: no way, or a current at the job above its limit."""
    if journey.why is not None:
        return journey.why
    limit = vessel.craft.max_current_mps
    if limit is None:
        return None
    u_mps, v_mps = scene.water.current_xy(*journey.stop_xy, scene.now_s)
    current = float((u_mps**2 + v_mps**2) ** 0.5)
    if current <= limit:
        return None
    return Text(
        zh=f"现场流速 {current:.1f} m/s 超过本艇限值 {limit:.1f} m/s",
        en=f"current {current:.1f} m/s at the place is above its limit of {limit:.1f} m/s",
    )


def _seats(picture: Picture, terminal: Terminal) -> int:
    vessel = picture.vessels.get(terminal.vessel_id)
    return 0 if vessel is None else free_seats(vessel)


def _order(candidate: Candidate) -> tuple[bool, bool, float, str]:
    warned = candidate.note is not None and candidate.vessel_id != ""
    return candidate.eta_s is None, warned, candidate.eta_s or 0.0, candidate.terminal_id
