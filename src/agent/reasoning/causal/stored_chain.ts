/** A chain as a checkpoint keeps it. */

import {
  list,
  name,
  object,
  oneOf,
  orNull,
  readStored,
  record,
  share,
  StoredDataError,
  text,
} from "../../json_schema/shapes.ts";
import type { CausalChainData } from "./causal_chain.ts";
import { type CausalEdge, type CausalNode, NODE_TYPES, RELATIONSHIPS } from "./causal_data.ts";

/** @throws {StoredDataError} If it is not the data of a chain. */
export function readChain(data: unknown): CausalChainData {
  const chain = readStored<CausalChainData>(CHAIN, data);
  const ids = new Set(chain.nodes.map(({ id }) => id));
  const fits = ids.size === chain.nodes.length &&
    chain.edges.every(({ source_id, target_id }) => ids.has(source_id) && ids.has(target_id));
  if (!fits) throw new StoredDataError("the nodes and edges do not fit together");
  return chain;
}

const CHAIN = object<CausalChainData>({
  nodes: list(object<CausalNode>({
    id: name,
    label: name,
    node_type: oneOf(NODE_TYPES),
    evidence: list(text),
    confidence: share,
    metadata: record,
  })),
  edges: list(object<CausalEdge>({
    source_id: text,
    target_id: text,
    relationship: oneOf(RELATIONSHIPS),
    confidence: share,
    evidence: list(text),
    reasoning: orNull(name),
  })),
});
