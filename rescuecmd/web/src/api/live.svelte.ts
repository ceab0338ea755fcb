/** The live link: one WebSocket that resumes where it stopped, the commands that go back over it, and a second road. */
import { OperationClock } from "../picture/clock.svelte";
import { Picture } from "../picture/picture.svelte";
import { withKey } from "./address";
import { newId, ServerError } from "./http";
import { canUnpack, unpack } from "./pack";
import { SecondRoad } from "./road";
import { dropSession, freshSession, sealMessage } from "../access/device";
import { keepPicture, lastPicture } from "../offline/kept";
import type {
  CommandBodies,
  CommandName,
  Delta,
  DrillFrame,
  Failure,
  RecordState,
  ServerFrame,
  Snapshot,
} from "./types";
import { UnsentQueue, type Unsent } from "./unsent";
import { Witness } from "./witness";

export type View = "wall" | "terminal" | "trainer";
export type LinkState = "connecting" | "live" | "lost" | "past";

const LOST_AFTER_MS = 2600; // a heartbeat comes every second: the page is grey before the third has passed
const RESEND_AFTER_MS = 5000;
const GIVE_UP_AFTER_MS = 6000; // a socket that is silent for so long is dead, whatever it says
const BACKOFF_MS = [250, 500, 1000, 2000, 4000];
const REFUSED_KEY = 4403;
const CONFIRM_EVERY_MS = 1000;
const KEEP_EVERY_MS = 3000;
const PHONE_PACE_S = 1; // positions once a second are enough on a phone; orders never wait for that

interface Waiting {
  resolve: (seqs: number[]) => void;
  reject: (error: ServerError) => void;
}

export class Live {
  readonly picture = new Picture();
  readonly clock = new OperationClock();
  link = $state<LinkState>("connecting");
  /** Seconds since the last frame. */
  silentS = $state(0);
  unsent = $state(0);
  role = $state("");
  /** Who this page is, as the log names them. */
  person = $state("");
  failure = $state.raw<Failure | null>(null);
  drill = $state.raw<DrillFrame | null>(null);
  /** How the server's record is; anything but "sound" is shown on every page. */
  record = $state<RecordState>("sound");

  readonly #queue: UnsentQueue;
  readonly #witness: Witness;
  readonly #waiting = new Map<string, Waiting>();
  #socket: WebSocket | null = null;
  #lastFrame = performance.now();
  #dialled = 0;
  #attempt = 0;
  #fresh = true; // nothing has come over this connection yet
  #sentAt = 0;
  #confirmedAt = 0;
  #keptAt = 0;
  /** Frames are unpacked one after the other, in the order they came. */
  #inbox: Promise<void> = Promise.resolve();
  readonly #road: SecondRoad | null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #stopped = false;
  #nonce = ""; // of this connection; a device signs it with every message
  #outbox: Promise<void> = Promise.resolve();

  /** The operation is over: its log takes no more orders. */
  get ended(): boolean {
    return this.clock.state === "ended";
  }

  constructor(
    readonly view: View,
    readonly terminalId = "",
  ) {
    this.#queue = new UnsentQueue(terminalId);
    this.#witness = new Witness(terminalId || view);
    this.#road = terminalId
      ? new SecondRoad({
          have: () => ({ epoch: this.picture.epoch, seq: this.picture.seq }),
          unsent: () => this.#queue.all(),
          take: (frame) => void this.#take(frame),
        })
      : null;
  }

  start(): void {
    this.#watch = setInterval(() => this.#look(), 250);
    addEventListener("online", this.#hurry);
    document.addEventListener("visibilitychange", this.#hurry);
    void this.#wake();
  }

  /** Take up what the last life of this page kept, then connect. */
  async #wake(): Promise<void> {
    await this.#queue.load();
    this.unsent = this.#queue.size;
    const kept = this.terminalId ? await lastPicture(this.terminalId) : undefined;
    if (kept && !this.picture.epoch) {
      this.picture.replace(kept.picture);
      const oldS = Math.max(0, (Date.now() - kept.kept_ms) / 1000);
      this.clock.set(kept.picture.now_s + oldS * kept.picture.clock.speed, kept.picture.clock);
      this.#lastFrame = performance.now() - oldS * 1000;
      this.link = "lost"; // an old picture, and it says so, until a frame has come
    }
    void this.#connect();
  }

  /** Show a past moment instead of following; such a page never connects and sends nothing. */
  rewind(moment: Snapshot): void {
    this.link = "past";
    this.picture.replace(moment);
    this.clock.set(moment.now_s, moment.clock);
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#watch);
    clearTimeout(this.#retry);
    this.#road?.stop();
    removeEventListener("online", this.#hurry);
    document.removeEventListener("visibilitychange", this.#hurry);
    this.#socket?.close();
  }

  /** Give a command. It is resent with the same id until the server says done or refused. */
  send<N extends CommandName>(name: N, body: CommandBodies[N]): Promise<number[]> {
    const entry: Unsent = { op_id: newId(), device_time_s: Date.now() / 1000, name, body };
    const kept = this.#queue.add(entry);
    this.unsent = this.#queue.size;
    const promise = new Promise<number[]>((resolve, reject) =>
      this.#waiting.set(entry.op_id, { resolve, reject }),
    );
    promise.catch(() => undefined); // a refusal nobody waits for is shown by `failure`, not thrown at the window
    void kept.then(() => this.#write(entry)); // first to the disk, then on its way: a kill in between loses nothing
    return promise;
  }

  /** Give a command that is worthless later (a position): sent when the link is up, else dropped. */
  sendNow<N extends CommandName>(name: N, body: CommandBodies[N]): void {
    this.#write({ op_id: newId(), device_time_s: Date.now() / 1000, name, body });
  }

  #write(entry: Unsent): void {
    if (this.#socket?.readyState !== WebSocket.OPEN || !this.picture.epoch) return;
    this.#transmit({ type: "command", ...entry });
  }

  /** Send over the socket that is open now; signing takes its time, the order stays. */
  #transmit(message: unknown): void {
    const [socket, nonce] = [this.#socket, this.#nonce];
    this.#outbox = this.#outbox.then(async () => {
      const text = await sealMessage(nonce, JSON.stringify(message));
      if (socket?.readyState === WebSocket.OPEN) socket.send(text);
    });
  }

  /** Connect; a device first opens a session, or learns why it may not. */
  async #connect(): Promise<void> {
    clearTimeout(this.#retry);
    try {
      await freshSession(this.terminalId);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.failure = { code: error.code, message: error.message, facts: error.facts };
      return this.#later(error.settles);
    }
    if (this.#stopped || this.#socket) return;
    this.#dial();
  }

  #dial(): void {
    const values: Record<string, string> = { view: this.view, robot: "0" };
    if (canUnpack) values["pack"] = "zlib";
    if (this.view === "terminal") values["pace_s"] = String(PHONE_PACE_S);
    if (this.terminalId) values["terminal"] = this.terminalId;
    const witness = this.#witness.last;
    if (witness) values["witness"] = witness;
    if (this.picture.epoch)
      Object.assign(values, { have: String(this.picture.seq), epoch: this.picture.epoch });
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}${withKey("/api/live", values)}`);
    this.#socket = socket;
    this.#dialled = performance.now();
    this.#fresh = true;
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      const text = typeof event.data === "string" ? event.data : unpack(event.data);
      this.#inbox = this.#inbox.then(async () =>
        this.#receive(socket, JSON.parse(await text) as ServerFrame),
      );
    };
    socket.onclose = (event) => this.#closed(socket, event.code);
  }

  #receive(socket: WebSocket, frame: ServerFrame): void {
    if (socket !== this.#socket) return;
    this.#lastFrame = performance.now();
    if (!this.#take(frame)) return socket.close(); // a gap: come back with what we have
    if (frame.type === "snapshot" || (frame.type === "delta" && (this.link !== "live" || this.#fresh)))
      this.#settled();
  }

  /** Take a frame in, from whichever road it came; false when frames are missing before it. */
  #take(frame: ServerFrame): boolean {
    switch (frame.type) {
      case "hello":
        this.role = frame.role;
        this.person = frame.person;
        this.#nonce = frame.nonce;
        this.clock.compare(frame.server_time_s);
        break;
      case "snapshot":
        this.picture.replace(frame);
        return this.#seen(frame, true);
      case "delta":
        return this.picture.apply(frame) && this.#seen(frame, "cards" in frame.put || "soses" in frame.put);
      case "done":
        this.#answered(frame.op_id, (waiting) => waiting.resolve(frame.seqs));
        break;
      case "refused":
        this.failure = frame.error;
        this.#answered(frame.op_id, (waiting) => {
          waiting.reject(new ServerError(frame.error.code, frame.error.message, frame.error.facts));
        });
        break;
      case "drill":
        this.drill = frame;
        break;
      case "error":
        this.failure = frame.error;
    }
    return true;
  }

  /** Note a frame of the picture: set the clock, keep it on this device, and tell the server that we have it. */
  #seen(frame: Snapshot | Delta, matters: boolean): true {
    this.clock.set(frame.now_s, frame.clock);
    this.record = frame.record;
    this.#witness.keep(frame.witness);
    const nowMs = performance.now();
    if (this.terminalId && (matters || nowMs - this.#keptAt > KEEP_EVERY_MS)) {
      this.#keptAt = nowMs;
      void keepPicture(this.terminalId, this.picture, frame).then(() => this.#confirm(matters));
    } else this.#confirm(matters);
    return true;
  }

  #confirm(now: boolean): void {
    const nowMs = performance.now();
    if (this.#socket?.readyState !== WebSocket.OPEN || (!now && nowMs - this.#confirmedAt < CONFIRM_EVERY_MS))
      return;
    this.#confirmedAt = nowMs;
    this.#transmit({ type: "have", epoch: this.picture.epoch, seq: this.picture.seq });
  }

  #settled(): void {
    this.link = "live";
    this.#attempt = 0;
    this.failure = null;
    this.#fresh = false;
    this.#resend();
    this.#road?.start();
  }

  #resend(): void {
    this.#sentAt = performance.now();
    for (const entry of this.#queue.all()) this.#write(entry);
  }

  #answered(opId: string, tell: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(opId);
    if (waiting) tell(waiting);
    this.#waiting.delete(opId);
    this.#queue.remove(opId);
    this.unsent = this.#queue.size;
  }

  #closed(socket: WebSocket, code: number): void {
    if (socket !== this.#socket || this.#stopped) return;
    this.#socket = null;
    if (code === REFUSED_KEY) dropSession();
    this.#later(code === REFUSED_KEY);
  }

  #later(refused: boolean): void {
    const step = refused ? BACKOFF_MS.length - 1 : Math.min(this.#attempt++, BACKOFF_MS.length - 1);
    this.#retry = setTimeout(() => void this.#connect(), BACKOFF_MS[step]! * (0.5 + Math.random()));
  }

  readonly #hurry = (): void => {
    if (document.visibilityState === "visible" && !this.#socket) void this.#connect();
  };

  #look(): void {
    this.clock.tick();
    const silentMs = performance.now() - this.#lastFrame;
    this.silentS = silentMs / 1000;
    if (silentMs > LOST_AFTER_MS && this.link === "live") this.link = "lost";
    if (this.link === "live" && this.unsent && performance.now() - this.#sentAt > RESEND_AFTER_MS)
      this.#resend();
    if (this.link === "live") freshSession(this.terminalId).catch(() => undefined); // the next look tries again
    const dead = this.#socket;
    if (!dead || performance.now() - Math.max(this.#lastFrame, this.#dialled) < GIVE_UP_AFTER_MS) return;
    this.#socket = null;
    dead.close();
    void this.#connect();
  }
}
