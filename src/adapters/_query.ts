import type { Context } from "hono";
import { compileSelect } from "../core/select.ts";
import { Refusal } from "./_responses.ts";

/** Where to go on: the header is what a browser sends by itself, so it is the newer one. */
export function cursorOf(c: Context): string | null {
  return c.req.header("Last-Event-ID") || c.req.query("after") || null;
}

/** @throws {Refusal} 400 if it is no selection of event types. */
export function selectOf(c: Context): string[] | undefined {
  const select = c.req.queries("select")?.flatMap((list) => list.split(","));
  try {
    compileSelect("Cannot select", select);
  } catch (error) {
    throw new Refusal(400, (error as Error).message);
  }
  return select;
}

/** @throws {Refusal} 400 if it is no whole number from 1 to 1000. */
export function limitOf(c: Context): number {
  const text = c.req.query("limit") ?? "100";
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > 1_000) {
    throw new Refusal(400, '"limit" must be a whole number from 1 to 1000');
  }
  return limit;
}
