"""What an event about people does to the picture. Nobody is ever created or forgotten by moving, merging or closing."""

from dataclasses import replace

from rescuecmd.picture import events as e
from rescuecmd.picture.entity import Closing, Fix, Merge, ReportSource, Sighting, Triage, Vessel, Victim
from rescuecmd.picture.reconcile import book_of
from rescuecmd.picture.register import HeadCount, LocateLink
from rescuecmd.picture.ruling import fold_rule, keeps
from rescuecmd.picture.state import Picture
from rescuecmd.text import Text

SIGHTINGS_KEPT = 40
"""What a victim's record keeps; the log has all."""

SAME_EYES_S = 30.0
"""Sightings by the same eyes within this are one, s: a camera sees a drifting person many times a second."""

keeps(e.LocateLinkMade, "link", "links")


@fold_rule.register
def _(body: e.VictimReported, picture: Picture, event: e.Event) -> Picture:
    told, known = body.victim, picture.victims.get(body.victim.id)
    first = Sighting(told.fix, told.reported_by or event.actor.id, told.source, told.note)
    if known is None:
        author = first.by if told.note else ""
        return picture.put("victims", replace(told, sightings=told.sightings or (first,), note_by=author))
    kept = replace(
        told,
        source=known.source,
        sightings=(*known.sightings, first)[-SIGHTINGS_KEPT:],
        merged_into=known.merged_into,
        merges=known.merges,
        triage=known.triage,
        note=told.note or known.note,
        note_by=first.by if told.note else known.note_by,
        handed=known.handed,
        closing=known.closing,
    )
    return picture.put("victims", kept)


@fold_rule.register
def _(body: e.VictimSighted, picture: Picture, event: e.Event) -> Picture:
    victim = picture.victims.get(body.victim_id)
    if victim is None:
        return picture
    return picture.put("victims", _seen(victim, Sighting(body.fix, event.actor.id, body.source, body.note)))


def _seen(victim: Victim, sighting: Sighting) -> Victim:
    last = victim.sightings[-1] if victim.sightings else None
    again = (
        last is not None
        and (last.by, last.source, last.note) == (sighting.by, sighting.source, sighting.note)
        and sighting.fix.time_s - last.fix.time_s < SAME_EYES_S
    )
    kept = victim.sightings if again else (*victim.sightings, sighting)[-SIGHTINGS_KEPT:]
    return replace(victim, fix=sighting.fix, sightings=kept)


def _shift(picture: Picture, victim_id: str, **by: int) -> Picture:
    victim = picture.victims.get(victim_id)
    if victim is None:
        return picture
    return picture.edit("victims", victim_id, **{name: getattr(victim, name) + n for name, n in by.items()})


def _board(picture: Picture, vessel_id: str, count: int) -> Picture:
    vessel: Vessel | None = picture.vessels.get(vessel_id)
    return picture.edit("vessels", vessel_id, aboard=max(0, vessel.aboard + count)) if vessel else picture


@fold_rule.register
def _(body: e.VictimsPickedUp, picture: Picture, event: e.Event) -> Picture:
    return _board(_shift(picture, body.victim_id, aboard=body.count), body.vessel_id, body.count)


@fold_rule.register
def _(body: e.VictimsLanded, picture: Picture, event: e.Event) -> Picture:
    return _board(_shift(picture, body.victim_id, aboard=-body.count, safe=body.count), body.vessel_id, -body.count)


@fold_rule.register
def _(body: e.VictimsCleared, picture: Picture, event: e.Event) -> Picture:
    return _shift(picture, body.victim_id, safe=body.count)


@fold_rule.register
def _(body: e.VictimsLost, picture: Picture, event: e.Event) -> Picture:
    return _shift(picture, body.victim_id, lost=body.count)


@fold_rule.register
def _(body: e.VictimsHandedOver, picture: Picture, event: e.Event) -> Picture:
    return _shift(picture, body.victim_id, handed=body.count)


@fold_rule.register
def _(body: e.VictimsMerged, picture: Picture, event: e.Event) -> Picture:
    into = picture.victims.get(body.into)
    parts = [picture.victims[item] for item in body.victim_ids if item in picture.victims]
    if into is None:
        return picture
    newest: Fix = max((one.fix for one in (into, *parts)), key=lambda fix: fix.time_s)
    seen = sorted((s for one in (into, *parts) for s in one.sightings), key=lambda s: s.fix.time_s)
    noted = next((one for one in (into, *parts) if one.note), into)
    merges = tuple(Merge(part.id, into.count, event.actor.id, event.time_s) for part in parts)
    head = replace(
        into,
        count=body.count,
        fix=newest,
        sightings=tuple(seen[-SIGHTINGS_KEPT:]),
        merges=(*into.merges, *merges),
        note=noted.note,
        note_by=noted.note_by,
        triage=into.triage or next((part.triage for part in parts if part.triage), None),
    )
    picture = picture.put("victims", head, *(replace(part, merged_into=into.id) for part in parts))
    return _settle(_retarget(picture, into.id, {part.id for part in parts}), into.id)


def _retarget(picture: Picture, into: str, parts: set[str]) -> Picture:
    """Let the tasks for merged reports be for the record that speaks for them."""
    moved = [
        replace(task, victim_ids=tuple(dict.fromkeys(into if item in parts else item for item in task.victim_ids)))
        for task in picture.tasks.values()
        if parts & set(task.victim_ids)
    ]
    return picture.put("tasks", *moved) if moved else picture


def _settle(picture: Picture, into: str) -> Picture:
    """Mark the proposals as taken that asked for what is so now."""
    same = {into, *(victim.id for victim in picture.victims.values() if victim.merged_into == into)}
    taken = [
        replace(item, state="taken")
        for item in picture.proposals.values()
        if item.kind == "victims" and item.state == "open" and set(item.ids) <= same
    ]
    return picture.put("proposals", *taken) if taken else picture


@fold_rule.register
def _(body: e.VictimSplit, picture: Picture, event: e.Event) -> Picture:
    part = picture.victims.get(body.victim_id)
    head = picture.victims.get(part.merged_into) if part else None
    if part is None or head is None:
        return picture
    undone = next((merge for merge in reversed(head.merges) if merge.victim_id == part.id), None)
    latest = undone is not None and head.merges[-1].time_s == undone.time_s
    least = head.aboard + head.safe + head.lost
    count = max(least, undone.count_before) if undone and latest else head.count
    alone = replace(
        head,
        count=count,
        merges=tuple(merge for merge in head.merges if merge.victim_id != part.id),
        sightings=tuple(sighting for sighting in head.sightings if sighting not in part.sightings),
    )
    return picture.put("victims", alone, replace(part, merged_into=""))


@fold_rule.register
def _(body: e.VictimTriaged, picture: Picture, event: e.Event) -> Picture:
    victim = picture.victims.get(body.victim_id)
    if victim is None:
        return picture
    judged = Triage(body.category, body.scheme, event.actor.id, event.time_s) if body.category else victim.triage
    if body.note:
        victim = replace(victim, note=body.note, note_by=event.actor.id)
    return picture.put("victims", replace(victim, triage=judged))


@fold_rule.register
def _(body: e.VictimClosed, picture: Picture, event: e.Event) -> Picture:
    victim = picture.victims.get(body.victim_id)
    if victim is None:
        return picture
    closing = Closing(
        body.reason, body.rescuer, body.note, event.actor.id, event.time_s, victim.count, victim.safe, victim.lost
    )
    waiting = victim.waiting
    if body.reason == "false_alarm":
        victim = replace(victim, count=victim.count - waiting)
    else:
        victim = replace(victim, safe=victim.safe + waiting)
    return picture.put("victims", replace(victim, closing=closing))


@fold_rule.register
def _(body: e.VictimReopened, picture: Picture, event: e.Event) -> Picture:
    victim = picture.victims.get(body.victim_id)
    was = victim.closing if victim else None
    if victim is None or was is None:
        return picture
    opened = replace(victim, closing=None, count=was.count_before, safe=was.safe_before, lost=was.lost_before)
    return picture.put("victims", opened)


@fold_rule.register
def _(body: e.HeadsCounted, picture: Picture, event: e.Event) -> Picture:
    book = book_of(picture, body.where, body.unit_id)
    count_id = f"{body.where}/{body.unit_id}"
    counted = HeadCount(count_id, body.where, body.unit_id, body.count, book, event.actor.id, event.time_s)
    return picture.put("head_counts", counted)


@fold_rule.register
def _(body: e.ProposalSettled, picture: Picture, event: e.Event) -> Picture:
    return picture.edit("proposals", body.proposal_id, state=body.state)


@fold_rule.register
def _(body: e.CallerLocated, picture: Picture, event: e.Event) -> Picture:
    link: LocateLink | None = picture.links.get(body.link_id)
    if link is None:
        return picture
    victim_id = link.victim_id or f"locate-{link.id}"
    answered = replace(link, victim_id=victim_id, answers=link.answers + 1, answered_s=event.time_s)
    picture = picture.put("links", answered)
    source: ReportSource = "locate_link"
    sighting = Sighting(body.fix, link.contact or f"link/{link.id}", source, body.note)
    known = _head(picture, victim_id)
    if known is not None:
        return picture.put("victims", _seen(known, sighting))
    name = Text(f"来电人 {link.contact}".strip(), f"Caller {link.contact}".strip())
    victim = Victim(
        victim_id,
        "stranded",
        name,
        body.count,
        body.fix,
        event.time_s,
        sighting.by,
        source=source,
        sightings=(sighting,),
        note=body.note,
    )
    return picture.put("victims", victim)


def _head(picture: Picture, victim_id: str) -> Victim | None:
    victim = picture.victims.get(victim_id)
    while victim is not None and victim.merged_into in picture.victims:
        victim = picture.victims[victim.merged_into]
    return victim


@fold_rule.register
def _(body: e.LocateLinkClosed, picture: Picture, event: e.Event) -> Picture:
    return picture.edit("links", body.link_id, closed_s=event.time_s)
