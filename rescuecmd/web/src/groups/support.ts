/** Support among units as values: who asked, who comes, and how many seconds each step took. */
import type { Support } from "../api/types";
import type { Picture } from "../picture/picture.svelte";

export const KINDS = ["boat", "medical", "rope", "light", "fuel", "other"] as const;
export const STEPS = ["accepted", "under_way", "on_scene", "done"] as const;
const OVER = ["done", "cancelled"];

export function openSupports(supports: Picture["supports"]): Support[] {
  return Object.values(supports)
    .filter((support) => !OVER.includes(support.state))
    .sort((a, b) => a.made_s - b.made_s);
}

/** Seconds from the request to a step; null while it has not been taken. */
export function tookS(support: Support, step: (typeof STEPS)[number]): number | null {
  const mark = support.trail.find((item) => item.step === step);
  return mark ? mark.time_s - support.made_s : null;
}

/** The step after the present one; null once the support is over. */
export function nextStep(support: Support): (typeof STEPS)[number] | null {
  const at = ["requested", ...STEPS].indexOf(support.state);
  return at < 0 ? null : (STEPS[at] ?? null);
}
