/** In a live operation the phone reports where it is; in a drill the boats' positions come from the drill. */
import type { Live } from "../api/live.svelte";

const AT_MOST_EVERY_MS = 1000;
const QUIET_MS = 8000; // a phone that lies still may say nothing more; the wall calls a position old after 10 s

/** Report the phone's position until the returned function is called. One watcher only: two overheat a phone. */
export function watchPosition(live: Live, terminalId: string): () => void {
  if (!("geolocation" in navigator)) return () => undefined;
  let last = -Infinity;
  const report = ({ coords, timestamp }: GeolocationPosition): void => {
    if (performance.now() - last < AT_MOST_EVERY_MS) return;
    last = performance.now();
    const ageS = Math.max(0, (Date.now() - timestamp) / 1000);
    const fix = {
      lon_deg: coords.longitude,
      lat_deg: coords.latitude,
      time_s: live.clock.nowS - ageS, // by the centre's clock: a phone's own may be wrong by minutes
      accuracy_m: coords.accuracy,
      source: "gps" as const,
      course_deg: coords.heading,
      speed_mps: coords.speed,
    };
    live.sendNow("ReportPositions", { fixes: { [terminalId]: fix } });
  };
  const nothing = (): void => undefined; // no position is shown as "no position"; there is nothing to report
  const options = { enableHighAccuracy: true, maximumAge: 1000 };
  const watch = navigator.geolocation.watchPosition(report, nothing, options);
  const asking = setInterval(() => {
    if (performance.now() - last > QUIET_MS)
      navigator.geolocation.getCurrentPosition(report, nothing, { ...options, timeout: QUIET_MS });
  }, QUIET_MS / 2);
  return () => {
    navigator.geolocation.clearWatch(watch);
    clearInterval(asking);
  };
}
