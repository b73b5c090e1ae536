/** The chain of one run, which grows turn by turn. */

import { clip } from "../../state/texts.ts";
import { CausalChain, type CausalChainData } from "./causal_chain.ts";
import type { CausalEdge, CausalNode, CausalNodeOptions } from "./causal_data.ts";
import type { Extraction } from "./causal_options.ts";

/** How far a chain may grow. */
export interface ChainLimits {
  readonly maxNodes: number;
  readonly maxEdges: number;
}

/** What a turn has added to a chain. */
export interface Growth {
  readonly nodes: readonly CausalNode[];
  readonly edges: readonly CausalEdge[];
}

/**
 * A chain in which a label is there once, however it is spaced and capitalised, and so is an edge of one
 * kind between two nodes.
 */
export class GrowingChain {
  readonly #chain: CausalChain;
  readonly #ids: Map<string, string>;
  readonly #edges: Set<string>;

  /** Goes on with `data`, where a run is resumed. */
  constructor(data: CausalChainData = { nodes: [], edges: [] }) {
    this.#chain = CausalChain.fromJSON(data);
    this.#ids = new Map(data.nodes.map(({ label, id }) => [labelKey(label), id]));
    this.#edges = new Set(data.edges.map(edgeKey));
  }

  /** The latest labels, oldest first. */
  labels(count: number): string[] {
    return this.#chain.nodes.slice(-count).map(({ label }) => label);
  }

  /** Whether there is no room for another node or another edge. */
  isFull({ maxNodes, maxEdges }: ChainLimits): boolean {
    return this.#ids.size >= maxNodes || this.#edges.size >= maxEdges;
  }

  /** Adds what is new, as far as there is room. The ends of an edge become nodes, if they are none. */
  add({ nodes, edges }: Extraction, limits: ChainLimits): Growth {
    const newNodes: CausalNode[] = [];
    const newEdges: CausalEdge[] = [];
    const idOf = (node: CausalNodeOptions): string | null => {
      const key = labelKey(node.label);
      const known = this.#ids.get(key);
      if (known !== undefined) return known;
      if (key === "" || this.#ids.size >= limits.maxNodes) return null;
      const added = this.#chain.addNode(node);
      newNodes.push(added);
      this.#ids.set(key, added.id);
      return added.id;
    };
    for (const { label, node_type, evidence = [], confidence } of nodes) {
      idOf({
        label: tidy(label, MAX_LABEL),
        node_type,
        evidence: evidence.slice(0, MAX_EVIDENCE).map((text) => tidy(text, MAX_TEXT)),
        confidence: toShare(confidence),
      });
    }
    for (const { source, target, relationship, confidence, reasoning } of edges) {
      if (this.#edges.size >= limits.maxEdges) break;
      const source_id = idOf({ label: tidy(source, MAX_LABEL) });
      const target_id = idOf({ label: tidy(target, MAX_LABEL) });
      if (source_id === null || target_id === null || source_id === target_id) continue;
      const key = edgeKey({ source_id, target_id, relationship });
      if (this.#edges.has(key)) continue;
      this.#edges.add(key);
      newEdges.push(this.#chain.addEdge({
        source_id,
        target_id,
        relationship,
        confidence: toShare(confidence),
        reasoning: tidy(reasoning ?? "", MAX_TEXT) || null,
      }));
    }
    return { nodes: newNodes, edges: newEdges };
  }

  /** The chain as data. */
  toJSON(): CausalChainData {
    return this.#chain.toJSON();
  }
}

const MAX_LABEL = 200;
const MAX_TEXT = 500;
const MAX_EVIDENCE = 5;

function tidy(text: string, maxLength: number): string {
  return clip(text.replace(/\s+/g, " ").trim(), maxLength);
}

/** Within 0 and 1; a model may say 90 where it means much. */
function toShare(confidence: number | undefined): number | undefined {
  return confidence === undefined ? undefined : Math.min(1, Math.max(0, confidence));
}

function labelKey(label: string): string {
  return tidy(label, MAX_LABEL).toLowerCase();
}

function edgeKey(
  { source_id, target_id, relationship }: Pick<
    CausalEdge,
    "source_id" | "target_id" | "relationship"
  >,
): string {
  return JSON.stringify([source_id, target_id, relationship]);
}
