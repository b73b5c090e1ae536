import type { ScoredChunk } from "../contracts.ts";
import { byScore } from "../stores/best.ts";
import type { Hit } from "./hit.ts";

/**
 * Reciprocal rank fusion: what both lists have high up comes first. Only ranks count, because the scores of the lists have
 * nothing to do with each other.
 */
export function fuse(near: readonly ScoredChunk[], matching: readonly ScoredChunk[]): Hit[] {
  const hits = new Map<string, Hit>();
  for (const [kind, list] of [["vector", near], ["keyword", matching]] as const) {
    for (const [index, { chunk, score }] of list.entries()) {
      const before = hits.get(chunk.id);
      const fused = (before?.score ?? 0) + 1 / (FLATNESS + index + 1);
      hits.set(chunk.id, {
        chunk,
        score: fused,
        scores: { ...before?.scores, [kind]: score, fused },
      });
    }
  }
  return [...hits.values()].sort(byScore);
}

// How little the first places count more than the next: the value of the literature.
const FLATNESS = 60;
