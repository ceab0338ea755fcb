"""What has gone wrong and until when: engines, links, position fixes, gauges."""

from collections.abc import Mapping
from dataclasses import dataclass

from rescuecmd.condition import Facts
from rescuecmd.drill.script import DrillScript, FaultPart, FaultSpec, FaultType
from rescuecmd.drill.trigger import Trigger
from rescuecmd.text import Text

DRIFT_IN_S = 60.0  # a drifting position fix walks to its full error over this time

_SAID: Mapping[tuple[FaultPart, FaultType], Text] = {
    ("engine", "degraded"): Text("动力降至 {value:.0%}", "engine down to {value:.0%}"),
    ("engine", "failed"): Text("失去动力", "engine failed"),
    ("link", "off"): Text("通信中断", "link cut"),
    ("gps", "drift"): Text("定位漂移 {value:.0f} m", "position drifts by {value:.0f} m"),
    ("gauge", "stuck"): Text("水尺读数停滞", "reading stuck"),
    ("crew", "decline"): Text("拒绝任务卡", "declines the card"),
    ("crew", "silent"): Text("不应答", "does not answer"),
}


def fault_words(script: DrillScript, spec: FaultSpec) -> Text:
    """Return whom or what a fault of `script` befalls and how, for exercise control; a gauge goes by its id."""
    name = next((force.name for force in script.forces if force.id == spec.target), Text(spec.target, spec.target))
    said = _SAID[spec.part, spec.type]
    zh, en = said.zh.format(value=spec.value), said.en.format(value=spec.value)
    return Text(f"{name.zh}：{zh}", f"{name.en}: {en}")


@dataclass(slots=True)
class _Standing:
    spec: FaultSpec
    from_s: float

    def over(self, t_s: float) -> bool:
        return self.spec.for_s is not None and t_s >= self.from_s + self.spec.for_s


class Faults:
    """The faults of a script: each begins when its trigger fires and ends by itself or not at all."""

    def __init__(self, specs: tuple[FaultSpec, ...], triggers: Mapping[str, Trigger]) -> None:
        self._specs = {spec.id: spec for spec in specs if spec.part != "crew"}  # crews know their own
        self._triggers = triggers
        self._standing: dict[str, _Standing] = {}

    def step(self, t_s: float, facts: Facts) -> tuple[list[FaultSpec], list[FaultSpec]]:
        """Return the faults that begin now and those that end now."""
        ended = [fault.spec for fault in self._standing.values() if fault.over(t_s)]
        for spec in ended:
            del self._standing[spec.id]
        begun = []
        for spec in self._specs.values():
            trigger = self._triggers[spec.id]
            if trigger.due(t_s, facts):
                trigger.fire(t_s)
                begun.append(self.begin(spec.id, t_s))
        return begun, ended

    def begin(self, fault_id: str, t_s: float) -> FaultSpec:
        """Let a fault begin, whatever its trigger says."""
        spec = self._specs[fault_id]
        self._standing[fault_id] = _Standing(spec, t_s)
        return spec

    def power(self, unit: str) -> float:
        """Return the share of its speed that a boat's engine gives."""
        power = 1.0
        for fault in self._of(unit, "engine"):
            power = min(power, fault.spec.value if fault.spec.type == "degraded" else 0.0)
        return power

    def link_up(self, unit: str) -> bool:
        """Return whether a unit can be heard."""
        return not self._of(unit, "link")

    def gps_east_m(self, unit: str, t_s: float) -> float:
        """Return how far to the east a unit's position fix has drifted."""
        drifts = (f.spec.value * min(1.0, (t_s - f.from_s) / DRIFT_IN_S) for f in self._of(unit, "gps"))
        return sum(drifts)

    def stuck(self, gauge_id: str) -> bool:
        """Return whether a gauge repeats its last reading."""
        return bool(self._of(gauge_id, "gauge"))

    def _of(self, target: str, part: str) -> list[_Standing]:
        return [f for f in self._standing.values() if f.spec.target == target and f.spec.part == part]
