/**
 * The value with every text in it changed, however deep it is; the same value where nothing changes.
 *
 * - **Plain data only:** an object is read by its own keys.
 * - **Bounds:** what is nested deeper than 64, or comes after 100,000 values, becomes `beyond`.
 *
 * @param change Called with a text, or with any other value under a key; its answer takes the value's place.
 * `undefined` means: look inside.
 */
export function mapValues(
  value: unknown,
  change: (value: unknown, key: string) => unknown,
  beyond: unknown,
): unknown {
  let left = MAX_VALUES;
  return visit(value, "", 0);

  function visit(value: unknown, key: string, depth: number): unknown {
    if (left-- <= 0) return beyond;
    const changed = change(value, key);
    if (changed !== undefined) return changed;
    if (typeof value !== "object" || value === null) return value;
    if (depth >= MAX_DEPTH) return beyond;
    if (Array.isArray(value)) return visitItems(value, key, depth);
    return visitEntries(value as Readonly<Record<string, unknown>>, depth);
  }

  function visitItems(items: readonly unknown[], key: string, depth: number): unknown {
    let isSame = true;
    const copy = items.map((item) => {
      const visited = visit(item, key, depth + 1);
      if (!Object.is(visited, item)) isSame = false;
      return visited;
    });
    return isSame ? items : copy;
  }

  function visitEntries(object: Readonly<Record<string, unknown>>, depth: number): unknown {
    let isSame = true;
    const copy = Object.keys(object).map((name): [string, unknown] => {
      const item = object[name];
      const visited = visit(item, name, depth + 1);
      if (!Object.is(visited, item)) isSame = false;
      return [name, visited];
    });
    return isSame ? object : Object.fromEntries(copy);
  }
}

/** The value with every text in it changed, however deep it is. Plain data only. */
export function mapTexts(value: unknown, change: (text: string) => string): unknown {
  return mapValues(
    value,
    (item) => typeof item === "string" ? change(item) : undefined,
    null,
  );
}

const MAX_DEPTH = 64;
const MAX_VALUES = 100_000;
