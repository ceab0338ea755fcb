/** What stands as an alert on the wall, the sound it makes, and the hand that acknowledges it.
 *
 * Silence is not acknowledgement: muting lasts 30 s, and no emergency is ever muted.
 */
import type { Live } from "../api/live.svelte";
import type { Alarm, Sos } from "../api/types";
import { alarmState, openSoses, sortedAlarms } from "../picture/views";
import { sound, type Cue } from "../ui/sound.svelte";

const MUTED_FOR_MS = 30_000;
const AGAIN_AFTER_MS: Record<Cue, number> = {
  emergency: 3000,
  alarm: 6000,
  card: 0,
  reminder: 0,
  confirm: 0,
  route: 0,
};

export class Alerts {
  muted = $state(false);
  #heard = new Set<string>();
  #lastCue = -Infinity;
  #unmute: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly live: Live) {
    setInterval(() => this.#sing(), 500);
  }

  get soses(): Sos[] {
    return openSoses(this.live.picture.soses);
  }

  get alarms(): Alarm[] {
    return sortedAlarms(this.live.picture.alarms);
  }

  acknowledgeSos(sos: Sos): void {
    void this.live.send("AckSos", { sos_id: sos.id });
  }

  acknowledgeAlarm(alarm: Alarm): void {
    void this.live.send("AckAlarm", { alarm_id: alarm.id });
  }

  silence(alarm: Alarm): void {
    void this.live.send("SilenceAlarm", { alarm_id: alarm.id });
  }

  transfer(alarm: Alarm, to: string): void {
    void this.live.send("TransferAlarm", { alarm_id: alarm.id, to });
  }

  acknowledgeFirst(): void {
    if (this.live.ended) return;
    const sos = this.soses.find((item) => item.acked_s === null);
    if (sos) return this.acknowledgeSos(sos);
    const alarm = this.alarms.find((item) => item.acked_s === null);
    if (alarm) this.acknowledgeAlarm(alarm);
  }

  mute(): void {
    this.muted = true;
    clearTimeout(this.#unmute);
    this.#unmute = setTimeout(() => (this.muted = false), MUTED_FOR_MS);
  }

  #isLoud(alarm: Alarm): boolean {
    return alarmState(alarm, this.live.clock.nowS) === "unacknowledged";
  }

  #sing(): void {
    if (this.live.ended) return; // nobody can acknowledge any more: nothing may go on sounding
    const loud: [string, Cue][] = [
      ...this.soses.filter((sos) => sos.acked_s === null).map((sos): [string, Cue] => [sos.id, "emergency"]),
      // acknowledged, not over: heard once at each of the server's repeats
      ...this.soses
        .filter((sos) => sos.acked_s !== null)
        .map((sos): [string, Cue] => [`${sos.id}/${sos.repeats}`, "card"]),
      ...this.alarms.filter((alarm) => this.#isLoud(alarm)).flatMap((alarm) => cueOf(alarm)),
    ];
    const fresh = loud.find(([id]) => !this.#heard.has(id));
    for (const [id] of loud) this.#heard.add(id);
    if (fresh) this.muted = false;
    const cue = fresh?.[1] ?? loud.find(([, one]) => AGAIN_AFTER_MS[one] > 0)?.[1];
    if (
      !cue ||
      (this.muted && cue !== "emergency") ||
      performance.now() - this.#lastCue < (fresh ? 0 : AGAIN_AFTER_MS[cue])
    )
      return;
    this.#lastCue = performance.now();
    sound.play(cue);
  }
}

function cueOf(alarm: Alarm): [string, Cue][] {
  if (alarm.priority === "emergency") return [[alarm.id, "emergency"]];
  return alarm.priority === "alarm" ? [[alarm.id, "alarm"]] : [];
}
