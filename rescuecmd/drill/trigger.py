"""When something fires: at a time, or once its condition has held long enough. Each fires once.

A condition is level-triggered with dwell: what is already true when it is armed counts, and unknown restarts the
dwell. A timed trigger that comes late (it was held) still fires; nothing is ever too old.
"""

from dataclasses import dataclass
from typing import Literal

from rescuecmd.condition import Facts, Operand
from rescuecmd.drill.script import When

TriggerState = Literal["armed", "held", "fired", "skipped"]


@dataclass(slots=True)
class Trigger:
    """A trigger and where it stands; all times are drill seconds."""

    id: str
    when: When
    state: TriggerState = "armed"
    value: bool | None = None
    since_s: float | None = None
    fired_s: float | None = None

    def due(self, t_s: float, facts: Facts) -> bool:
        """Return whether it fires now; looks at the condition even while held, so that its state can be shown."""
        if self.state in {"fired", "skipped"}:
            return False
        if self.when.condition is None:
            ready = self.when.at_s is not None and t_s >= self.when.at_s
            self.value = ready
        else:
            self.value = self.when.condition.evaluate(facts)
            self.since_s = (t_s if self.since_s is None else self.since_s) if self.value is True else None
            ready = self.since_s is not None and t_s - self.since_s >= self.when.dwell_s
        return ready and self.state == "armed"

    def fire(self, t_s: float) -> None:
        """Note that it has fired."""
        self.state, self.fired_s = "fired", t_s

    def hold(self) -> None:
        """Keep it from firing, or let go of it again."""
        self.state = {"armed": "held", "held": "armed"}.get(self.state, self.state)  # type: ignore[assignment]

    def skip(self) -> None:
        """Never let it fire."""
        if self.state != "fired":
            self.state = "skipped"

    def blocked_by(self, facts: Facts) -> tuple[Operand, ...]:
        """Return the parts of the condition that keep it from being true; empty for a timed trigger."""
        return self.when.condition.blocking(facts) if self.when.condition else ()
