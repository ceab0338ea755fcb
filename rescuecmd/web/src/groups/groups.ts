/** Which task groups stand, whose they are, and where on the map they are named. */
import type { Group } from "../api/types";
import type { Picture } from "../picture/picture.svelte";

/** The groups that have not ended, the newest first. */
export function openGroups(picture: Picture): Group[] {
  return Object.values(picture.groups)
    .filter((group) => group.closed_s === null)
    .sort((a, b) => b.made_s - a.made_s);
}

export function groupsOf(picture: Picture, terminalId: string): Group[] {
  return openGroups(picture).filter((group) => group.terminal_ids.includes(terminalId));
}

/** A place amid the members whose position is known; null: of none. */
export function amid(group: Group, picture: Picture): readonly [number, number] | null {
  const fixes = group.terminal_ids.flatMap((id) => {
    const terminal = picture.terminals[id];
    return picture.vessels[terminal?.vessel_id ?? ""]?.fix ?? terminal?.fix ?? [];
  });
  const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);
  if (!fixes.length) return null;
  return [
    sum(fixes.map((fix) => fix.lon_deg)) / fixes.length,
    sum(fixes.map((fix) => fix.lat_deg)) / fixes.length,
  ];
}
