/** A lasso on the map: while it is armed a drag draws a ring; whoever asked for it gets the ring in degrees. */
export type Ring = readonly (readonly [number, number])[];

export class Lasso {
  armed = $state(false);
  /** The last closed ring (lon, lat), the first point again at the end; empty: none. */
  ring = $state.raw<Ring>([]);

  arm(): void {
    this.armed = true;
    this.ring = [];
  }

  disarm(): void {
    this.armed = false;
    this.ring = [];
  }

  close(points: Ring): void {
    this.armed = false;
    this.ring = points.length > 2 ? [...points, points[0]!] : [];
  }
}

/** Whether a place lies in a closed ring (even-odd rule). */
export function inside(ring: Ring, lon: number, lat: number): boolean {
  let odd = false;
  for (let i = 1; i < ring.length; i++) {
    const [x1, y1] = ring[i - 1]!;
    const [x2, y2] = ring[i]!;
    if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) odd = !odd;
  }
  return odd;
}

export const lasso = new Lasso();
