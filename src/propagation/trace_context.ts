/** `traceparent`, the header by which traces go on in another process: https://www.w3.org/TR/trace-context/. */

import { checkRunId } from "../core/checks.ts";
import { describe } from "../core/describe.ts";

/** A place in a trace, with the names that OpenTelemetry has for it. */
export interface TraceContext {
  /** 32 hexadecimal digits, not all zero. */
  readonly traceId: string;
  /** 16 hexadecimal digits, not all zero. */
  readonly spanId: string;
  /** 1 if the sender may have recorded it, else 0. */
  readonly traceFlags: number;
}

/**
 * The trace that stands for a run: the same in every process, without any communication.
 *
 * - **Trace id:** a run id of 32 hexadecimal digits, as `runContext()` makes them, is one already. Of any other it
 *   is a digest: enough to tell runs apart, and no secret.
 * - **Span id:** the span's own where it has 16 hexadecimal digits, as `withSpan()` makes them; otherwise a digest
 *   of the run and the span. No tracer has made a span of that id, so a trace viewer may say that the parent is
 *   missing.
 * - **Flags:** recorded, because the run's events are.
 *
 * @throws {TypeError} If `runId` cannot name a run.
 *
 * @example Traces of runs that are found by the run's id
 * ```ts
 * import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
 * import { EventBus } from "@locus/core";
 * import { toOtel } from "@locus/core/bridges/otel";
 * import { traceOf } from "@locus/core/propagation";
 * import { assertEquals } from "@std/assert";
 *
 * const stop = toOtel(new EventBus(), {
 *   parent: (runId) => trace.setSpanContext(ROOT_CONTEXT, { ...traceOf(runId), isRemote: true }),
 * });
 * stop();
 *
 * const runId = "0af7651916cd43dd8448eb211c80319c";
 * assertEquals(traceOf(runId).traceId, runId);
 * ```
 */
export function traceOf(runId: string, spanId: string | null = null): TraceContext {
  checkRunId("traceOf()", runId);
  if (spanId !== null && typeof spanId !== "string") {
    throw new TypeError(`traceOf(): "spanId" must be a string or null, got ${describe(spanId)}`);
  }
  const isTraceId = TRACE_ID.test(runId) && !ZERO.test(runId);
  return {
    traceId: isTraceId ? runId : digest(runId, 32),
    // No run id has a slash.
    spanId: isTraceSpanId(spanId) ? spanId : digest(`${runId}/${spanId ?? ""}`, 16),
    traceFlags: 1,
  };
}

/** A place in a trace as the header has it. */
export function formatTraceparent({ traceId, spanId, traceFlags }: TraceContext): string {
  return `00-${traceId}-${spanId}-0${traceFlags}`;
}

/**
 * Reads the header; null if it is none. What a later version adds behind the fields of this one is left out,
 * and so are all flags but the one that says "recorded".
 */
export function parseTraceparent(value: string): TraceContext | null {
  const match = TRACEPARENT.exec(value);
  if (match === null) return null;
  const [, version, traceId = "", spanId = "", flags = "", more] = match;
  if (version === "ff" || (version === "00" && more !== undefined)) return null;
  if (ZERO.test(traceId) || ZERO.test(spanId)) return null;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1 };
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const TRACE_ID = /^[0-9a-f]{32}$/;
const SPAN_ID = /^[0-9a-f]{16}$/;
const ZERO = /^0+$/;

function isTraceSpanId(spanId: string | null): spanId is string {
  return spanId !== null && SPAN_ID.test(spanId) && !ZERO.test(spanId);
}

/** Hexadecimal digits that stand for a text. Web standards digest only asynchronously, and headers cannot wait. */
function digest(text: string, digits: 16 | 32): string {
  const words = LANES.slice(0, digits / 8).map((prime, lane) => {
    let hash = 0x811c9dc5 ^ lane;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), prime);
    return spread(hash).toString(16).padStart(8, "0");
  });
  const hex = words.join("");
  return ZERO.test(hex) ? "1".padStart(digits, "0") : hex;
}

/** Makes every bit depend on all others. */
function spread(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

// A multiplier for each 32 bits.
const LANES = [0x01000193, 0x9e3779b1, 0x85ebca77, 0xc2b2ae3d];
