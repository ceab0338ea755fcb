/** The river's ways, booms and areas with rules as the commander handles them: closed, lifted, or as they are drawn. */
import type { Feature, RiverLayers, Zone } from "../api/types";
import type { Picture } from "../picture/picture.svelte";

export type RuleLayer = "ways" | "booms" | "restricted";
type Spot = [number, number];

export interface Rule {
  id: string;
  layer: RuleLayer;
  feature: Feature;
  /** What the commander may do to it: close a way; lift a boom, an area, or the hours of a way. */
  deeds: readonly ("closed" | "lifted")[];
}

const LAYERS = ["ways", "booms", "restricted"] as const;
const M_PER_DEG = 111_195;
const HALF_M = 8;

export function rulesOf(layers: RiverLayers): Rule[] {
  return LAYERS.flatMap((layer) =>
    layers[layer].features.map((feature) => ({
      id: String(feature.properties["id"]),
      layer,
      feature,
      deeds:
        layer !== "ways"
          ? (["lifted"] as const)
          : feature.properties["open"]
            ? (["closed", "lifted"] as const)
            : (["closed"] as const),
    })),
  );
}

/** The zones by which a rule is closed or lifted now. */
export function standing(picture: Picture, ruleId: string): Zone[] {
  return Object.values(picture.zones).filter((zone) => zone.rule_id === ruleId);
}

/** The areas that somebody has closed by hand. */
export function closures(picture: Picture): Zone[] {
  return Object.values(picture.zones).filter((zone) => zone.kind === "no_go");
}

export function newZone(
  kind: Zone["kind"],
  id: string,
  name: Zone["name"],
  ring: Spot[],
  startsS: number,
): Zone {
  return {
    id,
    kind,
    name,
    ring,
    starts_s: startsS,
    ends_s: null,
    bed_m: null,
    why: null,
    made_by: "",
    rule_id: "",
  };
}

/** A ring that shows where a rule is: an area's own, round a line a narrow one. */
export function ringOf(feature: Feature): Spot[] {
  const { type, coordinates } = feature.geometry;
  if (type === "Polygon") return (coordinates as Spot[][])[0]!;
  const line = coordinates as Spot[];
  const left = line.map((_, i) => aside(line, i, HALF_M));
  const right = line.map((_, i) => aside(line, i, -HALF_M)).reverse();
  return [...left, ...right, left[0]!];
}

function aside(line: Spot[], i: number, byM: number): Spot {
  const [before, after] = [line[Math.max(i - 1, 0)]!, line[Math.min(i + 1, line.length - 1)]!];
  const [lon, lat] = line[i]!;
  const perLon = M_PER_DEG * Math.cos((lat * Math.PI) / 180);
  const [east, north] = [(after[0] - before[0]) * perLon, (after[1] - before[1]) * M_PER_DEG];
  const length = Math.hypot(east, north) || 1;
  return [lon - ((north / length) * byM) / perLon, lat + ((east / length) * byM) / M_PER_DEG];
}
