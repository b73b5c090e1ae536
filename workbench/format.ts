/**
 * Numbers as a person reads them. All have few digits and a fixed number of them, so that columns align.
 *
 * @module
 */

/** A duration: `12 ms`, `3.42 s`, `41.0 s`, `2 m 03 s`, `1 h 02 m`. */
export function duration(ms: number): string {
  if (typeof ms !== "number" || !(ms >= 0)) return "–";
  if (ms < 10 && ms > 0 && !Number.isInteger(ms)) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_995) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m ${pad(seconds % 60)} s`;
  return `${Math.floor(seconds / 3_600)} h ${pad(Math.floor(seconds / 60) % 60)} m`;
}

/** A duration that is still growing: a tenth of a second is the finest that can be read. */
export function growing(ms: number): string {
  return ms < 59_950 ? `${(Math.max(ms, 0) / 1000).toFixed(1)} s` : duration(ms);
}

/** A waiting time: `4 s`, `2 m 03 s`. */
export function seconds(ms: number): string {
  return ms < 60_000 ? `${Math.floor(ms / 1000)} s` : duration(ms);
}

/** The place of an event in its run, in seconds: `2.104`, `61:02.104`. */
export function offset(ms: number): string {
  const sign = ms < 0 ? "−" : "";
  const at = Math.abs(ms);
  if (at < 60_000) return sign + (at / 1000).toFixed(3);
  const minutes = Math.floor(at / 60_000);
  return `${sign}${minutes}:${((at % 60_000) / 1000).toFixed(3).padStart(6, "0")}`;
}

/** A duration in as few letters as say it: `40 s`, `11 m`, `2 h`, `3 d`. */
export function short(ms: number): string {
  if (ms < 60_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} m`;
  return ms < 86_400_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} d`;
}

/** How long ago: `now`, `12 s`, `4 m`, `2 h`, `3 d`. */
export function age(ms: number): string {
  if (ms < 5_000) return "now";
  if (ms < 60_000) return `${Math.floor(ms / 1000)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} m`;
  if (ms < 86_400_000) return `${Math.floor(ms / 3_600_000)} h`;
  return `${Math.floor(ms / 86_400_000)} d`;
}

/** A count: `812`, `12.3 k`, `1.20 M`. */
export function count(n: number): string {
  if (n < 10_000) return String(n);
  if (n < 999_950) return `${(n / 1000).toFixed(1)} k`;
  return `${(n / 1e6).toFixed(2)} M`;
}

/** A count with its noun: `1 tool`, `3 tools`. */
export function counted(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
}

/** An amount of money with as many digits as it takes to see it: `$0.004`, `$12.30`. */
export function money(amount: number, currency: string): string {
  if (amount > 0 && amount < SMALLEST / 2) return `< ${money(SMALLEST, currency)}`;
  const digits = amount === 0 || amount >= 1 ? 2 : amount >= 0.1 ? 3 : 4;
  return new Intl.NumberFormat("en", {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: Math.min(digits, 2),
    maximumFractionDigits: digits,
  }).format(amount);
}

/** A number as it is, with thin spaces between thousands. */
export function exact(n: number): string {
  return String(n).replaceAll(/\B(?=(\d{3})+$)/g, "\u2009");
}

/** A text as far as the page shows it: a megabyte would hold it up. */
export function cut(text: string, most = 50_000): string {
  const rest = text.length - most;
  return rest <= 0 ? text : `${text.slice(0, most)}\n… ${count(rest)} characters more`;
}

const SMALLEST = 0.0001;

function pad(n: number): string {
  return String(n).padStart(2, "0");
}
