import { test } from "node:test";
import { assert, assertEquals, assertLess } from "@std/assert";
import { hasEventBus, resetEventBus, runContext } from "../../mod.ts";
import { type AgentEvent, bridgeAgentEvent, ModelRetryHook } from "../../src/agent/mod.ts";
import { toolCall } from "../harness/support/scripted_model.ts";
import { addTool, agentOf, collect, onBus, outline } from "./_support.ts";
import { MemoryCheckpointer } from "../../src/memory/mod.ts";
import { eventCatalogue } from "../../src/events/mod.ts";

const at = new Date(0).toISOString();

/** What an event becomes on the bus. */
async function bridged(event: AgentEvent): Promise<[string, unknown][]> {
  const { events } = await onBus(() => Promise.resolve(bridgeAgentEvent(event)));
  return events.map(({ event_type, data }) => [event_type, data]);
}

test("bridgeAgentEvent() maps what the loop does not yield yet", async () => {
  assertEquals(
    await bridged({
      event_type: "reflect",
      timestamp: at,
      iteration: 1,
      assessment: "stuck",
      confidence_delta: -0.2,
      new_confidence: 0.1,
      guidance: null,
    }),
    [["agent.reflect", {
      iteration: 1,
      assessment: "stuck",
      confidence_delta: -0.2,
      new_confidence: 0.1,
      guidance_preview: "",
    }]],
  );
  assertEquals(
    await bridged({
      event_type: "grounding",
      timestamp: at,
      score: 0.5,
      claims_evaluated: 2,
      ungrounded_claims: ["the moon is cheese"],
      requires_replan: true,
    }),
    [["agent.grounding", {
      score: 0.5,
      claims_evaluated: 2,
      ungrounded_count: 1,
      requires_replan: true,
    }]],
  );
});

test("bridgeAgentEvent() reads token counts under either name", async () => {
  const complete = (usage: Record<string, number>): AgentEvent => ({
    event_type: "model_complete",
    timestamp: at,
    content: null,
    tool_calls: [],
    usage,
    stop_reason: null,
  });
  const counts = { prompt_tokens: 2, completion_tokens: 3, total_tokens: 5 };
  const usages: Record<string, number>[] = [
    { input_tokens: 2, output_tokens: 3 },
    { prompt_tokens: 2, completion_tokens: 3 },
    { input_tokens: 2, output_tokens: 3, total_tokens: 5 },
  ];
  for (const usage of usages) {
    assertEquals((await bridged(complete(usage)))[1], ["agent.tokens.used", counts]);
  }
  assertEquals(await bridged(complete({})), [
    ["agent.model.completed", { content_preview: "", tool_call_count: 0, stop_reason: null }],
  ]);
});

test("bridgeAgentEvent() does nothing outside of a run", () => {
  resetEventBus();
  bridgeAgentEvent({
    event_type: "model_chunk",
    timestamp: at,
    content: "x",
    tool_calls: null,
    done: false,
  });
  assertEquals(hasEventBus(), false);
});

test("Previews hold at most 240 characters, and never half of one", async () => {
  const [[, data]] = await bridged({
    event_type: "think",
    timestamp: at,
    iteration: 0,
    reasoning: `${"x".repeat(239)}😀`,
    tool_calls: [],
  }) as [[string, { reasoning_preview: string }]];
  assertEquals(data.reasoning_preview, "x".repeat(239));
});

test("The chunks of a short answer are published one by one", async () => {
  const deltas = Array.from({ length: 30 }, (_, i) => `${i} `);
  const { agent } = agentOf([[{ deltas }]], { streaming: true });
  const { events } = await onBus(() => collect(agent.run("go")));
  const chunks = events.filter(({ event_type }) => event_type === "agent.model.chunk");
  assertEquals(chunks.map(({ data }) => data.content_preview), [...deltas, ""]);
});

test("The chunks of a long answer are joined, and no text is lost", async () => {
  const deltas = Array.from({ length: 5000 }, (_, i) => `${i}😀 `);
  const { agent } = agentOf([[{ deltas }]], { streaming: true });
  const { events, value } = await onBus(() => collect(agent.run("go")));
  const chunks = events.filter(({ event_type }) => event_type === "agent.model.chunk");
  const previews = chunks.map(({ data }) => String(data.content_preview));

  assertEquals(value.events.filter(({ event_type }) => event_type === "model_chunk").length, 5001);
  assertEquals(previews.join(""), deltas.join(""));
  assertLess(chunks.length, 400);
  assertEquals(previews.every((text) => text.length <= 240), true);
  assertEquals(chunks.filter(({ data }) => data.done).length, 1);
  // What waits goes out before anything else does.
  assertEquals(events.at(-1)!.event_type, "agent.terminate");
  assertEquals(events.findLastIndex((event) => event === chunks.at(-1)), events.length - 5);
});

test("What waits of an answer is published, also if the answer breaks off", async () => {
  const deltas = Array.from({ length: 100 }, (_, i) => `${i} `);
  const { agent } = agentOf([{
    stream: [
      ...deltas.map((delta) => ({ type: "text-delta" as const, id: "0", delta })),
      { type: "error", error: new Error("overloaded") },
    ],
  }], { streaming: true });
  const { events } = await onBus(() => collect(agent.run("go")));
  const previews = events.slice(0, -1).map(({ data }) => data.content_preview);
  assertEquals(previews.join(""), deltas.join(""));
  assertEquals(events.at(-1)!.event_type, "agent.terminate");
});

test("A single chunk longer than a preview is published whole, in pieces", async () => {
  const text = "word ".repeat(200);
  const { agent } = agentOf([[text]], { streaming: true });
  const { events } = await onBus(() => collect(agent.run("go")));
  const previews = events.filter(({ event_type }) => event_type === "agent.model.chunk")
    .map(({ data }) => data.content_preview);
  assertEquals(previews.join(""), text);
});

test("A chunk with tool calls says so", async () => {
  const { agent } = agentOf([[toolCall("c1", "add", { a: 1, b: 2 })], ["3"]], {
    tools: addTool(),
    streaming: true,
  });
  const { events } = await onBus(() => collect(agent.run("go")));
  assertEquals(events[0]!.data, { content_preview: "", done: false, has_tool_calls: true });
});

test("A bus that fails does not reach the run", async () => {
  const { error } = console;
  console.error = () => {};
  try {
    const broken = {
      writer() {
        throw new Error("broken bus");
      },
    };
    const { agent } = agentOf([["hi"]]);
    const result = await runContext(
      { runId: "r", bus: broken as never },
      () => agent.invoke("go"),
    );
    assertEquals(result.success, true);
  } finally {
    console.error = error;
  }
});

test("Chunks, completed model calls and their tokens are events, and are on the bus", async () => {
  const { agent } = agentOf([[{ deltas: ["Hel", "lo"] }]], { streaming: "auto" });
  const { events: bus, value: { events } } = await onBus(() => collect(agent.run("go")));
  assertEquals(outline(events).slice(0, 4), [
    "model_chunk",
    "model_chunk",
    "model_chunk",
    "model_complete",
  ]);
  assertEquals(bus.map(({ event_type }) => event_type).slice(0, 5), [
    "agent.model.chunk",
    "agent.model.chunk",
    "agent.model.chunk",
    "agent.model.completed",
    "agent.tokens.used",
  ]);
});

test("A run publishes only what the catalogue has", async () => {
  const { agent } = agentOf([
    [toolCall("c1", "add", { a: 1, b: 2 })],
    [toolCall("c2", "add", { a: 2, b: 2 })],
    ["done"],
  ], {
    tools: addTool(),
    reflexion: true,
    checkpointer: new MemoryCheckpointer(),
    checkpointEveryNIterations: 1,
    hooks: [new ModelRetryHook()],
  });
  const { events } = await onBus(() => agent.invoke("go", { threadId: "t" }));
  assertEquals(events.filter(({ event_type }) => !(event_type in eventCatalogue)), []);
  assert(events.some(({ event_type }) => event_type === "memory.checkpoint.saved"));
});
