/** Where the picture of a card is, in the page's language and palette. */
import { withKey } from "../api/address";
import type { Card } from "../api/types";
import { language } from "../text/language.svelte";
import { theme } from "../ui/theme.svelte";

export function pictureOf(card: Card): string {
  const path = `/api/cards/${encodeURIComponent(card.push_id)}/${encodeURIComponent(card.terminal_id)}/picture.svg`;
  return withKey(path, {
    lang: language.current,
    theme: theme.current === "day" ? "day" : "night",
    state: card.state,
  });
}
