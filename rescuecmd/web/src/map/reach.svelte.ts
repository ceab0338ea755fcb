/** How far one boat gets by when: areas for the map, asked for again as the boat and the water move. */
import { get } from "../api/http";
import type { ReachAnswer } from "../api/types";

const AGAIN_S = 30;
const MINUTES = 20;

export class ReachLayer {
  current = $state.raw<ReachAnswer | null>(null);
  #vesselId = "";
  #askedS = -Infinity;

  /** Let it show a boat; an empty id shows none. */
  follow(vesselId: string, nowS: number): void {
    if (vesselId === this.#vesselId && nowS - this.#askedS < AGAIN_S) return;
    if (vesselId !== this.#vesselId) this.current = null;
    this.#vesselId = vesselId;
    this.#askedS = nowS;
    if (vesselId) void this.#fetch(vesselId);
  }

  async #fetch(vesselId: string): Promise<void> {
    try {
      const found = await get<ReachAnswer>(
        `/api/reach?vessel_id=${encodeURIComponent(vesselId)}&minutes=${MINUTES}`,
      );
      if (vesselId === this.#vesselId) this.current = found;
    } catch {
      if (vesselId === this.#vesselId) this.current = null; // no water for this boat: nothing is in reach
    }
  }
}
