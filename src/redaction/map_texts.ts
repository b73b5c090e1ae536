/** What {@linkcode mapValues} does to the parts of a value. */
export interface Changes {
  /**
   * Called with a text, or with any other value under a key; its answer takes the value's place. `undefined`
   * means: look inside.
   */
  value(value: unknown, key: string): unknown;
  /** Called with a list or an object before its parts are looked at: these, or others in their place. */
  parts?<T extends object>(owner: T): T;
  /** Called with the keys of objects. Two that become the same get different numbers. */
  key?(key: string): string;
  /** What takes the place of what is nested deeper than 64, or comes after 100,000 values. */
  readonly beyond: unknown;
}

/**
 * The value with its parts changed, however deep they are; the same value where nothing changes. Plain data
 * only: an object is read by its own keys.
 */
export function mapValues(value: unknown, changes: Changes): unknown {
  let left = MAX_VALUES;
  return visit(value, "", 0);

  function visit(value: unknown, key: string, depth: number): unknown {
    if (left-- <= 0) return changes.beyond;
    const changed = changes.value(value, key);
    if (changed !== undefined) return changed;
    if (typeof value !== "object" || value === null) return value;
    if (depth >= MAX_DEPTH) return changes.beyond;
    if (Array.isArray(value)) return visitItems(value, key, depth);
    return visitEntries(value as Entries, depth);
  }

  function visitItems(items: readonly unknown[], key: string, depth: number): unknown {
    const parts = changes.parts?.(items) ?? items;
    let isSame = parts === items;
    const copy = parts.map((item) => {
      const visited = visit(item, key, depth + 1);
      if (!Object.is(visited, item)) isSame = false;
      return visited;
    });
    return isSame ? items : copy;
  }

  function visitEntries(object: Entries, depth: number): unknown {
    const parts = changes.parts?.(object) ?? object;
    const names = Object.keys(parts);
    // Only where something changes: what is published hardly ever has a secret.
    let copy: [string, unknown][] | undefined;
    let isRenamed = false;
    names.forEach((name, i) => {
      const item = parts[name];
      const visited = visit(item, name, depth + 1);
      const shown = changes.key?.(name) ?? name;
      if (shown !== name) isRenamed = true;
      if (shown !== name || !Object.is(visited, item)) {
        copy ??= names.slice(0, i).map((same) => [same, parts[same]]);
      }
      copy?.push([shown, visited]);
    });
    if (copy === undefined) return parts;
    return Object.fromEntries(isRenamed ? distinct(copy) : copy);
  }
}

/** The value with every text in it changed, however deep it is. Plain data only. */
export function mapTexts(value: unknown, change: (text: string) => string): unknown {
  return mapValues(value, {
    value: (item) => typeof item === "string" ? change(item) : undefined,
    beyond: null,
  });
}

type Entries = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 64;
const MAX_VALUES = 100_000;

/** The entries under names of their own, so that none replaces another. */
function distinct(entries: readonly [string, unknown][]): [string, unknown][] {
  const counts = new Map<string, number>();
  return entries.map(([name, value]) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return [count === 1 ? name : `${name} ${count}`, value];
  });
}
