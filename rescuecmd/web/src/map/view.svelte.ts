/** Where the map looks: what the marks over it need to find their pixel. Changes on every move of the map. */
import type { Map as MapLibre } from "maplibre-gl";
import { untrack } from "svelte";

const EARTH_M_PER_PIXEL = 78271.517; // at zoom 0 on the equator, 512 px tiles

export class MapView {
  width = $state(0);
  height = $state(0);
  metresPerPixel = $state(1);
  /** What is up on the screen, degrees from north. */
  bearingDeg = $state(0);
  /** Counts moves of the map; reading it makes a computation follow them. */
  moves = $state(0);
  #map: MapLibre | null = null;

  follow(map: MapLibre): void {
    this.#map = map;
    map.on("move", () => this.read());
    map.on("resize", () => this.read());
    this.read();
  }

  read(): void {
    const map = this.#map;
    if (!map) return;
    const { clientWidth, clientHeight } = map.getContainer();
    this.width = clientWidth;
    this.height = clientHeight;
    this.metresPerPixel =
      (EARTH_M_PER_PIXEL * Math.cos((map.getCenter().lat * Math.PI) / 180)) / 2 ** map.getZoom();
    this.bearingDeg = map.getBearing();
    this.moves = untrack(() => this.moves) + 1; // an effect that moves the map must not follow its own move
  }

  /** The longitude and latitude under a pixel. */
  place(x: number, y: number): readonly [number, number] {
    const found = this.#map?.unproject([x, y]);
    return found ? [found.lng, found.lat] : [0, 0];
  }

  pixel(lonDeg: number, latDeg: number): { x: number; y: number } {
    return this.moves && this.#map ? this.#map.project([lonDeg, latDeg]) : { x: -1000, y: -1000 };
  }
}
