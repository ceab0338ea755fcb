/** The register of people as values: who speaks for whom, what is open, and whether the counts agree. */
import type { HeadCount, Proposal, Victim } from "../api/types";
import type { Picture } from "../picture/picture.svelte";
import { waiting } from "../picture/views";

export const CATEGORIES = ["immediate", "delayed", "minor", "deceased"] as const;
export const REASONS = ["rescued", "handed_over", "left_alone", "false_alarm", "deceased"] as const;
export const PLACES = ["boat", "shore", "ambulance"] as const;
export type Place = (typeof PLACES)[number];

/** Records that speak for themselves: those whose case is open first, the longest waiting on top. */
export function heads(victims: Picture["victims"]): Victim[] {
  const rank = (victim: Victim): number => (victim.closing ? 2 : waiting(victim) > 0 ? 0 : 1);
  return Object.values(victims)
    .filter((victim) => !victim.merged_into)
    .sort((a, b) => rank(a) - rank(b) || a.reported_s - b.reported_s);
}

export function parts(victims: Picture["victims"], head: Victim): Victim[] {
  return Object.values(victims).filter((victim) => victim.merged_into === head.id);
}

export function openProposals(proposals: Picture["proposals"]): Proposal[] {
  return Object.values(proposals)
    .filter((proposal) => proposal.state === "open")
    .sort((a, b) => a.made_s - b.made_s);
}

export interface Tally {
  place: Place;
  book: number;
  /** What was counted last by all units there together; null where nobody has counted. */
  counted: number | null;
  wrong: HeadCount[];
}

export function tallies(picture: Picture): Tally[] {
  const all = heads(picture.victims);
  const book: Record<Place, number> = {
    boat: all.reduce((n, one) => n + one.aboard, 0),
    shore: all.reduce((n, one) => n + one.safe - one.handed, 0),
    ambulance: all.reduce((n, one) => n + one.handed, 0),
  };
  return PLACES.map((place) => {
    const counts = Object.values(picture.head_counts).filter((one) => one.where === place);
    return {
      place,
      book: book[place],
      counted: counts.length ? counts.reduce((n, one) => n + one.count, 0) : null,
      wrong: counts.filter((one) => one.count !== one.book),
    };
  });
}
