"""The trainer's view on the wire, made from the engine's own."""

from typing import TYPE_CHECKING, Literal

from rescuecmd import library
from rescuecmd.picture.entity import Operation
from rescuecmd.server.views import DrillView, FiredView, GradeView, InjectView, ScoreView
from rescuecmd.text import Text

if TYPE_CHECKING:  # the engine is loaded with the first drill, not with the routes
    from rescuecmd.drill.score import Rating
    from rescuecmd.drill.trainer import NextInject, TrainerView

_VALUES: dict[bool | None, Literal["true", "false", "unknown"]] = {True: "true", False: "false", None: "unknown"}


def nothing_loaded(speed: float) -> DrillView:
    """Return the view of a server without a drill: which ones there are."""
    return DrillView(
        drill_id="", title=Text("", ""), marking="", state="none", speed=speed, elapsed_s=0.0, duration_s=0.0,
        level_m=None, rise_m_per_min=None, next=(), fired=(), faults=(), score=(), grades=(), breaches=0, victims=0,
        waiting=0, saved=0, lost=0, drills=tuple(library.names("drills")),
    )  # fmt: skip


def drill_view(view: "TrainerView", operation: Operation, speed: float) -> DrillView:
    """Return the view of a loaded drill."""
    return DrillView(
        drill_id=view.drill_id,
        title=view.title,
        marking=view.marking,
        state=operation.state,
        speed=speed,
        elapsed_s=view.elapsed_s,
        duration_s=view.duration_s,
        level_m=view.level_m,
        rise_m_per_min=view.rise_m_per_min,
        next=tuple(_inject(item) for item in view.next),
        fired=tuple(FiredView(id=name, at_s=at_s) for name, at_s in view.fired),
        faults=tuple(_inject(item) for item in view.faults),
        score=tuple(_score(item) for item in view.score),
        grades=tuple(
            GradeView(id=item.id, text=item.name, letter=item.letter or "", mark=item.mark, why=item.why)
            for item in view.grades
        ),
        breaches=view.breaches,
        victims=view.reported,
        waiting=view.waiting,
        saved=view.saved,
        lost=view.lost,
        drills=tuple(library.names("drills")),
    )


def _inject(item: "NextInject") -> InjectView:
    return InjectView(
        id=item.id,
        at_s=item.at_s,
        when=item.when,
        said=item.said,
        to=item.to,
        text=item.text,
        state="held" if item.state == "held" else "armed",
        value="" if item.at_s is not None else _VALUES[item.value],
        blocked_by=item.blocked_by,
    )


def _score(item: "Rating") -> ScoreView:
    return ScoreView(
        id=item.id,
        objective=item.objective,
        text=item.name,
        state=_state(item),
        letter=item.letter or "",
        critical=item.critical,
        armed_s=item.armed_s,
        met_s=item.met_s,
        took_s=item.took_s,
        p_s=item.p_s,
        s_s=item.s_s,
        m_s=item.m_s,
    )


def _state(item: "Rating") -> Literal["waiting", "open", "met", "missed"]:
    if item.letter == "U":
        return "missed"
    if item.letter is not None:
        return "met"
    return "open" if item.armed_s is not None else "waiting"
