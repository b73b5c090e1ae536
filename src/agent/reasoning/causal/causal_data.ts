/** What a causal chain is made of. */

import { randomHex } from "../../../core/random_hex.ts";
import type { Rules } from "../../../core/option_rules.ts";
import * as rule from "../../../core/option_rules.ts";
import { readTexts } from "../../../core/option_values.ts";

/** What a node is in its chain. */
export type CausalNodeType = "root_cause" | "intermediate" | "symptom" | "unknown";

/** How two nodes hang together; the first and the last are causal. */
export type CausalRelationship = "causes" | "correlates_with" | "precedes" | "inhibits";

/** Something that happened, or is the case. Frozen. */
export interface CausalNode {
  /** Identifies it in its chain. */
  readonly id: string;
  /** What it is, in words. */
  readonly label: string;
  /** What it is said to be; `unknown` leaves it to the edges. */
  readonly node_type: CausalNodeType;
  /** What speaks for it. */
  readonly evidence: readonly string[];
  /** How sure it is, 0 to 1. */
  readonly confidence: number;
  /** Anything else about it. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** How one node bears on another. Frozen. */
export interface CausalEdge {
  /** The node that it leads away from. */
  readonly source_id: string;
  /** The node that it leads to. */
  readonly target_id: string;
  /** What the first does to the second. */
  readonly relationship: CausalRelationship;
  /** How sure it is, 0 to 1. */
  readonly confidence: number;
  /** What speaks for it. */
  readonly evidence: readonly string[];
  /** The reason for it; null if none was given. */
  readonly reasoning: string | null;
}

/** What a node is made from. */
export interface CausalNodeOptions extends Partial<CausalNode> {
  /** What it is, in words. */
  readonly label: string;
}

/** What an edge is made from. */
export interface CausalEdgeOptions extends Partial<CausalEdge> {
  /** The node that it leads away from. */
  readonly source_id: string;
  /** The node that it leads to. */
  readonly target_id: string;
}

export function isCausal({ relationship }: CausalEdge): boolean {
  return relationship === "causes" || relationship === "inhibits";
}

/** The effects of each cause, in the order of the edges. */
export function effectsIn(edges: readonly CausalEdge[]): ReadonlyMap<string, ReadonlySet<string>> {
  const effects = new Map<string, Set<string>>();
  for (const { source_id, target_id } of edges.filter(isCausal)) {
    effects.set(source_id, (effects.get(source_id) ?? new Set()).add(target_id));
  }
  return effects;
}

export const NODE_TYPES: readonly CausalNodeType[] = [
  "root_cause",
  "intermediate",
  "symptom",
  "unknown",
];

export const RELATIONSHIPS: readonly CausalRelationship[] = [
  "causes",
  "correlates_with",
  "precedes",
  "inhibits",
];

const SURENESS = rule.number(0.5, 0, 1);

export const NODE = /* @__PURE__ */ (() => ({
  id: (owner: string, label: string, value: unknown = `node_${randomHex(8)}`) =>
    rule.name(owner, label, value),
  label: rule.name,
  node_type: rule.choice("unknown", NODE_TYPES),
  evidence: readEvidence,
  confidence: SURENESS,
  metadata: rule.record,
} satisfies Rules<CausalNode>))();

export const EDGE = /* @__PURE__ */ (() => ({
  // Whether there are such nodes, the chain says.
  source_id: rule.unchecked(""),
  target_id: rule.unchecked(""),
  relationship: rule.choice("causes", RELATIONSHIPS),
  confidence: SURENESS,
  evidence: readEvidence,
  reasoning: rule.orNull(rule.name),
} satisfies Rules<CausalEdge>))();

function readEvidence(owner: string, name: string, value: unknown = []): readonly string[] {
  return [...readTexts(owner, name, value)];
}

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
  const keys = new Set(causal.map(keyOf));
  const inhibits = new Set(
    causal.filter(({ relationship }) => relationship === "inhibits").map(keyOf),
  );
  const mutual = causal.filter(({ source_id, target_id }) =>
    source_id < target_id && keys.has(keyOf({ source_id: target_id, target_id: source_id }))
  );
  const contradictory = causal.filter((edge) =>
    edge.relationship === "causes" && inhibits.has(keyOf(edge))
  );
  return [
    ...cyclesIn(ids, causal).map((node_ids) => ({ type: "cycle" as const, node_ids })),
    ...pairsOf("bidirectional_causation", mutual),
    ...pairsOf("contradictory_relationship", contradictory),
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

function pairsOf(type: CausalConflict["type"], edges: readonly CausalEdge[]): CausalConflict[] {
  const pairs = new Map(edges.map((edge) => [keyOf(edge), [edge.source_id, edge.target_id]]));
  return [...pairs.values()].map((node_ids) => ({ type, node_ids }));
}

// Ids may hold anything, so no separator would do.
function keyOf({ source_id, target_id }: Pick<CausalEdge, "source_id" | "target_id">): string {
  return JSON.stringify([source_id, target_id]);
}
