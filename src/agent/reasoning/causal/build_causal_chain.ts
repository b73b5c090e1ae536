/** A chain from a list of what happened. */

import { CausalChain } from "./causal_chain.ts";
import type { CausalNodeType } from "./causal_data.ts";
import { describe, isRecord } from "../../../core/describe.ts";

/** Something that happened, and what it brought about. */
export interface CausalEventInit {
  /** What it is, in words; events of the same label are the same node. */
  readonly label: string;
  /** What it is said to be. @default {"unknown"} */
  readonly type?: CausalNodeType;
  /** The labels of what it brought about; those that are not an event of the list become nodes, too. */
  readonly causes?: readonly string[];
  /** What speaks for it. @default {[]} */
  readonly evidence?: readonly string[];
  /** How sure it is, and that it brought about the others: 0 to 1. @default {0.5} */
  readonly confidence?: number;
}

/**
 * Makes a chain of events that name each other by label.
 *
 * @param autoClassify Whether nodes without a type get the one that their edges say.
 * @throws {TypeError} If two events have the same label, or a field is of the wrong type.
 * @throws {RangeError} If a confidence is not a number from 0 to 1.
 *
 * @example From a list
 * ```ts
 * import { buildCausalChain } from "@locus/core/agent";
 * import { assertEquals } from "@std/assert";
 *
 * const chain = buildCausalChain([
 *   { label: "disk full", causes: ["write error"] },
 *   { label: "write error", causes: ["order lost"], confidence: 0.9 },
 * ]);
 * assertEquals(chain.nodes.map(({ label, node_type }) => `${label}: ${node_type}`), [
 *   "disk full: root_cause",
 *   "write error: intermediate",
 *   "order lost: symptom",
 * ]);
 * ```
 */
export function buildCausalChain(
  events: readonly CausalEventInit[],
  autoClassify: boolean = true,
): CausalChain {
  if (!Array.isArray(events)) {
    throw new TypeError(`${OWNER}: expected a list of events, got ${describe(events)}`);
  }
  const wrong = events.findIndex((event) => !isRecord(event));
  if (wrong >= 0) {
    throw new TypeError(`${OWNER}: expected events with a label, got ${describe(events[wrong])}`);
  }
  const chain = new CausalChain();
  const ids = new Map<string, string>();
  for (const { label, type, evidence, confidence } of events) {
    if (ids.has(label)) {
      throw new TypeError(`buildCausalChain(): there are two events with the label "${label}"`);
    }
    ids.set(label, chain.addNode({ label, node_type: type, evidence, confidence }).id);
  }
  for (const { label, causes = [], confidence } of events) {
    for (const effect of causes) {
      if (!ids.has(effect)) ids.set(effect, chain.addNode({ label: effect }).id);
      chain.addEdge({ source_id: ids.get(label)!, target_id: ids.get(effect)!, confidence });
    }
  }
  if (autoClassify) chain.updateNodeTypes();
  return chain;
}

const OWNER = "buildCausalChain()";
