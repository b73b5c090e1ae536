/** Names that all providers accept: Anthropic refuses a property with a space or an umlaut. */

const SAFE = /^[a-zA-Z0-9_.-]{1,64}$/;

/** Each of the names by the one that the model is shown. */
export function portableNames(names: readonly string[]): ReadonlyMap<string, string> {
  const shown = new Map<string, string>();
  // Good names first, so that none of them has to give way.
  const ordered = [...names].sort((a, b) => Number(SAFE.test(b)) - Number(SAFE.test(a)));
  for (const name of ordered) shown.set(unique(name, shown), name);
  return new Map(names.map((name) => [find(shown, name), name]));
}

/** A name like this one that is not taken. */
export function unique(name: string, taken: { has(name: string): boolean }): string {
  const base = SAFE.test(name) ? name : name.replace(/[^a-zA-Z0-9_.-]+/g, "_").slice(0, 60) || "_";
  let free = base;
  for (let n = 2; taken.has(free); n++) free = `${base.slice(0, 58)}_${n}`;
  return free;
}

function find(shown: ReadonlyMap<string, string>, name: string): string {
  for (const [safe, original] of shown) if (original === name) return safe;
  return name;
}
