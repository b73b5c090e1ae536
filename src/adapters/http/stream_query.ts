import type { Context } from "hono";
import type { StartFrom } from "../../core/bus/bus.ts";
import { compileSelect } from "../../core/bus/select.ts";
import { Refusal } from "./responses.ts";

/** Where to go on: the header is what a browser sends by itself, so it is the newer one. */
export function cursorOf(c: Context): string | null {
  return c.req.header("Last-Event-ID") || c.req.query("after") || null;
}

/** @throws {Refusal} 400 if it is not a selection of event types. */
export function selectOf(c: Context): string[] | undefined {
  const select = c.req.queries("select")?.flatMap((list) => list.split(","));
  try {
    compileSelect("Cannot select", select);
  } catch (error) {
    throw new Refusal(400, (error as Error).message);
  }
  return select;
}

/** @throws {Refusal} 400 if it is not a valid start. */
export function fromOf(c: Context): StartFrom {
  const from = c.req.query("from") ?? "history";
  if (from === "history" || from === "live") return from;
  if (/^-[1-9]\d{0,8}$/.test(from)) return Number(from);
  throw new Refusal(400, '"from" must be history, live or a negative whole number');
}
