/** The profile along one route; asked for when the route or its times change, and again now and then as the water moves. */
import { get } from "../api/http";
import type { ProfileAnswer, Route } from "../api/types";

const AGAIN_S = 60;

export class WayProfile {
  current = $state.raw<ProfileAnswer | null>(null);
  failed = $state(false);
  #asked = "";
  #timedS = 0;
  #askedS = -Infinity;

  /** Let it follow a route as it is timed now; without one it forgets it. */
  follow(route: Route | undefined, nowS: number): void {
    const routeId = route?.id ?? "";
    const timedS = route?.arrive_s ?? 0;
    if (routeId === this.#asked && timedS === this.#timedS && nowS - this.#askedS < AGAIN_S) return;
    if (routeId !== this.#asked) this.current = null;
    this.#asked = routeId;
    this.#timedS = timedS;
    this.#askedS = nowS;
    this.failed = false;
    if (routeId) void this.#fetch(routeId);
  }

  async #fetch(routeId: string): Promise<void> {
    try {
      const found = await get<ProfileAnswer>(`/api/route/profile?route_id=${encodeURIComponent(routeId)}`);
      if (routeId === this.#asked) this.current = found;
    } catch {
      if (routeId === this.#asked) this.failed = this.current === null;
    }
  }
}
