/** The receipts matrix as values: for each card how far it has come and how long each step took. */
import type { Card, Offer, Push, Task } from "../api/types";
import type { Picture } from "../picture/picture.svelte";
import { AMBER_AFTER_S, RED_AFTER_S } from "../picture/views";

export const STAGES = ["delivered", "displayed", "accepted", "under_way", "on_scene", "done"] as const;
export type Stage = (typeof STAGES)[number];

export interface Cell {
  stage: Stage;
  /** `done` with seconds since the push, `running` (nobody answered yet), `refused`, or not there yet. */
  state: "done" | "running" | "refused" | "open";
  seconds: number | null;
  tone: "plain" | "amber" | "red";
}

export interface Row {
  card: Card;
  cells: Cell[];
  offer: Offer | null;
}

export interface Block {
  push: Push;
  rows: Row[];
  counts: { delivered: number; displayed: number; accepted: number; declined: number };
}

const TASK_RANK: Partial<Record<Task["state"], number>> = { under_way: 3, on_scene: 4, done: 5 };

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
  const rows = cards.map((card) => ({
    card,
    cells: cells(card, picture.tasks[card.task_id], nowS),
    offer:
      card.state === "accepted"
        ? null
        : (offers.find((offer) => offer.instead_of === card.terminal_id) ?? null),
  }));
  const at = (reached: (card: Card) => boolean): number => cards.filter(reached).length;
  return {
    push,
    rows,
    counts: {
      delivered: at((card) => card.delivered_s !== null),
      displayed: at((card) => card.displayed_s !== null),
      accepted: at((card) => card.state === "accepted"),
      declined: at((card) => card.state === "declined"),
    },
  };
}

export function cells(card: Card, task: Task | undefined, nowS: number): Cell[] {
  const taskRank = task ? (TASK_RANK[task.state] ?? 0) : 0;
  const accepted = card.state === "accepted";
  const times: (number | null)[] = [
    card.delivered_s ?? (card.displayed_s !== null || card.answered_s !== null ? card.pushed_s : null),
    card.displayed_s ?? card.answered_s,
    accepted ? card.answered_s : null,
  ];
  const closed = card.state === "declined" || card.state === "withdrawn";
  let waits = !closed;
  return STAGES.map((stage, rank) => {
    const reached = rank < 3 ? times[rank] !== null : accepted && taskRank >= rank;
    if (reached) {
      const timeS = rank < 3 ? times[rank]! : taskRank === rank ? task!.changed_s : null;
      return { stage, state: "done", seconds: timeS === null ? null : timeS - card.pushed_s, tone: "plain" };
    }
    if (stage === "accepted" && card.state === "declined") {
      return { stage, state: "refused", seconds: (card.answered_s ?? nowS) - card.pushed_s, tone: "red" };
    }
    if (!waits || rank > 2) return { stage, state: "open", seconds: null, tone: "plain" };
    waits = false;
    const seconds = nowS - card.pushed_s;
    return {
      stage,
      state: "running",
      seconds,
      tone: seconds > RED_AFTER_S ? "red" : seconds > AMBER_AFTER_S ? "amber" : "plain",
    };
  });
}
