/** In a live operation the phone reports where it is; in a drill the boats' positions come from the drill. */
import type { Live } from "../api/live.svelte";

const AT_MOST_EVERY_MS = 1000;

/** Report the phone's position until the returned function is called. One watcher only: two overheat a phone. */
export function watchPosition(live: Live, terminalId: string): () => void {
  if (!("geolocation" in navigator)) return () => undefined;
  let last = -Infinity;
  const watch = navigator.geolocation.watchPosition(
    ({ coords, timestamp }) => {
      if (performance.now() - last < AT_MOST_EVERY_MS) return;
      last = performance.now();
      const fix = {
        lon_deg: coords.longitude,
        lat_deg: coords.latitude,
        time_s: timestamp / 1000,
        accuracy_m: coords.accuracy,
        source: "gps" as const,
        course_deg: coords.heading,
        speed_mps: coords.speed,
      };
      live.sendNow("ReportPositions", { fixes: { [terminalId]: fix } });
    },
    () => undefined, // no position is shown as "no position"; there is nothing to report
    { enableHighAccuracy: true, maximumAge: 1000 },
  );
  return () => navigator.geolocation.clearWatch(watch);
}
