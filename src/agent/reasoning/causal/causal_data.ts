/** What a causal chain is made of. */

import { checkOptions, describe } from "../../../core/options.ts";
import { deepFreeze, isRecord } from "../../json.ts";

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
  /** Why it is thought so; null if nobody says. */
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
  checkText(owner, "id", id);
  checkText(owner, "label", label);
  checkOneOf(owner, "node_type", node_type, NODE_TYPES);
  if (!isRecord(metadata)) {
    throw new TypeError(`${owner}: "metadata" must be an object, got ${describe(metadata)}`);
  }
  return deepFreeze<CausalNode>({
    id,
    label,
    node_type,
    evidence: readEvidence(owner, options.evidence),
    confidence: readConfidence(owner, options.confidence),
    metadata: { ...metadata },
  });
}

/** @throws {TypeError | RangeError} If a field is unknown, of the wrong type or out of its range. */
export function createEdge(options: CausalEdgeOptions): CausalEdge {
  const owner = "addEdge()";
  checkOptions(owner, options, EDGE_OPTIONS);
  const { source_id, target_id, relationship = "causes", reasoning = null } = options;
  checkOneOf(owner, "relationship", relationship, RELATIONSHIPS);
  if (reasoning !== null) checkText(owner, "reasoning", reasoning);
  return deepFreeze<CausalEdge>({
    source_id,
    target_id,
    relationship,
    confidence: readConfidence(owner, options.confidence),
    evidence: readEvidence(owner, options.evidence),
    reasoning,
  });
}

/** Whether an edge is one of cause and effect. */
export function isCausal({ relationship }: CausalEdge): boolean {
  return relationship === "causes" || relationship === "inhibits";
}

const NODE_TYPES: readonly CausalNodeType[] = ["root_cause", "intermediate", "symptom", "unknown"];

const RELATIONSHIPS: readonly CausalRelationship[] = [
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
  return `node_${crypto.randomUUID().slice(0, 8)}`;
}

function readConfidence(owner: string, value: unknown = 0.5): number {
  if (typeof value === "number" && value >= 0 && value <= 1) return value;
  throw new RangeError(
    `${owner}: "confidence" must be a number from 0 to 1, got ${describe(value)}`,
  );
}

function readEvidence(owner: string, value: unknown = []): readonly string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return [...value];
  throw new TypeError(
    `${owner}: "evidence" must be an array of strings, got ${describe(value)}`,
  );
}

function checkText(owner: string, name: string, value: unknown): void {
  if (typeof value === "string" && value !== "") return;
  throw new TypeError(
    `${owner}: "${name}" must be a string that is not empty, got ${describe(value)}`,
  );
}

function checkOneOf(owner: string, name: string, value: unknown, allowed: readonly string[]): void {
  if (allowed.includes(value as string)) return;
  const list = allowed.map((item) => JSON.stringify(item)).join(", ");
  throw new TypeError(`${owner}: "${name}" must be one of ${list}, got ${describe(value)}`);
}
