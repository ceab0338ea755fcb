/** Whether this phone is fit to sail: what it needs on the water, tried one by one. */
import type { Live } from "../api/live.svelte";
import { persist } from "../offline/store";
import { hasRiver } from "../offline/worker";
import { sound } from "../ui/sound.svelte";
import type { WakeLock } from "./wake.svelte";

export type CheckName = "link" | "gps" | "sound" | "camera" | "storage" | "wake" | "map" | "clock";
export type Verdict = "ok" | "no" | "asking";

const CLOCK_GOOD_S = 2;
const GPS_GOOD_M = 50;
const GPS_PATIENCE_MS = 15_000;

export class Checks {
  gps = $state<Verdict>("asking");
  gpsM = $state<number | null>(null);
  camera = $state<Verdict>("asking");
  storage = $state<Verdict>("asking");
  map = $state<Verdict>("asking");

  constructor(
    readonly live: Live,
    readonly wake: WakeLock,
  ) {}

  /** Every check with what it says now, in the order in which a crew would mend things. */
  get all(): readonly (readonly [CheckName, Verdict])[] {
    const said = (good: boolean): Verdict => (good ? "ok" : "no");
    const skewS = this.live.clock.skewS;
    return [
      ["link", said(this.live.link === "live")],
      ["gps", this.gps],
      ["sound", said(sound.ready)],
      ["camera", this.camera],
      ["storage", this.storage],
      ["wake", said(this.wake.held)],
      ["map", this.map],
      ["clock", skewS === null ? "asking" : said(Math.abs(skewS) <= CLOCK_GOOD_S)],
    ];
  }

  get fit(): boolean {
    return this.all.every(([, verdict]) => verdict === "ok");
  }

  /** Try everything that must be asked for; a browser may put its own questions to the crew. */
  async run(): Promise<void> {
    this.gps = this.camera = this.storage = this.map = "asking";
    void sound.unlock();
    this.#position();
    await Promise.all([
      this.#camera(),
      persist().then((kept) => (this.storage = kept ? "ok" : "no")),
      hasRiver().then((kept) => (this.map = kept ? "ok" : "no")),
    ]);
  }

  #position(): void {
    if (!("geolocation" in navigator)) {
      this.gps = "no";
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        this.gpsM = coords.accuracy;
        this.gps = coords.accuracy <= GPS_GOOD_M ? "ok" : "no";
      },
      () => (this.gps = "no"),
      { enableHighAccuracy: true, timeout: GPS_PATIENCE_MS },
    );
  }

  async #camera(): Promise<void> {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      stream.getTracks().forEach((track) => track.stop());
      this.camera = "ok";
    } catch {
      this.camera = "no"; // none, refused, or a plain http address where a browser has no camera to give
    }
  }
}
