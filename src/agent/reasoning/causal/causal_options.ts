/** The option `causal` of an agent. */

import { z } from "zod";
import { checkOptions, describe } from "../../../core/options.ts";
import { checkWhole } from "../../checks.ts";
import { asChatModel, type ChatModel, type LanguageModel } from "../../model/language_model.ts";
import { type AnswerForm, toForm } from "../side_call.ts";

/** Options of an agent's `causal`. */
export interface CausalOptions {
  /** Whether causes are traced at all. @default {true} */
  enabled?: boolean;
  /** Reads causes and effects out of results. @default {null: the auxiliaryModel, or the model} */
  model?: LanguageModel | null;
  /** How many nodes the chain of one run may have: at least 1. Then nobody is asked any more. @default {200} */
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
  readonly form: AnswerForm<Extraction>;
}

/** What a model reads out of results. */
export interface Extraction {
  readonly nodes: readonly {
    readonly label: string;
    readonly node_type: "root_cause" | "intermediate" | "symptom" | "unknown";
    readonly evidence?: readonly string[] | undefined;
    readonly confidence?: number | undefined;
  }[];
  /** Between labels. */
  readonly edges: readonly {
    readonly source: string;
    readonly target: string;
    readonly relationship: "causes" | "correlates_with" | "precedes" | "inhibits";
    readonly confidence?: number | undefined;
    readonly reasoning?: string | null | undefined;
  }[];
}

/**
 * Checks the option `causal`; null if it is off.
 *
 * @throws {TypeError} If it, or one of its options, is unknown or of the wrong type.
 * @throws {RangeError} If a number is out of its range.
 */
export function readCausal(
  given: boolean | CausalOptions | null | undefined,
): CausalConfig | null {
  if (given === undefined || given === null || given === false) return null;
  const options = given === true ? {} : given;
  checkOptions(OWNER, options, ["enabled", "model", "maxNodes", "maxEdges"]);
  const { enabled = true, model = null, maxNodes = 200, maxEdges = 400 } = options;
  if (typeof enabled !== "boolean") {
    throw new TypeError(`${OWNER}: "enabled" must be true or false, got ${describe(enabled)}`);
  }
  checkWhole(OWNER, "maxNodes", maxNodes, 1);
  checkWhole(OWNER, "maxEdges", maxEdges, 1);
  const asked = model === null ? null : asChatModel("causal.model", model);
  return enabled ? { model: asked, maxNodes, maxEdges, form: toForm(extractionSchema()) } : null;
}

/** Made when an agent asks for it: schemas take their time. */
function extractionSchema(): z.ZodType<Extraction> {
  const node = z.object({
    label: z.string(),
    node_type: z.enum(["root_cause", "intermediate", "symptom", "unknown"]),
    evidence: z.array(z.string()).optional(),
    confidence: z.number().optional(),
  });
  const edge = z.object({
    source: z.string(),
    target: z.string(),
    relationship: z.enum(["causes", "correlates_with", "precedes", "inhibits"]),
    confidence: z.number().optional(),
    reasoning: z.string().nullable().optional(),
  });
  return z.object({ nodes: z.array(node), edges: z.array(edge) }).meta({ title: "causes" });
}

const OWNER = "Agent: causal";
