/** Asks the server for a past moment, one question at a time, and shows the answer on a wall that does not follow. */
import { get, ServerError } from "../api/http";
import type { Live } from "../api/live.svelte";
import type { Replay, Snapshot, StoryAnswer, StoryLine } from "../api/types";

export class Past {
  moment = $state.raw<Replay | null>(null);
  who = $state("");
  failure = $state("");
  #wanted: number | null = null;
  #asking = false;
  #story: readonly StoryLine[] = [];

  constructor(readonly live: Live) {}

  /** Show the picture of a moment; only the newest wish is followed while the server answers an earlier one. */
  async show(atS: number): Promise<void> {
    this.#wanted = atS;
    if (this.#asking) return;
    this.#asking = true;
    try {
      while (this.#wanted !== null) {
        const wanted: number = this.#wanted;
        this.#wanted = null;
        await this.#ask(wanted);
      }
      this.failure = "";
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.failure = error.message;
    } finally {
      this.#asking = false;
    }
  }

  async #ask(atS: number): Promise<void> {
    const query = new URLSearchParams({ at: String(atS), as: this.who });
    const moment = await get<Replay>(`/api/replay?${query}`);
    if ((this.#story.at(-1)?.seq ?? 0) < moment.centre_seq)
      this.#story = (await get<StoryAnswer>("/api/story")).story;
    this.moment = moment;
    this.live.rewind(this.#frame(moment));
  }

  #frame(moment: Replay): Snapshot {
    return {
      type: "snapshot",
      epoch: moment.epoch,
      seq: moment.seq,
      now_s: moment.at_s,
      clock: { state: "paused", speed: 1 },
      operation: moment.operation,
      picture: moment.picture,
      story: this.who ? [] : this.#story.filter((line) => line.seq <= moment.centre_seq),
      behind: {},
      witness: "",
      record: "sound",
    };
  }
}

/** How many entities of each collection differ in one way, most first. */
export function counted(moment: Replay, how: "missing" | "older" | "gone"): [string, number][] {
  return Object.entries(moment.differs)
    .map(([name, table]): [string, number] => [
      name,
      Object.values(table).filter((one) => one === how).length,
    ])
    .filter(([, count]) => count > 0)
    .sort((a, b) => b[1] - a[1]);
}
