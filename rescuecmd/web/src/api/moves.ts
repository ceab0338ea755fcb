/** Positions as columns of whole numbers: what of a mover changed when nothing but its fix did. */
import type { Fix, Moves } from "./types";

const SOURCES: readonly Fix["source"][] = ["gps", "report", "camera", "estimate"];
const UNKNOWN = -1;

/** Each id of these columns with its fix. */
export function fixes(moves: Moves): [string, Fix][] {
  return moves.ids.map((id, n) => {
    const [course, speed] = [moves.course[n]!, moves.speed[n]!];
    const fix: Fix = {
      lon_deg: moves.lon[n]! / 1e6,
      lat_deg: moves.lat[n]! / 1e6,
      time_s: moves.base_s + moves.at[n]! / 10,
      accuracy_m: moves.accuracy[n]! / 10,
      source: SOURCES[moves.source[n]!] ?? "estimate",
      course_deg: course === UNKNOWN ? null : course / 10,
      speed_mps: speed === UNKNOWN ? null : speed / 100,
    };
    return [id, fix];
  });
}
