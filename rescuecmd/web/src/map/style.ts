/** The still part of the map as a MapLibre style: river, depth shading, beaches, reefs, bridges, zones, routes. */
import type {
  FilterSpecification,
  LayerSpecification,
  RasterLayerSpecification,
  SourceSpecification,
  StyleSpecification,
} from "maplibre-gl";
import type { Feature, FeatureCollection, RiverLayers } from "../api/types";
import type { MapPalette } from "./palette";

export const EMPTY: FeatureCollection = { type: "FeatureCollection", features: [] };

const geojson = (data: FeatureCollection): SourceSpecification => ({ type: "geojson", data: data as never });

export function mapStyle(layers: RiverLayers, colours: MapPalette): StyleSpecification {
  return {
    version: 8,
    sources: {
      water: geojson(waterArea(layers)),
      centreline: geojson(layers.centreline),
      beaches: geojson(layers.beaches),
      reefs: geojson(layers.reefs),
      bridges: geojson(layers.bridges),
      weirs: geojson(layers.weirs),
      ways: geojson(layers.ways),
      booms: geojson(layers.booms),
      restricted: geojson(layers.restricted),
      piers: geojson(layers.piers),
      reach: geojson(EMPTY),
      zones: geojson(EMPTY),
      routes: geojson(EMPTY),
    },
    layers: [...ground(colours), ...structures(colours), ...rules(colours), ...overlays(colours)],
  };
}

function ground(colours: MapPalette): LayerSpecification[] {
  return [
    { id: "land", type: "background", paint: { "background-color": colours.land } },
    { id: "water", type: "fill", source: "water", paint: { "fill-color": colours.water } },
    {
      id: "beaches",
      type: "fill",
      source: "beaches",
      paint: { "fill-color": colours.beach, "fill-opacity": 0.75, "fill-outline-color": colours.bank },
    },
    { id: "bank", type: "line", source: "water", paint: { "line-color": colours.bank, "line-width": 1.5 } },
    {
      id: "centreline",
      type: "line",
      source: "centreline",
      paint: { "line-color": colours.centre, "line-width": 1, "line-dasharray": [6, 6], "line-opacity": 0.7 },
    },
  ];
}

/** The depth shading; it joins the map, under the beaches, when its first picture has come. */
export const ABOVE_DEPTH = "beaches";

export function depthLayer(colours: MapPalette): RasterLayerSpecification {
  return {
    id: "depth",
    type: "raster",
    source: "depth",
    paint: {
      "raster-opacity": colours.depthOpacity,
      "raster-brightness-max": colours.depthBrightness,
      "raster-saturation": colours.depthSaturation,
      "raster-fade-duration": 0,
      "raster-resampling": "linear",
    },
  };
}

function structures(colours: MapPalette): LayerSpecification[] {
  const areas: FilterSpecification = ["==", ["geometry-type"], "Polygon"];
  return [
    { id: "reefs", type: "fill", source: "reefs", filter: areas, paint: { "fill-color": colours.reef } },
    {
      id: "weirs",
      type: "line",
      source: "weirs",
      paint: { "line-color": colours.noGo, "line-width": 5, "line-dasharray": [0.6, 0.6] },
    },
    {
      id: "bridge-casing",
      type: "line",
      source: "bridges",
      paint: { "line-color": colours.routeCasing, "line-width": 7 },
    },
    {
      id: "bridges",
      type: "line",
      source: "bridges",
      paint: { "line-color": colours.bridge, "line-width": 4 },
    },
    {
      id: "piers",
      type: "circle",
      source: "piers",
      paint: {
        "circle-radius": 3,
        "circle-color": colours.bridge,
        "circle-stroke-width": 1,
        "circle-stroke-color": colours.routeCasing,
      },
    },
  ];
}

/** Portages, ramps and locks (dashed), booms (beads), areas with rules: red where closed, else as a caution. */
function rules(colours: MapPalette): LayerSpecification[] {
  const area = ["case", ["get", "closed"], colours.noGo, colours.caution];
  const round = { "line-cap": "round", "line-join": "round" } as const;
  return [
    {
      id: "restricted",
      type: "fill",
      source: "restricted",
      paint: { "fill-color": area as never, "fill-opacity": 0.14 },
    },
    {
      id: "restricted-edge",
      type: "line",
      source: "restricted",
      paint: { "line-color": area as never, "line-width": 2, "line-dasharray": [5, 2] },
    },
    {
      id: "way-casing",
      type: "line",
      source: "ways",
      layout: round,
      paint: { "line-color": colours.routeCasing, "line-width": 8 },
    },
    {
      id: "ways",
      type: "line",
      source: "ways",
      paint: { "line-color": colours.way, "line-width": 4, "line-dasharray": [1.6, 0.8] },
    },
    {
      id: "boom-casing",
      type: "line",
      source: "booms",
      layout: round,
      paint: { "line-color": colours.routeCasing, "line-width": 9 },
    },
    {
      id: "booms",
      type: "line",
      source: "booms",
      layout: round,
      paint: { "line-color": colours.noGo, "line-width": 5.5, "line-dasharray": [0, 1.5] },
    },
  ];
}

function overlays(colours: MapPalette): LayerSpecification[] {
  const bands = colours.reach.slice(1).flatMap((colour, i) => [i + 1, colour]);
  const shade = ["match", ["get", "band"], ...bands, colours.reach[0]];
  const rule = [
    "match",
    ["get", "kind"],
    "no_go",
    colours.noGo,
    "caution",
    colours.caution,
    "assumed_depth",
    colours.caution,
    "closed",
    colours.noGo,
    "lifted",
    colours.way,
    colours.search,
  ];
  return [
    {
      id: "reach",
      type: "fill",
      source: "reach",
      paint: { "fill-color": shade as never, "fill-opacity": 0.5 },
    },
    {
      id: "reach-edge",
      type: "line",
      source: "reach",
      paint: { "line-color": shade as never, "line-width": 2 },
    },
    {
      id: "zones",
      type: "fill",
      source: "zones",
      paint: { "fill-color": rule as never, "fill-opacity": 0.18 },
    },
    {
      id: "zone-edge",
      type: "line",
      source: "zones",
      paint: { "line-color": rule as never, "line-width": 2.5, "line-dasharray": [3, 2] },
    },
    {
      id: "old-routes",
      type: "line",
      source: "routes",
      filter: ["!=", ["get", "state"], "active"],
      paint: { "line-color": colours.oldRoute, "line-width": 2, "line-dasharray": [1, 2] },
    },
    {
      id: "route-casing",
      type: "line",
      source: "routes",
      filter: ["==", ["get", "state"], "active"],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": colours.routeCasing, "line-width": 7, "line-opacity": 0.8 },
    },
    {
      id: "routes",
      type: "line",
      source: "routes",
      filter: ["==", ["get", "state"], "active"],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": colours.route, "line-width": 3.5 },
    },
  ];
}

type Ring = [number, number][];

/** The water's area: the banks as they are if they are areas, else the ring of the left and the right bank line. */
export function waterArea(layers: RiverLayers): FeatureCollection {
  const areas = layers.banks.features.filter((feature) => /Polygon$/.test(feature.geometry.type));
  if (areas.length) return { type: "FeatureCollection", features: areas };
  const lines = layers.banks.features.filter((feature) => feature.geometry.type === "LineString");
  const [left, right] = lines.map((feature) => feature.geometry.coordinates as Ring);
  if (!left || !right) return EMPTY;
  const near = Math.hypot(left[0]![0] - right[0]![0], left[0]![1] - right[0]![1]);
  const far = Math.hypot(left[0]![0] - right.at(-1)![0], left[0]![1] - right.at(-1)![1]);
  const back = near < far ? [...right].reverse() : right;
  const ring: Feature = {
    type: "Feature",
    id: "water",
    properties: {},
    geometry: { type: "Polygon", coordinates: [[...left, ...back, left[0]!]] },
  };
  return { type: "FeatureCollection", features: [ring] };
}

export type Bounds = [number, number, number, number];

/** West, south, east, north of some features; null where there are none. */
export function boundsOf(...collections: FeatureCollection[]): Bounds | null {
  const box: Bounds = [Infinity, Infinity, -Infinity, -Infinity];
  const walk = (item: unknown): void => {
    if (!Array.isArray(item)) return;
    if (typeof item[0] !== "number") return item.forEach(walk);
    const [lon, lat] = item as [number, number];
    box[0] = Math.min(box[0], lon);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lon);
    box[3] = Math.max(box[3], lat);
  };
  for (const collection of collections)
    for (const feature of collection.features) walk(feature.geometry.coordinates);
  return box[0] <= box[2] ? box : null;
}
