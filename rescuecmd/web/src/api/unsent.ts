/** Commands that the server has not yet confirmed, in order, with the id and the time they were first given. */
import type { CommandBodies, CommandName } from "./types";

export interface Unsent {
  op_id: string;
  device_time_s: number;
  name: CommandName;
  body: CommandBodies[CommandName];
}

export class UnsentQueue {
  readonly #entries = new Map<string, Unsent>();
  readonly #storageKey: string;

  /** `owner` names the terminal whose queue survives a reload; without one the queue lives in memory. */
  constructor(owner = "") {
    this.#storageKey = owner && `rescuecmd.unsent.${owner}`;
    for (const entry of this.#load()) this.#entries.set(entry.op_id, entry);
  }

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

  add(entry: Unsent): void {
    this.#entries.set(entry.op_id, entry);
    this.#save();
  }

  remove(opId: string): void {
    if (this.#entries.delete(opId)) this.#save();
  }

  #load(): Unsent[] {
    if (!this.#storageKey) return [];
    try {
      return JSON.parse(localStorage.getItem(this.#storageKey) ?? "[]") as Unsent[];
    } catch {
      return []; // an unreadable store is an empty one; what was in memory is not touched
    }
  }

  #save(): void {
    if (!this.#storageKey) return;
    try {
      localStorage.setItem(this.#storageKey, JSON.stringify(this.all()));
    } catch {
      // a full or forbidden store leaves the queue in memory
    }
  }
}
