/**
 * How far a boat has come along its route, and how late it is on it: plans are made for a boat that leaves at once.
 * The server judges limits by the same rule (`picture/progress.py`).
 */
import type { Route } from "../api/types";
import type { Picture } from "../picture/picture.svelte";
import { metres, nearestLeg, type Point } from "./line";

/** A boat within this of a point where it is to wait is there. */
const AT_STOP_M = 20;
/** Less than this late is not worth a word. */
const TOLD_S = 60;

export interface Progress {
  /** When the boat should have been where it is. */
  hereS: number;
  /** How far it has come, metres along the route. */
  alongM: number;
  /** How late it is there, s; negative: it is early. */
  lateS: number;
  /** Stops ahead: arrival, and how long the boat stays. */
  waits: readonly (readonly [number, number])[];
}

export function progress(route: Route, fix: Point | null, nowS: number): Progress {
  const points = route.waypoints;
  if (!fix) return { hereS: nowS, alongM: alongAt(route, nowS), lateS: 0, waits: [] };
  const line = points.map((point) => metres(fix, point));
  const { leg, share } = nearestLeg(line);
  const from = points[leg]!;
  const to = points[leg + 1] ?? from;
  const leavesS = from.eta_s + from.wait_s;
  const waiting = from.wait_s > 0 && Math.hypot(line[leg]!.x, line[leg]!.y) <= AT_STOP_M;
  const hereS = waiting ? Math.min(nowS, leavesS) : leavesS + share * (to.eta_s - leavesS);
  const lengths = legLengths(route);
  const alongM = sum(lengths.slice(0, leg)) + share * (lengths[leg] ?? 0);
  const waits = points
    .slice(leg + 1)
    .filter((point) => point.wait_s > 0)
    .map((point) => [point.eta_s, point.wait_s] as const);
  return { hereS, alongM, lateS: nowS - hereS, waits };
}

/** When something planned is to be expected if the boat keeps the pace of the plan from here; a wait takes up delay. */
export function expectedS(at: Progress, plannedS: number): number {
  const late = at.waits
    .filter(([arrivesS]) => arrivesS < plannedS)
    .reduce((lateS, [, staysS]) => Math.max(0, lateS - staysS), at.lateS);
  return plannedS + late;
}

/**
 * How much later a boat is than it was to be when it got its route, where that is worth a word: it is still on its way,
 * and more than a minute behind.
 */
export function lateS(route: Route, at: Progress): number {
  const sinceGiven = at.lateS + (route.waypoints[0]?.eta_s ?? route.depart_s) - route.depart_s;
  return sinceGiven > TOLD_S && at.hereS < route.arrive_s ? sinceGiven : 0;
}

/** The newest active route of a task. */
export function routeOf(picture: Picture, taskId: string | undefined): Route | undefined {
  return Object.values(picture.routes)
    .filter((route) => route.task_id === taskId && route.state === "active")
    .sort((a, b) => b.made_s - a.made_s)[0];
}

/** How far the boat of a route has come on it. */
export function progressOn(picture: Picture, route: Route, nowS: number): Progress {
  return progress(route, picture.vessels[route.vessel_id]?.fix ?? null, nowS);
}

function alongAt(route: Route, timeS: number): number {
  const points = route.waypoints;
  const leg = points.findLastIndex((point) => point.eta_s <= timeS);
  const [from, to] = [points[leg], points[leg + 1]];
  const lengths = legLengths(route);
  if (!from || !to) return from ? sum(lengths) : 0;
  const leavesS = from.eta_s + from.wait_s;
  const share = Math.min(1, Math.max(0, (timeS - leavesS) / Math.max(1e-6, to.eta_s - leavesS)));
  return sum(lengths.slice(0, leg)) + share * lengths[leg]!;
}

function legLengths(route: Route): number[] {
  return route.waypoints.slice(1).map((end, leg) => {
    const { x, y } = metres(route.waypoints[leg]!, end);
    return Math.hypot(x, y);
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
