import { describe, hasMethod, isArray, isRecord } from "../core/describe.ts";

/**
 * Headers in whichever shape they come: `Headers`, the plain objects of Node's `IncomingMessage` and of message
 * queues, a `Map`, the headers of NATS.
 */
export type HeaderSource =
  | Iterable<readonly [name: string, value: string | readonly string[]]>
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The values of some headers, under their names in small letters; a name that does not occur has none.
 *
 * @throws {TypeError} If `headers` is not an object at all.
 */
export function headerValues(
  owner: string,
  headers: HeaderSource,
  names: readonly string[],
): ReadonlyMap<string, readonly unknown[]> {
  const holdsThem = isRecord(headers) && isRecord(headers.headers);
  if (holdsThem || !(isRecord(headers) || isArray(headers)) || hasMethod(headers, "then")) {
    throw new TypeError(
      `${owner}: headers must be Headers, a plain object or entries, got ${describe(headers)}` +
        (holdsThem ? "; did you mean its .headers?" : ""),
    );
  }
  const found = new Map<string, unknown[]>(names.map((name) => [name, []]));
  const longest = Math.max(...names.map((name) => name.length));
  for (const entry of entriesOf(headers)) {
    if (!Array.isArray(entry)) continue;
    const [name, value] = entry as unknown[];
    if (typeof name !== "string" || name.length > longest) continue;
    const values = found.get(name.toLowerCase());
    if (values === undefined || value === undefined || value === null) continue;
    values.push(...Array.isArray(value) ? value.slice(0, 2) : [value]);
    // Two are enough to show that there is more than one.
    values.length = Math.min(values.length, 2);
  }
  return found;
}

function entriesOf(headers: HeaderSource): Iterable<unknown> {
  return Symbol.iterator in headers ? headers as Iterable<unknown> : Object.entries(headers);
}
