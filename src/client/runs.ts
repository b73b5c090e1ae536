import { checkCount, checkOptions } from "../core/options.ts";
import { isRunId } from "../events/identifiers.ts";
import type { RunSummary } from "../view/run_summary.ts";
import { ask, readJson } from "./ask.ts";
import { ClientError } from "./client_error.ts";
import { CLIENT_OPTIONS, type ClientOptions, createTarget } from "./request.ts";

/** Options of {@linkcode runs}. */
export interface RunsOptions extends ClientOptions {
  /** How many runs at most. @default {as many as the server likes} */
  limit?: number;
  /** How long to wait for the whole answer, in milliseconds. @default {30000} */
  timeoutMs?: number;
}

/**
 * The runs that a server knows of, as summaries: how each stands, since when, and what it has used. The one
 * in which something happened last is the first.
 *
 * - **Once:** it is asked once, and not again if that fails.
 * - **Abort:** rejects with the signal's reason.
 * - **Live:** {@linkcode followRun} with the URL of all runs tells of everything that changes such a list.
 *
 * @throws {TypeError} If the URL is not one of http or https, or an option is unknown or of the wrong type.
 * @throws {RangeError} If `limit` or `timeoutMs` is not a whole number of at least 1.
 * @throws {ClientError} If the server refuses, is not there, or answers something else.
 *
 * @example Which runs wait for a person?
 * ```ts
 * import { runs } from "@locus/core/client";
 * import { assertEquals } from "@std/assert";
 *
 * // In earnest, the answer of a server that has `app.route("/locus", locus({ authorize }))`.
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
  const owner = "runs()";
  checkOptions(owner, options, [...CLIENT_OPTIONS, "limit", "timeoutMs"]);
  const { signal, limit, timeoutMs = 30_000 } = options;
  if (limit !== undefined) checkCount(owner, "limit", limit, 1);
  checkCount(owner, "timeoutMs", timeoutMs, 1);
  const target = createTarget(owner, "Cannot list runs at", url, options);
  if (limit !== undefined) target.url.searchParams.set("limit", String(limit));
  const headers = { Accept: "application/json" };
  return await ask(target, { headers }, { signal, timeoutMs }, async (response, signal) => {
    const body = await readJson(target, response, signal);
    if (isList(body)) return body.runs;
    throw new ClientError("bad_answer", `${target.purpose}: the answer is no list of runs`);
  });
}

/** What it is by; the numbers in it are the server's word. */
function isList(body: unknown): body is { runs: RunSummary[] } {
  if (typeof body !== "object" || body === null || !("runs" in body)) return false;
  return Array.isArray(body.runs) && body.runs.every((run: unknown) => {
    return typeof run === "object" && run !== null && "run_id" in run && isRunId(run.run_id) &&
      "state" in run && typeof run.state === "string";
  });
}
