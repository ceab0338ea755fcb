/** The operation's clock between two frames: it runs on at the drill's speed, and stands while paused. */
import type { ClockWire } from "../api/types";

export class OperationClock {
  nowS = $state(0);
  state = $state<ClockWire["state"]>("ready");
  speed = $state(1);
  #baseS = 0;
  #mark = 0;

  set(nowS: number, clock: ClockWire): void {
    this.#baseS = nowS;
    this.#mark = performance.now();
    this.state = clock.state;
    this.speed = clock.speed;
    this.tick();
  }

  tick(): void {
    if (!this.#mark) return;
    const ranS = this.state === "running" ? ((performance.now() - this.#mark) / 1000) * this.speed : 0;
    this.nowS = this.#baseS + ranS;
  }
}
