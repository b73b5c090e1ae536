/** Reads payloads that no schema has checked: what comes over a wire may be of any shape. */

/** A payload, as it arrived. */
export type Fields = Readonly<Record<string, unknown>>;

/** The text under `key`, cut to `limit` characters; `""` if there is none. */
export function textIn(data: Fields, key: string, limit = 1_000): string {
  const value = data[key];
  if (typeof value === "string") return clip(value, limit);
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** The number under `key`; null if there is none. */
export function numberIn(data: Fields, key: string): number | null {
  const value = data[key];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** The model that `agent.tokens.used` names; `""` if it names none. */
export function modelIn(data: Fields): string {
  return clip(textIn(data, "model"), MAX_MODEL);
}

/** How many models of a run are told apart: those that were named first. */
export const MAX_MODELS = 16;
const MAX_MODEL = 100;

/** The texts under `key`, joined with commas. */
export function listIn(data: Fields, key: string): string {
  const value: unknown = data[key];
  return Array.isArray(value) ? clip(value.slice(0, 100).map(String).join(", "), 1_000) : "";
}

/** A payload on one line, for events that nothing else is known of. */
export function fieldsOf(data: Fields): string {
  let line = "";
  for (const [key, value] of Object.entries(data)) {
    const text = typeof value === "string" ? value : JSON.stringify(value) ?? "";
    line += `${line === "" ? "" : "  "}${key}=${text}`;
    if (line.length > 1_000) break;
  }
  return clip(line, 1_000);
}

/** The start of a text; `…` says that it was cut. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const end = text.charCodeAt(limit - 2);
  // Never through the middle of a surrogate pair.
  return `${text.slice(0, end >= 0xd800 && end < 0xdc00 ? limit - 2 : limit - 1)}…`;
}
