import { test } from "node:test";
import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "../harness/support/property.ts";
import { type Bus, EventBus, runContext, withSpan } from "@locus/core";
import { eventCatalogue } from "@locus/core/events";
import { toOtel, type ToOtelOptions } from "../../src/bridges/otel.ts";
import { addTool, agentOf } from "../agent/_support.ts";
import { requires } from "../harness/support/requires.ts";
import { toolCall } from "../harness/support/scripted_model.ts";
import { until } from "../harness/support/until.ts";
import { traced } from "./_otel.ts";

const started = (span_id: string, tool_name: string) => ({ tool_name, span_id, arg_keys: ["q"] });
const completed = (span_id: string, tool_name: string, error: string | null = null) => ({
  tool_name,
  span_id,
  success: error === null,
  duration_ms: 3,
  output_preview: "the answer",
  error,
});

test("toOtel() makes one trace of a run of an agent", await requires("async-context"), async () => {
  const otel = traced({
    attributes: () => ({ "gen_ai.request.model": "gpt-5", "gen_ai.provider.name": "openai" }),
  });
  const { agent } = agentOf([[toolCall("c1", "add", { a: 1, b: 2 })], ["It is 3."]], {
    tools: [addTool()],
  });
  await runContext({ runId: "r", bus: otel.bus }, () => agent.invoke("1 + 2?"));
  otel.bus.closeStream("r");
  const { spans, span, parentOf, metrics } = await otel.end();

  assertEquals(spans.map(({ name }) => name).sort(), [
    "chat gpt-5",
    "chat gpt-5",
    "execute_tool add",
    "invoke_agent",
    "run",
  ]);
  const traceIds = new Set(spans.map((one) => one.spanContext().traceId));
  assertEquals(traceIds.size, 1);
  assertEquals(parentOf("execute_tool add"), "invoke_agent");
  assertEquals([parentOf("invoke_agent"), parentOf("run")], ["run", null]);

  const tool = span("execute_tool add");
  assertEquals(tool.attributes["gen_ai.operation.name"], "execute_tool");
  assertEquals(tool.attributes["gen_ai.tool.name"], "add");
  assertEquals(tool.attributes["gen_ai.tool.call.id"], "c1");
  assertEquals(tool.status.code, SpanStatusCode.UNSET);

  const [chat] = spans.filter(({ name }) => name === "chat gpt-5");
  assertEquals(chat!.kind, SpanKind.CLIENT);
  assertEquals(chat!.attributes["gen_ai.operation.name"], "chat");
  assertEquals(chat!.attributes["gen_ai.usage.input_tokens"], 5);
  assertEquals(chat!.attributes["gen_ai.usage.output_tokens"], 3);
  assertEquals(chat!.attributes["gen_ai.response.finish_reasons"], ["stop"]);

  const worker = span("invoke_agent");
  assertEquals(worker.attributes["gen_ai.operation.name"], "invoke_agent");
  assertEquals(worker.attributes["locus.reason"], "complete");
  assertEquals(worker.attributes["locus.success"], true);
  const root = span("run");
  assertEquals(root.attributes["locus.run.id"], "r");
  assertEquals(root.attributes["gen_ai.usage.input_tokens"], 10);

  const model = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-5",
  };
  assertEquals(metrics.get("locus.invocations"), [
    { labels: { agent_id: "default", success: true }, value: 1 },
  ]);
  assertEquals(metrics.get("locus.iterations")?.[0]?.value, 2);
  assertEquals(metrics.get("locus.tool_calls"), [
    { labels: { tool_name: "add", success: true }, value: 1 },
  ]);
  assertEquals(metrics.get("gen_ai.client.token.usage"), [
    { labels: { ...model, "gen_ai.token.type": "input" }, value: 10 },
    { labels: { ...model, "gen_ai.token.type": "output" }, value: 6 },
  ]);
  assertEquals(metrics.has("gen_ai.client.operation.duration"), true);
  assertEquals(metrics.has("locus.invocation.duration"), true);
  assertEquals(metrics.has("locus.tool_call.duration"), true);
});

test("toOtel() names agents and models as the conventions do", async () => {
  const otel = traced();
  const run = runContext({ runId: "r", bus: otel.bus }, (run) => run);
  const sub = agentOf([["4"]], { agentId: "helper" }).agent;
  const { agent } = agentOf([
    [toolCall("call_0", "helper", { prompt: "?" })],
    new Error("no model"),
  ], {
    tools: sub.asTool(),
    agentId: "boss",
    temperature: 0.5,
  });
  await agent.invoke("go", { run, throwOnError: false });
  otel.bus.closeStream("r");
  const { spans, span, parentOf } = await otel.end();
  assertEquals(parentOf("invoke_agent helper"), "execute_tool helper");
  assertEquals(parentOf("execute_tool helper"), "invoke_agent boss");
  const boss = span("invoke_agent boss");
  assertEquals(boss.attributes["gen_ai.agent.name"], "boss");
  assertEquals(boss.attributes["gen_ai.request.model"], "scripted");
  assertEquals(boss.status, { code: SpanStatusCode.ERROR, message: "Error: no model" });
  const chats = spans.filter(({ name }) => name === "chat scripted");
  const inBoss = chats.filter(({ parentSpanContext }) =>
    parentSpanContext?.spanId === boss.spanContext().spanId
  );
  assertEquals([chats.length, inBoss.length], [3, 2]);
  const [first, failed] = inBoss;
  assertEquals(first!.attributes["gen_ai.provider.name"], "scripted");
  assertEquals(first!.attributes["gen_ai.request.temperature"], 0.5);
  assertEquals(first!.attributes["gen_ai.response.finish_reasons"], ["stop"]);
  assertEquals(failed!.status.code, SpanStatusCode.ERROR);
  assertEquals(failed!.attributes["error.type"], "Error");
});

test(
  "toOtel() puts spans inside each other as the program did, branches included",
  await requires("async-context"),
  async () => {
    const otel = traced();
    await runContext({ runId: "r", bus: otel.bus }, () =>
      withSpan("outer", () =>
        Promise.all([
          withSpan("left", () => withSpan("left inner", async () => {})),
          withSpan("right", () => Promise.reject(new TypeError("no")).catch(() => {})),
        ])));
    otel.bus.closeStream("r");
    const { parentOf } = await otel.end();
    assertEquals(
      ["left inner", "left", "right", "outer", "run"].map(parentOf),
      ["left", "outer", "outer", "run", null],
    );
  },
);

test("toOtel() uses the events' times, also of events that are old", async () => {
  const otel = traced();
  otel.say("agent.tool.started", started("c1", "search"));
  otel.say("agent.tool.completed", { ...completed("c1", "search"), duration_ms: 0 });
  const event = otel.bus.history().at(-1);
  otel.bus.closeStream("r");
  const { span } = await otel.end();
  const [seconds, nanos] = span("execute_tool search").startTime;
  assertEquals(Math.round(seconds * 1000 + nanos / 1e6), Date.parse(event!.timestamp));
});

test("toOtel() makes the span of a tool that asks last until it is complete, and says how long it waited", async () => {
  const otel = traced();
  otel.say("agent.think", {
    iteration: 0,
    reasoning_preview: "",
    has_tool_calls: true,
    tool_call_count: 1,
  });
  otel.say("agent.tool.started", started("c1", "refund"));
  otel.say("agent.interrupt", { interrupt_id: "i", question_preview: "May I?", options: null });
  const askedAt = Date.now();
  await until("a person has thought", () => Date.now() > askedAt + 20);
  otel.say("agent.tool.started", started("c1", "refund"));
  otel.say("agent.tool.completed", completed("c1", "refund"));
  otel.bus.closeStream("r");
  const { span } = await otel.end();
  const { duration: [seconds, nanos], attributes } = span("execute_tool refund");
  assert(seconds * 1000 + nanos / 1e6 >= 20, `${seconds} s ${nanos} ns`);
  assert(Number(attributes["locus.waited_ms"]) >= 20, `${attributes["locus.waited_ms"]} ms`);
});

test("toOtel() places a linked tool under the span it is part of", async () => {
  const otel = traced();
  otel.say("agent.tool.started", started("c1", "research"));
  otel.say("agent.tool.started", started("c2", "search"));
  otel.say("span.linked", { span_id: "c2", parent_span_id: "c1" });
  otel.say("agent.tool.completed", completed("c2", "search"));
  otel.say("agent.tool.completed", completed("c1", "research"));
  otel.bus.closeStream("r");
  const { parentOf } = await otel.end();
  assertEquals(parentOf("execute_tool search"), "execute_tool research");
  assertEquals(parentOf("execute_tool research"), "run");
});

test("toOtel() ends no span before what is part of it", async () => {
  const otel = traced();
  otel.say("agent.tool.started", started("c1", "research"));
  const inner = { span_id: "s1", parent_span_id: "c1", name: "fetch" };
  otel.say("span.started", { ...inner, attributes: {} });
  const begunAt = Date.now();
  await until("time has passed", () => Date.now() > begunAt + 5);
  otel.say("span.completed", { ...inner, success: true, duration_ms: 10, error: null });
  otel.say("agent.tool.completed", { ...completed("c1", "research"), duration_ms: 1 });
  otel.bus.closeStream("r");
  const { span } = await otel.end();
  const nanos = ({ endTime: [seconds, nanos] }: { endTime: readonly [number, number] }) =>
    seconds * 1e9 + nanos;
  assertEquals(nanos(span("execute_tool research")) >= nanos(span("fetch")), true);
});

test("toOtel() pairs events without a span_id by what both carry", async () => {
  const otel = traced();
  for (const specialist_id of ["a", "b"]) {
    const data = { specialist_id, specialist_type: "x", task_preview: "private" };
    otel.say("multiagent.specialist.started", data);
  }
  for (const specialist_id of ["a", "b"]) {
    otel.say("multiagent.specialist.completed", {
      specialist_id,
      specialist_type: "x",
      success: specialist_id === "a",
      confidence: 0.5,
      duration_ms: 1,
      output_length: 3,
      error: specialist_id === "a" ? null : "TypeError: bad",
    });
  }
  otel.bus.closeStream("r");
  const { span, parentOf } = await otel.end();
  assertEquals([parentOf("invoke_agent a"), parentOf("invoke_agent b")], ["run", "run"]);
  assertEquals(span("invoke_agent a").status.code, SpanStatusCode.UNSET);
  assertEquals(span("invoke_agent b").status, {
    code: SpanStatusCode.ERROR,
    message: "TypeError: bad",
  });
  assertEquals(span("invoke_agent b").attributes["error.type"], "TypeError");
  assertEquals(span("invoke_agent a").attributes["locus.confidence"], 0.5);
});

test("toOtel() records content only when asked, and never a secret", async () => {
  const secret = "sk-proj-abcdefghijklmnop";
  const run = async (options: ToOtelOptions) => {
    const otel = traced(options);
    otel.say("agent.think", {
      iteration: 0,
      reasoning_preview: "private thought",
      has_tool_calls: true,
      tool_call_count: 1,
    });
    otel.say("agent.tool.started", started("c1", "search"));
    otel.say("agent.tool.completed", {
      ...completed("c1", "search", `Error: bad key ${secret}`),
      output_preview: `private result ${secret}`,
    });
    otel.say("rag.query.started", {
      query_preview: "private query",
      limit: 3,
      store_type: "memory",
      threshold: null,
    });
    otel.say("agent.interrupt", {
      interrupt_id: "int_1",
      question_preview: "private question",
      options: ["private option"],
    });
    otel.say("shop.paid", { customer: "private customer", password: secret, amount: 7 });
    otel.say("span.started", {
      span_id: "s1",
      parent_span_id: null,
      name: "quote",
      attributes: {
        sql: "private sql",
        "db.system": "pg",
        "gen_ai.input.messages": "private prompt",
        "http.authorization": "abc",
      },
    });
    otel.bus.closeStream("r");
    const { spans } = await otel.end();
    return JSON.stringify(spans.map(({ name, attributes, events, status }) => ({
      name,
      attributes,
      status,
      events: events.map(({ name, attributes }) => ({ name, attributes })),
    })));
  };
  const without = await run({});
  assertEquals(without.match(/private[^"]*/g), null);
  assertEquals(without.includes("shop.paid"), true);
  assertEquals(without.includes('"locus.amount"'), false);
  assertEquals(without.includes('"locus.interrupt_id":"int_1"'), true);
  assertEquals(without.includes('"db.system":"pg"'), true);
  const withContent = await run({ recordContent: true });
  for (const what of ["thought", "result", "query", "question", "option", "customer", "sql"]) {
    assertEquals(withContent.includes(`private ${what}`), true, what);
  }
  for (const exported of [without, withContent]) {
    assertEquals(exported.includes("abcdefghijkl"), false);
    assertEquals(exported.includes('"http.authorization":"[REDACTED]"'), true);
  }
});

test("toOtel() puts other events on the span in which they happened", async () => {
  const otel = traced();
  otel.say("agent.tool.started", started("c1", "search"));
  otel.say("memory.conversation.pruned", {
    strategy: "sliding_window",
    window_size: 5,
    removed_count: 2,
    span_id: "c1",
  });
  otel.say("agent.tool.completed", completed("c1", "search"));
  otel.bus.closeStream("r");
  const { span } = await otel.end();
  const [event, ...others] = span("execute_tool search").events;
  assertEquals(event?.name, "memory.conversation.pruned");
  assertEquals(event?.attributes?.["locus.removed_count"], 2);
  assertEquals(others, []);
});

test("toOtel() ends what was not over when the run closes, and says so", async () => {
  const otel = traced();
  otel.say("agent.tool.started", started("c1", "search"));
  otel.bus.closeStream("r");
  const { span } = await otel.end();
  assertEquals(span("execute_tool search").attributes["locus.incomplete"], true);
  assertEquals(span("run").attributes["locus.incomplete"], undefined);
});

test("toOtel() ends a run's trace when the bus forgets the run", async () => {
  const otel = traced({}, { maxRunsRetained: 2 });
  for (const run of ["a", "b", "c"]) {
    const data = { span_id: "s", parent_span_id: null, name: `in ${run}`, attributes: {} };
    otel.bus.publish({ run_id: run, event_type: "span.started", data });
    await until(`${run} is read`, () => Boolean(otel.bus.stats().queue_depths[run]?.includes(0)));
  }
  const before = otel.bus.stats();
  assertEquals(before.evicted_runs_total, 1);
  const { spans } = await otel.end();
  assertEquals(spans.filter(({ name }) => name === "run").length, 3);
  assertEquals(spans.filter(({ name }) => name.startsWith("in ")).length, 3);
});

test("toOtel() tells of a gap, and counts it", async () => {
  const otel = traced({}, { historyPerRun: 2, maxQueueSize: 4 });
  for (let n = 0; n < 10; n++) otel.say("shop.tick", { n });
  otel.bus.closeStream("r");
  const { span, metrics } = await otel.end();
  const gap = span("run").events.find(({ name }) => name === "bus.gap");
  const missed = Number(gap?.attributes?.["locus.count"]);
  assertEquals(span("run").events.length - 1 + missed, 10);
  assertEquals(span("run").attributes["locus.missed_events"], missed);
  assertEquals(metrics.get("locus.missed_events")?.[0]?.value, missed);
});

test("toOtel() traces no more than maxRuns at a time, and no event twice", async () => {
  const otel = traced({ maxRuns: 2 });
  for (let round = 0; round < 3; round++) {
    for (const run of ["a", "b", "c"]) {
      otel.bus.publish({ run_id: run, event_type: "shop.tick", data: { round } });
      await until(
        "it is read",
        () => Object.values(otel.bus.stats().queue_depths).flat().every((n) => n === 0),
      );
    }
  }
  const { spans } = await otel.end();
  assertEquals(spans.flatMap(({ events }) => events).length, 9);
  assertEquals(spans.every(({ ended }) => ended), true);
});

test("toOtel() makes one trace of a run that was over before it was noticed", async () => {
  const otel = traced();
  for (let n = 0; n < 400; n++) otel.say("shop.tick", { n });
  otel.bus.closeStream("r");
  const { spans } = await otel.end();
  assertEquals(spans.map(({ name }) => name), ["run"]);
});

test("toOtel() puts a run under the span of whoever started it", async () => {
  const parent = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "b7ad6b7169203331",
    traceFlags: 1,
  });
  const otel = traced({ parent: (runId) => runId === "r" ? parent : context.active() });
  otel.say("shop.tick");
  otel.bus.closeStream("r");
  const { span } = await otel.end();
  assertEquals(span("run").spanContext().traceId, "0af7651916cd43dd8448eb211c80319c");
  assertEquals(span("run").parentSpanContext?.spanId, "b7ad6b7169203331");
});

test("toOtel() keeps the number of time series down when a model makes tool names up", async () => {
  const otel = traced();
  for (let n = 0; n < 500; n++) otel.say("agent.tool.completed", completed(`c${n}`, `tool${n}`));
  otel.bus.closeStream("r");
  const { metrics } = await otel.end();
  assertEquals(metrics.get("locus.tool_calls")?.length, 201);
});

test("toOtel() does not break the bus or other runs when something of the user's throws", async () => {
  const errors: string[] = [];
  const otel = traced({
    attributes(runId) {
      if (runId === "bad") throw new Error("no such run");
      return undefined;
    },
    onError: (error) => errors.push(error.message),
  });
  otel.bus.publish({ run_id: "bad", event_type: "shop.tick", data: {} });
  otel.say("shop.tick");
  otel.bus.closeStream("r");
  const { spans } = await otel.end();
  assertEquals(spans.map(({ name }) => name), ["run"]);
  assertEquals(errors, ["no such run"]);
});

test("toOtel() says so when the bus has no room for another reader", async () => {
  const errors: string[] = [];
  const bus = new EventBus({ maxGlobalSubscribers: 1, onError() {} });
  const other = bus.subscribeGlobal();
  const bridge = toOtel(bus, { onError: (error) => errors.push(error.message) });
  await bridge.done;
  await other.cancel();
  assertEquals(errors, ["The bus has too many global subscribers already"]);
});

test("toOtel() makes sense of events of any shape, and leaves no span open", async () => {
  const types = [...Object.keys(eventCatalogue), "shop.paid"].filter((type) =>
    !type.startsWith("bus.")
  );
  const keys = ["span_id", "parent_span_id", "name", "tool_name", "error", "success", "attributes"];
  const value = fc.oneof(
    fc.constantFrom("s1", "s2", "", null, true, NaN),
    fc.jsonValue(),
    fc.string(),
  );
  const payload = fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), value);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom(...types), payload)), async (events) => {
      const errors: Error[] = [];
      const otel = traced({ onError: (error) => errors.push(error), recordContent: true });
      for (const [type, data] of events) otel.say(type, data);
      const isClosed = events.length % 2 === 0;
      if (isClosed) otel.bus.closeStream("r");
      const { spans } = await otel.end();
      assertEquals(errors, []);
      assertEquals(
        spans.filter(({ name }) => ["run", "invoke_agent"].includes(name)).length > 0,
        events.length > 0,
      );
      const ids = new Set(spans.map((span) => span.spanContext().spanId));
      for (const { parentSpanContext: parent } of spans) {
        assertEquals(parent === undefined || ids.has(parent.spanId), true);
      }
    }),
    { numRuns: 60 },
  );
});

test("toOtel() refuses what it cannot use", () => {
  const refuse = (bus: unknown, options: unknown, message: string) =>
    assertThrows(() => toOtel(bus as Bus, options as ToOtelOptions), TypeError, message);
  const bus = new EventBus();
  refuse({}, {}, "toOtel(): expected an event bus, got an object");
  refuse(bus, { trace: 1 }, 'unknown option "trace"');
  refuse(bus, { tracer: {} }, '"tracer" must be a tracer, got an object');
  refuse(bus, { recordContent: 1 }, '"recordContent" must be true or false, got 1');
  refuse(bus, { parent: {} }, '"parent" must be a function');
  refuse(bus, { select: "a b" }, '"select" must be an event type');
  assertThrows(() => toOtel(bus, { maxRuns: 0 }), RangeError, '"maxRuns"');
});
