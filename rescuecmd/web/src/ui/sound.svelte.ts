/** The sounds of prompts: small files, decoded ahead; a browser lets us only after the first touch, so the page says so. */
import alarm from "./sounds/alarm.wav?url&no-inline";
import card from "./sounds/card.wav?url&no-inline";
import confirm from "./sounds/confirm.wav?url&no-inline";
import emergency from "./sounds/emergency.wav?url&no-inline";
import reminder from "./sounds/reminder.wav?url&no-inline";
import route from "./sounds/route.wav?url&no-inline";

export type Cue = "emergency" | "alarm" | "card" | "reminder" | "confirm" | "route";

/** Made by rescuecmd/web/make_sounds.py. */
const FILES: Record<Cue, string> = { emergency, alarm, card, reminder, confirm, route };
export const SOUND_FILES: readonly string[] = Object.values(FILES);

const BEEP_HZ = 880;
const BEEP_S = 0.4;

class Sound {
  /** True once the browser lets us be heard. */
  ready = $state(false);
  #context: AudioContext | null = null;
  #heard = new Map<Cue, AudioBuffer>();

  constructor() {
    for (const event of ["pointerdown", "keydown"])
      addEventListener(event, () => void this.unlock(), { passive: true });
    // an iPhone whose ringer is off would keep still otherwise
    const { audioSession } = navigator as { audioSession?: { type: string } };
    if (audioSession) audioSession.type = "playback";
    void this.unlock();
  }

  async unlock(): Promise<void> {
    const context = this.#open();
    if (this.ready || !context) return;
    // without a gesture `resume` waits instead of failing; the next gesture comes here again
    void context.resume().then(() => (this.ready = context.state === "running"));
  }

  /** Fetch and decode every file that is not here yet; called when the first picture stands. */
  async load(): Promise<void> {
    const context = this.#open();
    if (!context) return;
    for (const [cue, file] of Object.entries(FILES) as [Cue, string][]) {
      if (this.#heard.has(cue)) continue;
      try {
        this.#heard.set(cue, await context.decodeAudioData(await (await fetch(file)).arrayBuffer()));
      } catch {
        continue; // no network yet: the beep stands in until the page is loaded again
      }
    }
    document.documentElement.dataset["sounds"] = String(this.#heard.size);
  }

  play(cue: Cue): void {
    document.documentElement.dataset["cue"] = cue;
    const context = this.#context;
    if (!context || context.state !== "running") return;
    const buffer = this.#heard.get(cue);
    const source = buffer
      ? new AudioBufferSourceNode(context, { buffer })
      : new OscillatorNode(context, { type: "square", frequency: BEEP_HZ });
    source.connect(context.destination);
    source.start();
    if (!buffer) source.stop(context.currentTime + BEEP_S); // a file that never came is no reason to keep still
  }

  #open(): AudioContext | null {
    if (typeof AudioContext === "undefined") return null;
    return (this.#context ??= new AudioContext());
  }
}

export const sound = new Sound();
