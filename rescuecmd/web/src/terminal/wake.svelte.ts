/** Keeps the screen on while the page is in front; says so when the browser cannot. */
export class WakeLock {
  held = $state(false);

  start(): void {
    document.addEventListener("visibilitychange", () => void this.#take());
    void this.#take();
  }

  async #take(): Promise<void> {
    if (document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    try {
      const lock = await navigator.wakeLock.request("screen");
      this.held = true;
      lock.addEventListener("release", () => (this.held = false));
    } catch {
      this.held = false; // low battery or not allowed: the idle view warns that the screen may sleep
    }
  }
}
