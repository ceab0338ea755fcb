/** Numbers as people say them. */

const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");

/** "14:03:22" in the time zone of the screen. */
export function clockTime(timeS: number, seconds = true): string {
  const date = new Date(timeS * 1000);
  const short = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return seconds ? `${short}:${two(date.getSeconds())}` : short;
}

/** "4:05", "1:02:03"; a duration that has run out is "0:00". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** "38 s", "4 min", "2 h": how old something is, short. */
export function age(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

/** "85 m", "1.24 km". */
export function distance(metres: number): string {
  if (metres < 1000) return `${Math.round(metres / 5) * 5} m`;
  return `${(metres / 1000).toFixed(metres < 10000 ? 2 : 1)} km`;
}

export function level(metres: number): string {
  return metres.toFixed(2);
}

/** "+0.62" */
export function signed(value: number, digits = 2): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
}
