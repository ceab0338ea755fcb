/** The MapLibre map itself: made for the graphics there are, its colours, its depth picture. */
import "maplibre-gl/dist/maplibre-gl.css";
import { Map as MapLibre, setWorkerUrl, type ImageSource } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { parameter, withKey } from "../api/address";
import type { DepthAnswer, RiverLayers } from "../api/types";
import { PALETTES } from "./palette";
import type { ThemeName } from "../ui/theme.svelte";
import { ABOVE_DEPTH, depthLayer, mapStyle, type Bounds } from "./style";

/** Make the map. Throws where the browser has no WebGL at all. */
export function makeMap(
  container: HTMLElement,
  layers: RiverLayers,
  theme: ThemeName,
  bounds: Bounds | null,
  bearing: number,
): MapLibre {
  setWorkerUrl(workerUrl);
  const software = isSoftware();
  const map = new MapLibre({
    container,
    style: mapStyle(layers, PALETTES[theme]),
    ...(bounds ? { bounds, fitBoundsOptions: { padding: 30, bearing } } : {}),
    attributionControl: false,
    // drawing without a graphics card costs by the pixel: a quarter of them, and no fading
    fadeDuration: software ? 0 : 200,
    pixelRatio: Number(parameter("ratio")) || (software ? 0.5 : devicePixelRatio),
    dragRotate: false,
    pitchWithRotate: false,
    keyboard: false,
  });
  map.touchZoomRotate.disableRotation();
  return map;
}

function isSoftware(): boolean {
  const gl = document.createElement("canvas").getContext("webgl2");
  const info = gl?.getExtension("WEBGL_debug_renderer_info");
  const name = info ? String(gl?.getParameter(info.UNMASKED_RENDERER_WEBGL)) : "";
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return /swiftshader|llvmpipe|software/i.test(name);
}

export function paint(map: MapLibre, layers: RiverLayers, theme: ThemeName): void {
  const colours = PALETTES[theme];
  for (const layer of [...mapStyle(layers, colours).layers, depthLayer(colours)]) {
    if (!map.getLayer(layer.id)) continue;
    for (const [name, value] of Object.entries(layer.paint ?? {})) {
      map.setPaintProperty(layer.id, name as never, value as never);
    }
  }
}

type Corners = [[number, number], [number, number], [number, number], [number, number]];

/** Take the depth picture away: nobody knows how deep it is now. */
export function hideDepth(map: MapLibre): void {
  if (!map.getSource("depth")) return;
  map.removeLayer("depth");
  map.removeSource("depth");
}

export function showDepth(map: MapLibre, depth: DepthAnswer, theme: ThemeName): void {
  const image = { url: withKey(depth.png), coordinates: depth.corners as Corners };
  const shown = map.getSource<ImageSource>("depth");
  if (shown) return void shown.updateImage(image);
  map.addSource("depth", { type: "image", ...image });
  map.addLayer(depthLayer(PALETTES[theme]), ABOVE_DEPTH);
}
