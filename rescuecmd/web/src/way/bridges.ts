/** The names of the bridges over a profile: in rows along the top, none over another and none over the edge. */
import { textWidthEm } from "../text/width";

export interface NamePlace {
  x: number;
  row: number;
}

/** Place names centred at `xs`, px, between `left` and `right`; a name that has no row left shares the emptiest. */
export function nameRows(
  names: readonly string[],
  xs: readonly number[],
  { left, right, fontPx, rows }: { left: number; right: number; fontPx: number; rows: number },
): NamePlace[] {
  const ends = Array.from({ length: rows }, () => -Infinity);
  const places: NamePlace[] = [];
  for (const i of xs.map((_, n) => n).sort((a, b) => xs[a]! - xs[b]!)) {
    const half = (textWidthEm(names[i]!) * fontPx) / 2 + 4;
    const x = Math.min(Math.max(xs[i]!, left + half), right - half);
    const free = ends.findIndex((end) => end <= x - half);
    const row = free >= 0 ? free : ends.indexOf(Math.min(...ends));
    ends[row] = x + half;
    places[i] = { x, row };
  }
  return places;
}
