/** What a causal chain is made of. */

import { checkOptions, describe } from "../../../core/options.ts";
import { randomHex } from "../../../core/random_hex.ts";
import { deepFreeze, isRecord } from "../../../core/json.ts";
import { readChoice, readName, readNumber, readTexts } from "../../../core/option_values.ts";

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
  const owner = "addNode()";
  checkOptions(owner, options, NODE_OPTIONS);
  const { id = createId(), label, node_type = "unknown", metadata = {} } = options;
  const { evidence = [], confidence = 0.5 } = options;
  readName(owner, "id", id);
  readName(owner, "label", label);
  readChoice(owner, "node_type", node_type, NODE_TYPES);
  if (!isRecord(metadata)) {
    throw new TypeError(`${owner}: "metadata" must be an object, got ${describe(metadata)}`);
  }
  return deepFreeze<CausalNode>({
    id,
    label,
    node_type,
    evidence: [...readTexts(owner, "evidence", evidence)],
    confidence: readNumber(owner, "confidence", confidence, 0, 1),
    metadata: { ...metadata },
  });
}

/** @throws {TypeError | RangeError} If a field is unknown, of the wrong type or out of its range. */
export function createEdge(options: CausalEdgeOptions): CausalEdge {
  const owner = "addEdge()";
  checkOptions(owner, options, EDGE_OPTIONS);
  const { source_id, target_id, relationship = "causes", reasoning = null } = options;
  const { evidence = [], confidence = 0.5 } = options;
  readChoice(owner, "relationship", relationship, RELATIONSHIPS);
  if (reasoning !== null) readName(owner, "reasoning", reasoning);
  return deepFreeze<CausalEdge>({
    source_id,
    target_id,
    relationship,
    confidence: readNumber(owner, "confidence", confidence, 0, 1),
    evidence: [...readTexts(owner, "evidence", evidence)],
    reasoning,
  });
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

const NODE_OPTIONS = ["id", "label", "node_type", "evidence", "confidence", "metadata"];

const EDGE_OPTIONS = [
  "source_id",
  "target_id",
  "relationship",
  "confidence",
  "evidence",
  "reasoning",
];

function createId(): string {
  return `node_${randomHex(8)}`;
}
