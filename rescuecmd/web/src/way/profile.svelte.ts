/** The profile along one route; asked for when the route changes, and again now and then as the water moves. */
import { get } from "../api/http";
import type { ProfileAnswer } from "../api/types";

const AGAIN_S = 60;

export class WayProfile {
  current = $state.raw<ProfileAnswer | null>(null);
  failed = $state(false);
  #asked = "";
  #askedS = -Infinity;

  /** Let it follow a route; an empty id forgets it. */
  follow(routeId: string, nowS: number): void {
    if (routeId === this.#asked && nowS - this.#askedS < AGAIN_S) return;
    if (routeId !== this.#asked) this.current = null;
    this.#asked = routeId;
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
