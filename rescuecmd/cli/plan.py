"""`rescuecmd plan`: list, check and show plan cards, and draw the picture that a terminal would get."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from rescuecmd.cli.console import emit, say
from rescuecmd.errors import Fault, FaultsError, InputError
from rescuecmd.interop.plan_file import load_plan, load_plans
from rescuecmd.library import find, names, shelf
from rescuecmd.plan.card import PlanCard
from rescuecmd.text import Text
from rescuecmd.units import format_duration

app = typer.Typer(help="Plan cards: list, check, show, draw. 预案卡：列表、检查、查看、示意图。", no_args_is_help=True)

Lang = Literal["zh", "en"]
Theme = Literal["day", "night"]
SAMPLE = "样图 SAMPLE"

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(help="A card's id (reef), its file's name, or a path.")]
InLang = Annotated[Lang, typer.Option(help="Language.")]
_CODES = "Exit codes: 0 ok · 2 faults, one per line with file and line · 3 no such card"


@app.command("list", epilog="Exit codes: 0 ok · 2 a card has faults")
def list_plans(as_json: AsJson = False) -> None:
    """List the plan cards on the shelf. Example: rescuecmd plan list."""
    plans = load_plans(shelf("plans"))
    if as_json:
        emit({"plans": [_summary(plan) for plan in plans.values()]})
        return
    for plan in plans.values():
        say(f"{plan.id:8} {plan.version:5} {plan.title}  [{plan.reviewed_by}]")


@app.command(epilog="Exit codes: 0 no fault · 2 faults, one per line with file and line · 3 no such card")
def check(
    which: Annotated[list[str] | None, typer.Argument(help="Cards to check; none: all on the shelf.")] = None,
    as_json: AsJson = False,
) -> None:
    """Find every fault of plan cards, with file and line. Example: rescuecmd plan check reef."""
    faults: list[Fault] = []
    plans: list[PlanCard] = []
    if not which:
        plans = list(load_plans(shelf("plans")).values())
    for name in which or ():
        try:
            plans.append(_load(name))
        except FaultsError as error:
            faults += error.faults
    if faults:
        raise FaultsError(faults)
    if as_json:
        emit({"ok": True, "faults": [], "plans": [_summary(plan) for plan in plans]})
        return
    for plan in plans:
        say(f"{plan.id}: no fault; {len(plan.steps)} steps, {len(plan.limits)} limits, {len(plan.sources)} sources")


@app.command(epilog=_CODES)
def show(name: Name, lang: InLang = "zh", as_json: AsJson = False) -> None:
    """Show a card. Example: rescuecmd plan show reef --lang en."""
    plan = _load(name)
    if as_json:
        emit(_whole(plan))
        return
    for line in _page(plan, lang):
        say(line)


@app.command(
    epilog="Exit codes: 0 ok · 1 no water or river there · 2 bad values or faults · 3 no such card, river, place"
)
def picture(
    name: Name,
    place: Annotated[str, typer.Option(help="Where: a reef or beach of the river.")],
    level: Annotated[float, typer.Option(help="Water level now, m, at the lowest gauge downstream.")],
    rise: Annotated[float, typer.Option(help="Rate of rise, m per hour.")] = 0.0,
    *,
    river: Annotated[str, typer.Option(help="River package.")] = "jialing-dazhulin",
    people: Annotated[int, typer.Option(min=1, max=100000, help="How many people.")] = 3,
    out: Annotated[Path | None, typer.Option(help="SVG file to write; without it the SVG goes to stdout.")] = None,
    lang: InLang = "zh",
    theme: Annotated[Theme, typer.Option(help="Colours.")] = "day",
    marking: Annotated[str, typer.Option(help="Marking on the picture.")] = SAMPLE,
    as_json: AsJson = False,
) -> None:
    """Draw the picture a terminal would get, for a boat at the nearest pontoon (or a team at the beach).

    Example: rescuecmd plan picture reef --place huangpanshi --level 180.5 --rise 1 --out reef.svg
    """
    from rescuecmd.cli.plan_sample import sample_picture  # noqa: PLC0415  (loads the routing only here)
    from rescuecmd.interop.svg import render  # noqa: PLC0415

    if as_json and out is None:
        raise InputError("out-missing", "--json needs a file for the picture: --out picture.svg")
    drawing = sample_picture(
        _load(name), find("rivers", river), place_id=place, level_m=level, rise_m_per_h=rise, people=people
    )
    svg = render(drawing, marking=marking or SAMPLE, theme=theme, lang=lang)
    if out is None:
        say(svg)
        return
    try:
        out.write_text(svg, encoding="utf-8")
    except OSError as error:
        raise InputError("cannot-write", f"{out} cannot be written: {error.strerror or error}") from error
    told = {"file": str(out), "kind": drawing.kind, "bytes": len(svg.encode()), "marking": marking or SAMPLE}
    emit(told) if as_json else say(f"{out}: {drawing.kind}, {told['bytes']} bytes")


def _load(name: str) -> PlanCard:
    """Return a card by path or file name, or by the id that stands in it."""
    if Path(name).exists() or name.removesuffix(".yaml") in names("plans"):
        return load_plan(find("plans", name))
    plans = load_plans(shelf("plans"))
    return plans[name] if name in plans else load_plan(find("plans", name))


def _summary(plan: PlanCard) -> dict[str, Any]:
    return {
        "id": plan.id,
        "version": plan.version,
        "kind": plan.kind,
        "title": _both(plan.title),
        "steps": len(plan.steps),
        "limits": len(plan.limits),
        "reviewed_by": plan.reviewed_by,
    }


def _whole(plan: PlanCard) -> dict[str, Any]:
    roles = {role.id: role.name for role in plan.roles}
    return {
        **_summary(plan),
        "when": [_both(text) for text in plan.when],
        "suggest": plan.suggest.text,
        "roles": [
            {"id": role.id, "name": _both(role.name), "takes": role.takes, "count": role.count} for role in plan.roles
        ],
        "steps": [
            {"n": step.n, "who": [_both(roles[item]) for item in step.who], "text": _both(step.text),
             "budget_s": step.budget_s, "done": step.done_when.text if step.done_when else "button"}
            for step in plan.steps
        ],
        "limits": [
            {"id": limit.id, "text": _both(limit.text), "test": limit.test.text, "only": list(limit.applies),
             "source": plan.source_line(limit.source)}
            for limit in plan.limits
        ],
        "abort": [_both(text) for text in plan.abort],
        "comms": [_both(text) for text in plan.comms],
        "red_lines": [_both(text) for text in plan.red_lines],
        "sources": [{"id": source.id, "text": source.text, "url": source.url} for source in plan.sources],
    }  # fmt: skip


def _page(plan: PlanCard, lang: Lang) -> list[str]:
    def say_in(text: Text) -> str:
        return text.zh if lang == "zh" else text.en

    heads = dict(
        zip(("when", "roles", "steps", "limits", "abort", "comms", "red", "sources"), _HEADS[lang], strict=True)
    )
    roles = {role.id: say_in(role.name) for role in plan.roles}
    lines = [f"{say_in(plan.title)}  {plan.id} {plan.version}  [{plan.reviewed_by}]", "", heads["when"]]
    lines += [f"  - {say_in(text)}" for text in plan.when]
    lines += ["", heads["roles"], "  " + ", ".join(roles.values()), "", heads["steps"]]
    for step in plan.steps:
        budget = f"  [{format_duration(step.budget_s)}]" if step.budget_s else ""
        lines += [
            f"  {step.n:2}. {say_in(step.text)}{budget}",
            f"      ({', '.join(roles[item] for item in step.who)})",
        ]
    lines += ["", heads["limits"]]
    for limit in plan.limits:
        lines += [f"  {limit.id} {say_in(limit.text)}", f"      {limit.test.text}  [{plan.source_line(limit.source)}]"]
    for head, texts in (("abort", plan.abort), ("red", plan.red_lines), ("comms", plan.comms)):
        lines += ["", heads[head], *(f"  - {say_in(text)}" for text in texts)]
    lines += ["", heads["sources"]]
    lines += [f"  - {source.text}{' ' + source.url if source.url else ''}" for source in plan.sources]
    return lines


_HEADS: dict[Lang, tuple[str, ...]] = {
    "zh": ("适用", "角色", "步骤", "硬限制", "中止", "通信", "五个绝不允许", "来源"),
    "en": ("When", "Roles", "Steps", "Hard limits", "Break off", "Communications", "Red lines", "Sources"),
}


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
