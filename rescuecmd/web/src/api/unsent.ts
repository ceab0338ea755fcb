/** Commands that the server has not yet confirmed, in order, with the id and the time they were first given. */
import { all, put, remove, UNSENT } from "../offline/store";
import type { CommandBodies, CommandName } from "./types";

export interface Unsent {
  op_id: string;
  device_time_s: number;
  name: CommandName;
  body: CommandBodies[CommandName];
}

/** An entry as it is kept: whose it is, its place, and the steady clock beside the one that people set. */
interface Kept extends Unsent {
  owner: string;
  place: number;
  steady_s: number;
}

export class UnsentQueue {
  readonly #entries = new Map<string, Unsent>();
  #place = 0;

  /** `owner` names the terminal whose queue survives a reload and a kill; without one the queue lives in memory. */
  constructor(readonly owner = "") {}

  get size(): number {
    return this.#entries.size;
  }

  get oldestS(): number | null {
    const first = this.#entries.values().next().value;
    return first ? first.device_time_s : null;
  }

  all(): Unsent[] {
    return [...this.#entries.values()];
  }

  /** Take up what an earlier life of this page left, before what this one has added. */
  async load(): Promise<void> {
    if (!this.owner) return;
    const kept = await all<Kept>(UNSENT, "owner", this.owner).catch(() => []); // no storage: memory is all there is
    const mine = this.all();
    this.#entries.clear();
    for (const { op_id, device_time_s, name, body } of kept.sort((a, b) => a.place - b.place))
      this.#entries.set(op_id, { op_id, device_time_s, name, body });
    for (const entry of mine) this.#entries.set(entry.op_id, entry);
  }

  /** Add a command; resolves when it would survive a kill (or at once where it cannot). */
  async add(entry: Unsent): Promise<void> {
    this.#entries.set(entry.op_id, entry);
    if (!this.owner) return;
    this.#place = Math.max(this.#place + 1, Date.now() * 1000);
    const steady_s = (performance.timeOrigin + performance.now()) / 1000;
    const kept: Kept = { ...entry, owner: this.owner, place: this.#place, steady_s };
    await put(UNSENT, kept).catch(() => undefined); // a full or forbidden store leaves the queue in memory
  }

  remove(opId: string): void {
    if (this.#entries.delete(opId) && this.owner) void remove(UNSENT, opId).catch(() => undefined);
  }
}
