import { checkOptions, describe } from "../core/options.ts";

/** What a million tokens cost. */
export interface WorkbenchPrices {
  /** Of tokens that are sent. */
  promptPerMillion: number;
  /** Of tokens that are written. */
  completionPerMillion: number;
  /** Three letters of ISO 4217. @default {"USD"} */
  currency?: string;
  /** Of models whose tokens cost something else, by the name that `agent.tokens.used` has. @default {{}} */
  models?: Readonly<
    Record<string, Pick<WorkbenchPrices, "promptPerMillion" | "completionPerMillion">>
  >;
}

/** Options of the workbench. */
export interface WorkbenchOptions {
  /** Shows what runs cost. */
  prices?: WorkbenchPrices;
}

/** What a million tokens of a model cost. */
export interface WorkbenchModelPrice {
  /** Of tokens that are sent. */
  readonly prompt_per_million: number;
  /** Of tokens that are written. */
  readonly completion_per_million: number;
}

/** What the page asks its server for, as `workbench.json`. */
export interface WorkbenchConfig {
  /** What a million tokens cost; null if costs are not to be shown. */
  readonly prices:
    | WorkbenchModelPrice & {
      readonly currency: string;
      /** Of models that cost something else. */
      readonly models?: Readonly<Record<string, WorkbenchModelPrice>>;
    }
    | null;
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
    "models",
  ]);
  const { currency = "USD", models = {} } = prices;
  if (typeof currency !== "string" || !/^[A-Z]{3}$/.test(currency)) {
    throw new RangeError(
      `${owner}: "prices.currency" must be three capital letters, got ${describe(currency)}`,
    );
  }
  return {
    prices: {
      ...priceOf(owner, "prices", prices),
      currency,
      models: Object.fromEntries(
        Object.entries(models).map(([name, price]) => {
          const place = `prices.models.${name}`;
          checkOptions(`${owner}: ${place}`, price, ["promptPerMillion", "completionPerMillion"]);
          return [name, priceOf(owner, place, price)];
        }),
      ),
    },
    resume,
  };
}

function priceOf(
  owner: string,
  place: string,
  { promptPerMillion, completionPerMillion }: WorkbenchPrices,
): WorkbenchModelPrice {
  checkPrice(owner, `${place}.promptPerMillion`, promptPerMillion);
  checkPrice(owner, `${place}.completionPerMillion`, completionPerMillion);
  return { prompt_per_million: promptPerMillion, completion_per_million: completionPerMillion };
}

function checkPrice(owner: string, name: string, price: number): void {
  if (typeof price !== "number") {
    throw new TypeError(`${owner}: "${name}" must be a number, got ${describe(price)}`);
  }
  if (!(price >= 0 && price < Infinity)) {
    throw new RangeError(
      `${owner}: "${name}" must be a number of at least 0, got ${describe(price)}`,
    );
  }
}
