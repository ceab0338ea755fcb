/** What a route says of its last moments, as the screens show it. */
import type { Route } from "../api/types";
import type { Progress } from "./progress";

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

export function lastMoments(route: Route, at: Progress, nowS: number): Moments {
  const backByS = route.no_return === null ? null : lastTurn(route, route.no_return, at);
  const ahead = route.tightest !== null && route.tightest.passes_s > at.hereS;
  const closesS = (ahead ? route.tightest?.closes_s : null) ?? Infinity;
  const left = Math.min(backByS ?? Infinity, closesS) - nowS;
  return { backByS, ahead, level: left < NOW_S ? "now" : left < SOON_S ? "soon" : "calm" };
}

/** Until when the boat may turn round at the last point that leaves it a way back; long ago once it is past the next. */
function lastTurn(route: Route, noReturn: number, at: Progress): number {
  const next = route.waypoints[noReturn + 1];
  if (noReturn < 0 || (next && next.eta_s <= at.hereS)) return route.made_s;
  return route.waypoints[noReturn]?.back_by_s ?? route.made_s;
}
