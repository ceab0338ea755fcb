/** The last picture of a terminal on this device: what a phone without a link shows, with its age. */
import type { Picture } from "../picture/picture.svelte";
import type { Delta, Snapshot } from "../api/types";
import { get, PICTURES, put } from "./store";

const STORY_KEPT = 50;

interface Kept {
  kept_ms: number;
  picture: Snapshot;
}

export async function keepPicture(
  terminalId: string,
  picture: Picture,
  frame: Snapshot | Delta,
): Promise<void> {
  const whole: Snapshot = {
    type: "snapshot",
    epoch: picture.epoch,
    seq: picture.seq,
    now_s: frame.now_s,
    clock: frame.clock,
    operation: picture.operation,
    picture: picture.entities() as Snapshot["picture"],
    story: picture.story.slice(-STORY_KEPT),
    behind: {},
    witness: frame.witness,
    record: frame.record,
  };
  const kept: Kept = { kept_ms: Date.now(), picture: whole };
  await put(PICTURES, kept, terminalId).catch(() => undefined); // no storage: the picture lives as long as the page
}

export async function lastPicture(terminalId: string): Promise<Kept | undefined> {
  const kept = await get<Kept>(PICTURES, terminalId).catch(() => undefined);
  return kept?.picture.epoch ? kept : undefined;
}
