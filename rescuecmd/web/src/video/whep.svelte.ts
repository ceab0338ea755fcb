/** Watches one camera over WHEP and knows whether its picture moves: a frozen tile is never taken for a live one. */
import { headers } from "../api/http";

export type VideoState = "connecting" | "live" | "frozen" | "missing";

const FROZEN_AFTER_MS = 3000;
const REDIAL_AFTER_MS = 8000;
const BACKOFF_MS = [1000, 2000, 4000, 8000];
const BUDGET_REFILLS_AFTER_MS = 10_000;
const GATHER_MS = 1500;
/** Frames are counted over this long: a backlog that is decoded at once is no rate. */
const COUNT_MS = 4000;

export class Whep {
  state = $state<VideoState>("connecting");
  fps = $state(0);
  frames = $state(0);
  /** Seconds since the last decoded frame. */
  ageS = $state(0);
  detail = $state("");
  stream = $state.raw<MediaStream | null>(null);

  #peer: RTCPeerConnection | null = null;
  #session = "";
  #lastFrame = performance.now();
  #liveSince = 0;
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval>;
  #stopped = false;
  #counts: { atMs: number; frames: number }[] = [];

  constructor(readonly cameraId: string) {
    this.#watch = setInterval(() => void this.#look(), 500);
    void this.#dial();
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#watch);
    clearTimeout(this.#retry);
    this.#hangUp();
  }

  async #dial(): Promise<void> {
    if (this.#stopped || typeof RTCPeerConnection === "undefined") return;
    const peer = new RTCPeerConnection({ iceServers: [] });
    this.#peer = peer;
    this.#lastFrame = performance.now();
    peer.addTransceiver("video", { direction: "recvonly" });
    peer.ontrack = (event) => (this.stream = event.streams[0] ?? new MediaStream([event.track]));
    peer.onconnectionstatechange = () => {
      if (peer === this.#peer && ["failed", "closed"].includes(peer.connectionState)) this.#redial("lost");
    };
    try {
      await peer.setLocalDescription(await peer.createOffer());
      await gathered(peer);
      const response = await fetch(`/whep/${encodeURIComponent(this.cameraId)}`, {
        method: "POST",
        headers: { ...headers(), "Content-Type": "application/sdp" },
        body: peer.localDescription?.sdp ?? "",
      });
      if (!response.ok) return this.#redial(await reason(response));
      this.#session = response.headers.get("Location") ?? "";
      await peer.setRemoteDescription({ type: "answer", sdp: await response.text() });
    } catch (error) {
      if (peer === this.#peer) this.#redial(String(error));
    }
  }

  #redial(detail: string): void {
    this.#hangUp();
    this.detail = detail;
    this.state = "missing";
    this.fps = 0;
    if (this.#stopped) return;
    const step = Math.min(this.#attempt++, BACKOFF_MS.length - 1);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#dial(), BACKOFF_MS[step]! * (0.75 + Math.random() / 2));
  }

  #hangUp(): void {
    const peer = this.#peer;
    this.#peer = null;
    this.#counts = [];
    peer?.close();
    if (this.#session)
      void fetch(this.#session, { method: "DELETE", headers: headers(), keepalive: true }).catch(
        () => undefined,
      );
    this.#session = "";
  }

  async #look(): Promise<void> {
    const peer = this.#peer;
    if (!peer) return;
    for (const report of (await peer.getStats()).values()) {
      if (report.type !== "inbound-rtp" || report.kind !== "video") continue;
      if (
        report.framesDecoded > this.frames ||
        (report.framesDecoded > 0 && report.framesDecoded < this.frames)
      ) {
        this.#lastFrame = performance.now();
        this.frames = report.framesDecoded;
      }
      this.fps = this.#rate(report.timestamp, report.framesDecoded);
    }
    if (peer !== this.#peer) return;
    const silentMs = performance.now() - this.#lastFrame;
    this.ageS = silentMs / 1000;
    if (silentMs < FROZEN_AFTER_MS && peer.connectionState === "connected" && this.frames > 0) this.#isLive();
    else if (this.state === "live") this.state = "frozen";
    if (silentMs > REDIAL_AFTER_MS) this.#redial("no frames");
  }

  #rate(atMs: number, frames: number): number {
    if (!this.#counts.length && !frames) return 0;
    this.#counts = [...this.#counts.filter((one) => one.atMs >= atMs - COUNT_MS), { atMs, frames }];
    const first = this.#counts[0]!;
    return atMs > first.atMs ? Math.round(((frames - first.frames) * 1000) / (atMs - first.atMs)) : 0;
  }

  #isLive(): void {
    const now = performance.now();
    if (this.state !== "live") this.#liveSince = now;
    if (now - this.#liveSince > BUDGET_REFILLS_AFTER_MS) this.#attempt = 0;
    this.state = "live";
    this.detail = "";
  }
}

function gathered(peer: RTCPeerConnection): Promise<void> {
  if (peer.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => resolve();
    setTimeout(done, GATHER_MS);
    peer.addEventListener("icegatheringstatechange", () => peer.iceGatheringState === "complete" && done());
  });
}

async function reason(response: Response): Promise<string> {
  const body = (await response.json().catch(() => null)) as { error?: { message?: string } } | null;
  return body?.error?.message ?? `${response.status}`;
}
