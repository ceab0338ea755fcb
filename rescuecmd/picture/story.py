"""The story of an operation: one sentence in both languages for each event that a person would want to read.

Used by the wall's timeline, the log on the command line and the report, so that all three say the same words.
Positions, readings and other things that happen every second have no sentence.
"""

from dataclasses import dataclass

from rescuecmd.picture import events as e
from rescuecmd.picture import story_approval, story_groups, story_orders, story_people, story_water
from rescuecmd.picture.state import Picture
from rescuecmd.picture.telling import StoryKind, Told, name_of, told_rule
from rescuecmd.text import Text

SUBJECTS = (story_approval, story_groups, story_orders, story_people, story_water)
"""The modules whose rules are known because they are imported here."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline; ``time_s`` is on the operation's clock."""

    seq: int
    time_s: float
    kind: StoryKind
    text: Text


def tell(picture: Picture, event: e.Event) -> Line | None:
    """Return the line for an event, told from the picture *after* it; None where it is not worth a line."""
    told = told_rule(event.body, picture)
    return Line(event.seq, event.time_s, *told) if told else None


@told_rule.register
def _(body: e.OperationOpened, picture: Picture) -> Told:
    title = body.operation.title
    return "operation", Text(f"行动开始：{title.zh}", f"Operation opened: {title.en}")


@told_rule.register
def _(body: e.RecordRedacted, picture: Picture) -> Told:
    text = f"已删除 {body.count} 条记录中的个人信息", f"Personal details removed from {body.count} entries"
    return "operation", Text(*text)


@told_rule.register
def _(body: e.ClockSet, picture: Picture) -> Told:
    words = Text("运行", "running") if body.state == "running" else Text("暂停", "paused")
    return "operation", Text(f"时钟{words.zh}，{body.speed:g} 倍速", f"Clock {words.en}, speed x{body.speed:g}")


@told_rule.register
def _(body: e.OperationEnded, picture: Picture) -> Told:
    return "operation", Text(f"行动结束：{body.why.zh}", f"Operation ended: {body.why.en}")


@told_rule.register
def _(body: e.VesselStateSet, picture: Picture) -> Told:
    if body.why is None:
        return None
    name = name_of(picture, "vessels", body.vessel_id)
    return "unit", Text(f"{name.zh}：{body.why.zh}", f"{name.en}: {body.why.en}")
