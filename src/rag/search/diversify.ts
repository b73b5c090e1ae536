import { dot } from "../stores/vectors.ts";
import type { Hit } from "./hit.ts";

/**
 * Maximal marginal relevance: picks one after the other, what is relevant and unlike what was picked before.
 *
 * @param vectors The vectors of the hits by id, of length 1. A hit without one is like nothing.
 * @param diversity From 0, only the score counts, to 1, only the difference does.
 */
export function diversify(
  hits: readonly Hit[],
  vectors: ReadonlyMap<string, Float32Array>,
  diversity: number,
  limit: number,
): Hit[] {
  const scores = hits.map(({ score }) => score);
  const least = Math.min(...scores);
  const spread = Math.max(...scores) - least || 1;
  // The scores of all stages on one scale with similarities.
  const left = hits.map((hit) => ({
    hit,
    relevance: (hit.score - least) / spread,
    vector: vectors.get(hit.chunk.id),
    closest: 0,
  }));
  const picked: Hit[] = [];
  while (picked.length < limit && left.length > 0) {
    const worth = left.map(({ relevance, closest }) =>
      (1 - diversity) * relevance - diversity * closest
    );
    // The first of the best: hits are in order, so ties are settled.
    const [next] = left.splice(worth.indexOf(Math.max(...worth)), 1);
    picked.push(next!.hit);
    for (const candidate of left) {
      if (candidate.vector === undefined || next!.vector === undefined) continue;
      candidate.closest = Math.max(candidate.closest, dot(candidate.vector, 0, next!.vector));
    }
  }
  return picked;
}
