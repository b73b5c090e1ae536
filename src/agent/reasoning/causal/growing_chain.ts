/** The chain of one run, which grows turn by turn. */

import { clip } from "../../state/texts.ts";
import { CausalChain, type CausalChainData } from "./causal_chain.ts";
import {
  type CausalEdge,
  type CausalNode,
  type CausalNodeOptions,
  type CausalNodeType,
  type CausalRelationship,
  NODE_TYPES,
  RELATIONSHIPS,
} from "./causal_data.ts";
import { orNull, readSwitched, type Rules, whole } from "../../../core/option_rules.ts";
import { chatModel, type LanguageModel } from "../../model/language_model.ts";
import { fromJsonSchema } from "../../json_schema/from_json_schema.ts";
import type { StandardSchema } from "../../../events/standard_schema.ts";
import { list, object, oneOf, text } from "../../json_schema/shapes.ts";
import { toAnswerFormat } from "../ask_for_data.ts";

export interface ChainLimits {
  readonly maxNodes: number;
  readonly maxEdges: number;
}

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

type EdgeKey = Pick<CausalEdge, "source_id" | "target_id" | "relationship">;

function edgeKey({ source_id, target_id, relationship }: EdgeKey): string {
  return JSON.stringify([source_id, target_id, relationship]);
}

/** Options of an agent's `causal`. */
export interface CausalOptions {
  /** Whether causes are traced at all. @default {true} */
  enabled?: boolean;
  /** Reads causes and effects out of results. @default {null: the auxiliaryModel, or the model} */
  model?: LanguageModel | null;
  /** How many nodes the chain of one run may have: at least 1. At the limit, the model is not called any more. @default {200} */
  maxNodes?: number;
  /** How many edges the chain of one run may have: at least 1. @default {400} */
  maxEdges?: number;
}

export interface Extraction {
  readonly nodes: readonly ExtractedNode[];
  /** Between labels. */
  readonly edges: readonly ExtractedEdge[];
}

interface ExtractedNode {
  readonly label: string;
  readonly node_type: CausalNodeType;
  readonly evidence?: readonly string[] | undefined;
  readonly confidence?: number | undefined;
}

interface ExtractedEdge {
  readonly source: string;
  readonly target: string;
  readonly relationship: CausalRelationship;
  readonly confidence?: number | undefined;
  readonly reasoning?: string | null | undefined;
}

/** The option `causal`; null if it is off. @throws {TypeError | RangeError} If it is wrong. */
export function readCausal(owner: string, name: string, given: unknown) {
  const read = readSwitched(
    `${owner}: ${name}`,
    given,
    {
      // Null for the auxiliary model.
      model: orNull(chatModel("causal.")),
      maxNodes: whole(200, 1),
      maxEdges: whole(400, 1),
    } satisfies Rules<Omit<CausalOptions, "enabled">>,
  );
  return read && { ...read, form: toAnswerFormat(extractionSchema()) };
}

export type CausalConfig = NonNullable<ReturnType<typeof readCausal>>;

function extractionSchema(): StandardSchema<unknown, Extraction> {
  const confidence = { type: "number" };
  const node = object<ExtractedNode>({
    label: text,
    node_type: oneOf(NODE_TYPES),
    evidence: list(text),
    confidence,
  }, ["label", "node_type"]);
  const edge = object<ExtractedEdge>({
    source: text,
    target: text,
    relationship: oneOf(RELATIONSHIPS),
    confidence,
    reasoning: { type: ["string", "null"] },
  }, ["source", "target", "relationship"]);
  const lists = object<Extraction>({ nodes: list(node), edges: list(edge) });
  return fromJsonSchema({ title: "causes", ...lists });
}
