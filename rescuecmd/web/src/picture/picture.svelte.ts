/** The picture as the server last sent it: every collection by id, and the timeline. */
import { fixes } from "../api/moves";
import type {
  Alarm,
  Approval,
  Camera,
  Card,
  Collection,
  Copy,
  Delta,
  Entities,
  Gauge,
  Group,
  Hazard,
  HeadCount,
  LocateLink,
  Moves,
  Note,
  Offer,
  Operation,
  Outlook,
  Proposal,
  Push,
  Route,
  Share,
  Snapshot,
  Sos,
  StoryLine,
  Suggestion,
  Support,
  Task,
  Terminal,
  Vessel,
  Victim,
  Zone,
} from "../api/types";

type Mover = "vessels" | "terminals";

export type Table<T> = Readonly<Record<string, T>>;

const STORY_LIMIT = 500;

export class Picture implements Entities {
  seq = $state(0);
  epoch = $state("");
  operation = $state.raw<Operation | null>(null);
  /** Terminals that owe the server an answer, with the seconds since. */
  behind = $state.raw<Record<string, number>>({});
  story = $state.raw<readonly StoryLine[]>([]);
  vessels = $state.raw<Record<string, Vessel>>({});
  victims = $state.raw<Record<string, Victim>>({});
  hazards = $state.raw<Record<string, Hazard>>({});
  zones = $state.raw<Record<string, Zone>>({});
  cameras = $state.raw<Record<string, Camera>>({});
  terminals = $state.raw<Record<string, Terminal>>({});
  groups = $state.raw<Record<string, Group>>({});
  gauges = $state.raw<Record<string, Gauge>>({});
  outlooks = $state.raw<Record<string, Outlook>>({});
  pushes = $state.raw<Record<string, Push>>({});
  cards = $state.raw<Record<string, Card>>({});
  tasks = $state.raw<Record<string, Task>>({});
  routes = $state.raw<Record<string, Route>>({});
  suggestions = $state.raw<Record<string, Suggestion>>({});
  offers = $state.raw<Record<string, Offer>>({});
  alarms = $state.raw<Record<string, Alarm>>({});
  soses = $state.raw<Record<string, Sos>>({});
  notes = $state.raw<Record<string, Note>>({});
  copies = $state.raw<Record<string, Copy>>({});
  approvals = $state.raw<Record<string, Approval>>({});
  shares = $state.raw<Record<string, Share>>({});
  head_counts = $state.raw<Record<string, HeadCount>>({});
  proposals = $state.raw<Record<string, Proposal>>({});
  links = $state.raw<Record<string, LocateLink>>({});
  supports = $state.raw<Record<string, Support>>({});

  replace(snapshot: Snapshot): void {
    this.behind = snapshot.behind ?? {};
    this.epoch = snapshot.epoch;
    this.seq = snapshot.seq;
    this.operation = snapshot.operation;
    this.story = snapshot.story.slice(-STORY_LIMIT);
    for (const [name, entities] of Object.entries(snapshot.picture))
      this.#assign(name as Collection, entities);
  }

  /** Apply what changed; false when frames were missed in between and the link must resume. */
  apply(delta: Delta): boolean {
    if (delta.epoch !== this.epoch || delta.after > this.seq) return false;
    if (delta.seq < this.seq) return true; // the slower of two roads: all of it is here already
    this.behind = delta.behind ?? {};
    for (const [name, entities] of Object.entries(delta.put ?? {})) {
      if (entities) this.#assign(name as Collection, { ...this[name as Collection], ...entities });
    }
    for (const [name, moves] of Object.entries(delta.moved ?? {})) this.#move(name as Mover, moves);
    for (const [name, ids] of Object.entries(delta.drop ?? {})) this.#drop(name as Collection, ids);
    if (delta.operation) this.operation = delta.operation;
    const known = this.story.at(-1)?.seq ?? 0;
    const fresh = (delta.story ?? []).filter((line) => line.seq > known);
    if (fresh.length) this.story = [...this.story, ...fresh].slice(-STORY_LIMIT);
    this.seq = Math.max(this.seq, delta.seq);
    return true;
  }

  /** Every collection as it stands. */
  entities(): Entities {
    const { vessels, victims, hazards, zones, cameras, terminals, groups, gauges, outlooks } = this;
    const { pushes, cards, tasks, routes, suggestions, offers, alarms, soses, notes, copies } = this;
    const { approvals, shares } = this;
    const { head_counts, proposals, links, supports } = this;
    const register = { head_counts, proposals, links, supports, approvals, shares };
    const things = { vessels, victims, hazards, zones, cameras, terminals, groups, gauges, outlooks };
    return {
      ...things,
      pushes,
      cards,
      tasks,
      routes,
      suggestions,
      offers,
      alarms,
      soses,
      notes,
      copies,
      ...register,
    };
  }

  #move(name: Mover, moves: Moves): void {
    const table: Record<string, Vessel | Terminal> = { ...this[name] };
    for (const [id, fix] of fixes(moves)) {
      const mover = table[id];
      if (mover) table[id] = { ...mover, fix };
    }
    this.#assign(name, table);
  }

  #drop(name: Collection, ids: readonly string[]): void {
    const rest: Record<string, unknown> = { ...this[name] };
    for (const id of ids) delete rest[id];
    this.#assign(name, rest);
  }

  #assign(name: Collection, entities: unknown): void {
    if (name in this) (this as Record<Collection, unknown>)[name] = entities;
  }
}
