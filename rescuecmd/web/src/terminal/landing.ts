/** Where a boat brings people ashore: the nearest landing place that the water has not taken. */
import type { Outlook } from "../api/types";
import type { Picture } from "../picture/picture.svelte";
import { metres, type Point } from "../way/line";

const ASHORE: readonly Outlook["kind"][] = ["landing", "pontoon", "ramp"];

export function nearestLanding(outlooks: Picture["outlooks"], from: Point | null): Outlook | undefined {
  const usable = Object.values(outlooks).filter(
    (place) => ASHORE.includes(place.kind) && (place.kind === "pontoon" || place.margin_m > 0),
  );
  if (!from) return usable[0];
  const away = (place: Outlook): number => {
    const { x, y } = metres(from, place);
    return Math.hypot(x, y);
  };
  return usable.sort((a, b) => away(a) - away(b))[0];
}
