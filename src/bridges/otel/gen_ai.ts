/** What the spans of agents and model calls say, in the words of OpenTelemetry. */

import type { Attributes, AttributeValue } from "@opentelemetry/api";
import { isRecord } from "../../core/options.ts";

/** The versions of the conventions for generative AI that are spoken: pinned, because each renames something. */
export const CONVENTIONS: readonly GenAiConventions[] = ["1.37.0", "genai-0.1.0"];

/**
 * A version of OpenTelemetry's conventions for generative AI.
 *
 * - `1.37.0`: of the semantic conventions as a whole, which most backends read.
 * - `genai-0.1.0`: the first of the conventions for generative AI on their own. Tokens are counters, workflows are agents,
 *   retrievals and cached tokens have names.
 */
export type GenAiConventions = "1.37.0" | "genai-0.1.0";

/** Where the names of a version are written down; said with every span of a registered provider. */
export function schemaUrlOf(conventions: GenAiConventions): string {
  return `https://opentelemetry.io/schemas/${conventions.replace("genai-", "gen-ai/")}`;
}

/** What the attributes of an agent's or a model's span are in those conventions; of others, nothing. */
export function genAiAttributes(
  kind: unknown,
  given: unknown,
  conventions: GenAiConventions,
): Attributes {
  const [names, renamed] = kind === "model"
    ? [MODEL, NEW_MODEL]
    : kind === "agent"
    ? [AGENT, NEW_AGENT]
    : [{}, {}];
  const attributes: Attributes = {};
  if (!isRecord(given)) return attributes;
  for (
    const [key, name] of Object.entries(conventions === "1.37.0" ? names : { ...names, ...renamed })
  ) {
    const value = given[key];
    if (name === FIRST_CHUNK && typeof value === "number") attributes[name] = value / 1_000;
    else if (typeof value === "number" || typeof value === "boolean") attributes[name] = value;
    else if (typeof value === "string" && value !== "") {
      attributes[name] = valueOf(name, value.slice(0, MAX_TEXT));
    }
  }
  return attributes;
}

/** What a piece of work is called by kinds that only later conventions have a name for. */
export function operationOf(
  kind: unknown,
  name: string,
  conventions: GenAiConventions,
): Attributes {
  if (conventions === "1.37.0" || !WORKFLOWS.has(kind)) return {};
  return { "gen_ai.operation.name": "invoke_workflow", "gen_ai.agent.name": name };
}

function valueOf(name: string, value: string): AttributeValue {
  return name === "gen_ai.response.finish_reasons" ? [value] : value;
}

const MAX_TEXT = 256;

const MODEL: Readonly<Record<string, string>> = {
  model: "gen_ai.request.model",
  provider: "gen_ai.provider.name",
  temperature: "gen_ai.request.temperature",
  max_output_tokens: "gen_ai.request.max_tokens",
  iteration: "locus.iteration",
  attempt: "locus.attempt",
  streaming: "locus.streaming",
  message_count: "locus.message_count",
  finish_reason: "gen_ai.response.finish_reasons",
  input_tokens: "gen_ai.usage.input_tokens",
  output_tokens: "gen_ai.usage.output_tokens",
  cached_input_tokens: "locus.cached_input_tokens",
  cache_write_tokens: "locus.cache_write_tokens",
  reasoning_tokens: "locus.reasoning_tokens",
  first_token_ms: "locus.first_token_ms",
  response_id: "gen_ai.response.id",
  response_model: "gen_ai.response.model",
};

const FIRST_CHUNK = "gen_ai.response.time_to_first_chunk";

const NEW_MODEL: Readonly<Record<string, string>> = {
  streaming: "gen_ai.request.stream",
  cached_input_tokens: "gen_ai.usage.cache_read.input_tokens",
  cache_write_tokens: "gen_ai.usage.cache_write.input_tokens",
  reasoning_tokens: "gen_ai.usage.reasoning.output_tokens",
  first_token_ms: FIRST_CHUNK,
};

const AGENT: Readonly<Record<string, string>> = {
  agent_id: "gen_ai.agent.id",
  model: "gen_ai.request.model",
  provider: "gen_ai.provider.name",
  thread_id: "gen_ai.conversation.id",
  iteration_limit: "locus.iteration_limit",
};

// Those of agents that a provider hosts.
const NEW_AGENT: Readonly<Record<string, string>> = {
  agent_id: "locus.agent_id",
  provider: "locus.provider",
};

const WORKFLOWS: ReadonlySet<unknown> = new Set([
  "graph",
  "pipeline",
  "loop",
  "router",
  "orchestrator",
  "swarm",
]);
