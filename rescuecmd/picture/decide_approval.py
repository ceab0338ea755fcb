"""Two-person rule, hand-over of command, and what agencies share: from command to event, from event to picture.

An approval does what it says in the same transaction as its answer: there is no moment at which it is approved and
not done.
"""

from dataclasses import replace

from rescuecmd.errors import ForbiddenError, InputError, RefusedError
from rescuecmd.picture import commands as c
from rescuecmd.picture import events as e
from rescuecmd.picture.approval import RECALL_AT_ONCE, RECALL_WINDOW_S, Answer, Approval, ApprovalState
from rescuecmd.picture.order import CardState
from rescuecmd.picture.ruling import Bodies, decide_rule, fold_rule, fresh, keeps
from rescuecmd.picture.state import Picture
from rescuecmd.text import Text

PENDING: tuple[CardState, ...] = ("queued", "delivered", "displayed")
_NO_REASON = Text("未说明", "no reason given")
_STATE: dict[Answer, ApprovalState] = {"approve": "approved", "refuse": "refused", "withdraw": "withdrawn"}


def pending_orders(picture: Picture) -> tuple[str, ...]:
    """Return the cards that nobody has answered yet: what a new commander takes over."""
    return tuple(card.id for card in picture.cards.values() if card.state in PENDING)


def second_person(picture: Picture, command: c.Command, approval_id: str) -> c.Command:
    """Return the command, or where one person may not give it alone, the approval that asks for it.

    Source
    ------
    OWASP ASVS 5.0.0-2.3.5: two-person approval of what costs lives if it is a mistake or a crime.
    """
    asked = _asked(picture, command, approval_id)
    return c.AskApproval(asked) if asked else command


def _asked(picture: Picture, command: c.Command, approval_id: str) -> Approval | None:
    if isinstance(command, c.LoseVictims):
        return Approval(
            approval_id, "abandon_search", victim_id=command.victim_id, count=command.count, why=command.why
        )
    if isinstance(command, c.LiftZone):
        zone = picture.zones.get(command.zone_id)
        if zone is not None and zone.kind == "search":
            return Approval(approval_id, "abandon_search", zone_id=zone.id)
    if isinstance(command, c.WithdrawCard) and _recalled_lately(picture, command.card_id) >= RECALL_AT_ONCE:
        return Approval(approval_id, "mass_recall", card_ids=(command.card_id,), why=command.why)
    return None


def _recalled_lately(picture: Picture, card_id: str) -> int:
    """Return how many accepted cards were withdrawn within the window, if this one is accepted too."""
    card = picture.cards.get(card_id)
    if card is None or card.state != "accepted":
        return 0
    since_s = picture.time_s - RECALL_WINDOW_S
    return sum(
        other.state == "withdrawn"
        and any(mark.step == "accepted" for mark in other.trail)
        and any(mark.step == "withdrawn" and mark.time_s > since_s for mark in other.trail)
        for other in picture.cards.values()
    )


@decide_rule.register
def _(command: c.AskApproval, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    asked = command.approval
    if not asked.id:
        raise InputError("no-id", "AskApproval needs an id")
    fresh("approvals", asked.id, picture)
    if any(not x.over(now_s) and (x.kind, x.by) == ("hand_over", actor.id) for x in picture.approvals.values()):
        raise RefusedError("handing-over", "you are handing the command over; withdraw that first")
    made = Approval(
        asked.id, asked.kind, actor.id, actor.name, now_s, to=asked.to, card_ids=asked.card_ids,
        victim_id=asked.victim_id, count=asked.count, zone_id=asked.zone_id, why=asked.why,
    )  # fmt: skip
    if made.kind == "hand_over":
        made = replace(made, card_ids=pending_orders(picture))
    else:
        _done(made, picture, actor, now_s)  # what could not be done is refused now, not when somebody has agreed
    return (e.ApprovalAsked(made),)


@decide_rule.register
def _(command: c.AnswerApproval, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    asked: Approval = picture.find("approvals", command.approval_id)
    state = _STATE[command.answer]
    if asked.state == state and asked.answered_by == actor.id:
        return ()
    if asked.over(now_s):
        raise RefusedError("approval-over", f"{asked.id!r} is {asked.state}, or waited too long", state=asked.state)
    if (actor.id == asked.by) != (command.answer == "withdraw"):
        raise ForbiddenError("second-person", "another person must approve or refuse; who asked may only withdraw")
    answered = e.ApprovalAnswered(asked.id, state)
    if state != "approved":
        return (answered,)
    if asked.kind == "hand_over":
        _may_take(asked, command, picture, actor)
        return (answered, e.CommandHandedOver(actor.id, actor.name))
    return (answered, *_done(asked, picture, actor, now_s))


def _may_take(asked: Approval, command: c.AnswerApproval, picture: Picture, actor: c.Actor) -> None:
    """Refuse a hand-over to somebody else, or one whose pending orders were not all seen."""
    if asked.to not in {"", actor.id}:
        raise ForbiddenError("not-yours", f"the command is handed to {asked.to}, you are {actor.id}")
    unseen = set(pending_orders(picture)) - set(command.card_ids)
    if unseen:
        raise RefusedError(
            "orders-unseen", f"{len(unseen)} pending orders were not on your list", card_ids=tuple(sorted(unseen))
        )


def _done(asked: Approval, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    """Return the events of what was asked for."""
    if asked.kind == "mass_recall":
        known = [picture.find("cards", card_id) for card_id in asked.card_ids]
        if not known:
            raise InputError("no-cards", "a recall needs the cards that it withdraws")
        commands: list[c.Command] = [
            c.WithdrawCard(card.id, asked.why) for card in known if card.state in (*PENDING, "accepted")
        ]
    elif asked.victim_id:
        commands = [c.LoseVictims(asked.victim_id, asked.count, asked.why or _NO_REASON)]
    else:
        commands = [c.LiftZone(asked.zone_id)]
    return tuple(body for command in commands for body in decide_rule(command, picture, actor, now_s))


@decide_rule.register
def _(command: c.SetShare, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    share = command.share
    if share.id != f"{share.agency}/{share.layer}":
        raise InputError("bad-share", f"expected the id {share.agency}/{share.layer}, got {share.id!r}")
    return () if picture.shares.get(share.id) == share else (e.ShareSet(share),)


@decide_rule.register
def _(command: c.LiftShare, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    picture.find("shares", command.share_id)
    return (e.ShareLifted(command.share_id),)


keeps(e.ApprovalAsked, "approval", "approvals")
keeps(e.ShareSet, "share", "shares")


@fold_rule.register
def _(body: e.ShareLifted, picture: Picture, event: e.Event) -> Picture:
    return picture.drop("shares", body.share_id)


@fold_rule.register
def _(body: e.ApprovalAnswered, picture: Picture, event: e.Event) -> Picture:
    return picture.edit(
        "approvals",
        body.approval_id,
        state=body.state,
        answered_by=event.actor.id,
        answered_name=event.actor.name,
        answered_s=event.time_s,
    )


@fold_rule.register
def _(body: e.CommandHandedOver, picture: Picture, event: e.Event) -> Picture:
    if picture.operation is None:
        return picture
    operation = replace(picture.operation, in_command=body.to, in_command_name=body.name)
    return replace(picture, operation=operation, operation_changed=picture.seq)
