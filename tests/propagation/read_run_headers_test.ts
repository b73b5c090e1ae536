import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import fc from "../harness/support/property.ts";
import { type HeaderSource, readRunHeaders } from "@locus/core/propagation";

const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/** What came of the run's id: the id, or why it was ignored. */
function outcome(headers: HeaderSource): unknown {
  const { runId, ignored } = readRunHeaders(headers);
  return runId ?? ignored.map(({ reason }) => reason).join();
}

test("readRunHeaders() finds nothing in headers that say nothing of a run", () => {
  const nothing = { runId: null, spanId: null, trace: null, ignored: [] };
  assertEquals(readRunHeaders({}), nothing);
  assertEquals(readRunHeaders(new Headers({ Accept: "*/*" })), nothing);
  assertEquals(readRunHeaders({ "locus-run": undefined, "locus-run-id": "r" }), nothing);
});

test("readRunHeaders() reads all three headers", () => {
  assertEquals(
    readRunHeaders({ "locus-run": "order-42", "locus-span": "00c0ffee", traceparent: trace }),
    {
      runId: "order-42",
      spanId: "00c0ffee",
      trace: {
        traceId: "0af7651916cd43dd8448eb211c80319c",
        spanId: "b7ad6b7169203331",
        traceFlags: 1,
      },
      ignored: [],
    },
  );
});

test("readRunHeaders() reads the ids of graph nodes, and those of all other spans", () => {
  for (const spanId of ["00c0ffee", "b7ad6b7169203331"]) {
    assertEquals(readRunHeaders({ "locus-run": "r", "locus-span": spanId }).spanId, spanId);
  }
});

test("readRunHeaders() reads headers of every shape, in any case", () => {
  const shapes: Record<string, HeaderSource> = {
    Headers: new Headers({ "Locus-Run": "r" }),
    "a plain object": { "Locus-Run": "r", "X-Other": "x" },
    "IncomingMessage.headers": { "locus-run": "r", "set-cookie": ["a", "b"] },
    "IncomingMessage.headersDistinct": { "locus-run": ["r"] },
    entries: [["LOCUS-RUN", "r"]],
    Map: new Map([["locus-run", "r"]]),
    // The headers of NATS are iterated so, and keep the sender's case.
    NATS: new Map([["Locus-Run", ["r"]]]),
  };
  const read = Object.entries(shapes).map(([name, headers]) => [name, outcome(headers)]);
  assertEquals(read, Object.keys(shapes).map((name) => [name, "r"]));
});

test("readRunHeaders() takes no run id that came twice", () => {
  const twice = new Headers({ "locus-run": "r" });
  twice.append("locus-run", "r");
  assertEquals(outcome(twice), "repeated");
  assertEquals(outcome({ "locus-run": ["a", "b"] }), "repeated");
  assertEquals(outcome({ "locus-run": "a", "Locus-Run": "b" }), "repeated");
  assertEquals(outcome([["locus-run", "a"], ["locus-run", "b"]]), "repeated");
  assertEquals(outcome({ "locus-run": Array.from({ length: 1_000_000 }, () => "r") }), "repeated");
});

test("readRunHeaders() ignores run ids that are none, and says why without their text", () => {
  const ids = ["", " r", "a b", "..", "a/b", "a\r\nX: y", "a\0", "é", "*"];
  assertEquals(ids.map((id) => outcome({ "locus-run": id })), ids.map(() => "malformed"));
  assertEquals(outcome({ "locus-run": "r".repeat(128) }), "r".repeat(128));
  assertEquals(outcome({ "locus-run": "r".repeat(129) }), "too_long");
  assertEquals(outcome({ "locus-run": 7 } as never), "malformed");
  assertEquals(outcome({ "locus-run": new Uint8Array(1) } as never), "malformed");
});

test("readRunHeaders() joins the run at its top where the span is none", () => {
  for (
    const spanId of [
      "",
      "0",
      "00C0FFEE",
      "00c0ffe",
      "00c0ffee0",
      "00c0ffeg",
      "00c0ffee00c0ffee0",
      "a, b",
    ]
  ) {
    const read = readRunHeaders({ "locus-run": "r", "locus-span": spanId });
    assertEquals([read.runId, read.spanId], ["r", null]);
    assertEquals(read.ignored.map(({ header }) => header), ["locus-span"]);
  }
});

test("readRunHeaders() knows no span without its run, but a trace", () => {
  const read = readRunHeaders({ "locus-span": "00c0ffee", traceparent: trace });
  assertEquals([read.runId, read.spanId, read.trace?.traceFlags], [null, null, 1]);
});

test("readRunHeaders() throws nothing for whatever headers hold", () => {
  const name = fc.constantFrom("locus-run", "Locus-Run", "locus-span", "traceparent", "other");
  const value = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("r", "00c0ffee", trace),
    fc.array(fc.string()),
    fc.anything(),
  );
  fc.assert(fc.property(fc.array(fc.tuple(name, value)), (entries) => {
    for (const headers of [entries, new Map(entries), Object.fromEntries(entries)]) {
      const { runId, spanId, ignored } = readRunHeaders(headers as HeaderSource);
      if (runId !== null) assertEquals(/^[A-Za-z0-9_.:@~+=-]{1,128}$/.test(runId), true);
      if (spanId !== null) assertEquals(/^([0-9a-f]{8}){1,2}$/.test(spanId), true);
      assertEquals(ignored.length <= 3, true);
    }
  }));
});

test("readRunHeaders() wants headers", () => {
  for (const headers of [undefined, null, "locus-run: r", 7]) {
    assertThrows(() => readRunHeaders(headers as never), TypeError, "headers must be");
  }
});
