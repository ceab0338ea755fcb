"""Who may what: one table, role by role. `docs/security.md` prints it, the tests walk through it.

A command that is not in a role's row is refused before its body is looked at; a view that is not in the row is never
built. What a crew may say is narrowed further in `intake`: about its own boat, cards and tasks only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rescuecmd.text import Text

RoleName: TypeAlias = Literal[
    "commander",
    "deputy",
    "trainer",
    "controller",
    "evaluator",
    "observer",
    "crew",
    "volunteer",
    "public-link",
    "gauge",
]
Act: TypeAlias = Literal["run-live", "push", "enrol", "watch", "run-drill", "steer-drill", "see-drill", "read-gauges"]
ACTS: Mapping[Act, Text] = {
    "run-live": Text("开启、结束实战行动", "open and end a live operation"),
    "push": Text("下发预案卡", "push plan cards"),
    "enrol": Text("登记与吊销终端、设定共享范围", "enrol and revoke devices, set what agencies share"),
    "watch": Text("观看视频", "watch video"),
    "run-drill": Text("装载、启动、停止演练", "load, start and stop a drill"),
    "steer-drill": Text("暂停与注入", "pause a drill, fire, hold and skip injects"),
    "see-drill": Text("查看脚本、评分与报告", "see script, score and report"),
    "read-gauges": Text("上报水位读数", "send gauge readings"),
}


@dataclass(frozen=True, slots=True)
class Rights:
    """One row: what the role is called, which commands it sends, which views it gets, what else it does."""

    name: Text
    commands: frozenset[str]
    views: tuple[str, ...]
    acts: frozenset[Act]


_CREW = frozenset({
    "AddNote", "CancelSos", "ConfirmCopy", "CountHeads", "GiveReceipt", "HandOverVictims", "LandVictims", "MoveSupport",
    "MoveTask", "PickUpVictims", "RaiseSos", "ReportPositions", "ReportVictim", "RequestSupport", "SetVesselState",
    "TriageVictim",
})  # fmt: skip
_DEPUTY = frozenset({
    "AckAlarm", "AckSos", "AddNote", "CancelSos", "ChangeGroup", "ClearAlarm", "ClearHazard", "CloseGroup",
    "CloseLocateLink", "CloseVictim", "CountHeads", "DrawZone", "EndRoute", "FormGroup", "HandOverVictims",
    "MergeVictims", "MoveSupport", "ReopenVictim", "SettleProposal", "SplitVictim", "TriageVictim",
    "GiveReceipt", "LandVictims", "LiftZone", "LoseVictims", "ClearVictims", "MoveTask", "PickUpVictims",
    "RaiseSos", "RemindCard", "ReportHazard", "ReportPositions", "ReportVictim", "SetVesselState", "SightVictim",
    "SilenceAlarm", "TransferAlarm", "WithdrawCard",
})  # fmt: skip
_TOGETHER = frozenset({"AnswerApproval", "AskApproval"})
_CONTROL = frozenset({"AddNote", "ClearHazard", "ReportHazard"})
_NOTHING: frozenset[str] = frozenset()

ROLES: Mapping[RoleName, Rights] = {
    "commander": Rights(
        Text("指挥员", "Commander"),
        _DEPUTY | _TOGETHER | {"EnrolTerminal", "JoinVessel", "LiftShare", "SetShare"},
        ("wall",),
        frozenset({"run-live", "push", "enrol", "watch", "read-gauges"}),
    ),
    "deputy": Rights(Text("副指挥员", "Deputy"), _DEPUTY | _TOGETHER, ("wall",), frozenset({"push", "watch"})),
    "trainer": Rights(
        Text("总导调", "Trainer"),
        _CONTROL,
        ("wall", "trainer"),
        frozenset({"watch", "run-drill", "steer-drill", "see-drill"}),
    ),
    "controller": Rights(
        Text("导调员", "Controller"), _CONTROL, ("wall", "trainer"), frozenset({"watch", "steer-drill", "see-drill"})
    ),
    "evaluator": Rights(
        Text("评估员", "Evaluator"), frozenset({"AddNote"}), ("wall", "trainer"), frozenset({"watch", "see-drill"})
    ),
    "observer": Rights(Text("观察员", "Observer"), _NOTHING, ("wall",), frozenset({"watch"})),
    "crew": Rights(Text("艇组", "Crew"), _CREW, ("terminal",), frozenset({"watch"})),
    "volunteer": Rights(
        Text("志愿者", "Volunteer"),
        _CREW - {"HandOverVictims", "LandVictims", "PickUpVictims"},
        ("terminal",),
        frozenset(),
    ),
    "public-link": Rights(Text("求助者链接", "Public link"), _NOTHING, (), frozenset()),
    "gauge": Rights(Text("水文数据源", "Gauge service"), _NOTHING, (), frozenset({"read-gauges"})),
}
STAFF_ROLES: tuple[RoleName, ...] = ("commander", "deputy", "trainer", "controller", "evaluator", "observer")
MACHINE_ROLES: tuple[RoleName, ...] = ("gauge",)
"""Programs: they cannot enrol or sign in, so a key is their way into a live operation too."""

DEVICE_ROLES: tuple[RoleName, ...] = ("crew", "volunteer")


def who_may(act: Act) -> tuple[RoleName, ...]:
    """Return the roles that may do something."""
    return tuple(role for role, rights in ROLES.items() if act in rights.acts)
