/**
 * What runs cost.
 *
 * @module
 */
import type { WorkbenchConfig } from "../../src/workbench/config.ts";
import type { RunSummary } from "../../src/view/run_summary.ts";

/** Prices of models, if costs are to be shown. */
export type Prices = WorkbenchConfig["prices"];

/** What a run has cost, in the currency of the prices. */
export function costOf(
  { prompt_tokens: sent, completion_tokens: written, models }: RunSummary,
  prices: NonNullable<Prices>,
): number {
  const { models: known = {} } = prices;
  let cost = 0;
  // What no model has named is of the model that all are taken for.
  let [restSent, restWritten] = [sent, written];
  for (const [name, tokens] of Object.entries(models ?? {})) {
    const price = Object.hasOwn(known, name) ? known[name] : undefined;
    if (price === undefined) continue;
    cost += tokens.prompt_tokens * price.prompt_per_million +
      tokens.completion_tokens * price.completion_per_million;
    restSent -= tokens.prompt_tokens;
    restWritten -= tokens.completion_tokens;
  }
  cost += Math.max(0, restSent) * prices.prompt_per_million +
    Math.max(0, restWritten) * prices.completion_per_million;
  return cost / 1e6;
}
