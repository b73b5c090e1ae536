import { test } from "node:test";
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import fc from "../harness/support/property.ts";
import { EventBus, runContext, withSpan } from "@locus/core";
import { readRunHeaders, runHeaders } from "@locus/core/propagation";

test("runHeaders() is empty outside of a run, and makes no bus", () => {
  assertEquals(runHeaders(), {});
});

test("runHeaders() names the run and the span around the call", () => {
  runContext({ runId: "r" }, () => {
    assertEquals(Object.keys(runHeaders()), ["locus-run", "traceparent"]);
    withSpan("quote", (span) => {
      const headers = runHeaders();
      assertEquals([headers["locus-run"], headers["locus-span"]], ["r", span?.id]);
      assertMatch(headers["traceparent"]!, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
      assertEquals(headers["traceparent"]!.split("-")[2], span?.id);
    });
  });
});

test("runHeaders() names the run that is handed in", () => {
  const run = runContext({ runId: "r", bus: new EventBus() }, (run) => run.inSpan("00c0ffee"));
  const { "locus-run": runId, "locus-span": spanId } = runHeaders({ run });
  assertEquals([runId, spanId], ["r", "00c0ffee"]);
});

test("runHeaders() leaves out a span whose id no header can carry", () => {
  const run = runContext({ runId: "r" }, (run) => run.inSpan("a\r\nX-Admin: 1"));
  assertEquals(Object.keys(runHeaders({ run })), ["locus-run", "traceparent"]);
});

test("runHeaders() makes a new object each time", () => {
  runContext(() => {
    runHeaders()["locus-run"] = "changed";
    assertEquals(runHeaders()["locus-run"] === "changed", false);
  });
});

test("readRunHeaders() reads what runHeaders() wrote, for every run", () => {
  const runIds = fc.stringMatching(/^[A-Za-z0-9_.:@~+=-]{1,128}$/)
    .filter((id) => id !== "." && id !== "..");
  const spanIds = fc.option(fc.stringMatching(/^([0-9a-f]{8}){1,2}$/));
  fc.assert(fc.property(runIds, spanIds, (runId, spanId) => {
    const run = runContext({ runId }, (top) => spanId === null ? top : top.inSpan(spanId));
    const read = readRunHeaders(new Headers(runHeaders({ run })));
    assertEquals([read.runId, read.spanId, read.ignored], [runId, spanId, []]);
    assertEquals(read.trace?.traceFlags, 1);
  }));
});

test("runHeaders() rejects what is no run, and unknown options", () => {
  for (const run of [null, "r", {}, { id: "a b" }]) {
    assertThrows(() => runHeaders({ run } as never), TypeError, '"run" must be a run handle');
  }
  assertThrows(() => runHeaders({ id: "r" } as never), TypeError, 'unknown option "id"');
});
