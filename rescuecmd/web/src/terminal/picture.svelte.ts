/** The picture of a card: where it is, in the page's language and palette, and the one that was fetched last. */
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

interface Shown {
  cardId: string;
  path: string;
  url: string;
  /** The time of the operation that it shows, s. */
  timeS: number;
}

/** Keeps the last picture on the screen until a newer one has come. */
export class CardPicture {
  shown = $state.raw<Shown | null>(null);
  failed = $state(false);
  #asked = "";

  async load(card: Card): Promise<void> {
    const path = pictureOf(card);
    this.#asked = path;
    try {
      const answer = await fetch(path);
      if (!answer.ok) throw new Error(`${answer.status}`);
      const url = URL.createObjectURL(await answer.blob());
      const timeS = Number(answer.headers.get("x-shows-s"));
      if (path === this.#asked) this.#show({ cardId: card.id, path, url, timeS });
      else URL.revokeObjectURL(url);
    } catch {
      if (path === this.#asked) this.failed = true;
    }
  }

  forget(): void {
    this.#asked = "";
    this.#show(null);
  }

  #show(next: Shown | null): void {
    if (this.shown) URL.revokeObjectURL(this.shown.url);
    this.shown = next;
    this.failed = false;
  }
}
