/** What stands on the map as a mark: victims, boats, places with what the water does to them, hazards, gauges. */
import type { Feature, Outlook, RiverLayers, Vessel, Victim } from "../api/types";
import type { Picture } from "../picture/picture.svelte";
import { deadlineS, freshness, isOpen, lastReading, waiting, type Freshness } from "../picture/views";
import { age, duration, level } from "../text/format";
import { language, say, t, word } from "../text/language.svelte";

export type MarkKind =
  | "victim"
  | "boat"
  | "reef"
  | "bridge"
  | "landing"
  | "ramp"
  | "pontoon"
  | "safe_ground"
  | "beach"
  | "exit"
  | "gauge"
  | "hazard"
  | "way"
  | "boom"
  | "restricted"
  | "sos";
export type Tone = "plain" | "good" | "warn" | "bad" | "quiet";

export interface Mark {
  id: string;
  kind: MarkKind;
  lon: number;
  lat: number;
  title: string;
  sub: string;
  tone: Tone;
  priority: number;
  always: boolean;
  radius: number;
  /** What the symbol itself shows: a state (reef, boat) or a number (victims). */
  state: string;
  headingDeg?: number;
  speedMps?: number;
  fresh?: Freshness;
  radiusM?: number;
}

const SOON_S = 1800;
const SOS_RADIUS = 24; // of the ring around whoever calls for help

export function victimMarks(picture: Picture, nowS: number): Mark[] {
  return Object.values(picture.victims)
    .filter((victim) => isOpen(victim) && waiting(victim) > 0)
    .map((victim) => victimMark(victim, nowS));
}

function victimMark(victim: Victim, nowS: number): Mark {
  const until = deadlineS(victim);
  const since = t("map.since", { time: duration(nowS - victim.reported_s) });
  const seen = nowS - victim.fix.time_s;
  const sub =
    until === null
      ? victim.kind === "in_water"
        ? `${since} · ${t("map.seen", { age: age(seen) })}`
        : since
      : leftWords(until - nowS);
  return {
    id: `victim/${victim.id}`,
    kind: "victim",
    lon: victim.fix.lon_deg,
    lat: victim.fix.lat_deg,
    title: `${say(victim.name)} ×${waiting(victim)}`,
    sub,
    tone: "bad",
    priority: victim.kind === "in_water" ? -1 : 0,
    always: true,
    radius: 15,
    state: victim.kind,
    radiusM: victim.fix.accuracy_m,
    fresh: victim.kind === "in_water" ? freshness(seen) : "fresh",
  };
}

function leftWords(leftS: number): string {
  return leftS > 0 ? t("map.left", { time: duration(leftS) }) : t("map.out_of_time");
}

export function boatMarks(picture: Picture, nowS: number): Mark[] {
  return Object.values(picture.vessels).flatMap((vessel) => boatMark(vessel, picture, nowS) ?? []);
}

function boatMark(vessel: Vessel, picture: Picture, nowS: number): Mark | null {
  const fix = vessel.fix;
  if (!fix) return null;
  const inTrouble = Object.values(picture.soses).some(
    (sos) => sos.cancelled_s === null && sos.terminal_id === vessel.terminal_id,
  );
  const ageS = nowS - fix.time_s;
  const fresh = freshness(ageS);
  const parts = [word("vessel", vessel.state)];
  if (vessel.aboard) parts.push(t("map.aboard", { n: vessel.aboard }));
  if (fresh !== "fresh") parts.push(t("map.age", { age: age(ageS) }));
  return {
    id: `boat/${vessel.id}`,
    kind: "boat",
    lon: fix.lon_deg,
    lat: fix.lat_deg,
    title: inTrouble ? `SOS ${say(vessel.name)}` : say(vessel.name),
    sub: parts.join(" · "),
    tone: inTrouble || vessel.state === "disabled" ? "bad" : fresh === "stale" ? "quiet" : "plain",
    priority: inTrouble ? -1 : 1,
    always: true,
    radius: inTrouble ? SOS_RADIUS : 13,
    state: vessel.state,
    headingDeg: fix.course_deg ?? 0,
    speedMps: fix.speed_mps ?? 0,
    fresh,
  };
}

export function sosMarks(picture: Picture): Mark[] {
  return Object.values(picture.soses).flatMap((sos) => {
    const vesselId = picture.terminals[sos.terminal_id]?.vessel_id ?? "";
    const fix = sos.fix ?? picture.vessels[vesselId]?.fix ?? picture.terminals[sos.terminal_id]?.fix;
    if (sos.cancelled_s !== null || !fix) return [];
    const title = vesselId ? "" : `SOS ${say(picture.terminals[sos.terminal_id]?.name)}`; // a boat carries its own words
    return {
      ...still(`sos/${sos.id}`, "sos", fix.lon_deg, fix.lat_deg, title),
      tone: "bad" as const,
      always: true,
      priority: -1,
      radius: SOS_RADIUS,
    };
  });
}

function still(id: string, kind: MarkKind, lon: number, lat: number, title: string): Mark {
  return {
    id,
    kind,
    lon,
    lat,
    title,
    sub: "",
    tone: "quiet",
    priority: 5,
    always: false,
    radius: 9,
    state: "",
  };
}

export type ReefState = "dry" | "awash" | "under";

/** A reef stands dry, is washed over (within half a metre), or lies under water where a keel finds it.
 *
 * Without a level nobody knows which; its mark has no state then and says so by a question mark. */
export function reefState(outlook: Outlook): ReefState {
  if (outlook.margin_m > 0.5) return "dry";
  return outlook.margin_m > 0 ? "awash" : "under";
}

const PLACES = [
  "reefs",
  "bridges",
  "landings",
  "ramps",
  "pontoons",
  "safe_ground",
  "beaches",
  "exits",
  "gauges",
  "ways",
  "booms",
  "restricted",
] as const;
const KIND: Record<(typeof PLACES)[number], MarkKind> = {
  reefs: "reef",
  bridges: "bridge",
  landings: "landing",
  ramps: "ramp",
  pontoons: "pontoon",
  safe_ground: "safe_ground",
  beaches: "beach",
  exits: "exit",
  gauges: "gauge",
  ways: "way",
  booms: "boom",
  restricted: "restricted",
};

export function placeMarks(layers: RiverLayers, picture: Picture, nowS: number): Mark[] {
  return PLACES.flatMap((layer) =>
    layers[layer].features.map((feature) => placeMark(KIND[layer], feature, picture, nowS)),
  );
}

function placeMark(kind: MarkKind, feature: Feature, picture: Picture, nowS: number): Mark {
  const id = idOf(feature);
  const outlook = picture.outlooks[id];
  const [lon, lat] = centre(feature);
  const mark = still(`${kind}/${id}`, kind, lon, lat, nameOf(feature));
  if (kind === "way" || kind === "boom" || kind === "restricted")
    return { ...mark, ...ruleMark(kind, feature, picture), priority: 3 };
  if (kind === "gauge") return { ...mark, ...gaugeWords(picture, id), priority: 4 };
  return outlook ? { ...mark, ...waterWords(kind, outlook, nowS) } : mark;
}

/** A way, boom or area as it stands in this operation: what somebody closed or lifted comes first. */
function ruleMark(kind: keyof typeof LAYER, feature: Feature, picture: Picture): Partial<Mark> {
  const set = Object.values(picture.zones).find((zone) => zone.rule_id === idOf(feature));
  if (set?.kind === "closed") return { sub: t("rule.closed"), state: "closed", tone: "bad" };
  const own = kind === "way" ? String(feature.properties["kind"]) : "limited";
  if (set) return { sub: t("rule.lifted"), state: own, tone: "warn" };
  const shut = kind === "boom" || Boolean(feature.properties["closed"]);
  return { sub: ruleWords(LAYER[kind], feature), state: shut ? "closed" : own };
}

const LAYER = { way: "ways", boom: "booms", restricted: "restricted" } as const;

/** What a way, boom or area asks of boats: how long it takes, how fast one may be, when it is open. */
export function ruleWords(layer: "ways" | "booms" | "restricted", feature: Feature): string {
  const said = feature.properties;
  if (layer === "booms" || said["closed"]) return t("map.rule_closed");
  const parts =
    layer === "ways" ? [`${word("way", String(said["kind"]))} ${duration(Number(said["takes_s"]))}`] : [];
  if (typeof said["limit_mps"] === "number") parts.push(t("map.rule_limit", { v: said["limit_mps"] }));
  if (said["open"]) parts.push(t("map.rule_open", { hours: String(said["open"]).split(" ")[0]! }));
  if (typeof said["max_draught_m"] === "number")
    parts.push(t("map.rule_draught", { m: said["max_draught_m"] }));
  return parts.join(" · ");
}

export function idOf(feature: Feature): string {
  return String(feature.properties["id"] ?? feature.id);
}

export function nameOf(feature: Feature): string {
  const first = language.current === "zh" ? "name_zh" : "name_en";
  return String(feature.properties[first] ?? feature.properties["name_zh"] ?? feature.id ?? "");
}

function waterWords(kind: MarkKind, outlook: Outlook, nowS: number): Partial<Mark> {
  const until = outlook.early_s ?? outlook.median_s;
  const leftS = until === null ? null : until - nowS;
  if (kind === "bridge") return bridgeWords(outlook, leftS);
  if (kind === "reef") return reefWords(outlook, leftS);
  if (outlook.margin_m <= 0) return { sub: t("map.flooded"), tone: "bad", priority: 3, state: "under" };
  if (leftS === null) return { state: "dry" };
  return {
    sub: t("map.flooded_in", { time: duration(leftS) }),
    tone: leftS < SOON_S ? "warn" : "quiet",
    priority: 4,
    state: "dry",
  };
}

function bridgeWords(outlook: Outlook, leftS: number | null): Partial<Mark> {
  const clearance = t("map.clearance", { m: Math.max(0, outlook.margin_m).toFixed(1) });
  const low = outlook.margin_m < 5;
  const sub =
    leftS !== null && low ? `${clearance} · ${t("map.closes_in", { time: duration(leftS) })}` : clearance;
  return { sub, tone: outlook.margin_m < 3 ? "bad" : low ? "warn" : "quiet", priority: low ? 3 : 6 };
}

function reefWords(outlook: Outlook, leftS: number | null): Partial<Mark> {
  const state = reefState(outlook);
  const now = word("reef", state);
  const over = state === "under" ? ` ${t("map.over", { m: (-outlook.margin_m).toFixed(1) })}` : "";
  const sub =
    state !== "under" && leftS !== null
      ? `${now} · ${leftS > 0 ? t("map.under_in", { time: duration(leftS) }) : t("map.under_any")}`
      : `${now}${over}`;
  const tone: Tone = state === "awash" || (leftS !== null && leftS < SOON_S) ? "warn" : "quiet";
  return { sub, state, tone, priority: tone === "warn" ? 2 : 3, radius: 10 };
}

function gaugeWords(picture: Picture, id: string): Partial<Mark> {
  const gauge = picture.gauges[id];
  const reading = gauge && lastReading(gauge);
  return reading ? { sub: `${level(reading.level_m)} m` } : {};
}

export function hazardMarks(picture: Picture): Mark[] {
  return Object.values(picture.hazards).map((hazard) => ({
    ...still(`hazard/${hazard.id}`, "hazard", hazard.fix.lon_deg, hazard.fix.lat_deg, say(hazard.name)),
    sub: word("hazard", hazard.kind),
    tone: "warn" as const,
    priority: 2,
    radiusM: hazard.radius_m,
  }));
}

/** The middle of a feature's box: good enough to hang a name on. */
function centre(feature: Feature): [number, number] {
  const points: [number, number][] = [];
  const walk = (item: unknown): void => {
    if (!Array.isArray(item)) return;
    if (typeof item[0] === "number") points.push(item as [number, number]);
    else item.forEach(walk);
  };
  walk(feature.geometry.coordinates);
  const lons = points.map(([lon]) => lon);
  const lats = points.map(([, lat]) => lat);
  return [(Math.min(...lons) + Math.max(...lons)) / 2, (Math.min(...lats) + Math.max(...lats)) / 2];
}
