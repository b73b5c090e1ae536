import type { Context } from "hono";
import { isRunId, RUN_ID_RULE } from "../../events/identifiers.ts";
import { Refusal } from "../http/responses.ts";
import type { RunQuery } from "./run_list.ts";

/** @throws {Refusal} 400 if they are not runs, or more than can be read as one. */
export function runsOf(c: Context, name: string, others: readonly string[] = []): string[] {
  const runIds = [...new Set([...c.req.queries(name) ?? [], ...others])];
  if (runIds.length > MAX_RUNS) throw new Refusal(400, `"${name}" may be given ${MAX_RUNS} times`);
  if (!runIds.every(isRunId)) throw new Refusal(400, `"${name}" must be ${RUN_ID_RULE}`);
  return runIds;
}

const MAX_RUNS = 100;

/** @throws {Refusal} 400 if a value does not say which runs are asked for. */
export function runQueryOf(c: Context): RunQuery {
  const [search, prefix, before] = ["search", "prefix", "before"].map((name) => {
    const text = c.req.query(name) || undefined;
    if (text === undefined || text.length <= MAX_TEXT) return text;
    throw new Refusal(400, `"${name}" must have at most ${MAX_TEXT} letters`);
  });
  if (before !== undefined && !/^\d{1,15}$/.test(before)) {
    throw new Refusal(400, '"before" must be the "next" of a page');
  }
  const closed = c.req.query("closed");
  if (closed !== undefined && closed !== "true" && closed !== "false") {
    throw new Refusal(400, '"closed" must be true or false');
  }
  return { search, prefix, before, closed: closed === undefined ? undefined : closed === "true" };
}

const MAX_TEXT = 200;

/** @throws {Refusal} 400 if it is not a whole number from 1 to 1000. */
export function limitOf(c: Context): number {
  const text = c.req.query("limit") ?? "100";
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > 1_000) {
    throw new Refusal(400, '"limit" must be a whole number from 1 to 1000');
  }
  return limit;
}
