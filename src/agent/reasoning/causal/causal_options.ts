/** The option `causal` of an agent. */

import { orNull, readSwitched, type Rules, whole } from "../../../core/option_rules.ts";
import { chatModel, type LanguageModel } from "../../model/language_model.ts";
import type { ChatModel } from "../../model/chat_model.ts";
import { fromJsonSchema } from "../../json_schema/from_json_schema.ts";
import type { StandardSchema } from "../../../events/standard_schema.ts";
import { list, object, oneOf, text } from "../../json_schema/shapes.ts";
import { type AnswerFormat, toAnswerFormat } from "../ask_for_data.ts";
import {
  type CausalNodeType,
  type CausalRelationship,
  NODE_TYPES,
  RELATIONSHIPS,
} from "./causal_data.ts";

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

/** Options, checked and complete. */
export interface CausalConfig {
  /** Null for the auxiliary model. */
  readonly model: ChatModel | null;
  readonly maxNodes: number;
  readonly maxEdges: number;
  readonly form: AnswerFormat<Extraction>;
}

/** What a model reads out of results. */
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

/**
 * Checks the option `causal`; null if it is off.
 *
 * @throws {TypeError} If it, or one of its options, is unknown or of the wrong type.
 * @throws {RangeError} If a number is out of its range.
 */
export function readCausal(owner: string, name: string, given: unknown): CausalConfig | null {
  const read = readSwitched(
    `${owner}: ${name}`,
    given,
    {
      model: orNull(chatModel("causal.")),
      maxNodes: whole(200, 1),
      maxEdges: whole(400, 1),
    } satisfies Rules<Omit<CausalOptions, "enabled">>,
  );
  return read && { ...read, form: toAnswerFormat(extractionSchema()) };
}

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
