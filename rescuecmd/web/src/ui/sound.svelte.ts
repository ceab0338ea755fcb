/** Sounds made on the spot (no files): a browser lets us only after the first touch, so the page says so until then. */

export type Cue = "emergency" | "alarm" | "card" | "confirm" | "route";

/** Frequency in Hz and length in s of each note; 0 Hz is a pause. */
const CUES: Record<Cue, readonly (readonly [number, number])[]> = {
  emergency: [
    [880, 0.16],
    [660, 0.16],
    [880, 0.16],
    [660, 0.16],
    [880, 0.16],
    [660, 0.16],
  ],
  alarm: [
    [740, 0.18],
    [0, 0.1],
    [740, 0.18],
  ],
  card: [
    [523, 0.12],
    [659, 0.12],
    [784, 0.12],
    [1047, 0.3],
  ],
  confirm: [[1047, 0.08]],
  route: [
    [784, 0.15],
    [523, 0.15],
    [784, 0.15],
  ],
};

class Sound {
  /** True once the browser lets us be heard. */
  ready = $state(false);
  #context: AudioContext | null = null;

  constructor() {
    for (const event of ["pointerdown", "keydown"])
      addEventListener(event, () => void this.unlock(), { passive: true });
    void this.unlock();
  }

  async unlock(): Promise<void> {
    if (this.ready || typeof AudioContext === "undefined") return;
    this.#context ??= new AudioContext();
    // without a gesture `resume` waits instead of failing; the next gesture comes here again
    void this.#context.resume().then(() => (this.ready = this.#context?.state === "running"));
  }

  play(cue: Cue): void {
    document.documentElement.dataset["cue"] = cue;
    const context = this.#context;
    if (!context || context.state !== "running") return;
    let at = context.currentTime + 0.02;
    for (const [hertz, seconds] of CUES[cue]) {
      if (hertz) this.#note(context, hertz, at, seconds);
      at += seconds;
    }
  }

  #note(context: AudioContext, hertz: number, at: number, seconds: number): void {
    const tone = new OscillatorNode(context, { type: "square", frequency: hertz });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.25, at + 0.01);
    volume.gain.setValueAtTime(0.25, at + seconds - 0.02);
    volume.gain.linearRampToValueAtTime(0, at + seconds);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + seconds);
  }
}

export const sound = new Sound();
