import type { FindRunsOptions, FoundRun } from "../../core/bus/bus.ts";
import { checkFlag, checkRecord } from "../../core/checks.ts";
import { checkCount, checkOptions, describe } from "../../core/options.ts";
import { LISTED_STATES } from "../../events/run_state.ts";
import type { RunRow } from "./run_state.ts";
import { wordsOf } from "./search_index.ts";

export interface RunQuery {
  readonly search: string | undefined;
  readonly limit: number;
  readonly place: number;
  isWanted(row: RunRow, state: FoundRun["state"]): boolean;
}

/**
 * Reads the options of `findRuns()`.
 *
 * @throws {TypeError} If one is not valid.
 * @throws {RangeError} If `limit` is out of range.
 */
export function readRunQuery(owner: string, options: FindRunsOptions): RunQuery {
  checkOptions(owner, options, NAMES);
  const { search, prefix = "", closed, state, tags, model = "", limit = 100, before = null } =
    options;
  checkText(owner, "search", search ?? "");
  checkText(owner, "prefix", prefix);
  checkText(owner, "model", model);
  checkFlag(owner, "closed", closed);
  if (state !== undefined && !LISTED_STATES.includes(state)) {
    throw new TypeError(
      `${owner}: "state" must be one of ${LISTED_STATES.join(", ")}, got ${describe(state)}`,
    );
  }
  const wanted = readTags(owner, tags);
  const since = readTime(owner, "since", options.since) ?? -Infinity;
  const until = readTime(owner, "until", options.until) ?? Infinity;
  if (checkCount(owner, "limit", limit, 1) > MAX_LIMIT) {
    throw new RangeError(`${owner}: "limit" must be at most ${MAX_LIMIT}, got ${limit}`);
  }
  const place = before === null ? Number.MAX_SAFE_INTEGER : Number(before);
  if (!Number.isSafeInteger(place) || place < 0) {
    throw new TypeError(`${owner}: "before" must be the "next" of a page, got ${describe(before)}`);
  }
  return {
    search: search && wordsOf(search).join(" ") || undefined,
    limit,
    place,
    isWanted: (row, is) =>
      row.run_id.startsWith(prefix) && (closed === undefined || closed === (row.closed === 1)) &&
      (state === undefined || state === is) && row.updated >= since && row.created < until &&
      hasTags(row, wanted) && hasModel(row, model),
  };
}

function readTags(owner: string, tags: unknown): [name: string, value: string][] {
  if (tags === undefined) return [];
  checkRecord(owner, "tags", tags);
  const wanted = Object.entries(tags as Record<string, unknown>);
  if (wanted.length > MAX_TAGS) {
    throw new TypeError(`${owner}: "tags" must have at most ${MAX_TAGS}, got ${wanted.length}`);
  }
  return wanted.map(([name, value]) => [name, checkText(owner, `tags.${name}`, value, MAX_TAG)]);
}

function hasTags({ started }: RunRow, wanted: readonly [string, string][]): boolean {
  if (wanted.length === 0) return true;
  if (started === null) return false;
  const tags = Object(Object(JSON.parse(started).data).tags);
  return wanted.every(([name, value]) => Object.hasOwn(tags, name) && tags[name] === value);
}

function hasModel({ models }: RunRow, wanted: string): boolean {
  if (wanted === "") return true;
  return (JSON.parse(models) as string[]).some((model) => model.startsWith(wanted));
}

function readTime(owner: string, name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const time = typeof value === "string" ? Date.parse(value) : NaN;
  if (!Number.isNaN(time)) return time;
  throw new TypeError(`${owner}: "${name}" must be a time of ISO 8601, got ${describe(value)}`);
}

function checkText(owner: string, name: string, text: unknown, most = MAX_TEXT): string {
  if (typeof text === "string" && text.length <= most) return text;
  const rule = `a text of at most ${most} letters`;
  throw new TypeError(`${owner}: "${name}" must be ${rule}, got ${describe(text)}`);
}

const NAMES = [
  "search",
  "prefix",
  "closed",
  "state",
  "tags",
  "model",
  "since",
  "until",
  "limit",
  "before",
] as const satisfies readonly (keyof FindRunsOptions)[];
const MAX_LIMIT = 1_000;
const MAX_TEXT = 200;
const MAX_TAGS = 16;
const MAX_TAG = 256;
