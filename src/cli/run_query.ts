import type { FindRunsRequest } from "../client/mod.ts";
import { didYouMean } from "../core/nearest.ts";
import { LISTED_STATES } from "../events/run_state.ts";
import { readPositive } from "./arguments.ts";
import { UsageError } from "./exit_code.ts";

/** The options of `locus runs` that say which runs are meant. */
type Values = Readonly<
  Partial<
    Record<
      "search" | "state" | "tag" | "model" | "since" | "until" | "limit" | "before",
      readonly string[]
    >
  >
>;

/** Which runs are asked for. What they may be, the server knows. @throws {UsageError} If a tag, a time or a number is none. */
export function readQuery(
  { search, state, tag, model, since, until, limit, before }: Values,
  now: number = Date.now(),
): FindRunsRequest {
  return {
    search: search?.at(-1),
    state: readState(state?.at(-1)),
    tags: tag && Object.fromEntries(tag.map(readTag)),
    model: model?.at(-1),
    since: readTime("since", since, now),
    until: readTime("until", until, now),
    limit: limit && Math.ceil(readPositive("limit", limit, 1)),
    before: before?.at(-1),
  };
}

function readState(text: string | undefined): FindRunsRequest["state"] {
  const known = LISTED_STATES.find((state) => state === text);
  if (text === undefined || known !== undefined) return known;
  const hint = didYouMean(text, LISTED_STATES) || `; there is ${LISTED_STATES.join(", ")}`;
  throw new UsageError(`there is no state "${text}"${hint}`);
}

function readTag(text: string): [name: string, value: string] {
  const end = text.indexOf("=");
  if (end < 1) throw new UsageError(`--tag must be name=value, got "${text}"`);
  return [text.slice(0, end), text.slice(end + 1)];
}

/** A time, or how long ago it was, as ISO 8601. */
function readTime(
  name: string,
  texts: readonly string[] | undefined,
  now: number,
): string | undefined {
  const text = texts?.at(-1);
  if (text === undefined) return undefined;
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const time = unit === undefined ? Date.parse(text) : now - Number(count) * UNITS[unit]!;
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new UsageError(`--${name} must be a time, or how long ago (30m, 12h, 2d), got "${text}"`);
}

const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
