/** Guidance along a route from where the boat is: bearing, metres and seconds to the next turn, and how far off the line. */
import type { Route, Waypoint } from "../api/types";
import { distanceToLeg, metres, nearestLeg, type Flat, type Point } from "../way/line";
import { expectedS, progress } from "../way/progress";

export interface Guidance {
  bearingDeg: number;
  distanceM: number;
  seconds: number;
  /** Degrees to turn there, right positive; null at the goal. */
  turnDeg: number | null;
  /** Metres off the line; positive: the line is to starboard. */
  offM: number;
  remainingM: number;
  remainingS: number;
  /** Least water still to come beyond draught and under-keel allowance. */
  marginM: number | null;
  atGoal: boolean;
  /** Metres to where the next portage, ramp or lock begins, 0 in it; null: none is ahead. */
  carryM: number | null;
}

const TOLERANCE_M = 12;
const REACHED_M = 20;
const GOAL_M = 30;

export function bearingDeg(vector: Flat): number {
  return ((Math.atan2(vector.x, vector.y) * 180) / Math.PI + 360) % 360;
}

/** The turning points of a route: what is left when points within `toleranceM` of the line are dropped. */
export function turningPoints(points: readonly Waypoint[], toleranceM = TOLERANCE_M): Waypoint[] {
  if (points.length < 3) return [...points];
  const first = points[0]!;
  const last = points.at(-1)!;
  let worst = 0;
  let at = 0;
  for (let i = 1; i < points.length - 1; i++) {
    if (points[i]!.way !== "" || points[i + 1]!.way !== "") {
      at = i; // where a boat is carried begins and ends a turn, however straight
      worst = Infinity;
      break;
    }
    const off = distanceToLeg({ x: 0, y: 0 }, metres(points[i]!, first), metres(points[i]!, last)).distanceM;
    if (off > worst) [worst, at] = [off, i];
  }
  if (worst <= toleranceM) return [first, last];
  return [
    ...turningPoints(points.slice(0, at + 1), toleranceM).slice(0, -1),
    ...turningPoints(points.slice(at), toleranceM),
  ];
}

export function guide(route: Route, own: Point, nowS: number): Guidance {
  const turns = turningPoints(route.waypoints);
  const flat = turns.map((turn) => metres(own, turn));
  const { leg } = nearestLeg(flat);
  const at = progress(route, own, nowS);
  let next = Math.min(leg + 1, turns.length - 1);
  while (next < turns.length - 1 && Math.hypot(flat[next]!.x, flat[next]!.y) < REACHED_M) next++;
  const to = flat[next]!;
  const distanceM = Math.hypot(to.x, to.y);
  let restM = 0;
  for (let i = next; i < flat.length - 1; i++)
    restM += Math.hypot(flat[i + 1]!.x - flat[i]!.x, flat[i + 1]!.y - flat[i]!.y);
  return {
    bearingDeg: bearingDeg(to),
    distanceM,
    seconds: Math.max(0, expectedS(at, turns[next]!.eta_s) - nowS),
    turnDeg: turnAt(flat, next),
    offM: offLine(flat, leg),
    remainingM: distanceM + restM,
    remainingS: Math.max(0, expectedS(at, route.arrive_s) - nowS),
    marginM: leastMargin(route.waypoints, at.hereS),
    atGoal: next === turns.length - 1 && distanceM < GOAL_M,
    carryM: carryAhead(route.waypoints, own, at.hereS),
  };
}

function turnAt(flat: readonly Flat[], next: number): number | null {
  const at = flat[next]!;
  const after = flat[next + 1];
  if (!after) return null;
  const incoming = bearingDeg(at);
  const outgoing = bearingDeg({ x: after.x - at.x, y: after.y - at.y });
  return ((outgoing - incoming + 540) % 360) - 180;
}

function offLine(flat: readonly Flat[], leg: number): number {
  const a = flat[leg]!;
  const b = flat[leg + 1];
  if (!b) return 0;
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  return ((b.y - a.y) * a.x - (b.x - a.x) * a.y) / length;
}

function carryAhead(points: readonly Waypoint[], own: Point, hereS: number): number | null {
  const at = points.findIndex((point) => point.way !== "" && point.eta_s > hereS);
  if (at < 1) return null;
  const begin = points[at - 1]!;
  if (begin.eta_s <= hereS) return 0;
  const { x, y } = metres(own, begin);
  return Math.hypot(x, y);
}

function leastMargin(points: readonly Waypoint[], hereS: number): number | null {
  const ahead = points
    .filter((point) => point.eta_s >= hereS && point.margin_m !== null)
    .map((point) => point.margin_m!);
  return ahead.length ? Math.min(...ahead) : null;
}
