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

/** What is asked for, as it stands there: the bus says what is wrong with it. @throws {Refusal} 400 if `closed` or a `tag` is none. */
export function runQueryOf(c: Context): RunQuery {
  const text = (name: string) => c.req.query(name) || undefined;
  const closed = text("closed");
  if (closed !== undefined && closed !== "true" && closed !== "false") {
    throw new Refusal(400, '"closed" must be true or false');
  }
  return {
    search: text("search"),
    prefix: text("prefix"),
    closed: closed === undefined ? undefined : closed === "true",
    state: text("state") as RunQuery["state"],
    tags: tagsOf(c.req.queries("tag")),
    model: text("model"),
    since: text("since"),
    until: text("until"),
    before: text("before"),
  };
}

function tagsOf(tags: readonly string[] | undefined): Record<string, string> | undefined {
  return tags && Object.fromEntries(tags.map((tag) => {
    const end = tag.indexOf("=");
    if (end < 1) throw new Refusal(400, '"tag" must be name=value');
    return [tag.slice(0, end), tag.slice(end + 1)];
  }));
}

/**
 * How much is asked for; `usual` where nothing is said.
 *
 * @throws {Refusal} 400 if it is not a whole number from 1 to `most`.
 */
export function limitOf(c: Context, usual: number, most: number): number {
  const text = c.req.query("limit");
  if (text === undefined) return usual;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > most) {
    throw new Refusal(400, `"limit" must be a whole number from 1 to ${most}`);
  }
  return limit;
}
