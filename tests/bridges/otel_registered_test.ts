/** Whose provider `toOtel()` uses: that of the program, whichever copy of the API it was registered with. */
import { test } from "node:test";
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { assertEquals, assertMatch } from "@std/assert";
import { EventBus } from "@locus/core";
import { toOtel } from "../../src/bridges/otel.ts";

const GLOBAL = Symbol.for("opentelemetry.js.api.1");
const globals = globalThis as { [GLOBAL]?: object };

/** A provider, and the names of the spans that it exported. */
function provider() {
  const exporter = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor({ exporter })];
  return {
    trace: new TracerProvider({ spanProcessors }),
    names: () => exporter.getFinishedSpans().map(({ name }) => name),
  };
}

/** Runs `r`, with a registration before the bridge is made and another after; returns what it reported. */
async function report(before: object | undefined, after = before): Promise<string[]> {
  const errors: string[] = [];
  const bus = new EventBus();
  try {
    globals[GLOBAL] = before;
    const stop = toOtel(bus, { onError: ({ message }) => errors.push(message) });
    globals[GLOBAL] = after;
    for (const runId of ["r", "s"]) {
      bus.publish({ run_id: runId, event_type: "test.tick", data: {} } as never);
      bus.closeStream(runId);
    }
    stop();
    await stop.done;
  } finally {
    delete globals[GLOBAL];
  }
  return errors;
}

// 1.10 takes nothing from 1.9, and the other way round it does.
for (const version of ["1.9.1", "1.99.0"]) {
  test(`A3: toOtel() finds what API ${version} has registered`, async () => {
    const { trace, names } = provider();
    assertEquals(await report({ version, trace }), []);
    assertEquals(names(), ["run", "run"]);
  });
}

test("A3: toOtel() finds an SDK that is registered after it", async () => {
  const { trace, names } = provider();
  assertEquals(await report(undefined, { version: "1.9.1", trace }), []);
  assertEquals(names(), ["run", "run"]);
});

test("A3: toOtel() says once that no SDK is registered", async () => {
  const errors = await report(undefined);
  assertEquals(errors.length, 1);
  assertMatch(
    errors[0]!,
    /^toOtel\(\): no OpenTelemetry SDK is registered, so nothing is exported;/,
  );
});

test("A3: toOtel() does not miss a tracer where only metrics are wanted", async () => {
  const meter = {
    createCounter: () => ({ add() {} }),
    createHistogram: () => ({ record() {} }),
  };
  assertEquals(await report({ version: "1.9.1", metrics: { getMeter: () => meter } }), []);
});
