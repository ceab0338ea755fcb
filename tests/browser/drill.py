"""The drill as the made-up server shows it to a trainer, in the server's own models."""

from typing import Any, Literal

from rescuecmd.server.views import DrillView, FiredView, GradeView, InjectView, ScoreView
from rescuecmd.text import Text

State = Literal["none", "ready", "running", "paused", "ended"]


def inject(inject_id: str, zh: str, en: str, **more: Any) -> InjectView:
    given = {
        "at_s": None,
        "when": "",
        "said": Text("", ""),
        "to": ("commander",),
        "state": "armed",
        "value": "",
        "blocked_by": (),
    }
    return InjectView(id=inject_id, text=Text(zh, en), **{**given, **more})


def goal(goal_id: str, zh: str, en: str, **more: Any) -> ScoreView:
    given = {"objective": "O1", "letter": "", "critical": False, "armed_s": 240.0, "met_s": None, "took_s": None}
    limits = {"p_s": 120.0, "s_s": 180.0, "m_s": 300.0}
    return ScoreView(id=goal_id, text=Text(zh, en), **{**given, **limits, **more})


def drill_view(state: State = "running", elapsed_s: float = 600.0) -> dict[str, Any]:
    """Return the trainer's view as it travels."""
    waits = (Text("水位（m） > 181.2：未成立（现为 180.41）", "level (m) > 181.2: not so (now 180.41)"),)
    view = DrillView(
        drill_id="dazhulin",
        title=Text("大竹林水域救援演练", "Dazhulin water rescue drill"),
        marking="演练 DRILL",
        state=state,
        speed=1.0,
        elapsed_s=elapsed_s,
        duration_s=3600.0,
        level_m=180.41,
        rise_m_per_min=0.08,
        next=(
            inject("I4", "群众来电：又有一人落水", "A caller: one more person in the water", at_s=690.0),
            inject(
                "I5",
                "广播：上游开闸",
                "Radio: sluices open upstream",
                when="level > 181.2 and pushed('reef')",
                said=Text("水位（m） > 181.2 且 已推送reef卡", "level (m) > 181.2 and card reef was pushed"),
                value="false",
                blocked_by=waits,
            ),
            inject("I6", "记者到场", "The press arrives", at_s=1500.0, state="held"),
        ),
        fired=(FiredView(id="I1", at_s=60.0), FiredView(id="I2", at_s=360.0)),
        faults=(inject("F1", "消防 2 号艇 发动机故障", "Fire 2 engine failure", at_s=900.0, to=("fire-2",)),),
        score=(
            goal(
                "E1", "3 分钟内推送礁石救援卡", "Reef card pushed within 3 min", state="met", letter="P", took_s=134.0
            ),
            goal("E2", "30 秒内全部叫应", "Every terminal answers in 30 s", state="missed", letter="U", critical=True),
            goal("E3", "没顶前救出全部被困人员", "All off the reef before it goes under", state="open"),
            goal("E4", "江滩单向疏散", "One-way evacuation of the beach", state="waiting", armed_s=None),
        ),
        grades=(
            GradeView(id="O1", text=Text("快速叫应", "Call and answer"), letter="M", mark=61.0, why=None),
            GradeView(id="O2", text=Text("不落一人", "Nobody left behind"), letter="", mark=None, why=None),
        ),
        breaches=1,
        victims=125,
        waiting=90,
        saved=35,
        lost=0,
        drills=("dazhulin", "night"),
    )
    return view.model_dump(mode="json")
