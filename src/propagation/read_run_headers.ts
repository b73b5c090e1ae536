import { isRunId } from "../events/identifiers.ts";
import { type HeaderSource, headerValues } from "./header_values.ts";
import { parseTraceparent, type TraceContext } from "./trace_context.ts";

/** What the headers of a request or a message say of the run that it is part of. */
export interface IncomingRun {
  /** The caller's run; null if the headers name none that can be used. */
  readonly runId: string | null;
  /** The span of the caller that this is part of; null at the top of the run, and without a run. */
  readonly spanId: string | null;
  /** The caller's place in a trace, which is there without a run as well. */
  readonly trace: TraceContext | null;
  /** The headers that were there and were not taken. */
  readonly ignored: readonly IgnoredHeader[];
}

/** A header that was not accepted. Its value is left out, because it may contain anything. */
export interface IgnoredHeader {
  /** Which one. */
  readonly header: RunHeaderName;
  /**
   * - `repeated`: there was more than one value, and it is not known which is meant.
   * - `too_long`, `malformed`: it is not what it must be.
   * - `refused`: `accept` said no.
   */
  readonly reason: "repeated" | "too_long" | "malformed" | "refused";
}

/** The names of the headers. */
export type RunHeaderName = "locus-run" | "locus-span" | "traceparent";

/** The run's id. */
export const RUN = "locus-run";
/** The id of the span; never without the run. */
export const SPAN = "locus-span";
/** The place in a trace. */
export const TRACEPARENT = "traceparent";

// Graph nodes have ids of 8 digits.
const SPAN_ID = /^(?:[0-9a-f]{8}){1,2}$/;

/** Whether a span can be named by a header. */
export function isSpanId(value: string | null): value is string {
  return value !== null && SPAN_ID.test(value);
}

/**
 * Reads what `runHeaders()` wrote, and makes nothing of it: for a decision that takes longer than a function call,
 * and for messages that come without a call.
 *
 * - **Foreign input never throws.** What is malformed, too long or there twice counts as not there, and is listed.
 * - **Names** are found in any case.
 * - **The id is a claim.** Whoever can send the header says which run it is; check that before you publish to it.
 *
 * @throws {TypeError} If `headers` is not an object.
 *
 * @example Check permission first
 * ```ts
 * import { runContext } from "@locus/core";
 * import { readRunHeaders } from "@locus/core/propagation";
 * import { assertEquals } from "@std/assert";
 *
 * const { runId, ignored } = readRunHeaders({ "locus-run": "order-42", "locus-span": "?" });
 * assertEquals(runId, "order-42");
 * assertEquals(ignored, [{ header: "locus-span", reason: "malformed" }]);
 *
 * if (runId !== null && await mayWrite("ada", runId)) runContext({ runId }, () => {});
 *
 * function mayWrite(user: string, runId: string): Promise<boolean> {
 *   return Promise.resolve(user === "ada" && runId === "order-42");
 * }
 * ```
 */
export function readRunHeaders(headers: HeaderSource): IncomingRun {
  return readHeaders("readRunHeaders()", headers);
}

/** The same, for a function of another name. */
export function readHeaders(owner: string, headers: HeaderSource): IncomingRun {
  const values = headerValues(owner, headers, [RUN, SPAN, TRACEPARENT]);
  const ignored: IgnoredHeader[] = [];
  const read = <T>(header: RunHeaderName, parse: (text: string) => T | null): T | null => {
    const [text, another] = values.get(header) ?? [];
    if (text === undefined) return null;
    const reason = objectionTo(text, another, MAX_LENGTH[header]);
    const value = reason === null ? parse(text as string) : null;
    if (value === null) ignored.push({ header, reason: reason ?? "malformed" });
    return value;
  };
  const runId = read(RUN, (text) => isRunId(text) ? text : null);
  const spanId = read(SPAN, (text) => isSpanId(text) ? text : null);
  const trace = read(TRACEPARENT, parseTraceparent);
  return { runId, spanId: runId === null ? null : spanId, trace, ignored };
}

const MAX_LENGTH: Readonly<Record<RunHeaderName, number>> = {
  [RUN]: 128,
  [SPAN]: 16,
  // Those of later versions may be longer than ours.
  [TRACEPARENT]: 256,
};

function objectionTo(
  value: unknown,
  another: unknown,
  maxLength: number,
): IgnoredHeader["reason"] | null {
  if (another !== undefined) return "repeated";
  if (typeof value !== "string") return "malformed";
  if (value.length > maxLength) return "too_long";
  // How `Headers` and Node join what was sent twice; none of the values has a comma.
  return value.includes(",") ? "repeated" : null;
}
