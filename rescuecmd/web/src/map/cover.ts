/** What stands over the map and hides it: numbers, keys, legend, alerts. Labels keep off it, and the view makes room. */
import type { Box } from "./declutter";

/** The boxes of everything over the map, px of the map. */
export function coveredBy(map: HTMLElement): Box[] {
  const frame = map.closest("[data-map-frame]") ?? map;
  const zero = map.getBoundingClientRect();
  return [...frame.querySelectorAll("[data-over-map]")].map((one) => {
    const { left, right, top, bottom } = one.getBoundingClientRect();
    return {
      left: left - zero.left,
      right: right - zero.left,
      top: top - zero.top,
      bottom: bottom - zero.top,
    };
  });
}

const LEAST = 0.13; // of the height: where nothing stands, a label of two lines still does
const MOST = 0.45;

/** How much of the height is taken from below: by the alerts, as far as they leave a map at all. */
export function takenBelow(covered: readonly Box[], height: number): number {
  const low = covered.filter(({ top, bottom }) => top > height * 0.3 && bottom > height * 0.7);
  const tops = low.map(({ top }) => height - top + 8);
  return Math.min(Math.max(height * LEAST, ...tops), height * MOST);
}
