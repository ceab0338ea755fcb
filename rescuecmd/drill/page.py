"""The report as one HTML page that needs nothing else: zh and en side by side, the drill marking in every corner.

The marking is put on by the page's shell, so no part of a report can be without it.
"""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256
from html import escape

from rescuecmd.drill.report import Answer, Report, clock
from rescuecmd.text import Text

_STYLE = """
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,'Noto Sans CJK SC','Microsoft YaHei',sans-serif;margin:0 auto;max-width:62rem;
padding:3.2rem 1rem}
.mark{position:fixed;left:0;right:0;background:#b00020;color:#fff;text-align:center;font-weight:700;letter-spacing:.2em;
padding:.35rem}.mark.top{top:0}.mark.bottom{bottom:0}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem;border-bottom:2px solid #8884}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #8884;padding:.25rem .5rem;text-align:left;
vertical-align:top}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.en{opacity:.75}.P{color:#0a7d32}.S{color:#7a6a00}.M{color:#b35900}.U{color:#b00020}.letter{font-weight:700;font-size:1.1em}
.big{display:flex;gap:2rem;flex-wrap:wrap}.big b{display:block;font-size:2rem}
svg{width:100%;height:auto;max-height:14rem}
@media print{.mark{position:static}tr{break-inside:avoid}}
"""

STYLE_SOURCE = f"'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"
"""What a content security policy names to allow the page's own style sheet and no other."""

_STATES = {
    "queued": "未送达 not reached",
    "delivered": "已送达 delivered",
    "displayed": "已显示 displayed",
    "accepted": "接受 accepted",
    "declined": "拒绝 declined",
    "withdrawn": "撤回 withdrawn",
    "expired": "逾期 expired",
}
_REASONS = {
    "engine": "动力故障 engine",
    "busy": "正在执行任务 busy",
    "too_dangerous": "风险过大 too dangerous",
    "cannot_reach": "无法到达 cannot reach",
}


def as_html(report: Report) -> str:
    """Return the whole page."""
    mark = escape(report.marking)
    body = "\n".join(
        [
            f"<h1>{mark} · {_text(report.title)}</h1>",
            f"<p>{_text(report.river)} · {escape(report.operation_id)} · {clock(report.duration_s)}</p>",
            f"<p>种子 seed {report.seed} · {report.events} 条记录 events</p>",
            "<ul>" + "".join(f"<li>{_text(fact)}</li>" for fact in report.facts) + "</ul>",
            _counts(report),
            _ratings(report),
            _hydrograph(report),
            _matrix(report),
            _people(report),
            _routes(report),
            _safety(report),
            _timeline(report),
        ]
    )
    return (
        f'<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>{mark} · {escape(report.title.zh)}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<link rel="icon" href="data:,"><style>{_STYLE}</style></head><body><div class="mark top">{mark}</div>{body}'
        f'<div class="mark bottom">{mark}</div></body></html>'
    )


def _text(text: Text) -> str:
    return f'{escape(text.zh)} <span class="en" lang="en">{escape(text.en)}</span>'


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Sequence[int] = ()) -> str:
    def cells(values: Sequence[str], tag: str) -> str:
        return "".join(f"<{tag}{' class=n' if n in numbers else ''}>{value}</{tag}>" for n, value in enumerate(values))

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    return f"<table><thead><tr>{cells(head, 'th')}</tr></thead><tbody>{body}</tbody></table>"


def _counts(report: Report) -> str:
    shown = (
        ("获救 saved", report.saved),
        ("失踪 lost", report.lost),
        ("待救 waiting", report.waiting),
        ("推送 pushes", len(report.pushes)),
        ("接受 accepted", report.accepted),
        ("拒绝 declined", report.declined),
        ("航线变更 routes replaced", len(report.routes_replaced)),
    )
    return '<div class="big">' + "".join(f"<div><b>{value}</b>{name}</div>" for name, value in shown) + "</div>"


def _letter(letter: str | None) -> str:
    return f'<span class="letter {letter}">{letter}</span>' if letter else "–"


def _ratings(report: Report) -> str:
    rows: list[Sequence[str]] = []
    for grade in report.grades:
        why = f"<br>{_text(grade.why)}" if grade.why else ""
        rows.append((_letter(grade.letter), f"<b>{escape(grade.id)} {_text(grade.name)}</b>{why}", "", ""))
        for rating in (r for r in report.ratings if r.objective == grade.id):
            took = "–" if rating.took_s is None else clock(rating.took_s)
            windows = f"P {clock(rating.p_s)} · S {clock(rating.s_s)} · M {clock(rating.m_s)}"
            rows.append((_letter(rating.letter), f"{escape(rating.id)} {_text(rating.name)}", took, windows))
    return "<h2>评定 Ratings</h2>" + _table(("", "", "用时 took", "时限 windows"), rows, numbers=(2,))


def _hydrograph(report: Report) -> str:
    if len(report.levels) < 2:
        return ""
    low, high = min(p.level_m for p in report.levels), max(p.level_m for p in report.levels)
    first, last = report.levels[0].t_s, report.levels[-1].t_s
    span_m, span_s = max(high - low, 0.1), max(last - first, 1.0)

    def at(t_s: float, level_m: float) -> str:
        return f"{40 + 740 * (t_s - first) / span_s:.1f},{150 - 130 * (level_m - low) / span_m:.1f}"

    line = " ".join(at(p.t_s, p.level_m) for p in report.levels)
    marks = "".join(
        f'<line x1="{at(push.t_s, low).split(",")[0]}" x2="{at(push.t_s, low).split(",")[0]}" y1="20" y2="150" '
        f'stroke="#b00020" stroke-dasharray="3 3"><title>{escape(push.title.en)}</title></line>'
        for push in report.pushes
    )
    return (
        f"<h2>水位 Level · {_text(report.gauge)} ({escape(report.vertical_datum)})</h2>"
        f'<svg viewBox="0 0 800 170" role="img" aria-label="{low:.2f}–{high:.2f} m">{marks}'
        f'<polyline fill="none" stroke="#1565c0" stroke-width="2" points="{line}"/>'
        f'<text x="0" y="24" font-size="12" fill="currentColor">{high:.2f}</text>'
        f'<text x="0" y="154" font-size="12" fill="currentColor">{low:.2f}</text>'
        f'<text x="40" y="167" font-size="12" fill="currentColor">{clock(first)}</text>'
        f'<text x="745" y="167" font-size="12" fill="currentColor">{clock(last)}</text></svg>'
    )


def _matrix(report: Report) -> str:
    terminals = {a.terminal_id: a.terminal for push in report.pushes for a in push.answers}
    head = ["推送 push", *(_text(name) for name in terminals.values())]
    rows = []
    for push in report.pushes:
        answers = {a.terminal_id: a for a in push.answers}
        cells = [_cell(answers[t]) if t in answers else "" for t in terminals]
        rows.append([f"{clock(push.t_s)} {_text(push.title)}", *cells])
    note = "<p>送达 / 显示 / 答复,秒 · delivered / displayed / answered, seconds from the push</p>"
    return "<h2>答复 Answers</h2>" + note + _table(head, rows)


def _cell(answer: Answer) -> str:
    steps = (answer.delivered_s, answer.displayed_s, answer.answered_s)
    shown = " / ".join("–" if step is None else f"{step:.0f}" for step in steps)
    reason = f"：{_REASONS[answer.reason]}" if answer.reason in _REASONS else ""
    return f"{shown}<br>{_STATES.get(answer.state, escape(answer.state))}{reason}"


def _people(report: Report) -> str:
    rows = [
        (
            _text(v.name),
            str(v.count),
            str(v.safe),
            str(v.lost),
            str(v.waiting + v.aboard),
            clock(v.reported_s),
            "–" if v.closed_s is None else clock(v.closed_s),
        )
        for v in report.victims
    ]
    head = ("", "人数 count", "获救 safe", "失踪 lost", "待救 waiting", "接报 reported", "办结 closed")
    return "<h2>人员 People</h2>" + _table(head, rows, numbers=(1, 2, 3, 4, 5, 6))


def _routes(report: Report) -> str:
    rows = [(clock(r.t_s), _text(r.vessel), _text(r.why)) for r in (*report.routes_replaced, *report.routes_cut)]
    return "<h2>航线变更 Routes replaced</h2>" + (_table(("", "", "原因 why"), rows) if rows else "<p>–</p>")


def _safety(report: Report) -> str:
    rows = [
        (
            clock(b.from_s),
            "–" if b.to_s is None else clock(b.to_s),
            "违反 breach" if b.kind == "breach" else "未能核查 unchecked",
            f"{escape(b.rule_id)} {_text(b.name)}",
        )
        for b in (*report.breaches, *report.unchecked)
    ]
    return "<h2>安全 Safety</h2>" + (_table(("从 from", "至 to", "", ""), rows) if rows else "<p>–</p>")


def _timeline(report: Report) -> str:
    rows = [(clock(line.t_s), escape(line.kind), _text(line.text)) for line in report.timeline]
    return "<h2>时间线 Timeline</h2>" + _table(("", "", ""), rows, numbers=(0,))
