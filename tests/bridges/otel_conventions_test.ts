/** Which version of OpenTelemetry's conventions a trace speaks. */
import { test } from "node:test";
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { assertEquals, assertThrows } from "@std/assert";
import { EventBus, withRun } from "@locus/core";
import { Agent } from "@locus/core/agent";
import { MemoryCheckpointer } from "@locus/core/memory";
import { type GenAiConventions, toOtel } from "../../src/bridges/otel.ts";
import { ScriptedModel } from "../harness/support/scripted_model.ts";
import { type Exported, traced } from "./_otel.ts";

/** An agent with a thread, a graph with a retrieval, and a model call that a provider says more of. */
async function exportedBy(conventions?: GenAiConventions): Promise<Exported> {
  const otel = traced({ conventions, recordContent: true }, { content: true });
  const agent = new Agent({
    model: new ScriptedModel(["Hello."]),
    agentId: "helper",
    checkpointer: new MemoryCheckpointer(),
  });
  await withRun(
    { runId: "a", bus: otel.bus },
    (run) => agent.invoke("Hi", { run, threadId: "t7" }),
  );

  const { say } = otel;
  const graph = { span_id: "g1", parent_span_id: null, name: "triage", kind: "graph" };
  say("span.started", { ...graph, attributes: {} });
  const query = { span_id: "q1", parent_span_id: "g1", store_type: "memory" };
  say("rag.query.started", { ...query, query_preview: "?" });
  say("span.content", {
    span_id: "q1",
    direction: "output",
    kind: "documents",
    content: [{ id: "d1", score: 0.9 }],
    base_span_id: null,
    from_index: 0,
    truncated: false,
    bytes: 1,
  });
  say("rag.query.completed", { ...query, hit_count: 1, top_score: 0.9, duration_ms: 1 });
  const model = { span_id: "m1", parent_span_id: "g1", name: "gpt-5", kind: "model" };
  say("span.started", { ...model, attributes: { model: "gpt-5", streaming: true } });
  say("agent.tokens.used", {
    span_id: "m1",
    prompt_tokens: 100,
    completion_tokens: 20,
    total_tokens: 120,
    cached_input_tokens: 60,
    cache_write_tokens: 5,
    reasoning_tokens: 8,
  });
  const attributes = {
    input_tokens: 100,
    cached_input_tokens: 60,
    cache_write_tokens: 5,
    reasoning_tokens: 8,
    first_token_ms: 250,
  };
  say("span.completed", { ...model, attributes, success: true, error: null, duration_ms: 900 });
  say("span.completed", { ...graph, attributes: {}, success: true, error: null, duration_ms: 1 });
  otel.bus.closeStream("r");
  return await otel.end();
}

/** The attributes of a span that begin with one of these. */
function attributesOf({ span }: Exported, name: string, ...prefixes: string[]): object {
  return Object.fromEntries(
    Object.entries(span(name).attributes).filter(([key]) =>
      prefixes.some((prefix) => key.startsWith(prefix))
    ),
  );
}

test("toOtel() speaks the conventions 1.37.0 unless told otherwise", async () => {
  const exported = await exportedBy();
  assertEquals(attributesOf(exported, "chat gpt-5", "gen_ai.usage", "locus.c", "locus.r"), {
    "gen_ai.usage.input_tokens": 100,
    "locus.cached_input_tokens": 60,
    "locus.cache_write_tokens": 5,
    "locus.reasoning_tokens": 8,
  });
  assertEquals(attributesOf(exported, "triage", "gen_ai."), {});
  assertEquals(attributesOf(exported, "query", "gen_ai."), {});
  assertEquals(exported.span("invoke_agent helper").attributes["gen_ai.agent.id"], "helper");
  const names = [...exported.metrics.keys()].filter((name) => name.startsWith("gen_ai."));
  assertEquals(names.sort(), ["gen_ai.client.operation.duration", "gen_ai.client.token.usage"]);
});

test("toOtel() speaks the conventions genai-0.1.0 if asked", async () => {
  const exported = await exportedBy("genai-0.1.0");
  const { span, metrics } = exported;
  const prefixes = ["gen_ai.usage", "gen_ai.request.stream", "gen_ai.response.time"];
  assertEquals(attributesOf(exported, "chat gpt-5", ...prefixes), {
    "gen_ai.request.stream": true,
    "gen_ai.response.time_to_first_chunk": 0.25,
    "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.cache_read.input_tokens": 60,
    "gen_ai.usage.cache_write.input_tokens": 5,
    "gen_ai.usage.reasoning.output_tokens": 8,
  });
  assertEquals(attributesOf(exported, "triage", "gen_ai."), {
    "gen_ai.operation.name": "invoke_workflow",
    "gen_ai.agent.name": "triage",
  });
  assertEquals(attributesOf(exported, "retrieval", "gen_ai."), {
    "gen_ai.operation.name": "retrieval",
    "gen_ai.retrieval.documents": '[{"id":"d1","score":0.9}]',
  });
  const agent = span("invoke_agent helper").attributes;
  assertEquals([agent["gen_ai.agent.id"], agent["gen_ai.provider.name"]], [undefined, undefined]);
  assertEquals(agent["locus.agent_id"], "helper");

  const names = [...metrics.keys()].filter((name) => name.startsWith("gen_ai."));
  assertEquals(names.sort(), [
    "gen_ai.client.inference.duration",
    "gen_ai.client.inference.operation.input_tokens",
    "gen_ai.client.inference.operation.output_tokens",
    "gen_ai.client.inference.usage.cache_read.input_tokens",
    "gen_ai.client.inference.usage.cache_write.input_tokens",
    "gen_ai.client.inference.usage.input_tokens",
    "gen_ai.client.inference.usage.output_tokens",
    "gen_ai.client.inference.usage.reasoning.output_tokens",
  ]);
  const usage = (name: string) =>
    metrics.get(`gen_ai.client.inference.usage.${name}`)!.find(({ labels }) =>
      (labels as Record<string, unknown>)["gen_ai.request.model"] === "gpt-5"
    );
  assertEquals(usage("input_tokens"), {
    labels: {
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "gpt-5",
      "gen_ai.token.modality": "unknown",
    },
    value: 100,
  });
  assertEquals(usage("cache_read.input_tokens")?.value, 60);
});

for (const conventions of ["1.37.0", "genai-0.1.0"] as const) {
  test(`toOtel() says to which conversation a model call belongs, by ${conventions}`, async () => {
    const { span } = await exportedBy(conventions);
    for (const name of ["invoke_agent helper", "chat scripted"]) {
      assertEquals(span(name).attributes["gen_ai.conversation.id"], "t7", name);
    }
    assertEquals(span("chat gpt-5").attributes["gen_ai.conversation.id"], undefined);
  });
}

test("toOtel() says with each span of a registered provider which conventions it speaks", async () => {
  const key = Symbol.for("opentelemetry.js.api.1");
  const globals = globalThis as { [key]?: object };
  const urls: unknown[] = [];
  for (const conventions of [undefined, "genai-0.1.0"] as const) {
    const exporter = new InMemorySpanExporter();
    const spanProcessors = [new SimpleSpanProcessor({ exporter })];
    const bus = new EventBus();
    try {
      globals[key] = { version: "1.9.0", trace: new TracerProvider({ spanProcessors }) };
      const stop = toOtel(bus, { conventions });
      bus.publish<string>({ run_id: "r", event_type: "test.tick", data: {} });
      bus.closeStream("r");
      stop();
      await stop.done;
    } finally {
      delete globals[key];
    }
    urls.push(exporter.getFinishedSpans()[0]?.instrumentationScope.schemaUrl);
  }
  assertEquals(urls, [
    "https://opentelemetry.io/schemas/1.37.0",
    "https://opentelemetry.io/schemas/gen-ai/0.1.0",
  ]);
  assertThrows(
    () => toOtel(new EventBus(), { conventions: "1.36.0" as never }),
    TypeError,
    'toOtel(): "conventions" must be 1.37.0 or genai-0.1.0, got "1.36.0"',
  );
});
