/** How many tokens model calls cost, in the instruments that each version of the conventions has for it. */

import type { Attributes, Counter, Histogram, Meter } from "@opentelemetry/api";
import { type Fields, numberIn } from "../../view/payload.ts";
import type { GenAiConventions } from "./gen_ai.ts";

/** Counts the tokens of one `agent.tokens.used`. */
export type CountTokens = (data: Fields, labels: Attributes) => void;

/** Makes the instruments of a version. */
export function tokenMetrics(meter: Meter, conventions: GenAiConventions): CountTokens {
  return conventions === "1.37.0" ? byType(meter) : byCounter(meter);
}

/** One histogram for all tokens. */
function byType(meter: Meter): CountTokens {
  const tokens = histogram(meter, "gen_ai.client.token.usage", "Tokens sent and received");
  return (data, labels) => {
    for (const [type, key] of TYPES) {
      tokens.record(amountIn(data, key), { ...labels, "gen_ai.token.type": type });
    }
  };
}

/** A counter for each kind of token, which is what they cost, and histograms of calls. */
function byCounter(meter: Meter): CountTokens {
  const counters = KINDS.map(([name, key, description]): [Counter, string] => [
    meter.createCounter(`gen_ai.client.inference.usage.${name}`, { unit: "{token}", description }),
    key,
  ]);
  const calls = TYPES.map(([type, key]): [Histogram, string] => [
    histogram(meter, `gen_ai.client.inference.operation.${type}_tokens`, `Tokens of a call`),
    key,
  ]);
  return (data, labels) => {
    for (const [counter, key] of counters) {
      const amount = numberIn(data, key);
      // Providers don't say what the tokens stand for: text, images, or audio.
      if (amount !== null) counter.add(Math.max(0, amount), { ...labels, ...UNKNOWN_MODALITY });
    }
    for (const [call, key] of calls) call.record(amountIn(data, key), labels);
  };
}

function histogram(meter: Meter, name: string, description: string): Histogram {
  const advice = { explicitBucketBoundaries: BUCKETS };
  return meter.createHistogram(name, { unit: "{token}", description, advice });
}

function amountIn(data: Fields, key: string): number {
  return Math.max(0, numberIn(data, key) ?? 0);
}

const TYPES = [["input", "prompt_tokens"], ["output", "completion_tokens"]] as const;

const KINDS = [
  ["input_tokens", "prompt_tokens", "Tokens sent"],
  ["output_tokens", "completion_tokens", "Tokens received"],
  ["cache_read.input_tokens", "cached_input_tokens", "Tokens sent that the provider had cached"],
  ["cache_write.input_tokens", "cache_write_tokens", "Tokens sent that the provider cached"],
  ["reasoning.output_tokens", "reasoning_tokens", "Tokens received that are reasoning"],
] as const;

const UNKNOWN_MODALITY = { "gen_ai.token.modality": "unknown" };

// Those that the conventions recommend.
const BUCKETS = [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304];
