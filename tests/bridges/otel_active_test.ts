/** Spans that a program makes itself, or the libraries that it instruments, inside of what is traced. */
import { test } from "node:test";
import { context, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { EventBus, runContext, withRun, withSpan } from "@locus/core";
import { tool } from "../../src/agent/mod.ts";
import type { ToOtelOptions } from "../../src/bridges/otel.ts";
import { agentOf } from "../agent/_support.ts";
import { requires } from "../harness/support/requires.ts";
import { toolCall } from "../harness/support/scripted_model.ts";
import { type Traced, traced } from "./_otel.ts";

const needs = await requires("async-context");

/** Traces a bus while contexts are carried, as an SDK for Node registers it. */
async function withCarrier(
  fn: (otel: Traced) => Promise<void>,
  options: ToOtelOptions = {},
): Promise<void> {
  const manager = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(manager);
  try {
    await fn(traced(options));
  } finally {
    context.disable();
  }
}

/** What instrumentation makes of a request: a span in the active context. */
function request({ tracer }: Traced, name: string): void {
  tracer.startSpan(name).end();
}

test("D17: a span that is made inside a tool is a child of the tool's", needs, async () => {
  await withCarrier(async (otel) => {
    const fetchIt = tool({
      name: "fetch",
      async execute() {
        request(otel, "GET /at once");
        await Promise.resolve();
        request(otel, "GET /later");
        return "ok";
      },
    });
    const { agent } = agentOf([[toolCall("c1", "fetch", {})], ["Done."]], { tools: [fetchIt] });
    await withRun({ runId: "r", bus: otel.bus }, () => agent.invoke("go"));
    const { parentOf, spans, span } = await otel.end();
    assertEquals(parentOf("GET /at once"), "execute_tool fetch");
    assertEquals(parentOf("GET /later"), "execute_tool fetch");
    assertEquals(parentOf("execute_tool fetch"), "invoke_agent");
    assertEquals(new Set(spans.map((one) => one.spanContext().traceId)).size, 1);
    assertEquals(span("execute_tool fetch").attributes["gen_ai.tool.name"], "fetch");
    assertEquals(span("execute_tool fetch").attributes["locus.incomplete"], undefined);
  });
});

test("D17: spans of the program and of withSpan() nest in each other", needs, async () => {
  await withCarrier(async (otel) => {
    await runContext(
      { runId: "r", bus: otel.bus },
      () =>
        withSpan("outer", () =>
          otel.tracer.startActiveSpan("query", async (query) => {
            await withSpan("inner", async () => {
              await Promise.resolve();
              request(otel, "SELECT");
            });
            query.end();
          })),
    );
    otel.bus.closeStream("r");
    const { parentOf } = await otel.end();
    assertEquals(["SELECT", "inner", "query", "outer"].map(parentOf), [
      "inner",
      "query",
      "outer",
      "run",
    ]);
  });
});

test("D17: concurrent spans keep what is made in them apart", needs, async () => {
  await withCarrier(async (otel) => {
    const work = (name: string) =>
      withSpan(name, async () => {
        for (let n = 0; n < 3; n++) await Promise.resolve();
        request(otel, `GET /${name}`);
      });
    await runContext({ runId: "r", bus: otel.bus }, () => Promise.all([work("a"), work("b")]));
    otel.bus.closeStream("r");
    const { parentOf } = await otel.end();
    assertEquals([parentOf("GET /a"), parentOf("GET /b")], ["a", "b"]);
  });
});

test("D17: the steps of a generator in a span belong to it", needs, async () => {
  await withCarrier(async (otel) => {
    const steps = runContext(
      { runId: "r", bus: otel.bus },
      () =>
        withSpan("steps", async function* () {
          request(otel, "GET /1");
          yield 1;
          request(otel, "GET /2");
        }),
    );
    for await (const _ of steps) { /* read to the end */ }
    otel.bus.closeStream("r");
    const { parentOf } = await otel.end();
    assertEquals([parentOf("GET /1"), parentOf("GET /2")], ["steps", "steps"]);
  });
});

test(
  "D17: a span belongs under the run's parent, and keeps what else the context carries",
  needs,
  async () => {
    const baggage = propagation.createBaggage({ user: { value: "u1" } });
    await withCarrier(async (otel) => {
      const served = otel.tracer.startSpan("POST /ask");
      parents.set("r", trace.setSpan(ROOT_CONTEXT, served));
      const active = propagation.setBaggage(context.active(), baggage);
      const seen = await context.with(
        active,
        () =>
          runContext({ runId: "r", bus: otel.bus }, () =>
            withSpan("work", async () => {
              await Promise.resolve();
              return propagation.getActiveBaggage()?.getEntry("user")?.value;
            })),
      );
      otel.bus.closeStream("r");
      served.end();
      const { parentOf } = await otel.end();
      assertEquals([seen, parentOf("work"), parentOf("run")], ["u1", "run", "POST /ask"]);
    }, {
      parent: (runId) => parents.get(runId),
    });
  },
);
const parents = new Map<string, ReturnType<typeof context.active>>();

test("D17: work outside of any span stays in its context", needs, async () => {
  await withCarrier(async (otel) => {
    const before = context.active();
    await runContext({ runId: "r", bus: otel.bus }, async () => {
      assertStrictEquals(context.active(), before);
      await withSpan("work", async () => {});
      assertStrictEquals(context.active(), before);
    });
    otel.bus.closeStream("r");
    await otel.end();
  });
});

test(
  "D17: a run of another bus, and one after the bridge stopped, are left alone",
  needs,
  async () => {
    await withCarrier(async (otel) => {
      const work = (bus: EventBus, runId = "r") =>
        runContext({ runId, bus }, () => withSpan("work", () => trace.getActiveSpan()));
      assertEquals(work(new EventBus()), undefined);
      assert(work(otel.bus) !== undefined);
      otel.bus.closeStream("r");
      const { spans } = await otel.end();
      assertEquals(spans.map(({ name }) => name), ["work", "run"]);
      assertEquals(work(otel.bus), undefined);
    });
  },
);

test(
  "D17: what the work returns and throws comes through, whatever the tracer does",
  needs,
  async () => {
    const errors: string[] = [];
    await withCarrier(async (otel) => {
      const value = {};
      const run = <R>(fn: () => R) =>
        runContext({ runId: "r", bus: otel.bus }, () => withSpan("work", fn));
      assertStrictEquals(run(() => value), value);
      await assertRejects(() => run(() => Promise.reject(new Error("mine"))), Error, "mine");
      await otel.end();
      assertEquals([...new Set(errors)], ["no span today"]);
    }, {
      tracer: {
        startSpan: () => {
          throw new Error("no span today");
        },
        startActiveSpan: () => {
          throw new Error("no span today");
        },
      },
      onError: ({ message }) => void errors.push(message),
    });
  },
);

test(
  "D17: without a context manager all spans are made from the events, as elsewhere",
  needs,
  async () => {
    const otel = traced();
    await runContext(
      { runId: "r", bus: otel.bus },
      () => withSpan("work", () => Promise.resolve(request(otel, "GET"))),
    );
    otel.bus.closeStream("r");
    const { parentOf } = await otel.end();
    assertEquals([parentOf("GET"), parentOf("work")], [null, "run"]);
  },
);

test(
  "D17: a span whose events the bridge does not read is ended as incomplete",
  needs,
  async () => {
    await withCarrier(async (otel) => {
      runContext({ runId: "r", bus: otel.bus }, () => withSpan("work", () => request(otel, "GET")));
      otel.bus.closeStream("r");
      const { parentOf, span } = await otel.end();
      assertEquals(parentOf("GET"), "span");
      assertEquals(span("span").attributes["locus.incomplete"], true);
    }, { select: "agent.*" });
  },
);
