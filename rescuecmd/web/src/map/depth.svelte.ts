/** The depth shading at the present level; asked for again when the water has moved enough to see, and once a minute. */
import { get, ServerError } from "../api/http";
import type { DepthAnswer } from "../api/types";
import type { Picture } from "../picture/picture.svelte";
import { lastReading } from "../picture/views";

const STEP_M = 0.05;
const AT_MOST_EVERY_S = 4;
const AT_LEAST_EVERY_S = 60; // between readings the water goes on, and a level grows too old to say anything

export class DepthShading {
  current = $state.raw<DepthAnswer | null>(null);
  /** Why the server has no level to draw; null while it has one. */
  refused = $state.raw<ServerError | null>(null);
  #askedS = -Infinity;
  #askedLevels: Record<string, number> = {};

  /** Look at the gauges; call it with every second. `nowS` is the device's time: a drill's may run twenty times as fast. */
  watch(gauges: Picture["gauges"], nowS: number): void {
    const levels: Record<string, number> = {};
    for (const gauge of Object.values(gauges)) levels[gauge.id] = lastReading(gauge)?.level_m ?? 0;
    const moved = Object.entries(levels).some(
      ([id, level]) => Math.abs(level - (this.#askedLevels[id] ?? Infinity)) >= STEP_M,
    );
    const agoS = nowS - this.#askedS;
    if (!Object.keys(levels).length || agoS < (moved ? AT_MOST_EVERY_S : AT_LEAST_EVERY_S)) return;
    this.#askedS = nowS;
    this.#askedLevels = levels;
    void this.#fetch();
  }

  async #fetch(): Promise<void> {
    try {
      const depth = await get<DepthAnswer>("/api/depth");
      if (depth.id !== this.current?.id) this.current = depth;
      this.refused = null;
    } catch (error) {
      this.refused = error instanceof ServerError && error.settles ? error : null;
      if (this.refused) this.current = null;
      else this.#askedLevels = {}; // the shading is a help, not the truth: ask again soon
    }
  }
}
