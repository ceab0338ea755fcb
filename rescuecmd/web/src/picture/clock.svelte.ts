/** The operation's clock between two frames: it runs on at the drill's speed, and stands while paused. */
import type { ClockWire } from "../api/types";

export class OperationClock {
  nowS = $state(0);
  state = $state<ClockWire["state"]>("ready");
  speed = $state(1);
  /** How far this device's clock is ahead of the server's, s; null until the server has told its time. */
  skewS = $state<number | null>(null);
  #baseS = 0;
  #mark = 0;

  set(nowS: number, clock: ClockWire): void {
    this.#baseS = nowS;
    this.#mark = performance.now();
    this.state = clock.state;
    this.speed = clock.speed;
    this.tick();
  }

  compare(serverTimeS: number | undefined): void {
    if (serverTimeS) this.skewS = Date.now() / 1000 - serverTimeS;
  }

  tick(): void {
    if (!this.#mark) return;
    const ranS = this.state === "running" ? ((performance.now() - this.#mark) / 1000) * this.speed : 0;
    this.nowS = this.#baseS + ranS;
  }
}
