/** What cannot be true of a chain of causes at the same time. */

import { type CausalEdge, effectsIn, isCausal } from "./causal_data.ts";

/** A contradiction in a chain. */
export interface CausalConflict {
  /** What is contradictory. */
  readonly type: "cycle" | "bidirectional_causation" | "contradictory_relationship";
  /** The nodes concerned: of a cycle, in the order in which each leads to the next. */
  readonly node_ids: readonly string[];
}

/** Every conflict, cycles first; each is named once. */
export function findConflicts(
  ids: readonly string[],
  edges: readonly CausalEdge[],
): CausalConflict[] {
  const causal = edges.filter(isCausal);
  return [
    ...cyclesIn(ids, causal).map((node_ids) => conflict("cycle", node_ids)),
    ...mutualPairs(causal).map((node_ids) => conflict("bidirectional_causation", node_ids)),
    ...contradictions(causal).map((node_ids) => conflict("contradictory_relationship", node_ids)),
  ];
}

/**
 * A cycle for each edge that leads back to a node which a search from the first nodes on is still busy
 * with. On a stack of its own: a chain may be longer than calls can be deep.
 */
function cyclesIn(ids: readonly string[], edges: readonly CausalEdge[]): string[][] {
  const effects = effectsIn(edges);
  const cycles: string[][] = [];
  const visited = new Set<string>();
  for (const start of ids) {
    if (visited.has(start)) continue;
    // Where each node of the path is, and the effects of each that have not been followed.
    const depths = new Map([[start, 0]]);
    const path = [start];
    const pending = [(effects.get(start) ?? []).values()];
    visited.add(start);
    while (path.length > 0) {
      const { done, value: next } = pending.at(-1)!.next();
      if (done) {
        depths.delete(path.pop()!);
        pending.pop();
      } else if (depths.has(next)) {
        cycles.push(path.slice(depths.get(next)));
      } else if (!visited.has(next)) {
        visited.add(next);
        depths.set(next, path.push(next) - 1);
        pending.push((effects.get(next) ?? []).values());
      }
    }
  }
  return cycles;
}

function mutualPairs(edges: readonly CausalEdge[]): string[][] {
  const known = new Set(edges.map(({ source_id, target_id }) => key(source_id, target_id)));
  return uniquePairs(
    edges.filter(({ source_id, target_id }) =>
      source_id < target_id && known.has(key(target_id, source_id))
    ),
  );
}

function contradictions(edges: readonly CausalEdge[]): string[][] {
  const inhibits = new Set(
    edges.filter(({ relationship }) => relationship === "inhibits")
      .map(({ source_id, target_id }) => key(source_id, target_id)),
  );
  return uniquePairs(
    edges.filter(({ relationship, source_id, target_id }) =>
      relationship === "causes" && inhibits.has(key(source_id, target_id))
    ),
  );
}

function uniquePairs(edges: readonly CausalEdge[]): string[][] {
  const pairs = edges.map(({ source_id, target_id }): [string, string[]] => [
    key(source_id, target_id),
    [source_id, target_id],
  ]);
  return [...new Map(pairs).values()];
}

// Ids may hold anything, so no separator would do.
function key(source: string, target: string): string {
  return JSON.stringify([source, target]);
}

function conflict(type: CausalConflict["type"], node_ids: readonly string[]): CausalConflict {
  return { type, node_ids };
}
