import { checkRun, checkSignal } from "../../core/checks.ts";
import { checkOptions } from "../../core/options.ts";
import { readName, readNumber, readWhole } from "../../core/option_values.ts";
import type { AnyRun } from "../../core/run/run.ts";
import { type Filter, matcher } from "../filter.ts";

/** Options of a query. */
export interface RetrieveOptions {
  /** How many documents at most. @default {the retriever's, 5} */
  limit?: number;
  /** The least vector score, before anything else is looked at. Its scale is the embedding model's. @default {any} */
  threshold?: number;
  /** The least score at the end, such as the reranker's. @default {any} */
  minScore?: number;
  /** Only chunks whose metadata passes. @default {all} */
  filter?: Filter;
  /**
   * How much less a document counts that is like one before it: from 0, not at all, to 1, nothing else counts. 0.5 is a good
   * beginning. @default {documents may be alike}
   */
  diversity?: number;
  /** Rejects with its reason when aborted. */
  signal?: AbortSignal;
  /** The run to publish to, where no context reaches. @default {the current run} */
  run?: AnyRun;
}

/** A query, checked. */
export type Query = ReturnType<typeof readQuery>;

/** @throws {TypeError | RangeError} If an option is unknown, of the wrong type or out of range. */
export function readQuery(
  owner: string,
  text: string,
  options: RetrieveOptions,
  defaults: { readonly limit: number; readonly pool: number },
) {
  checkOptions(owner, options, OPTIONS);
  const { limit = defaults.limit, threshold, minScore, filter, diversity, signal, run } = options;
  checkSignal(owner, signal);
  if (run !== undefined) checkRun(`${owner}: "run" must be`, run);
  // Also where nothing is indexed yet, a wrong filter is one.
  if (filter !== undefined) matcher(filter);
  const readOptional = (name: string, value: unknown, min: number, max: number) =>
    value === undefined ? null : readNumber(owner, name, value, min, max);
  return {
    text: readName(owner, "query", text),
    limit: readWhole(owner, "limit", limit, 1, MAX_LIMIT),
    pool: defaults.pool,
    threshold: readOptional("threshold", threshold, -Infinity, Infinity),
    minScore: readOptional("minScore", minScore, -Infinity, Infinity),
    filter,
    diversity: readOptional("diversity", diversity, 0, 1),
    signal,
  };
}

/** The most documents that can be asked for. */
export const MAX_LIMIT = 1000;
const OPTIONS = ["limit", "threshold", "minScore", "filter", "diversity", "signal", "run"];
