"""The one line that a card says aloud: where to, how far and how long, what to mind."""

from collections.abc import Sequence

from rescuecmd.picture.order import Limit
from rescuecmd.picture.state import Picture
from rescuecmd.plan.card import PlanCard
from rescuecmd.plan.posting import Posting, Target
from rescuecmd.plan.wording import metres, minutes, people
from rescuecmd.routing.scene import Scene
from rescuecmd.text import Text

_UNITS = {"m": "米", "m/s": "米每秒", "min": "分钟", "cm/min": "厘米每分钟", "°C": "度", "/m²": "人每平方米"}


def spoken(
    scene: Scene,
    picture: Picture,
    plan: PlanCard,
    target: Target,
    posting: Posting,
    *,
    limits: Sequence[Limit],
    hazards: Sequence[Text],
) -> Text:
    """Return the line in both languages; in a drill it begins with the word for a drill."""
    parts = [_goal(plan, target, posting), _how_long(scene, posting), _mind(plan, target, limits, hazards, posting)]
    drill = picture.operation is not None and picture.operation.mode == "drill"
    zh = "；".join(part.zh for part in parts if part.zh)
    en = "; ".join(part.en for part in parts if part.en)
    return Text(zh=f"演练。{zh}。" if drill else f"{zh}。", en=f"Drill. {en}." if drill else f"{en}.")


def _goal(plan: PlanCard, target: Target, posting: Posting) -> Text:
    who = people(target.people)
    if target.beach is not None:
        return Text(zh=f"去{target.name.zh}疏散 {who.zh}", en=f"Go to {target.name.en}, clear {who.en}")
    if posting.journey is None:
        return Text(zh=f"去{posting.where.zh}，接应 {who.zh}", en=f"Go to {posting.where.en}, receive {who.en}")
    if plan.kind == "in_water":
        return Text(
            zh=f"去{posting.where.zh}截救落水 {who.zh}", en=f"Go to the {posting.where.en} for {who.en} in the water"
        )
    return Text(zh=f"去{target.name.zh}救 {who.zh}", en=f"Go to {target.name.en} for {who.en}")


def _how_long(scene: Scene, posting: Posting) -> Text:
    if posting.arrive_s is None or posting.length_m is None:
        why = posting.no_route or Text(zh="", en="")
        if posting.journey is None:
            return why
        return Text(zh=f"现在没有可走的航路：{why.zh}", en=f"there is no way now: {why.en}")
    far, wait = metres(posting.length_m), minutes(posting.arrive_s - scene.now_s)
    return Text(zh=f"{far.zh}，约 {wait.zh}", en=f"{far.en}, about {wait.en}")


def _stands(value: str) -> Text:
    """Return where a fact stands, in words that can be read out."""
    number, _, unit = value.partition(" ")
    if number in {"", "✗"}:
        return Text(zh="未满足", en="not met")
    return Text(zh=f"现为 {number} {_UNITS.get(unit, unit)}".rstrip(), en=f"now {value}")


def _mind(plan: PlanCard, target: Target, limits: Sequence[Limit], hazards: Sequence[Text], posting: Posting) -> Text:
    breach = next((limit for limit in limits if limit.state == "breach"), None)
    if breach is not None:
        stands = _stands(breach.value)
        return Text(
            zh=f"注意超限：{breach.text.zh}（{stands.zh}）", en=f"mind the limit: {breach.text.en} ({stands.en})"
        )
    if target.beach is not None and target.beach.closed:
        names = "、".join(way.exit.name.zh for way in target.beach.closed)
        english = ", ".join(way.exit.name.en for way in target.beach.closed)
        return Text(zh=f"停用出口：{names}", en=f"closed exits: {english}")
    if hazards:
        return Text(zh=f"注意 {hazards[0].zh}", en=f"mind {hazards[0].en}")
    if posting.journey is not None and plan.kind != "evacuate":
        return Text(zh="从下游抵近，艇首迎流", en="come from downstream, bow to the current")
    return Text(zh="", en="")
