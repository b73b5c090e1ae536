/** What a causal chain is made of. */

import { describe } from "../../../core/options.ts";
import { randomHex } from "../../../core/random_hex.ts";
import { deepFreeze, isRecord } from "../../../core/json.ts";
import {
  choice,
  name,
  number,
  orNull,
  readBy,
  type Rules,
  unchecked,
} from "../../../core/option_rules.ts";
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

/** @throws {TypeError | RangeError} If a field is unknown, of the wrong type or out of its range. */
export function createNode(options: CausalNodeOptions): CausalNode {
  return deepFreeze(readBy("addNode()", options, NODE));
}

/** @throws {TypeError | RangeError} If a field is unknown, of the wrong type or out of its range. */
export function createEdge(options: CausalEdgeOptions): CausalEdge {
  return deepFreeze(readBy("addEdge()", options, EDGE));
}

/** Whether an edge is one of cause and effect. */
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

/** The types of nodes. */
export const NODE_TYPES: readonly CausalNodeType[] = [
  "root_cause",
  "intermediate",
  "symptom",
  "unknown",
];

/** The relationships of edges. */
export const RELATIONSHIPS: readonly CausalRelationship[] = [
  "causes",
  "correlates_with",
  "precedes",
  "inhibits",
];

const SURENESS = number(0.5, 0, 1);

const NODE = {
  id: (owner: string, label: string, value: unknown = `node_${randomHex(8)}`) =>
    name(owner, label, value),
  label: name,
  node_type: choice("unknown", NODE_TYPES),
  evidence: readEvidence,
  confidence: SURENESS,
  metadata: readMetadata,
} satisfies Rules<CausalNode>;

const EDGE = {
  // Whether there are such nodes, the chain says.
  source_id: unchecked(""),
  target_id: unchecked(""),
  relationship: choice("causes", RELATIONSHIPS),
  confidence: SURENESS,
  evidence: readEvidence,
  reasoning: orNull(name),
} satisfies Rules<CausalEdge>;

function readEvidence(owner: string, name: string, value: unknown = []): readonly string[] {
  return [...readTexts(owner, name, value)];
}

function readMetadata(owner: string, name: string, value: unknown = {}): Record<string, unknown> {
  if (isRecord(value)) return { ...value };
  throw new TypeError(`${owner}: "${name}" must be an object, got ${describe(value)}`);
}
