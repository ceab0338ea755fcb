/** A line somebody says: to terminals, or in the chat of a group. */
import { newId } from "../api/http";
import type { Note } from "../api/types";

export function message(words: string, to: readonly string[], groupId: string, timeS: number): Note {
  return {
    id: `say-${newId()}`,
    kind: "message",
    text: { zh: words, en: words },
    to: [...to],
    via: groupId ? "group" : "direct",
    by: "",
    time_s: timeS,
    group_id: groupId,
  };
}
