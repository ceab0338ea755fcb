/** Finds each label a free place around its symbol, the important ones first. Victims and boats are never hidden, no
 * label stands on a symbol that must be seen, and on another one only where it has no other place. */

export interface Label {
  id: string;
  /** Without words (a ring, a symbol that says it all) it is only kept free. */
  bare: boolean;
  /** Pixel of the symbol. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** Half the symbol's size, px. */
  radius: number;
  priority: number;
  always: boolean;
}

export interface Spot {
  /** Top left of the label relative to the symbol, px. */
  dx: number;
  dy: number;
  hidden: boolean;
  /** True where a line has to tie the label to its symbol. */
  far: boolean;
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const GAP = 3;

export function declutter(
  labels: readonly Label[],
  covered: readonly Box[],
  width: number,
  height: number,
): Map<string, Spot> {
  const urgent = labels.filter((label) => label.always || label.bare);
  const taken: Box[] = [...covered, ...urgent.map(symbolBox)];
  const symbols = labels.filter((label) => !label.always).map(symbolBox);
  const spots = new Map<string, Spot>();
  for (const label of labels.filter((one) => !one.bare).sort((a, b) => a.priority - b.priority)) {
    const own = symbolBox(label);
    const others = taken.filter((box) => !same(box, own));
    const free = places(label, width).filter((spot) => {
      const box = labelBox(label, spot);
      return inside(box, width, height) && !others.some((other) => overlap(box, other));
    });
    const apart = free.find(
      (spot) => !symbols.some((one) => !same(one, own) && overlap(labelBox(label, spot), one)),
    );
    const spot = apart ?? free[0] ?? { ...leastBad(label, others, width, height), hidden: !label.always };
    spots.set(label.id, spot);
    if (!spot.hidden) taken.push(labelBox(label, spot), own);
  }
  return spots;
}

/** Where every place is taken: inside the map if it can be, and over as little as it can be. */
function leastBad(label: Label, others: readonly Box[], width: number, height: number): Spot {
  const all = places(label, width);
  const visible = all.filter((spot) => inside(labelBox(label, spot), width, height));
  const over = (spot: Spot): number => {
    const box = labelBox(label, spot);
    return others.reduce((sum, other) => sum + shared(box, other), 0);
  };
  return (visible.length ? visible : all).reduce((best, spot) => (over(spot) < over(best) ? spot : best));
}

/** Right, left, below, above, the four corners; for what must be seen also rows farther away, tied by a line. Below and
 * above a label slides along its symbol rather than over the edge of the map. */
function places(label: Label, mapWidth: number): Spot[] {
  const { x, width, height, radius } = label;
  const slid = (dx: number): number => Math.max(Math.min(dx, mapWidth - x - width), -x);
  const beside = radius + GAP;
  const at = (dx: number, dy: number): Spot => ({
    dx,
    dy,
    hidden: false,
    far: dy > beside || dy < -beside - height,
  });
  return [
    at(beside, -height / 2),
    at(-beside - width, -height / 2),
    at(slid(-width / 2), beside),
    at(slid(-width / 2), -beside - height),
    at(beside, radius / 2),
    at(-beside - width, radius / 2),
    at(beside, -height - radius / 2),
    at(-beside - width, -height - radius / 2),
    ...(label.always
      ? [1, 2, 3].flatMap((row) =>
          [-width / 2, 0, -width].flatMap((dx) => [
            at(slid(dx), beside + row * (height + GAP)),
            at(slid(dx), -beside - height - row * (height + GAP)),
          ]),
        )
      : []),
  ];
}

function labelBox(label: Label, spot: Spot): Box {
  const left = label.x + spot.dx;
  const top = label.y + spot.dy;
  return { left, top, right: left + label.width, bottom: top + label.height };
}

function symbolBox(label: Label): Box {
  const { x, y, radius } = label;
  return { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius };
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function shared(a: Box, b: Box): number {
  const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return across > 0 && down > 0 ? across * down : 0;
}

function same(a: Box, b: Box): boolean {
  return a.left === b.left && a.top === b.top && a.right === b.right && a.bottom === b.bottom;
}

function inside(box: Box, width: number, height: number): boolean {
  return box.left >= 0 && box.top >= 0 && box.right <= width && box.bottom <= height;
}
