/** The colours of the map by palette; the canvas cannot read the page's style sheet. */
import type { ThemeName } from "../ui/theme.svelte";

export interface MapPalette {
  land: string;
  water: string;
  bank: string;
  centre: string;
  bridge: string;
  beach: string;
  reef: string;
  route: string;
  routeCasing: string;
  oldRoute: string;
  noGo: string;
  caution: string;
  search: string;
  /** Portages, ramps and locks. */
  way: string;
  /** Bands of a reach map, the nearest first. */
  reach: readonly string[];
  depthOpacity: number;
  depthBrightness: number;
  depthSaturation: number;
}

export const PALETTES: Record<ThemeName, MapPalette> = {
  day: {
    land: "#e9e6dd",
    water: "#bcd6e6",
    bank: "#7b8b97",
    centre: "#5f7f97",
    bridge: "#3d444b",
    beach: "#e3cf96",
    reef: "#8a6a4a",
    route: "#b3007a",
    routeCasing: "#ffffff",
    oldRoute: "#6a5a66",
    noGo: "#b00020",
    caution: "#b36b00",
    search: "#0a56a3",
    way: "#0b6b36",
    reach: ["#fde725", "#90d743", "#35b779", "#21918c", "#31688e", "#443983"],
    depthOpacity: 0.9,
    depthBrightness: 1,
    depthSaturation: 0,
  },
  dusk: {
    land: "#161f28",
    water: "#23435c",
    bank: "#51697d",
    centre: "#4b6f8a",
    bridge: "#c3ccd4",
    beach: "#6b5f3c",
    reef: "#a98a66",
    route: "#ff7ad0",
    routeCasing: "#0a1118",
    oldRoute: "#8d7a88",
    noGo: "#ff5d5d",
    caution: "#ffb04d",
    search: "#62b4ff",
    way: "#5fd38d",
    reach: ["#fde725", "#90d743", "#35b779", "#21918c", "#31688e", "#443983"],
    depthOpacity: 0.85,
    depthBrightness: 0.75,
    depthSaturation: -0.1,
  },
  night: {
    land: "#050302",
    water: "#160c07",
    bank: "#4a2512",
    centre: "#2f180c",
    bridge: "#7a4020",
    beach: "#2a170a",
    reef: "#6b3a1a",
    route: "#d9691f",
    routeCasing: "#000000",
    oldRoute: "#4a2a1a",
    noGo: "#c0201a",
    caution: "#a06010",
    search: "#8a4a20",
    way: "#b06a2a",
    reach: ["#f0a050", "#c47c38", "#985c28", "#6e421e", "#4a2c16", "#2c1c10"],
    depthOpacity: 0.35,
    depthBrightness: 0.35,
    depthSaturation: -0.9,
  },
};
