import type { Selection } from "../contracts.ts";
import { matcher } from "../filter.ts";
import type { Chunk } from "../source.ts";

/** Makes a function of a selection, for stores that look at each chunk. */
export function selector(what: Selection): (chunk: Chunk) => boolean {
  if ("ids" in what) {
    const ids = new Set(what.ids);
    return ({ id }) => ids.has(id);
  }
  if ("source" in what) return ({ source_id }) => source_id === what.source;
  const passes = matcher(what.filter);
  return ({ metadata }) => passes(metadata);
}
