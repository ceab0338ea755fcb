/** What a plan card can be for: people of its kind who wait, and places where such people may be. */
import type { PlanBrief, RiverAnswer, RiverLayers } from "../api/types";
import type { Picture } from "../picture/picture.svelte";
import { idOf, nameOf } from "../map/marks";
import { isOpen, waiting } from "../picture/views";
import { say } from "../text/language.svelte";

export interface Goal {
  name: string;
  count: number;
  victim_ids: string[];
  place_id: string;
}

const PLACES: Partial<Record<PlanBrief["victims"], keyof RiverLayers>> = {
  stranded: "reefs",
  crowd: "beaches",
};

export function goalsOf(plan: PlanBrief, picture: Picture, river: RiverAnswer): Goal[] {
  const people = Object.values(picture.victims)
    .filter((victim) => victim.kind === plan.victims && isOpen(victim) && waiting(victim) > 0)
    .map((victim) => ({
      name: say(victim.name),
      count: waiting(victim),
      victim_ids: [victim.id],
      place_id: victim.place_id,
    }));
  const layer = PLACES[plan.victims];
  const places = (layer ? river.layers[layer].features : [])
    .filter((place) => !people.some((goal) => goal.place_id === idOf(place)))
    .map((place) => ({
      name: nameOf(place),
      count: 0,
      victim_ids: [],
      place_id: idOf(place),
    }));
  return [...people, ...places];
}
