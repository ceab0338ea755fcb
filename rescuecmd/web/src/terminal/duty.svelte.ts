/** What one terminal is about: its vessel, the card that wants an answer, the task in hand, the route, and its receipts. */
import type { Live } from "../api/live.svelte";
import type {
  Card,
  CommandBodies,
  Copy,
  DeclineReason,
  Fix,
  Route,
  Task,
  TaskState,
  Terminal,
  Vessel,
} from "../api/types";
import { isAnswered } from "../picture/views";
import { recall, remember } from "../ui/memory";
import { sound } from "../ui/sound.svelte";
import { routeOf } from "../way/progress";
import { lastEnding, type Ending } from "./ending";

const OVER: readonly TaskState[] = ["done", "declined", "aborted"];

export class Duty {
  /** The route that came after the first one and is not understood yet. */
  #changedId = $state("");
  #sent = new Set<string>();
  #rang = new Set<string>();
  #routeId = "";
  #taskId = "";
  /** The end that the crew has understood last; it survives a reload. */
  #understood = $state("");

  constructor(
    readonly live: Live,
    readonly terminalId: string,
  ) {
    this.#understood = recall(`ended.${terminalId}`);
  }

  get terminal(): Terminal | undefined {
    return this.live.picture.terminals[this.terminalId];
  }

  get vessel(): Vessel | undefined {
    return this.live.picture.vessels[this.terminal?.vessel_id ?? ""];
  }

  get fix(): Fix | null {
    return this.vessel?.fix ?? this.terminal?.fix ?? null;
  }

  get cards(): Card[] {
    return Object.values(this.live.picture.cards)
      .filter((card) => card.terminal_id === this.terminalId)
      .sort((a, b) => b.pushed_s - a.pushed_s);
  }

  /** The newest card that still wants an answer. */
  get incoming(): Card | undefined {
    return this.cards.find((card) => !isAnswered(card));
  }

  /** The card of the work in hand. */
  get accepted(): Card | undefined {
    const open = this.cards.find((card) => {
      const task = this.live.picture.tasks[card.task_id];
      return card.state === "accepted" && (!task || !OVER.includes(task.state));
    });
    return open ?? this.#homeward;
  }

  /** The card of a task that is over while people of it are aboard: they are still to be landed. */
  get #homeward(): Card | undefined {
    const card = this.vessel?.aboard ? this.ending?.card : undefined;
    const { tasks, victims } = this.live.picture;
    return (tasks[card?.task_id ?? ""]?.victim_ids ?? []).some((id) => victims[id]?.aboard)
      ? card
      : undefined;
  }

  get task(): Task | undefined {
    return this.live.picture.tasks[this.accepted?.task_id ?? ""];
  }

  get route(): Route | undefined {
    return routeOf(this.live.picture, this.task?.id);
  }

  /** A route that came after the first one: told with its reason until it is understood, or leads nowhere any more. */
  get changed(): Route | undefined {
    return this.route?.id === this.#changedId ? this.route : undefined;
  }

  understandRoute(): void {
    this.#changedId = "";
  }

  /** The route that was cut with nothing in its place. */
  get cut(): Route | undefined {
    if (this.route) return undefined;
    const routes = Object.values(this.live.picture.routes).filter((route) => route.task_id === this.task?.id);
    const last = routes.sort((a, b) => b.made_s - a.made_s)[0];
    return last?.state === "cut" ? last : undefined;
  }

  /** The last piece of work that is over, by whatever hand. */
  get ending(): Ending | undefined {
    return lastEnding(this.cards, this.live.picture.tasks, `terminal/${this.terminalId}`);
  }

  /** The same until the crew has understood it; its own doing is no news to it. */
  get untold(): Ending | undefined {
    const last = this.ending;
    return last && last.known && last.by !== "crew" && this.#name(last) !== this.#understood
      ? last
      : undefined;
  }

  understand(ending: Ending): void {
    this.#understood = this.#name(ending);
    remember(`ended.${this.terminalId}`, this.#understood);
  }

  /** Tell the server that the card is here; called whenever the picture changes. */
  receive(): void {
    for (const card of this.cards) {
      if (card.state === "queued") this.#receipt(card, "delivered");
      if (!isAnswered(card)) this.#ring(card);
    }
    for (const copy of Object.values(this.live.picture.copies))
      if (copy.state === "queued") this.confirm(copy, "delivered");
    this.#watchRoute();
    this.#watchEnd();
  }

  /** Tell the server how far a message, zone or SOS has come here. */
  confirm(copy: Copy, step: CommandBodies["ConfirmCopy"]["step"]): void {
    const key = `${this.live.picture.epoch}/${copy.id}/${step}`;
    if (this.#sent.has(key)) return;
    this.#sent.add(key);
    this.live.send("ConfirmCopy", { copy_id: copy.id, step }).catch(() => this.#sent.delete(key));
  }

  /** Tell the server that the card is on the screen, in front of somebody. */
  displayed(card: Card): void {
    if (document.visibilityState !== "visible" || isAnswered(card) || card.state === "displayed") return;
    if (card.state === "queued") this.#receipt(card, "delivered");
    this.#receipt(card, "displayed");
  }

  accept(card: Card): void {
    this.#receipt(card, "accepted");
    sound.play("confirm");
  }

  decline(card: Card, reason: DeclineReason): void {
    void this.live.send("GiveReceipt", { card_id: card.id, receipt: "declined", reason });
    sound.play("confirm");
  }

  move(state: TaskState): void {
    if (this.task) void this.live.send("MoveTask", { task_id: this.task.id, state });
    sound.play("confirm");
  }

  #receipt(card: Card, receipt: "delivered" | "displayed" | "accepted"): void {
    const key = `${this.live.picture.epoch}/${card.id}/${receipt}`;
    if (this.#sent.has(key)) return;
    this.#sent.add(key);
    const answer = this.live.send("GiveReceipt", { card_id: card.id, receipt, reason: null });
    answer.catch(() => this.#sent.delete(key));
  }

  #ring(card: Card): void {
    const key = `${card.id}/${card.reminders}`;
    if (this.#rang.has(key)) return;
    this.#rang.add(key);
    sound.play(card.reminders ? "reminder" : "card");
    navigator.vibrate?.([300, 120, 300, 120, 300]);
  }

  #watchRoute(): void {
    const route = this.route;
    const task = this.task;
    if (!route || !task) return;
    const changed = this.#routeId !== "" && this.#taskId === task.id && this.#routeId !== route.id;
    this.#routeId = route.id;
    this.#taskId = task.id;
    if (!changed || !route.replaces) return;
    this.#changedId = route.id;
    sound.play("route");
    navigator.vibrate?.([200, 100, 200]);
  }

  #watchEnd(): void {
    const end = this.untold;
    if (!end || this.#rang.has(end.id)) return;
    this.#rang.add(end.id);
    sound.play("route");
    navigator.vibrate?.([500, 150, 500]);
  }

  #name(ending: Ending): string {
    return `${this.live.picture.operation?.id ?? ""}/${ending.id}`;
  }
}
