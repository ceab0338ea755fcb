"""How the drill went: time windows propose P, S, M or U; safety rules cap; hints cost; nothing unseen is a zero.

P performed, S performed with some challenges, M with major challenges or added risk, U unable to be performed (the
letters of HSEEP). The marks of the letters and the caps are ours: a table for the agency to change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rescuecmd.condition import Facts
from rescuecmd.drill.script import DrillScript, Expectation, SafetyRule
from rescuecmd.picture.state import Picture
from rescuecmd.text import Text

Letter = Literal["P", "S", "M", "U"]
MARKS: Mapping[Letter, float] = {"P": 100.0, "S": 75.0, "M": 40.0, "U": 0.0}
FLOORS: tuple[tuple[Letter, float], ...] = (("P", 90.0), ("S", 65.0), ("M", 30.0))


@dataclass(frozen=True, slots=True)
class Rating:
    """An expectation as it stands. ``letter`` None: not due yet, or never armed. Times are drill seconds."""

    id: str
    objective: str
    name: Text
    letter: Letter | None
    armed_s: float | None
    met_s: float | None
    took_s: float | None
    p_s: float
    s_s: float
    m_s: float
    weight: float
    critical: bool


@dataclass(frozen=True, slots=True)
class Grade:
    """An objective: its letter, its mark, and why the letter is not what the mark alone would give."""

    id: str
    name: Text
    letter: Letter | None
    mark: float | None
    why: Text | None = None


@dataclass(slots=True)
class Breach:
    """A safety rule that was broken, or could not be checked, over a time; ``to_s`` None: still so."""

    rule_id: str
    name: Text
    objective: str
    kind: Literal["breach", "unchecked"]
    from_s: float
    to_s: float | None = None


@dataclass(slots=True)
class Score:
    """Keeps when each expectation was armed and met, and what safety rules saw."""

    script: DrillScript
    armed_s: dict[str, float] = field(default_factory=dict)
    met_s: dict[str, float] = field(default_factory=dict)
    breaches: list[Breach] = field(default_factory=list)
    hints: dict[str, float] = field(default_factory=dict)
    _open: dict[tuple[str, str], Breach] = field(default_factory=dict)

    def step(self, t_s: float, picture: Picture, facts: Facts, fired_s: Mapping[str, float]) -> None:
        """Look at the world once: arm what may now be expected, note what is met, check the safety rules."""
        for expectation in self.script.expectations:
            self._arm(expectation, t_s, fired_s)
            if expectation.id in self.armed_s and expectation.id not in self.met_s:
                met = self._met(expectation, t_s, picture, facts)
                if met is not None:
                    self.met_s[expectation.id] = max(met, self.armed_s[expectation.id])
        for rule in self.script.rules:
            self._check(rule, t_s, rule.condition.evaluate(facts))

    def hint(self, inject_id: str, cost: float) -> None:
        """Note that a hint was given."""
        self.hints[inject_id] = cost

    def _arm(self, expectation: Expectation, t_s: float, fired_s: Mapping[str, float]) -> None:
        if expectation.id in self.armed_s:
            return
        if not expectation.after:
            self.armed_s[expectation.id] = 0.0
        elif expectation.after in fired_s:
            self.armed_s[expectation.id] = fired_s[expectation.after]
        elif expectation.after in self.met_s:
            self.armed_s[expectation.id] = self.met_s[expectation.after]

    def _met(self, expectation: Expectation, t_s: float, picture: Picture, facts: Facts) -> float | None:
        if expectation.until is not None:
            return t_s if expectation.until.evaluate(facts) is True else None
        start_s = picture.operation.started_s if picture.operation else 0.0
        if expectation.deed == "push_plan":
            times = [push.pushed_s for push in picture.pushes.values() if push.plan_id == expectation.plan_id]
        else:
            groups = picture.groups.values()
            times = [group.made_s for group in groups if len(group.terminal_ids) >= expectation.least]
        return min(times) - start_s if times else None

    def _check(self, rule: SafetyRule, t_s: float, value: bool | None) -> None:
        for kind, now in (("breach", value is True), ("unchecked", value is None)):
            standing = self._open.get((rule.id, kind))
            if now and standing is None:
                breach = Breach(rule.id, rule.name, rule.objective, "breach" if kind == "breach" else "unchecked", t_s)
                self._open[rule.id, kind] = breach
                self.breaches.append(breach)
            elif not now and standing is not None:
                standing.to_s = t_s
                del self._open[rule.id, kind]

    def ratings(self, t_s: float) -> tuple[Rating, ...]:
        """Return every expectation as it stands, in the order of the file."""
        return tuple(self._rating(expectation, t_s) for expectation in self.script.expectations)

    def _rating(self, x: Expectation, t_s: float) -> Rating:
        armed, met = self.armed_s.get(x.id), self.met_s.get(x.id)
        took = met - armed if met is not None and armed is not None else None
        letter: Letter | None = None
        if took is not None:
            letter = "P" if took <= x.p_s else "S" if took <= x.s_s else "M" if took <= x.m_s else "U"
        elif armed is not None and t_s - armed > x.m_s:
            letter = "U"
        return Rating(x.id, x.objective, x.name, letter, armed, met, took, x.p_s, x.s_s, x.m_s, x.weight, x.critical)

    def grades(self, t_s: float) -> tuple[Grade, ...]:
        """Return every objective as it stands: weighted mean, then an unmet critical, a breach and hints."""
        ratings = self.ratings(t_s)
        return tuple(
            self._grade(objective.id, objective.name, [r for r in ratings if r.objective == objective.id])
            for objective in self.script.objectives
        )

    def _grade(self, objective: str, name: Text, ratings: list[Rating]) -> Grade:
        rated = [(rating, rating.letter) for rating in ratings if rating.letter is not None]
        if not rated:
            return Grade(objective, name, None, None)
        mark = sum(r.weight * MARKS[letter] for r, letter in rated) / sum(r.weight for r, _ in rated)
        mark = max(0.0, mark - self._hint_cost(objective))
        letter: Letter = next((letter for letter, floor in FLOORS if mark >= floor), "U")
        if any(r.critical and x == "U" for r, x in rated):
            return Grade(objective, name, "U", mark, Text(zh="关键行动未完成", en="a critical action was not done"))
        if letter in {"P", "S"} and any(b.objective == objective and b.kind == "breach" for b in self.breaches):
            return Grade(
                objective, name, "M", mark, Text(zh="违反安全规则，最高为 M", en="a safety breach caps it at M")
            )
        return Grade(objective, name, letter, mark)

    def _hint_cost(self, objective: str) -> float:
        about = {inject.id: inject.contingency for inject in self.script.injects}
        return sum(cost for inject, cost in self.hints.items() if about.get(inject) in {objective, ""})
