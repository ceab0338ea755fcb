/** Guidance along a route from where the boat is: bearing, metres and seconds to the next turn, and how far off the line. */
import type { Route, Waypoint } from "../api/types";

export interface Point {
  lon_deg: number;
  lat_deg: number;
}

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

const M_PER_DEG = 111_195;
const TOLERANCE_M = 12;
const REACHED_M = 20;
const GOAL_M = 30;

interface Flat {
  x: number;
  y: number;
}

/** Metres east and north of `from`; exact enough over the few kilometres of a route. */
export function metres(from: Point, to: Point): Flat {
  const east = (to.lon_deg - from.lon_deg) * Math.cos((from.lat_deg * Math.PI) / 180) * M_PER_DEG;
  return { x: east, y: (to.lat_deg - from.lat_deg) * M_PER_DEG };
}

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

function distanceToLeg(p: Flat, a: Flat, b: Flat): { distanceM: number; share: number } {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length2 = dx * dx + dy * dy;
  const share = length2 ? Math.min(1, Math.max(0, ((p.x - a.x) * dx + (p.y - a.y) * dy) / length2)) : 0;
  return { distanceM: Math.hypot(p.x - a.x - share * dx, p.y - a.y - share * dy), share };
}

export function guide(route: Route, own: Point): Guidance {
  const turns = turningPoints(route.waypoints);
  const flat = turns.map((turn) => metres(own, turn));
  const { leg, share } = nearestLeg(flat);
  let next = Math.min(leg + 1, turns.length - 1);
  while (next < turns.length - 1 && Math.hypot(flat[next]!.x, flat[next]!.y) < REACHED_M) next++;
  const to = flat[next]!;
  const distanceM = Math.hypot(to.x, to.y);
  const hereS =
    turns.length > 1
      ? turns[leg]!.eta_s + share * (turns[Math.min(leg + 1, turns.length - 1)]!.eta_s - turns[leg]!.eta_s)
      : route.arrive_s;
  let restM = 0;
  for (let i = next; i < flat.length - 1; i++)
    restM += Math.hypot(flat[i + 1]!.x - flat[i]!.x, flat[i + 1]!.y - flat[i]!.y);
  return {
    bearingDeg: bearingDeg(to),
    distanceM,
    seconds: Math.max(0, turns[next]!.eta_s - hereS),
    turnDeg: turnAt(flat, next),
    offM: offLine(flat, leg),
    remainingM: distanceM + restM,
    remainingS: Math.max(0, route.arrive_s - hereS),
    marginM: leastMargin(route.waypoints, hereS),
    atGoal: next === turns.length - 1 && distanceM < GOAL_M,
    carryM: carryAhead(route.waypoints, own, hereS),
  };
}

function nearestLeg(flat: readonly Flat[]): { leg: number; share: number } {
  let best = { leg: 0, share: 0, distanceM: Infinity };
  for (let i = 0; i < flat.length - 1; i++) {
    const { distanceM, share } = distanceToLeg({ x: 0, y: 0 }, flat[i]!, flat[i + 1]!);
    if (distanceM <= best.distanceM) best = { leg: i, share, distanceM };
  }
  return best;
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
