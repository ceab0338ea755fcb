"""The report as lines of text for a terminal, both languages, marked on the first and the last line."""

from collections.abc import Sequence

from rescuecmd.drill.report import Answer, Report, clock
from rescuecmd.drill.score import Breach, Rating


def as_text(report: Report, *, timeline: bool = True) -> str:
    """Return the report for a terminal, both languages, marked on its first and last line."""
    lines = [
        f"== {report.marking} == {report.title}",
        f"{report.river}; seed {report.seed}; {clock(report.duration_s)}",
    ]
    lines += [f"  {fact}" for fact in report.facts]
    lines.append(
        f"获救 saved {report.saved}  失踪 lost {report.lost}  "
        f"待救 waiting {report.waiting}  接报 reported {report.reported}"
    )
    lines += ["", "评定 ratings"]
    for grade in report.grades:
        lines.append(f"  {grade.id} {grade.letter or '-'}  {grade.name}{f'  ({grade.why})' if grade.why else ''}")
        lines += [_rating_text(rating) for rating in report.ratings if rating.objective == grade.id]
    lines += _breach_lines(report.breaches, "安全 safety breaches") + _breach_lines(
        report.unchecked, "未能核查 unchecked"
    )
    lines += ["", "人员 people"]
    lines += [
        f"  {v.name}: {v.count} = 获救 safe {v.safe} + 失踪 lost {v.lost} + 待救 waiting {v.waiting + v.aboard}"
        for v in report.victims
    ]
    lines += ["", "推送与答复 pushes and answers (s)"]
    for push in report.pushes:
        lines.append(f"  {clock(push.t_s)} {push.title}")
        lines += [f"    {a.terminal}: {_answer_text(a)}" for a in push.answers]
    lines += ["", "航线变更 routes replaced"]
    lines += [f"  {clock(r.t_s)} {r.vessel}: {r.why}" for r in (*report.routes_replaced, *report.routes_cut)] or ["  -"]
    if timeline:
        lines += ["", "时间线 timeline"]
        lines += [f"  {clock(line.t_s)} {line.kind:9} {line.text}" for line in report.timeline]
    lines.append(f"== {report.marking} ==")
    return "\n".join(lines)


def _rating_text(rating: Rating) -> str:
    took = "-" if rating.took_s is None else clock(rating.took_s)
    windows = f"P {clock(rating.p_s)} S {clock(rating.s_s)} M {clock(rating.m_s)}"
    return f"     {rating.id} {rating.letter or '-'} {took} ({windows}) {rating.name}"


def _breach_lines(breaches: Sequence[Breach], title: str) -> list[str]:
    if not breaches:
        return []
    found = [
        f"  {breach.rule_id} {clock(breach.from_s)}..{'' if breach.to_s is None else clock(breach.to_s)} {breach.name}"
        for breach in breaches
    ]
    return ["", title, *found]


def _answer_text(answer: Answer) -> str:
    steps = (answer.delivered_s, answer.displayed_s, answer.answered_s)
    shown = " / ".join("-" if step is None else f"{step:.0f}" for step in steps)
    return f"{answer.state} {shown}{f' ({answer.reason})' if answer.reason else ''}"
