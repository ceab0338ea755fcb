/** How the last piece of work of a terminal ended, and whose hand it was: a crew is told of every end but its own. */
import type { Card, Task } from "../api/types";
import type { Table } from "../picture/picture.svelte";
import { say, t } from "../text/language.svelte";

export interface Ending {
  id: string;
  card: Card;
  how: "withdrawn" | "expired" | "aborted" | "done";
  timeS: number;
  by: "crew" | "centre" | "software";
  /** The crew had seen the card: an end of what it never knew of is no news. */
  known: boolean;
}

/** The latest end among a terminal's cards; `person` is who the crew is in the log. */
export function lastEnding(cards: readonly Card[], tasks: Table<Task>, person: string): Ending | undefined {
  const ends = cards.flatMap((card) => endingOf(card, tasks[card.task_id], person) ?? []);
  return ends.sort((a, b) => b.timeS - a.timeS)[0];
}

function endingOf(card: Card, task: Task | undefined, person: string): Ending | null {
  const how = wayOf(card, task);
  if (!how) return null;
  const mark = card.trail.findLast((one) => one.step === how);
  const by = !mark ? "centre" : mark.by === person ? "crew" : mark.by === "software" ? "software" : "centre";
  const timeS = mark?.time_s ?? task?.changed_s ?? card.pushed_s;
  const known = card.displayed_s !== null || card.answered_s !== null;
  return { id: `${card.id}/${how}`, card, how, timeS, by, known };
}

function wayOf(card: Card, task: Task | undefined): Ending["how"] | null {
  if (card.state === "withdrawn" || card.state === "expired") return card.state;
  if (card.state !== "accepted" || !task) return null;
  return task.state === "aborted" || task.state === "done" ? task.state : null;
}

/** Why it ended, as far as that is known. */
export function whyEnded({ card, how, by }: Ending): string {
  if (by === "crew") return t("end.why_crew");
  if (card.why) return say(card.why);
  if (how === "expired") return t("end.why_silent");
  return t(how === "done" && by === "software" ? "end.why_served" : "end.why_centre");
}
