/** Keys of something that a framework hands over. Its classes are not imported, so nothing is known of it. */
export type Fields = Readonly<Record<string, unknown>>;

/** A value whose keys can be read; nothing has none. */
export function fieldsOf(value: unknown): Fields {
  return Object(value) as Fields;
}

/** The value of a key, if it is a text that says something. */
export function textIn(value: unknown, key: string): string | undefined {
  const text = fieldsOf(value)[key];
  return typeof text === "string" && text !== "" ? text : undefined;
}

/** A list, or none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Data, also where it comes as the JSON that a model wrote; what is no JSON stays a text. */
export function dataOf(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** The value of a key, if it is a number. */
export function numberIn(value: unknown, key: string): number | undefined {
  const number = fieldsOf(value)[key];
  return typeof number === "number" ? number : undefined;
}
