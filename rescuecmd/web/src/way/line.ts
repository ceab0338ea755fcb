/** A line on the ground seen from a place: flat metres, and the leg that is nearest. */
export interface Point {
  lon_deg: number;
  lat_deg: number;
}

export interface Flat {
  x: number;
  y: number;
}

export interface Nearest {
  leg: number;
  /** How much of the leg lies behind, 0 to 1. */
  share: number;
  distanceM: number;
}

const M_PER_DEG = 111_195;
/** Legs that are this much farther off count as equally near. */
const SAME_M = 1;

/** Metres east and north of `from`; exact enough over the few kilometres of a route. */
export function metres(from: Point, to: Point): Flat {
  const east = (to.lon_deg - from.lon_deg) * Math.cos((from.lat_deg * Math.PI) / 180) * M_PER_DEG;
  return { x: east, y: (to.lat_deg - from.lat_deg) * M_PER_DEG };
}

export function distanceToLeg(p: Flat, a: Flat, b: Flat): { distanceM: number; share: number } {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length2 = dx * dx + dy * dy;
  const share = length2 ? Math.min(1, Math.max(0, ((p.x - a.x) * dx + (p.y - a.y) * dy) / length2)) : 0;
  return { distanceM: Math.hypot(p.x - a.x - share * dx, p.y - a.y - share * dy), share };
}

/** The leg nearest to the origin; of legs equally near the last, as who stands on a corner is round it. */
export function nearestLeg(line: readonly Flat[]): Nearest {
  const all = line.slice(1).map((end, leg) => ({ leg, ...distanceToLeg({ x: 0, y: 0 }, line[leg]!, end) }));
  const least = Math.min(...all.map((one) => one.distanceM));
  return all.findLast((one) => one.distanceM <= least + SAME_M) ?? { leg: 0, share: 0, distanceM: Infinity };
}
