/** One click from a suggestion (or an offer) to a push: who is ticked, what is on its way, and five seconds to take it back. */
import { newId, post, ServerError } from "../api/http";
import type { Live } from "../api/live.svelte";
import type { Offer, PreviewAnswer, PushAnswer, PushRequest, Suggestion } from "../api/types";

const UNDO_MS = 5000;
const TRIES = 8;

export interface Undoable {
  title: Suggestion["title"];
  cardIds: readonly string[];
  untilMs: number;
}

export class Pushing {
  /** Ids of suggestions and offers that are on their way to the server. */
  busy = $state.raw<ReadonlySet<string>>(new Set());
  error = $state.raw<ServerError | null>(null);
  /** The task group that cards are being chosen for; empty: none. */
  groupId = $state("");
  undoable = $state.raw<Undoable | null>(null);
  /** What would be sent, word for word; "asked" while the server still makes it. */
  preview = $state.raw<PreviewAnswer | "asked" | null>(null);
  #previews = 0;
  #choices = $state.raw<Readonly<Record<string, readonly string[]>>>({});
  #undoTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly live: Live) {}

  chosen(suggestion: Suggestion): readonly string[] {
    return this.#choices[suggestion.id] ?? suggestion.chosen;
  }

  toggle(suggestion: Suggestion, terminalId: string): void {
    const now = this.chosen(suggestion);
    const next = now.includes(terminalId) ? now.filter((id) => id !== terminalId) : [...now, terminalId];
    this.#choices = { ...this.#choices, [suggestion.id]: next };
  }

  get queue(): Suggestion[] {
    return Object.values(this.live.picture.suggestions)
      .sort((a, b) => a.rank - b.rank)
      .slice(0, 3);
  }

  /** Push the card shown under a number (1 to 3). */
  pushRank(number: number): void {
    const suggestion = this.queue[number - 1];
    if (suggestion) void this.push(suggestion);
  }

  async push(suggestion: Suggestion): Promise<void> {
    const terminalIds = this.chosen(suggestion);
    if (this.live.ended || !terminalIds.length || this.busy.has(suggestion.id)) return;
    await this.#send(suggestion.id, suggestion.title, {
      ...this.request(suggestion),
      suggestion_id: suggestion.id,
    });
  }

  /** Push a card to the group that cards are being chosen for. */
  async pushToGroup(title: Undoable["title"], request: Partial<PushRequest>): Promise<void> {
    const groupId = this.groupId;
    if (this.live.ended || this.busy.has(groupId)) return;
    await this.#send(groupId, title, { ...request, group_id: groupId });
    if (!this.error) this.groupId = "";
  }

  async takeOffer(offer: Offer): Promise<void> {
    const push = this.live.picture.pushes[offer.push_id];
    if (!push || this.busy.has(offer.id)) return;
    await this.#send(offer.id, push.title, {
      plan_id: push.plan_id,
      terminal_ids: [offer.candidate.terminal_id],
      victim_ids: push.victim_ids,
      place_id: push.place_id,
      group_id: push.group_id,
      offer_id: offer.id,
    });
  }

  async showPreview(request: Partial<PushRequest>): Promise<void> {
    const mine = ++this.#previews;
    this.preview = "asked";
    this.error = null;
    try {
      const answer = await post<PreviewAnswer>("/api/pushes/preview", { op_id: newId(), ...request });
      if (mine === this.#previews) this.preview = answer;
    } catch (error) {
      if (mine !== this.#previews) return; // closed, or another one asked for since
      this.preview = null;
      this.error = asServerError(error);
    }
  }

  closePreview(): void {
    this.#previews++;
    this.preview = null;
  }

  undo(): void {
    for (const cardId of this.undoable?.cardIds ?? [])
      void this.live.send("WithdrawCard", { card_id: cardId, why: null });
    this.undoable = null;
  }

  request(suggestion: Suggestion): Partial<PushRequest> {
    const { plan_id, victim_ids, place_id } = suggestion;
    return { plan_id, victim_ids, place_id, terminal_ids: [...this.chosen(suggestion)] };
  }

  async #send(id: string, title: Undoable["title"], request: Partial<PushRequest>): Promise<void> {
    this.busy = new Set([...this.busy, id]);
    this.error = null;
    try {
      const answer = await persist({ op_id: newId(), ...request });
      this.undoable = { title, cardIds: answer.card_ids, untilMs: performance.now() + UNDO_MS };
      clearTimeout(this.#undoTimer);
      this.#undoTimer = setTimeout(() => (this.undoable = null), UNDO_MS);
    } catch (error) {
      this.error = asServerError(error);
    } finally {
      this.busy = new Set([...this.busy].filter((item) => item !== id));
    }
  }
}

function asServerError(error: unknown): ServerError {
  return error instanceof ServerError ? error : new ServerError("unknown", String(error));
}

/** The same push with the same id until the server has it: a lost answer must not send the boats twice. */
async function persist(request: Partial<PushRequest>): Promise<PushAnswer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await post<PushAnswer>("/api/pushes", request);
    } catch (error) {
      if (!(error instanceof ServerError) || error.code !== "unreachable" || attempt === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 400 * attempt));
    }
  }
}
