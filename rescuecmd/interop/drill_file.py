"""Drills as YAML files: read, checked whole against a river and the plan cards, every fault with its line."""

import string
from collections.abc import Collection, Mapping
from pathlib import Path

from rescuecmd.condition import Condition, compile_condition
from rescuecmd.drill.facts import FUNCTIONS, NAMES
from rescuecmd.drill.script import (
    SIMULATED,
    CameraSpec,
    DrillScript,
    Expectation,
    FaultSpec,
    Force,
    Forecast,
    HazardSpec,
    Inject,
    Levels,
    Objective,
    SafetyRule,
    SafetyWord,
    Sightings,
    Spot,
    VictimSpec,
    When,
)
from rescuecmd.errors import Fault, FaultsError, InputError, nearest
from rescuecmd.interop import drill_shape as shape
from rescuecmd.interop.files import Document, Step, load_document, parse, read_document
from rescuecmd.interop.unit_file import unit_faults
from rescuecmd.plan.card import PlanCard
from rescuecmd.river.model import River
from rescuecmd.text import Text

VALUES = ("level", "rise_cm_per_min", "clock", "waiting", "saved")
PEOPLE = ("commander", "trainer", "all")
LONGEST_S = 6 * 3600.0
LANDING_KINDS = ("landing", "ramp", "pontoon")


def load_drill(path: Path, river: River, plans: Mapping[str, PlanCard]) -> DrillScript:
    """Return the drill in a file.

    Raises
    ------
    FaultsError
        Every fault of the file, with line, what was expected and the nearest right name.
    """
    return _script(load_document(path), river, plans)


def read_drill(raw: bytes, name: str, river: River, plans: Mapping[str, PlanCard]) -> DrillScript:
    """Return the drill in the bytes of a file; `name` stands in the faults (see `load_drill`)."""
    return _script(read_document(raw, name), river, plans)


def load_river_id(path: Path) -> str:
    """Return the id of the river that a drill file is about, so that the river can be loaded first."""
    return parse(load_document(path), shape.DrillModel).river


def _script(document: Document, river: River, plans: Mapping[str, PlanCard]) -> DrillScript:
    model = parse(document, shape.DrillModel)
    check = _Checker(document, model, river, plans)
    check.whole()
    if check.faults:
        raise FaultsError(check.faults)
    script = _Maker(check, model).script()
    if check.faults:
        raise FaultsError(check.faults)
    return script


class _Checker:
    """What the shape of the file cannot say: names that must exist and things that must fit together."""

    def __init__(
        self, document: Document, model: shape.DrillModel, river: River, plans: Mapping[str, PlanCard]
    ) -> None:
        self.document, self.model, self.river, self.plans = document, model, river, plans
        self.faults: list[Fault] = []
        units, victims = [force.id for force in model.forces], [victim.id for victim in model.victims]
        beaches = [beach.id for beach in river.beaches]
        self.ids: Mapping[str, Collection[str]] = {
            "unit": units,
            "victim": victims,
            "place": list(river.places),
            "thing": [*units, *victims, *river.places],
            "plan": list(plans),
            "beach": beaches,
        }
        self.objectives = [objective.id for objective in model.objectives]

    def fault(self, message: str, *path: Step) -> None:
        """Note a fault at a place of the file."""
        self.faults.append(self.document.fault(message, *path))

    def known(self, what: str, name: str, names: Collection[str], *path: Step) -> bool:
        """Note a fault unless a name is one of `names`."""
        if name in names:
            return True
        self.fault(f"no {what} {name!r}{nearest(name, sorted(names))}", *path)
        return False

    def condition(self, text: str, *path: Step) -> Condition:
        """Return a condition, or a false one and a fault."""
        try:
            return compile_condition(text, NAMES, FUNCTIONS, self.ids)
        except InputError as error:
            self.fault(error.message, *path)
            return compile_condition("False")

    def whole(self) -> None:
        """Check everything that needs more than one key."""
        model = self.model
        if self.known("river", model.river, [self.river.id], "river"):
            self._water()
        if not 60.0 <= model.duration <= LONGEST_S:
            self.fault("a drill lasts between 1m and 6h", "duration")
        self._once("forces", "victims", "hazards", "cameras")
        self._once("injects", "faults", "expect", "forbid", "objectives")
        self._people()
        for n, landing in enumerate(model.landings):
            if self.known("place", landing, self.river.places, "landings", n):
                kind = self.river.place(landing).kind
                if kind not in LANDING_KINDS:
                    self.fault(
                        f"people go ashore at a landing, ramp or pontoon; {landing!r} is a {kind}", "landings", n
                    )
        for n, inject in enumerate(model.injects):
            self._inject(inject, n)
        for n, spec in enumerate(model.faults):
            self._wrong(spec, n)
        self._ratings()

    def _once(self, *parts: str) -> None:
        seen: set[str] = set(self.river.places) if "forces" in parts else set()
        for part in parts:
            for n, item in enumerate(getattr(self.model, part)):
                if item.id in seen:
                    self.fault(f"{item.id!r} is already used", part, n, "id")
                seen.add(item.id)

    def _water(self) -> None:
        water, gauges = self.model.water, [gauge.id for gauge in self.river.gauges]
        known = {series.id: series for series in self.river.series}
        for gauge, name in water.series.items():
            good = self.known("gauge", gauge, gauges, "water", "series", gauge)
            if self.known("series", name, known, "water", "series", gauge) and good and known[name].gauge_id != gauge:
                self.fault(f"series {name!r} belongs to gauge {known[name].gauge_id!r}", "water", "series", gauge)
        self.known("gauge of 'series'", water.main_gauge, water.series, "water", "main_gauge")
        for n, spec in enumerate(water.forecasts):
            if not 0 < spec.step <= spec.horizon:
                self.fault("a forecast has at least one step within its horizon", "water", "forecasts", n, "step")
        if water.forecasts[0].at > 0:
            self.fault(
                "the first forecast is issued at 0s: routes need one to begin with", "water", "forecasts", 0, "at"
            )
        for name, every in (("readings", water.readings.every), ("sightings", self.model.sightings.every)):
            if every < 1 or every % 1:
                path: tuple[Step, ...] = (
                    ("water", "readings", "every") if name == "readings" else ("sightings", "every")
                )
                self.fault("whole seconds, at least 1s: a drill moves in ticks of 1 s", *path)

    def _people(self) -> None:
        beaches = {beach.id: beach for beach in self.river.beaches}
        self.faults += unit_faults(self.document, self.model.forces)
        for n, victim in enumerate(self.model.victims):
            at = victim.at.near
            if victim.kind == "crowd":
                if self.known("beach", at, beaches, "victims", n, "at") and not beaches[at].exits:
                    self.fault(f"beach {at!r} has no exits, a crowd cannot leave it", "victims", n, "at")
            elif victim.kind == "stranded" and (not at or victim.at.downstream_m or victim.at.left_m):
                self.fault("the stranded are at a place of the river (its id)", "victims", n, "at")

    def spot(self, model: shape.SpotModel, *path: Step) -> Spot:
        """Return a point of the river; a fault and a point anywhere where there is none."""
        river = self.river
        chainage, offset = model.chainage_m or 0.0, model.offset_m or 0.0
        exact = ""
        if model.near:
            if not self.known("place", model.near, river.places, *path):
                return Spot(0.0, 0.0)
            place = river.place(model.near)
            if not model.downstream_m and not model.left_m:
                return Spot(place.x_m, place.y_m, place.id)
            at, across = river.locate(place.x_m, place.y_m)
            chainage, offset = float(at) + model.downstream_m, float(across) + model.left_m
        if not 0.0 <= chainage <= river.length_m:
            self.fault(f"chainage must lie in 0 .. {river.length_m:.0f} m, got {chainage:.0f}", *path)
            return Spot(0.0, 0.0)
        x_m, y_m = river.point(chainage, offset)
        return Spot(float(x_m), float(y_m), exact)

    def _inject(self, inject: shape.InjectModel, n: int) -> None:
        for i, name in enumerate(inject.to):
            self.known("unit or person", name, [*self.ids["unit"], *PEOPLE], "injects", n, "to", i)
        for language in ("zh", "en"):
            try:
                names = [
                    name for _, name, _, _ in string.Formatter().parse(getattr(inject, language)) if name is not None
                ]
            except ValueError as error:
                self.fault(f"braces: {error}; known values are {', '.join(VALUES)}", "injects", n, language)
                continue
            for name in names:
                self.known("value", name, VALUES, "injects", n, language)
        if inject.contingency:
            self.known("objective", inject.contingency, self.objectives, "injects", n, "contingency")
        self._within(inject.at, "injects", n, "at")

    def _within(self, at_s: float | None, *path: Step) -> None:
        if at_s is not None and at_s > self.model.duration:
            self.fault("after the end of the drill", *path)

    def _wrong(self, spec: shape.FaultModel, n: int) -> None:
        can = SIMULATED[spec.part]
        if spec.type not in can:
            self.fault(f"a fault of {spec.part!r} is one of {', '.join(can)}; got {spec.type!r}", "faults", n, "type")
        boats = [force.id for force in self.model.forces if force.craft is not None]
        if spec.part == "gauge":
            self.known("gauge", spec.target, self.model.water.series, "faults", n, "target")
        else:
            self.known(
                "unit",
                spec.target,
                boats if spec.part in {"engine", "gps"} else self.ids["unit"],
                "faults",
                n,
                "target",
            )
        if spec.type == "degraded" and not 0 < spec.value < 1:
            self.fault(f"a degraded engine keeps a share between 0 and 1, got {spec.value:g}", "faults", n, "value")
        if spec.type == "drift" and spec.value == 0:
            self.fault("a drifting position needs 'value', m to the east", "faults", n, "value")
        if spec.part == "crew" and spec.at is None:
            self.fault("a crew's fault has a time ('at'): the crew itself does not see the world", "faults", n, "when")
        if spec.plan:
            self.known("plan", spec.plan, self.plans, "faults", n, "plan")
        self._within(spec.at, "faults", n, "at")

    def _ratings(self) -> None:
        model = self.model
        earlier = [inject.id for inject in model.injects] + [expect.id for expect in model.expect]
        for n, x in enumerate(model.expect):
            self.known("objective", x.objective, self.objectives, "expect", n, "objective")
            if x.after:
                self.known("inject or expectation", x.after, [i for i in earlier if i != x.id], "expect", n, "after")
            if (x.do is None) == (x.until is None):
                self.fault("give exactly one of 'do' (a deed) and 'until' (a condition)", "expect", n)
            if (x.do == "push_plan") != bool(x.plan):
                self.fault("'plan' goes with 'do: push_plan', and only with it", "expect", n)
            elif x.plan:
                self.known("plan", x.plan, self.plans, "expect", n, "plan")
            if not 0 < x.P < x.S < x.M:
                self.fault("time limits must satisfy 0 < P < S < M", "expect", n, "P")
        rated = {x.objective for x in model.expect}
        for n, objective in enumerate(model.objectives):
            if objective.id not in rated:
                self.fault(f"objective {objective.id!r} has no expectation, it can never be rated", "objectives", n)
        for n, rule in enumerate(model.forbid):
            self.known("objective", rule.objective, self.objectives, "forbid", n, "objective")


class _Maker:
    """Turns a checked model into the values of the core."""

    def __init__(self, check: _Checker, model: shape.DrillModel) -> None:
        self.check, self.model = check, model

    def script(self) -> DrillScript:
        m = self.model
        return DrillScript(
            id=m.id,
            title=m.title.text(),
            marking=m.marking.strip(),
            safety=SafetyWord(m.safety.word.text(), m.safety.halt, m.safety.resume_by, m.safety.real_channel),
            duration_s=m.duration,
            seed=m.seed,
            river_id=m.river,
            levels=self._levels(),
            sightings=Sightings(m.sightings.every, m.sightings.error_m, m.sightings.gps_m),
            objectives=tuple(Objective(o.id, Text(o.zh, o.en), o.capability) for o in m.objectives),
            forces=tuple(self._force(item, n) for n, item in enumerate(m.forces)),
            victims=tuple(self._victim(item, n) for n, item in enumerate(m.victims)),
            hazards=tuple(sorted((self._hazard(h, n) for n, h in enumerate(m.hazards)), key=lambda h: h.appears_s)),
            cameras=tuple(self._camera(item, n) for n, item in enumerate(m.cameras)),
            injects=tuple(self._inject(item, n) for n, item in enumerate(m.injects)),
            faults=tuple(self._fault(item, n) for n, item in enumerate(m.faults)),
            expectations=tuple(self._expectation(item, n) for n, item in enumerate(m.expect)),
            rules=tuple(
                SafetyRule(r.id, r.objective, Text(r.zh, r.en), self.check.condition(r.when, "forbid", n, "when"))
                for n, r in enumerate(m.forbid)
            ),
            stop=self._when(m.stop, m.stop.hold_for, "stop"),
            landings=tuple(self._place(name) for name in m.landings),
            file=self.check.document.name,
            note=m.note.text() if m.note else None,
        )

    def _place(self, name: str) -> Spot:
        place = self.check.river.place(name)
        return Spot(place.x_m, place.y_m, place.id)

    def _when(self, model: shape.TriggerModel, dwell_s: float, *path: Step) -> When:
        condition = None if model.when is None else self.check.condition(model.when, *path, "when")
        return When(model.at, condition, dwell_s)

    def _levels(self) -> Levels:
        w = self.model.water
        return Levels(
            series=dict(w.series),
            from_s=w.begin,
            quiet_s=w.quiet,
            real_s=w.compress[0],
            drill_s=w.compress[1],
            reading_every_s=w.readings.every,
            reading_noise_m=w.readings.noise_m,
            forecasts=tuple(Forecast(f.at, f.horizon, f.step, f.sigma_m_per_h, f.bias_m_per_h) for f in w.forecasts),
            main_gauge_id=w.main_gauge,
        )

    def _force(self, f: shape.ForceModel, n: int) -> Force:
        craft = f.craft.craft() if f.craft is not None else None
        spot = self.check.spot(f.at, "forces", n, "at")
        return Force(f.id, f.name.text(), f.agency, f.role, craft, f.supervisor, spot=spot)

    def _victim(self, v: shape.VictimModel, n: int) -> VictimSpec:
        return VictimSpec(
            id=v.id,
            kind=v.kind,
            name=v.name.text(),
            count=v.count,
            spot=self.check.spot(v.at, "victims", n, "at"),
            appears_s=v.appears,
            reported_s=v.reported,
            reported_by=v.reported_by,
            floats=v.floats,
            lost_after=v.lost_after,
            hesitates=v.hesitates,
        )

    def _hazard(self, h: shape.HazardModel, n: int) -> HazardSpec:
        spot = self.check.spot(h.at, "hazards", n, "at")
        return HazardSpec(h.id, h.kind, h.name.text(), spot, h.radius_m, h.appears)

    def _camera(self, c: shape.CameraModel, n: int) -> CameraSpec:
        spot = self.check.spot(c.at, "cameras", n, "at")
        looks_at = self.check.spot(c.looks_at, "cameras", n, "looks_at")
        place = self.check.river.places.get(looks_at.place_id)
        target_m = place.critical_m if place is not None else c.level_m
        return CameraSpec(c.id, c.name.text(), spot, looks_at, c.level_m, target_m, c.hfov_deg)

    def _inject(self, i: shape.InjectModel, n: int) -> Inject:
        terminals = {force.id: f"t-{force.id}" for force in self.model.forces}
        everybody = ("commander", *terminals.values())
        to = everybody if "all" in i.to else tuple(terminals.get(name, name) for name in i.to)
        when = self._when(i, i.hold_for, "injects", n)
        return Inject(i.id, when, to, i.via, Text(i.zh, i.en), i.hint, i.cost, i.contingency)

    def _fault(self, f: shape.FaultModel, n: int) -> FaultSpec:
        when = self._when(f, 0.0, "faults", n)
        return FaultSpec(f.id, when, f.target, f.part, f.type, f.value, f.lasts, f.plan, f.reason)

    def _expectation(self, x: shape.ExpectModel, n: int) -> Expectation:
        until = None if x.until is None else self.check.condition(x.until, "expect", n, "until")
        return Expectation(
            id=x.id,
            objective=x.objective,
            name=Text(x.zh, x.en),
            p_s=x.P,
            s_s=x.S,
            m_s=x.M,
            weight=x.weight,
            critical=x.critical,
            after=x.after,
            deed=x.do,
            plan_id=x.plan,
            least=x.least,
            until=until,
        )
