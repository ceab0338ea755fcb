/** What the screens ask of the picture: pure readings of it, so that every page counts the same way. */
import type { Alarm, Card, Gauge, Reading, Route, Sos, Victim } from "../api/types";
import type { Picture } from "./picture.svelte";

const OLD_AFTER_S = 10;
const STALE_AFTER_S = 30;

export type Freshness = "fresh" | "old" | "stale";

export function freshness(ageS: number): Freshness {
  if (ageS > STALE_AFTER_S) return "stale";
  return ageS > OLD_AFTER_S ? "old" : "fresh";
}

/** A real operation, and no drill. */
export function isLive(picture: Picture): boolean {
  return picture.operation?.mode === "live";
}

/** No gauge of a real operation has been read: no depth, no route and no card can be had. */
export function waterUnknown(picture: Picture): boolean {
  return isLive(picture) && !Object.values(picture.gauges).some((gauge) => lastReading(gauge));
}

/** What stands while the level is outside what the river covers ("alarm"), or is expected to be soon ("warning"). */
export function levelOutside(picture: Picture): Alarm | null {
  const found = Object.values(picture.alarms).find(
    (alarm) => alarm.kind === "level_outside" && alarm.rectified_s === null,
  );
  return found ?? null;
}

/** The same while it is so now: there is no depth, no submergence, no route and no card to be had. */
export function waterUncovered(picture: Picture): Alarm | null {
  const alarm = levelOutside(picture);
  return alarm?.priority === "alarm" ? alarm : null;
}

export function waiting(victim: Victim): number {
  if (victim.merged_into) return 0;
  return Math.max(0, victim.count - victim.aboard - victim.safe - victim.lost);
}

export function isOpen(victim: Victim): boolean {
  return !victim.merged_into && victim.safe + victim.lost < victim.count;
}

/** When the water takes a victim's place at the earliest bound that is known. */
export function deadlineS(victim: Victim): number | null {
  return waiting(victim) > 0 ? (victim.early_s ?? victim.median_s ?? victim.late_s) : null;
}

export interface People {
  waiting: number;
  aboard: number;
  safe: number;
  lost: number;
}

export function people(victims: Picture["victims"]): People {
  const sum: People = { waiting: 0, aboard: 0, safe: 0, lost: 0 };
  for (const victim of Object.values(victims)) {
    sum.waiting += waiting(victim);
    sum.aboard += victim.aboard;
    sum.safe += victim.safe;
    sum.lost += victim.lost;
  }
  return sum;
}

/** Victims who still need somebody, the shortest time left first. */
export function openVictims(victims: Picture["victims"]): Victim[] {
  const urgency = (victim: Victim): number =>
    deadlineS(victim) ?? (victim.kind === "in_water" ? 0 : Infinity);
  return Object.values(victims)
    .filter(isOpen)
    .sort((a, b) => urgency(a) - urgency(b) || a.reported_s - b.reported_s);
}

export function lastReading(gauge: Gauge): Reading | undefined {
  return gauge.recent.at(-1);
}

export type GaugeCondition = "ok" | "stale" | "stuck" | "held";

/** Readings may be missed once; the server judges by the same number (picture/gauging.py). */
const LATE_AFTER = 2.5;

/** What to make of a gauge: its last value may be old, stand still while others move, or wait to be borne out. */
export function gaugeCondition(gauge: Gauge, nowS: number): GaugeCondition {
  const last = gauge.held.at(-1) ?? lastReading(gauge);
  if (last && gauge.every_s !== null && nowS - last.time_s > LATE_AFTER * gauge.every_s) return "stale";
  if (gauge.state !== "ok") return gauge.state;
  return gauge.held.length ? "held" : "ok";
}

/** The stages of a person on a rock that are still to come, the next first. */
export function stagesAhead(stages: Victim["stages"], nowS: number): Victim["stages"] {
  return stages
    .filter((stage) => (stage.median_s ?? stage.late_s ?? Infinity) > nowS && stage.early_s !== null)
    .sort((a, b) => a.early_s! - b.early_s!);
}

/** The gauge the wall speaks of: one with official lines, the most recently read. */
export function leadingGauge(gauges: Picture["gauges"]): Gauge | undefined {
  const score = (gauge: Gauge): number =>
    (gauge.state === "ok" ? 8 : 0) +
    (gauge.warning_m === null ? 0 : 2) +
    (gauge.forecast.length ? 1 : 0) +
    (gauge.recent.length ? 4 : 0);
  return Object.values(gauges).sort((a, b) => score(b) - score(a) || a.id.localeCompare(b.id))[0];
}

/** 0 none, 1 blue (within 1 m of warning), 2 yellow (warning), 3 orange (guarantee): the official steps we can judge. */
export function alertLevel(gauge: Gauge, levelM: number): 0 | 1 | 2 | 3 {
  if (gauge.guarantee_m !== null && levelM >= gauge.guarantee_m) return 3;
  if (gauge.warning_m !== null && levelM >= gauge.warning_m) return 2;
  return gauge.warning_m !== null && levelM >= gauge.warning_m - 1 ? 1 : 0;
}

/** The first time the forecast reaches a line; `shift` moves it by that many sigmas (+ early, - late). */
export function crossingS(gauge: Gauge, lineM: number, shift = 0): number | null {
  const start = lastReading(gauge);
  const points = [
    ...(start ? [start] : []),
    ...gauge.forecast.filter((item) => !start || item.time_s > start.time_s),
  ];
  for (let i = 0; i < points.length; i++) {
    const here = points[i]!.level_m + shift * points[i]!.sigma_m;
    if (here < lineM) continue;
    if (i === 0) return points[0]!.time_s;
    const before = points[i - 1]!.level_m + shift * points[i - 1]!.sigma_m;
    const share = here > before ? (lineM - before) / (here - before) : 0;
    return points[i - 1]!.time_s + share * (points[i]!.time_s - points[i - 1]!.time_s);
  }
  return null;
}

export function openSoses(soses: Picture["soses"]): Sos[] {
  return Object.values(soses)
    .filter((sos) => sos.cancelled_s === null)
    .sort((a, b) => b.raised_s - a.raised_s);
}

const PRIORITY: Record<Alarm["priority"], number> = { emergency: 0, alarm: 1, warning: 2, caution: 3 };

export type AlarmState = "unacknowledged" | "silenced" | "acknowledged" | "transferred" | "rectified";

/** The states of IMO MSC.302(87); the server's `alarm_state` says the same. */
export function alarmState(alarm: Alarm, nowS: number): AlarmState {
  if (alarm.rectified_s !== null) return "rectified";
  if (alarm.transferred_to) return "transferred";
  if (alarm.acked_s !== null) return "acknowledged";
  return alarm.silenced_until_s !== null && nowS < alarm.silenced_until_s ? "silenced" : "unacknowledged";
}

function wantsHand(alarm: Alarm): boolean {
  return alarm.acked_s === null && !alarm.transferred_to;
}

/** Alarms: those that want a hand first (what is gone already after what lasts), then by priority, then the newest. */
export function sortedAlarms(alarms: Picture["alarms"]): Alarm[] {
  return Object.values(alarms).sort(
    (a, b) =>
      Number(wantsHand(b)) - Number(wantsHand(a)) ||
      Number(a.rectified_s !== null) - Number(b.rectified_s !== null) ||
      PRIORITY[a.priority] - PRIORITY[b.priority] ||
      b.raised_s - a.raised_s,
  );
}

export function isAnswered(card: Card): boolean {
  return card.state !== "queued" && card.state !== "delivered" && card.state !== "displayed";
}

/** What still wants somebody's hand: unacknowledged alarms and SOS, unanswered cards. */
export function unacknowledged(picture: Picture): number {
  const alarms = Object.values(picture.alarms).filter(wantsHand).length;
  const soses = openSoses(picture.soses).filter((sos) => sos.acked_s === null).length;
  return alarms + soses + Object.values(picture.cards).filter((card) => !isAnswered(card)).length;
}

export interface Datum {
  id: string;
  ageS: number;
  fresh: Freshness;
}

/** A gauge that is read by hand has no interval: as if it were read every hour. */
const BY_HAND_S = 3600;
/** From here on a reading is due and has not come; the network may take its time. */
const DUE_AFTER = 1.5;

/** The datum that is latest for its own source: positions come every second, each gauge has its interval. */
export function oldestDatum(picture: Picture, nowS: number): Datum | null {
  let worst: Datum | null = null;
  let worstShare = -Infinity;
  const look = (id: string, timeS: number | undefined, oldS: number, staleS: number): void => {
    if (timeS === undefined) return;
    const ageS = nowS - timeS;
    if (ageS / staleS <= worstShare) return;
    worstShare = ageS / staleS;
    worst = { id, ageS, fresh: ageS > staleS ? "stale" : ageS > oldS ? "old" : "fresh" };
  };
  for (const vessel of Object.values(picture.vessels))
    look(vessel.id, vessel.fix?.time_s, OLD_AFTER_S, STALE_AFTER_S);
  for (const gauge of Object.values(picture.gauges)) {
    const everyS = gauge.every_s ?? BY_HAND_S;
    look(gauge.id, lastReading(gauge)?.time_s, DUE_AFTER * everyS, LATE_AFTER * everyS);
  }
  return worst;
}

export function activeRoutes(routes: Picture["routes"]): Route[] {
  return Object.values(routes).filter((route) => route.state === "active");
}
