/** The second road: plain HTTP beside the socket, for a card or a command that the socket has not got through in time.

Both roads carry the same ids, so that whatever comes twice counts once.
*/
import { withKey } from "./address";
import { get, post, ServerError } from "./http";
import type { ServerFrame } from "./types";
import type { Unsent } from "./unsent";

const LATE_S = 0.6;
const WAIT_S = 25;
const LOOK_EVERY_MS = 200;
const PAUSE_MS = 2000;
const STRANDS = 2; // questions held open at once: where a third of all packets is lost, the answer to one often is

interface Ends {
  have: () => { epoch: string; seq: number };
  unsent: () => Unsent[];
  take: (frame: ServerFrame) => void;
}

export class SecondRoad {
  #watch: ReturnType<typeof setInterval> | undefined;
  readonly #tried = new Map<string, number>();
  #listening = 0;

  constructor(readonly ends: Ends) {}

  start(): void {
    this.#watch ??= setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  #look(): void {
    while (this.#listening < STRANDS) void this.#listen();
    const nowMs = Date.now();
    for (const entry of this.ends.unsent()) {
      const lastMs = this.#tried.get(entry.op_id) ?? entry.device_time_s * 1000;
      if (nowMs - lastMs < LATE_S * 1000) continue;
      this.#tried.set(entry.op_id, nowMs);
      void this.#carry(entry);
    }
  }

  /** Hold a question open: is there a card of ours that nobody has confirmed in time? */
  async #listen(): Promise<void> {
    this.#listening += 1;
    const { epoch, seq } = this.ends.have();
    const query = { epoch, have: String(seq), late_s: String(LATE_S), wait_s: String(WAIT_S) };
    try {
      const frame = await get<ServerFrame | null>(withKey("/api/next", query));
      if (frame) this.ends.take(frame);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS)); // no road at all: not too often
    } finally {
      this.#listening -= 1;
    }
  }

  async #carry(entry: Unsent): Promise<void> {
    const { op_id } = entry;
    try {
      const done = await post<{ seqs: number[] }>("/api/commands", entry);
      this.#tried.delete(op_id);
      this.ends.take({ type: "done", op_id, seqs: done.seqs });
    } catch (error) {
      // only an answer of the server settles a command; a road that is cut leaves it in the queue
      if (error instanceof ServerError && error.settles)
        this.ends.take({
          type: "refused",
          op_id,
          error: { code: error.code, message: error.message, facts: error.facts },
        });
    }
  }
}
