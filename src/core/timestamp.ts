// Formatting a date costs more than the rest of a publish, and events come in bursts.
let lastTime = NaN;
let lastText = "";

/** ISO 8601 in UTC of a time in milliseconds since 1970. */
export function toTimestamp(time: number): string {
  if (time !== lastTime) {
    lastText = new Date(time).toISOString();
    lastTime = time;
  }
  return lastText;
}
