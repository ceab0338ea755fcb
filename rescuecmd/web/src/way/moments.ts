/** What a route says of its last moments, as the screens show it. */
import type { Route } from "../api/types";

/** Sooner than this, s, a closing is told in amber, then in red. */
const SOON_S = 1800;
const NOW_S = 600;

export interface Moments {
  /** Until when there is a way back, if that ends on this route; null: there is one from everywhere. */
  backByS: number | null;
  level: "calm" | "soon" | "now";
  /** Whether the tightest leg still lies ahead. */
  ahead: boolean;
}

export function lastMoments(route: Route, nowS: number): Moments {
  const turn = route.no_return === null ? undefined : route.waypoints[Math.max(0, route.no_return)];
  const backByS = route.no_return === null ? null : (turn?.back_by_s ?? route.made_s);
  const ahead = route.tightest !== null && route.tightest.passes_s > nowS;
  const closesS = (ahead ? route.tightest?.closes_s : null) ?? Infinity;
  const left = Math.min(backByS ?? Infinity, closesS) - nowS;
  return { backByS, ahead, level: left < NOW_S ? "now" : left < SOON_S ? "soon" : "calm" };
}
