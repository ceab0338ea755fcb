/** Where the action is: the open victims, the boats that have work, and the way between them. */
import type { RiverLayers } from "../api/types";
import type { Picture } from "../picture/picture.svelte";
import { activeRoutes, isOpen } from "../picture/views";
import type { Bounds } from "./style";
import type { MapView } from "./view.svelte";

const LEAST_DEG = 0.004; // about 400 m: one victim alone does not zoom to the last stone

export function actionBounds(picture: Picture): Bounds | null {
  const points: [number, number][] = [];
  for (const victim of Object.values(picture.victims)) {
    if (isOpen(victim)) points.push([victim.fix.lon_deg, victim.fix.lat_deg]);
  }
  if (!points.length) return null;
  const chosen = new Set(Object.values(picture.suggestions).flatMap((suggestion) => suggestion.chosen));
  for (const vessel of Object.values(picture.vessels)) {
    const concerned = vessel.task_id !== "" || chosen.has(vessel.terminal_id);
    if (vessel.fix && concerned) points.push([vessel.fix.lon_deg, vessel.fix.lat_deg]);
  }
  for (const route of activeRoutes(picture.routes)) {
    for (const point of route.waypoints) points.push([point.lon_deg, point.lat_deg]);
  }
  const lons = points.map(([lon]) => lon);
  const lats = points.map(([, lat]) => lat);
  const pad = (low: number, high: number): [number, number] => {
    const lack = Math.max(0, LEAST_DEG - (high - low)) / 2;
    return [low - lack, high + lack];
  };
  const [west, east] = pad(Math.min(...lons), Math.max(...lons));
  const [south, north] = pad(Math.min(...lats), Math.max(...lats));
  return [west, south, east, north];
}

/** The bearing that lays the river along the screen, downstream to the right (never upside down). */
export function riverBearing(layers: RiverLayers): number {
  const axis = (layers.centreline.features[0]?.geometry.coordinates ?? []) as [number, number][];
  const [first, last] = [axis[0], axis.at(-1)];
  if (!first || !last) return 0;
  const east = (last[0] - first[0]) * Math.cos((first[1] * Math.PI) / 180);
  const flowDeg = (Math.atan2(east, last[1] - first[1]) * 180) / Math.PI;
  const bearing = ((flowDeg - 90 + 540) % 360) - 180;
  return Math.abs(bearing) <= 135 ? bearing : bearing > 0 ? bearing - 180 : bearing + 180;
}

/** True where a corner of the action has left the map by a quarter of it. */
export function hasLeft(bounds: Bounds | null, view: MapView): boolean {
  if (!bounds) return false;
  const [west, south, east, north] = bounds;
  const slack = 0.25; // the box of a slanting river is larger than the river
  return [
    view.pixel(west, south),
    view.pixel(west, north),
    view.pixel(east, south),
    view.pixel(east, north),
  ].some(({ x, y }) => outside(x / view.width, slack) || outside(y / view.height, slack));
}

function outside(share: number, slack: number): boolean {
  return share < -slack || share > 1 + slack;
}

/** Room for the numbers on top, what stands below and the labels beside, as far as the map has it. */
export function padding(
  box: HTMLElement,
  bottom: number,
): { top: number; bottom: number; left: number; right: number } {
  const [width, height] = [box.clientWidth, box.clientHeight];
  return { top: height * 0.13, bottom, left: width * 0.07, right: width * 0.12 };
}
