/** The depth shading at the present level; asked for again when the water has moved enough to see. */
import { get } from "../api/http";
import type { DepthAnswer } from "../api/types";
import type { Picture } from "../picture/picture.svelte";
import { lastReading } from "../picture/views";

const STEP_M = 0.05;
const AT_MOST_EVERY_MS = 4000;

export class DepthShading {
  current = $state.raw<DepthAnswer | null>(null);
  #asked = -Infinity;
  #askedLevels: Record<string, number> = {};

  watch(gauges: Picture["gauges"]): void {
    const levels: Record<string, number> = {};
    for (const gauge of Object.values(gauges)) levels[gauge.id] = lastReading(gauge)?.level_m ?? 0;
    const moved = Object.entries(levels).some(
      ([id, level]) => Math.abs(level - (this.#askedLevels[id] ?? Infinity)) >= STEP_M,
    );
    if (!moved || performance.now() - this.#asked < AT_MOST_EVERY_MS) return;
    this.#asked = performance.now();
    this.#askedLevels = levels;
    void this.#fetch();
  }

  async #fetch(): Promise<void> {
    try {
      const depth = await get<DepthAnswer>("/api/depth");
      if (depth.id !== this.current?.id) this.current = depth;
    } catch {
      this.#askedLevels = {}; // the shading is a help, not the truth: ask again with the next reading
    }
  }
}
