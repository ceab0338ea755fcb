/** Where every order stands, as values: a strip for each push, a row for each card, a matrix of units and cards. */
import type { Card, Offer, Push, Stage as Step, Task } from "../api/types";
import type { Picture } from "../picture/picture.svelte";

export const STAGES = ["delivered", "displayed", "accepted", "under_way", "on_scene", "done"] as const;
export type Stage = (typeof STAGES)[number];

export interface Cell {
  stage: Stage;
  /** `done` with seconds since the push, `running` (nobody answered yet), `refused`, or not there yet. */
  state: "done" | "running" | "refused" | "open";
  seconds: number | null;
  tone: "plain" | "amber" | "red";
}

/** What the wall says of a card in one word. *Not reached* and *not answered* need different hands. */
export type Standing =
  | "not_reached"
  | "not_answered"
  | "accepted"
  | "no_movement"
  | "under_way"
  | "on_scene"
  | "done"
  | "aborted"
  | "declined"
  | "withdrawn"
  | "expired";

export interface Row {
  card: Card;
  standing: Standing;
  /** Seconds that stand beside it: running while somebody is waited for, else how long the step took. */
  seconds: number;
  tone: Cell["tone"];
  cells: Cell[];
  offer: Offer | null;
}

export interface Counts {
  asked: number;
  delivered: number;
  displayed: number;
  accepted: number;
  declined: number;
  under_way: number;
  on_scene: number;
  done: number;
  not_reached: number;
  not_answered: number;
}

export interface Block {
  push: Push;
  rows: Row[];
  counts: Counts;
}

export function blocks(picture: Picture, nowS: number): Block[] {
  return Object.values(picture.pushes)
    .sort((a, b) => b.pushed_s - a.pushed_s)
    .map((push) => block(push, picture, nowS));
}

function block(push: Push, picture: Picture, nowS: number): Block {
  const cards = Object.values(picture.cards).filter((card) => card.push_id === push.id);
  const offers = Object.values(picture.offers).filter(
    (offer) => offer.push_id === push.id && offer.state === "open",
  );
  const rows = cards.map((card): Row => {
    const task = picture.tasks[card.task_id];
    const standing = standingOf(card, task);
    return {
      card,
      standing,
      seconds: secondsOf(card, standing, nowS),
      tone: toneOf(card, push, nowS),
      cells: cells(card, task, push, nowS),
      offer:
        card.state === "accepted"
          ? null
          : (offers.find((offer) => offer.instead_of === card.terminal_id) ?? null),
    };
  });
  return { push, rows, counts: countsOf(rows) };
}

function countsOf(rows: Row[]): Counts {
  const at = (reached: (row: Row) => boolean): number => rows.filter(reached).length;
  const step = (name: Stage) => (row: Row) =>
    row.cells.some((cell) => cell.stage === name && cell.state === "done");
  return {
    asked: rows.length,
    delivered: at(({ card }) => card.delivered_s !== null),
    displayed: at(({ card }) => card.displayed_s !== null),
    accepted: at(({ card }) => card.state === "accepted"),
    declined: at(({ card }) => card.state === "declined"),
    under_way: at(step("under_way")),
    on_scene: at(step("on_scene")),
    done: at(step("done")),
    not_reached: at((row) => row.standing === "not_reached"),
    not_answered: at((row) => row.standing === "not_answered"),
  };
}

export function standingOf(card: Card, task: Task | undefined): Standing {
  if (card.state === "queued") return "not_reached";
  if (card.state === "delivered" || card.state === "displayed") return "not_answered";
  if (card.state !== "accepted" || !task) return card.state;
  if (task.state === "accepted" && task.movement === "none_yet") return "no_movement";
  return task.state === "offered" || task.state === "declined" ? "accepted" : task.state;
}

/** When a step of the card's life was taken, on the operation's clock. */
export function stepS(card: Card, step: Step): number | null {
  return card.trail.findLast((mark) => mark.step === step)?.time_s ?? null;
}

function secondsOf(card: Card, standing: Standing, nowS: number): number {
  if (standing === "not_reached" || standing === "not_answered") return nowS - card.pushed_s;
  if (standing === "no_movement") return nowS - (card.answered_s ?? nowS);
  return (stepS(card, standing) ?? card.answered_s ?? nowS) - card.pushed_s;
}

function toneOf(card: Card, push: Push, nowS: number): Cell["tone"] {
  const silentS = nowS - card.pushed_s;
  return silentS > push.escalation.red_s ? "red" : silentS > push.escalation.amber_s ? "amber" : "plain";
}

const TASK_RANK: Partial<Record<Task["state"], number>> = { under_way: 3, on_scene: 4, done: 5 };

export function cells(card: Card, task: Task | undefined, push: Push, nowS: number): Cell[] {
  const taskRank = task ? (TASK_RANK[task.state] ?? 0) : 0;
  const accepted = card.state === "accepted";
  const times: (number | null)[] = [
    card.delivered_s ?? (card.displayed_s !== null || card.answered_s !== null ? card.pushed_s : null),
    card.displayed_s ?? card.answered_s,
    accepted ? card.answered_s : null,
  ];
  let waits = card.state === "queued" || card.state === "delivered" || card.state === "displayed";
  return STAGES.map((stage, rank) => {
    const reached = rank < 3 ? times[rank] !== null : accepted && taskRank >= rank;
    if (reached) {
      const timeS = rank < 3 ? times[rank]! : stepS(card, stage);
      return { stage, state: "done", seconds: timeS === null ? null : timeS - card.pushed_s, tone: "plain" };
    }
    if (stage === "accepted" && card.state === "declined") {
      return { stage, state: "refused", seconds: (card.answered_s ?? nowS) - card.pushed_s, tone: "red" };
    }
    if (!waits || rank > 2) return { stage, state: "open", seconds: null, tone: "plain" };
    waits = false;
    return { stage, state: "running", seconds: nowS - card.pushed_s, tone: toneOf(card, push, nowS) };
  });
}

/** The newest pushes side by side: one line for each terminal that got any of them. */
export function matrix(shown: readonly Block[]): { terminals: string[]; at: Map<string, Row> } {
  const at = new Map<string, Row>();
  for (const block of shown)
    for (const row of block.rows) at.set(`${row.card.terminal_id} ${block.push.id}`, row);
  return { terminals: [...new Set([...at.values()].map((row) => row.card.terminal_id))].sort(), at };
}
