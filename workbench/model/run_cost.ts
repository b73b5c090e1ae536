/**
 * What runs cost.
 *
 * @module
 */
import type { WorkbenchConfig } from "../../src/workbench/config.ts";
import type { ModelTokens, RunSummary } from "../../src/view/run_summary.ts";

/** Prices of models, if costs are to be shown. */
export type Prices = WorkbenchConfig["prices"];

/** What tokens of one model cost, in the currency of the prices; a model that has no price costs what all others do. */
export function priceOf(
  model: string,
  { prompt_tokens: sent, completion_tokens: written }: ModelTokens,
  prices: NonNullable<Prices>,
): number {
  const { models: known = {} } = prices;
  const price = Object.hasOwn(known, model) ? known[model]! : prices;
  return (sent * price.prompt_per_million + written * price.completion_per_million) / 1e6;
}

/** What a run has cost, in the currency of the prices. */
export function costOf(run: RunSummary, prices: NonNullable<Prices>): number {
  return modelsOf(run).reduce((sum, [model, tokens]) => sum + priceOf(model, tokens, prices), 0);
}

/** The tokens of a run by model; those that no model has named are of `""`. */
export function modelsOf(
  { prompt_tokens: sent, completion_tokens: written, models }: RunSummary,
): readonly (readonly [model: string, tokens: ModelTokens])[] {
  const named = Object.entries(models ?? {});
  const rest = named.reduce(
    (rest, [, tokens]) => ({
      prompt_tokens: Math.max(0, rest.prompt_tokens - tokens.prompt_tokens),
      completion_tokens: Math.max(0, rest.completion_tokens - tokens.completion_tokens),
    }),
    { prompt_tokens: sent, completion_tokens: written },
  );
  return rest.prompt_tokens + rest.completion_tokens > 0 ? [...named, ["", rest]] : named;
}
