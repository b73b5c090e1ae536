import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { context, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { readRunHeaders, runContextFrom, runHeaders, traceOf } from "@locus/core/propagation";
import { runContext } from "@locus/core";
import { traced } from "../bridges/_otel.ts";

const [traceId, spanId] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"];

function read(traceparent: string): unknown {
  return readRunHeaders({ traceparent }).trace;
}

test("traceparent: what the recommendation allows is read", () => {
  const expected = (traceFlags: number) => ({ traceId, spanId, traceFlags });
  assertEquals(read(`00-${traceId}-${spanId}-01`), expected(1));
  assertEquals(read(`00-${traceId}-${spanId}-00`), expected(0));
  // Flags of later versions are not passed on.
  assertEquals(read(`00-${traceId}-${spanId}-ff`), expected(1));
  assertEquals(read(`cc-${traceId}-${spanId}-01`), expected(1));
  assertEquals(read(`cc-${traceId}-${spanId}-01-what-the-future-adds`), expected(1));
});

test("traceparent: everything else is ignored, and listed", () => {
  const zeros = "0".repeat(32);
  const bad = [
    "",
    `00-${traceId}-${spanId}`,
    `00-${traceId}-${spanId}-01-`,
    `00-${traceId}-${spanId}-01-more`,
    `cc-${traceId}-${spanId}-01more`,
    `ff-${traceId}-${spanId}-01`,
    `0-${traceId}-${spanId}-01`,
    `00-${traceId}-${spanId}-1`,
    `00-${traceId}-${spanId}-0x`,
    `00-${zeros}-${spanId}-01`,
    `00-${traceId}-${zeros.slice(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${traceId.slice(1)}-${spanId}-01`,
    `00_${traceId}_${spanId}_01`,
    ` 00-${traceId}-${spanId}-01`,
    `00-${traceId}-${spanId}-01\n`,
  ];
  for (const traceparent of bad) {
    const { trace, ignored } = readRunHeaders({ traceparent });
    assertEquals([traceparent, trace], [traceparent, null]);
    assertEquals(ignored, [{ header: "traceparent", reason: "malformed" }]);
  }
  const long = `cc-${traceId}-${spanId}-01-${"x".repeat(300)}`;
  assertEquals(readRunHeaders({ traceparent: long }).ignored[0]?.reason, "too_long");
  const twice = [`00-${traceId}-${spanId}-01`, `00-${traceId}-${spanId}-00`];
  assertEquals(readRunHeaders({ traceparent: twice }).ignored[0]?.reason, "repeated");
});

test("traceOf() is the run's id where that is a trace id", () => {
  assertEquals(traceOf(traceId).traceId, traceId);
  const made = runContext(({ id }) => id);
  assertEquals(traceOf(made).traceId, made);
});

test("traceOf() tells runs and spans apart, and is the same each time", () => {
  const ids = Array.from({ length: 50_000 }, (_, n) => traceOf(`order-${n}`));
  assertEquals(new Set(ids.map((one) => one.traceId)).size, ids.length);
  assertEquals(new Set(ids.map((one) => one.spanId)).size, ids.length);
  for (const one of ids) {
    assertMatch(one.traceId, /^(?!0+$)[0-9a-f]{32}$/);
    assertMatch(one.spanId, /^(?!0+$)[0-9a-f]{16}$/);
  }
  assertEquals(traceOf("order-7"), ids[7]);
  const spans = [null, "00000000", "00000001"].map((span) => traceOf("r", span).spanId);
  assertEquals(new Set(spans).size, 3);
  // Each half of it, too: one that repeats would say that a part of the digest is idle.
  for (const [from, to] of [[0, 16], [16, 32]]) {
    assertEquals(new Set(ids.map((one) => one.traceId.slice(from, to))).size, ids.length);
  }
});

test("traceOf() is never all zero", () => {
  const { traceId, spanId } = traceOf("0".repeat(32), "00000000");
  assert(!/^0+$/.test(traceId) && !/^0+$/.test(spanId));
});

test("traceOf() wants a run id", () => {
  assertThrows(() => traceOf("a b"), TypeError, "run_id must be");
});

test("toOtel() and another process find the same trace by the run's id", async () => {
  const telemetry = traced({
    parent: (runId) => trace.setSpanContext(ROOT_CONTEXT, { ...traceOf(runId), isRemote: true }),
  });
  const { bus } = telemetry;
  const headers = runContext({ runId: "r", bus }, (run) => {
    run.emit("test.tick", {});
    return runHeaders({ run });
  });
  bus.closeStream("r");
  const { spans } = await telemetry.end();
  const seen = readRunHeaders(headers).trace;
  assertEquals(spans.map((span) => span.spanContext().traceId), [seen!.traceId]);
});

test("OpenTelemetry's own traceparent replaces ours", () => {
  propagation.setGlobalPropagator({
    inject: (_context, carrier, setter) =>
      setter.set(carrier, "traceparent", `00-${traceId}-${spanId}-00`),
    extract: (context) => context,
    fields: () => ["traceparent"],
  });
  try {
    const run = runContext({ runId: "r" }, (run) => run);
    const headers = runHeaders({ run });
    propagation.inject(context.active(), headers);
    const seen = runContextFrom(headers, (run, incoming) => [run?.id, incoming.trace]);
    assertEquals(seen, ["r", { traceId, spanId, traceFlags: 0 }]);
  } finally {
    propagation.disable();
  }
});
