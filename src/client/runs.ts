import { checkRecord } from "../core/checks.ts";
import { checkCount, checkOptions, isRecord } from "../core/options.ts";
import { isRunId } from "../events/identifiers.ts";
import type { StreamEvent } from "../events/stream_event.ts";
import type { RunState, RunSummary } from "../view/run_summary.ts";
import { ask, readJson } from "./ask.ts";
import { ClientError } from "./client_error.ts";
import { CLIENT_OPTIONS, type ClientOptions, createTarget } from "./request.ts";

/** Options of {@linkcode runs}. */
export interface RunsOptions extends ClientOptions {
  /** How many runs at most. @default {the server's limit} */
  limit?: number;
  /** Only runs in whose texts all of these words occur. The server's bus must keep an archive: {@linkcode findRuns}. */
  search?: string;
  /** Only runs whose id begins so. Likewise. */
  prefix?: string;
  /** Only runs that are closed, or only those that are not. Likewise. */
  closed?: boolean;
  /** Only runs that stand so; `interrupted`: running, but the process that wrote to it is gone. Likewise. */
  state?: RunState | "interrupted";
  /** Only runs with all of these tags. Likewise. */
  tags?: Readonly<Record<string, string>>;
  /** Only runs that used tokens of a model whose name begins so. Likewise. */
  model?: string;
  /** Only runs to which something happened at this time or later: ISO 8601. Likewise. */
  since?: string;
  /** Only runs that began before this time. Likewise. */
  until?: string;
  /** How long to wait for the whole answer, in milliseconds. @default {30000} */
  timeoutMs?: number;
}

/** Options of {@linkcode findRuns}. */
export interface FindRunsRequest extends RunsOptions {
  /** Goes on behind another page: its {@linkcode FoundRunsPage.next}. */
  before?: string | null;
}

/** A page of {@linkcode findRuns}. */
export interface FoundRunsPage {
  /** The most recently active first; of a search, the one with the newest match. Those that may be read. */
  readonly runs: readonly RunSummary[];
  /** Where the next page begins; null if this is the last one. */
  readonly next: string | null;
  /** Of a search, by run: the newest event in which all words occur. */
  readonly matches: Readonly<Record<string, StreamEvent>>;
}

/**
 * Lists the runs of a server with their title, tags, state, times and usage, the most recently active first.
 *
 * - **Once:** the request is sent once, and not again if that fails.
 * - **Abort:** rejects with the signal's reason.
 * - **Live:** {@linkcode followRun} with the URL of all runs delivers every event that changes the list.
 *
 * @throws {TypeError} If the URL is not one of http or https, or an option is unknown or of the wrong type.
 * @throws {RangeError} If `limit` or `timeoutMs` is not a whole number of at least 1.
 * @throws {ClientError} If the server refuses, doesn't answer, or answers something else.
 *
 * @example Which runs wait for a person?
 * ```ts
 * import { runs } from "@locus/core/client";
 * import { assertEquals } from "@std/assert";
 *
 * // A server answers this with `app.route("/locus", locus({ authorize }))`.
 * const answer = { runs: [{ run_id: "order-42", state: "waiting" }, { run_id: "b", state: "done" }] };
 * const fetch = () => Promise.resolve(Response.json(answer));
 *
 * const list = await runs("https://example.com/locus/runs", { fetch });
 * const waiting = list.filter(({ state }) => state === "waiting");
 * assertEquals(waiting.map(({ run_id }) => run_id), ["order-42"]);
 * ```
 */
export async function runs(
  url: string | URL,
  options: RunsOptions = {},
): Promise<readonly RunSummary[]> {
  return (await request("runs()", url, options, [])).runs;
}

/**
 * A page of the runs of a server whose bus keeps an archive, such as `sqliteBus({ search: true })`.
 *
 * - **Pages** may hold fewer runs than `limit`: those that you may not read are left out.
 *
 * @throws {TypeError} If the URL is not one of http or https, or an option is unknown or of the wrong type.
 * @throws {RangeError} If `limit` or `timeoutMs` is not a whole number of at least 1.
 * @throws {ClientError} If the server refuses, keeps no archive, doesn't answer, or answers something else.
 *
 * @example Which runs were about order 1042?
 * ```ts ignore
 * import { findRuns } from "@locus/core/client";
 *
 * const { runs, matches } = await findRuns("https://example.com/locus/runs", { search: "order 1042" });
 * for (const { run_id, title } of runs) console.log(run_id, title, matches[run_id]?.event_type);
 * ```
 */
export function findRuns(url: string | URL, options: FindRunsRequest = {}): Promise<FoundRunsPage> {
  return request("findRuns()", url, options, ["before"]);
}

async function request(
  owner: string,
  url: string | URL,
  options: FindRunsRequest,
  more: readonly string[],
): Promise<FoundRunsPage> {
  checkOptions(owner, options, [...CLIENT_OPTIONS, ...QUERY, ...more, "tags", "timeoutMs"]);
  const { signal, limit, tags = {}, timeoutMs = 30_000 } = options;
  checkRecord(owner, "tags", tags);
  if (limit !== undefined) checkCount(owner, "limit", limit, 1);
  checkCount(owner, "timeoutMs", timeoutMs, 1);
  const target = createTarget(owner, "Cannot list runs at", url, options);
  for (const name of [...QUERY, "before"] as const) {
    const value = options[name] ?? null;
    if (value !== null) target.url.searchParams.set(name, String(value));
  }
  for (const tag of Object.entries(tags)) target.url.searchParams.append("tag", tag.join("="));
  const headers = { Accept: "application/json" };
  return await ask(target, { headers }, { signal, timeoutMs }, async (response, signal) => {
    const body = await readJson(target, response, signal);
    if (isList(body)) {
      const { runs, next, matches } = body;
      return {
        runs,
        next: typeof next === "string" ? next : null,
        matches: isRecord(matches) ? matches as FoundRunsPage["matches"] : {},
      };
    }
    throw new ClientError("bad_answer", `${target.purpose}: the answer is not a list of runs`);
  });
}

const QUERY = ["limit", "search", "prefix", "closed", "state", "model", "since", "until"] as const;

/** What it is by; the numbers in it are the server's word. */
function isList(body: unknown): body is { runs: RunSummary[]; next?: unknown; matches?: unknown } {
  if (typeof body !== "object" || body === null || !("runs" in body)) return false;
  return Array.isArray(body.runs) && body.runs.every((run: unknown) => {
    return typeof run === "object" && run !== null && "run_id" in run && isRunId(run.run_id) &&
      "state" in run && typeof run.state === "string";
  });
}
