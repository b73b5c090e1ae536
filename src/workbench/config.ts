import { checkOptions, describe } from "../core/options.ts";

/** What a million tokens cost. */
export interface WorkbenchPrices {
  /** Of tokens that are sent. */
  promptPerMillion: number;
  /** Of tokens that are written. */
  completionPerMillion: number;
  /** Three letters of ISO 4217. @default {"USD"} */
  currency?: string;
}

/** Options of the workbench. */
export interface WorkbenchOptions {
  /** Shows what runs cost: one price for all, because a run's events do not name its model. */
  prices?: WorkbenchPrices;
}

/** What the page asks its server for, as `workbench.json`. */
export interface WorkbenchConfig {
  /** What a million tokens cost; null if costs are not to be shown. */
  readonly prices: {
    readonly prompt_per_million: number;
    readonly completion_per_million: number;
    readonly currency: string;
  } | null;
  /** Whether `POST runs/:run_id/resume` takes answers to the questions of agents. */
  readonly resume: boolean;
}

/**
 * Checks the options of a workbench and makes its `workbench.json` of them.
 *
 * @param owner Named in the errors.
 * @param options `true` for all defaults.
 * @param resume Whether the server takes answers to the questions of agents.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If a price is negative, or the currency is not a code of three letters.
 *
 * @example With prices
 * ```ts
 * import { workbenchConfig } from "@locus/core/workbench";
 * import { assertEquals } from "@std/assert";
 *
 * const prices = { promptPerMillion: 0.25, completionPerMillion: 2 };
 * const config = workbenchConfig("serve()", { prices }, false);
 * assertEquals(config.prices?.currency, "USD");
 * ```
 */
export function workbenchConfig(
  owner: string,
  options: true | WorkbenchOptions,
  resume: boolean,
): WorkbenchConfig {
  if (options === true) return { prices: null, resume };
  checkOptions(owner, options, ["prices"]);
  const { prices } = options;
  if (prices === undefined) return { prices: null, resume };
  checkOptions(`${owner}: prices`, prices, [
    "promptPerMillion",
    "completionPerMillion",
    "currency",
  ]);
  const { promptPerMillion, completionPerMillion, currency = "USD" } = prices;
  checkPrice(owner, "promptPerMillion", promptPerMillion);
  checkPrice(owner, "completionPerMillion", completionPerMillion);
  if (typeof currency !== "string" || !/^[A-Z]{3}$/.test(currency)) {
    throw new RangeError(
      `${owner}: "prices.currency" must be three capital letters, got ${describe(currency)}`,
    );
  }
  return {
    prices: {
      prompt_per_million: promptPerMillion,
      completion_per_million: completionPerMillion,
      currency,
    },
    resume,
  };
}

function checkPrice(owner: string, name: string, price: number): void {
  if (typeof price !== "number") {
    throw new TypeError(`${owner}: "prices.${name}" must be a number, got ${describe(price)}`);
  }
  if (!(price >= 0 && price < Infinity)) {
    throw new RangeError(
      `${owner}: "prices.${name}" must be a number of at least 0, got ${describe(price)}`,
    );
  }
}
