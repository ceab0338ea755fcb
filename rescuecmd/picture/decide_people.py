"""What a command about people leads to: reports, sightings, merges, counts, triage, and the named end of a case."""

import math

from rescuecmd.errors import InputError, RefusedError
from rescuecmd.picture import commands as c
from rescuecmd.picture import events as e
from rescuecmd.picture.entity import Fix, Victim
from rescuecmd.picture.register import LocateLink
from rescuecmd.picture.ruling import Bodies, decide_rule, fresh, needs, records
from rescuecmd.picture.state import Picture

MOST_PERSONS = 5000
"""More than this in one report is a slip of the finger."""

LINK_LONGEST_S = 86_400.0
"""A locate link stands a day at most, s."""

NOTE_LONGEST = 300

records(c.ProposeMerge, e.MergeProposed, "proposal", "proposals", new=True)


def head_of(picture: Picture, victim_id: str) -> Victim:
    """Return the record that speaks for a victim: itself, or what it was merged into.

    Raises
    ------
    NotFoundError
        There is none of that id.
    """
    victim: Victim = picture.find("victims", victim_id)
    while victim.merged_into in picture.victims:
        victim = picture.victims[victim.merged_into]
    return victim


def _place(fix: Fix, what: str) -> None:
    numbers = (fix.lon_deg, fix.lat_deg, fix.time_s, fix.accuracy_m)
    if not all(map(math.isfinite, numbers)) or abs(fix.lon_deg) > 180 or abs(fix.lat_deg) > 90 or fix.accuracy_m < 0:
        raise InputError("bad-fix", f"{what}: longitude {fix.lon_deg}, latitude {fix.lat_deg} is no position")


@decide_rule.register
def _(command: c.SightVictim, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    victim = head_of(picture, command.victim_id)
    _place(command.fix, victim.id)
    if victim.closed or command.fix.time_s < victim.fix.time_s:
        return ()
    return (e.VictimSighted(victim.id, command.fix, command.source, command.note),)


def _count(count: int, most: int, what: str) -> None:
    if not 1 <= count <= most:
        raise RefusedError("bad-count", f"{what}: expected 1 to {most} persons, got {count}", most=most)


@decide_rule.register
def _(command: c.ReportVictim, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    """Take a first report; a second one may say that their need has changed (swept off), never how many they are."""
    told = command.victim
    if not told.id:
        raise InputError("no-id", "ReportVictim needs an id")
    _place(told.fix, told.id)
    if told.merged_into or told.merges or told.closing or told.handed:
        raise InputError("bad-report", f"a report of {told.id} says where and how many; the rest has its own commands")
    known = picture.victims.get(told.id)
    if known is not None:
        counts = (known.count, known.aboard, known.safe, known.lost)
        if known.kind == told.kind or counts != (told.count, told.aboard, told.safe, told.lost):
            fresh("victims", told.id, picture)
    return () if known == told else (e.VictimReported(told),)


@decide_rule.register
def _(command: c.PickUpVictims, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    victim = head_of(picture, command.victim_id)
    vessel = picture.find("vessels", command.vessel_id)
    _count(command.count, victim.waiting, f"{victim.id} picked up")
    _count(command.count, vessel.craft.seats - vessel.aboard, f"free seats of {vessel.id}")
    return (e.VictimsPickedUp(victim.id, vessel.id, command.count),)


@decide_rule.register
def _(command: c.LandVictims, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    victim = head_of(picture, command.victim_id)
    vessel = picture.find("vessels", command.vessel_id)
    _count(command.count, min(victim.aboard, vessel.aboard), f"{victim.id} landed from {vessel.id}")
    return (e.VictimsLanded(victim.id, vessel.id, command.count, command.place_id),)


@decide_rule.register
def _(command: c.ClearVictims, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    victim = head_of(picture, command.victim_id)
    _count(command.count, victim.waiting, f"{victim.id} cleared")
    return (e.VictimsCleared(victim.id, command.count),)


@decide_rule.register
def _(command: c.LoseVictims, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    victim = head_of(picture, command.victim_id)
    _count(command.count, victim.waiting, f"{victim.id} lost")
    return (e.VictimsLost(victim.id, command.count, command.why),)


@decide_rule.register
def _(command: c.MergeVictims, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    into = _whole(picture, command.into)
    if not command.victim_ids or into.id in command.victim_ids:
        raise InputError("bad-merge", f"name the reports that are about {into.id} too, not {into.id} itself")
    parts = [picture.find("victims", item) for item in dict.fromkeys(command.victim_ids)]
    parts = [part for part in parts if part.merged_into != into.id]
    if not parts:
        return ()
    for part in parts:
        _whole(picture, part.id)
        if part.aboard or part.safe or part.lost:
            raise RefusedError("moved", f"{part.id} has people who were moved already; merge the others into it")
    count = max(into.count, *(part.count for part in parts)) if command.count is None else command.count
    least = max(1, into.aboard + into.safe + into.lost)
    if not least <= count <= MOST_PERSONS:
        raise RefusedError("bad-count", f"{into.id}: expected {least} to {MOST_PERSONS} persons, got {count}")
    return (e.VictimsMerged(into.id, tuple(part.id for part in parts), count),)


def _whole(picture: Picture, victim_id: str) -> Victim:
    """Return a victim that speaks for itself and whose case is open."""
    victim: Victim = picture.find("victims", victim_id)
    if victim.merged_into:
        raise RefusedError("merged", f"{victim.id} was merged into {victim.merged_into}", into=victim.merged_into)
    if victim.closing is not None:
        raise RefusedError("closed", f"{victim.id} was closed by {victim.closing.rescuer}")
    return victim


@decide_rule.register
def _(command: c.SplitVictim, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    victim: Victim = picture.find("victims", command.victim_id)
    return (e.VictimSplit(victim.id),) if victim.merged_into else ()


@decide_rule.register
def _(command: c.TriageVictim, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    victim = head_of(picture, command.victim_id)
    if len(command.note) > NOTE_LONGEST:
        raise InputError("long-note", f"a note has at most {NOTE_LONGEST} characters, got {len(command.note)}")
    same = victim.triage is not None and (victim.triage.category, victim.triage.scheme) == (
        command.category,
        command.scheme,
    )
    if (same or not command.category) and (not command.note or command.note == victim.note):
        return ()
    return (e.VictimTriaged(victim.id, command.category, command.scheme, command.note),)


@decide_rule.register
def _(command: c.HandOverVictims, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    victim = _whole(picture, head_of(picture, command.victim_id).id)
    _count(command.count, victim.safe - victim.handed, f"{victim.id} to the ambulance")
    return (e.VictimsHandedOver(victim.id, command.count),)


@decide_rule.register
def _(command: c.CloseVictim, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    victim: Victim = picture.find("victims", command.victim_id)
    if victim.closing is not None:
        return ()
    _whole(picture, victim.id)
    if not command.rescuer.strip():
        raise InputError("no-rescuer", f"{victim.id} is closed by a rescuer with a name, or not at all")
    if victim.aboard:
        raise RefusedError("aboard", f"{victim.id}: {victim.aboard} still aboard", aboard=victim.aboard)
    # who is given up for dead is reported lost first, which takes two persons (`decide_approval`)
    if victim.waiting and command.reason in {"rescued", "handed_over", "deceased"}:
        raise RefusedError("waiting", f"{victim.id}: {victim.waiting} still waiting", waiting=victim.waiting)
    return (e.VictimClosed(victim.id, command.reason, command.rescuer.strip(), command.note[:NOTE_LONGEST]),)


@decide_rule.register
def _(command: c.ReopenVictim, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    victim: Victim = picture.find("victims", command.victim_id)
    return () if victim.closing is None else (e.VictimReopened(victim.id),)


@decide_rule.register
def _(command: c.CountHeads, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    needs(picture, "vessels" if command.where == "boat" else "terminals", command.unit_id)
    if not 0 <= command.count <= MOST_PERSONS:
        raise InputError("bad-count", f"expected 0 to {MOST_PERSONS} persons, got {command.count}")
    return (e.HeadsCounted(command.where, command.unit_id, command.count),)


@decide_rule.register
def _(command: c.SettleProposal, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    proposal = picture.find("proposals", command.proposal_id)
    return (e.ProposalSettled(proposal.id, command.state),) if proposal.state == "open" else ()


@decide_rule.register
def _(command: c.MakeLocateLink, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    link = command.link
    fresh("links", link.id, picture)
    if link.victim_id:
        needs(picture, "victims", link.victim_id)
    if not 0 < link.expires_s - now_s <= LINK_LONGEST_S:
        raise InputError("bad-expiry", f"a link stands for up to {LINK_LONGEST_S:.0f} s from now")
    return (e.LocateLinkMade(link),)


@decide_rule.register
def _(command: c.LocateCaller, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    link: LocateLink = picture.find("links", command.link_id)
    if link.closed_s is not None or now_s >= link.expires_s:
        raise RefusedError("link-over", "this link is no longer good; call again")
    _place(command.fix, link.id)
    if not 1 <= command.count <= MOST_PERSONS:
        raise InputError("bad-count", f"expected 1 to {MOST_PERSONS} persons, got {command.count}")
    return (e.CallerLocated(link.id, command.fix, command.count, command.note[:NOTE_LONGEST]),)


@decide_rule.register
def _(command: c.CloseLocateLink, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    link: LocateLink = picture.find("links", command.link_id)
    return () if link.closed_s is not None else (e.LocateLinkClosed(link.id),)
