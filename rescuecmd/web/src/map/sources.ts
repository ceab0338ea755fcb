/** Routes and zones of the picture as GeoJSON; rebuilt when they change, never per tick. */
import type { Feature, FeatureCollection, ReachAnswer, Route } from "../api/types";
import type { Picture } from "../picture/picture.svelte";

/** How long a route that was replaced or cut stays on the map, s of the operation. */
const OLD_ROUTE_S = 90;

export function routeLines(routes: Picture["routes"]): FeatureCollection {
  const newest = Math.max(0, ...Object.values(routes).map((route) => route.made_s));
  const shown = Object.values(routes).filter((route) => isShown(route, newest));
  return { type: "FeatureCollection", features: shown.map(routeLine) };
}

function isShown(route: Route, newestS: number): boolean {
  if (route.state === "active") return true;
  return route.state !== "ended" && route.made_s > newestS - OLD_ROUTE_S;
}

function routeLine(route: Route): Feature {
  const coordinates = route.waypoints.map((point) => [point.lon_deg, point.lat_deg]);
  return {
    type: "Feature",
    id: route.id,
    properties: { id: route.id, state: route.state, vessel: route.vessel_id },
    geometry: { type: "LineString", coordinates },
  };
}

/** The bands of a reach map, each with its number from the nearest, 0 the first. */
export function reachAreas(reach: ReachAnswer | null): FeatureCollection {
  const features = (reach?.features ?? []).toSorted((a, b) => a.properties.to_min - b.properties.to_min);
  return {
    type: "FeatureCollection",
    features: features.map((one, band) => ({ ...one, properties: { ...one.properties, band } })),
  };
}

export function zoneAreas(zones: Picture["zones"], nowS: number): FeatureCollection {
  const inForce = Object.values(zones).filter((zone) => zone.ends_s === null || zone.ends_s > nowS);
  return {
    type: "FeatureCollection",
    features: inForce.map((zone) => ({
      type: "Feature" as const,
      id: zone.id,
      properties: { id: zone.id, kind: zone.kind },
      geometry: { type: "Polygon", coordinates: [zone.ring] },
    })),
  };
}
