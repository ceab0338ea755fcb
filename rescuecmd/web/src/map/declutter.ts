/** Finds each label a free place around its symbol, the important ones first. Victims and boats are never hidden. */

export interface Label {
  id: string;
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

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const GAP = 3;

export function declutter(labels: readonly Label[], width: number, height: number): Map<string, Spot> {
  const taken: Box[] = labels.filter((label) => label.always).map(symbolBox);
  const spots = new Map<string, Spot>();
  for (const label of [...labels].sort((a, b) => a.priority - b.priority)) {
    const own = taken.filter((box) => !same(box, symbolBox(label)));
    const choice = places(label).find((spot) => {
      const box = labelBox(label, spot);
      return inside(box, width, height) && !own.some((other) => overlap(box, other));
    });
    const visible =
      places(label).find((spot) => inside(labelBox(label, spot), width, height)) ?? places(label)[0]!;
    const spot = choice ?? { ...visible, hidden: !label.always };
    spots.set(label.id, spot);
    if (!spot.hidden) taken.push(labelBox(label, spot), symbolBox(label));
  }
  return spots;
}

/** Right, left, below, above, the four corners; for what must be seen also rows farther away, tied by a line. */
function places(label: Label): Spot[] {
  const { width, height, radius } = label;
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
    at(-width / 2, beside),
    at(-width / 2, -beside - height),
    at(beside, radius / 2),
    at(-beside - width, radius / 2),
    at(beside, -height - radius / 2),
    at(-beside - width, -height - radius / 2),
    ...(label.always
      ? [1, 2, 3].flatMap((row) => [
          at(-width / 2, beside + row * (height + GAP)),
          at(-width / 2, -beside - height - row * (height + GAP)),
        ])
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

function same(a: Box, b: Box): boolean {
  return a.left === b.left && a.top === b.top && a.right === b.right && a.bottom === b.bottom;
}

function inside(box: Box, width: number, height: number): boolean {
  return box.left >= 0 && box.top >= 0 && box.right <= width && box.bottom <= height;
}

/** The width of a text in em, near enough for placing: a Chinese character is one, a Latin one a little over half. */
export function textWidthEm(text: string): number {
  let sum = 0;
  for (const character of text) sum += /[\u2e80-\uffef]/.test(character) ? 1 : 0.58;
  return sum;
}
