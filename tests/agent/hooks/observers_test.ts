import { test } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type Bus, EventBus, runContext } from "../../../mod.ts";
import {
  EventBusHook,
  type Hook,
  LoggingHook,
  type LogSink,
  StructuredLoggingHook,
  tool,
} from "../../../src/agent/mod.ts";
import { type Script, toolCall } from "../../harness/support/scripted_model.ts";
import { addTool, agentOf, onBus } from "../_support.ts";
import { beforeTool, printed } from "./_support.ts";

const ADD_ONCE: Script[] = [[toolCall("c1", "add", { a: 1, b: 2 })], ["done"]];

function recorded() {
  const records: [level: string, message: string, fields: Record<string, unknown>][] = [];
  const logger: LogSink = (...record) => void records.push(record);
  return { records, logger };
}

test("LoggingHook logs each step, without what tools are given and return", async () => {
  const { records, logger } = recorded();
  const { agent } = agentOf(ADD_ONCE, {
    tools: addTool(),
    agentId: "adder",
    hooks: [new LoggingHook({ logger, extra: { service: "shop" } })],
  });
  const prompt = "x".repeat(120);
  await agent.invoke(prompt);
  assertEquals(records.map(([, message]) => message), [
    "Agent invocation starting",
    "Iteration starting",
    "Tool call starting",
    "Tool call completed",
    "Iteration completed",
    "Iteration starting",
    "Iteration completed",
    "Agent invocation completed",
  ]);
  assertEquals(new Set(records.map(([level]) => level)), new Set(["info"]));
  const fields = records.map(([, , { run_id: _, duration_ms: __, ...rest }]) => rest);
  assertEquals(fields[0], {
    service: "shop",
    agent_id: "adder",
    prompt_preview: `${"x".repeat(100)}...`,
    prompt_length: 120,
  });
  assertEquals(fields[2], {
    service: "shop",
    tool_name: "add",
    tool_call_id: "c1",
    argument_keys: ["a", "b"],
  });
  assertEquals(fields[3], {
    service: "shop",
    tool_name: "add",
    tool_call_id: "c1",
    success: true,
  });
  assertEquals(fields[7], {
    service: "shop",
    agent_id: "adder",
    success: true,
    iterations: 2,
    confidence: 0,
    tool_calls: 1,
    errors: 0,
  });
  assertEquals(typeof records[7]![2].duration_ms, "number");
});

test("LoggingHook logs arguments and results if it is asked to", async () => {
  const { records, logger } = recorded();
  const hook = new LoggingHook({ logger, level: "debug", logArguments: true, logResults: true });
  const { agent } = agentOf(ADD_ONCE, { tools: addTool(), hooks: [hook] });
  await agent.invoke("go");
  const [level, , started] = records[2]!;
  assertEquals([level, started.arguments], ["debug", { a: 1, b: 2 }]);
  const [, , completed] = records[3]!;
  assertEquals([completed.result_preview, completed.result_length], ["3", 1]);
});

test("StructuredLoggingHook writes a line of JSON for each record", async () => {
  const lines: string[] = [];
  const hook = new StructuredLoggingHook({
    write: (line) => void lines.push(line),
    extra: { big: 1n },
  });
  const { agent } = agentOf(ADD_ONCE, { tools: addTool(), hooks: [hook] });
  await agent.invoke("go");
  const records = lines.map((line) => JSON.parse(line));
  assertEquals(records[2].event, "tool_call_starting");
  assertEquals(Object.keys(records[2]), [
    "message",
    "event",
    "big",
    "run_id",
    "tool_name",
    "tool_call_id",
    "argument_keys",
    "timestamp",
  ]);
  assertEquals(lines.every((line) => !line.includes("\n")), true);

  const bare: string[] = [];
  await agentOf([["hi"]], {
    hooks: [
      new StructuredLoggingHook({
        write: (line) => void bare.push(line),
        includeTimestamps: false,
      }),
    ],
  }).agent.invoke("go");
  assertEquals("timestamp" in JSON.parse(bare[0]!), false);
});

test("A logger that throws does not end the run", async () => {
  const hook = new LoggingHook({
    logger: () => {
      throw new Error("disk full");
    },
  });
  const text = await printed(async () => {
    const { success } = await agentOf([["hi"]], { hooks: [hook] }).agent.invoke("go");
    assertEquals(success, true);
  });
  assertStringIncludes(text, 'hook "LoggingHook" failed in onBeforeInvocation(): Error: disk full');
});

test("EventBusHook completes calls that never ran", async () => {
  const bus = new EventBus();
  const { agent } = agentOf([
    [toolCall("c1", "add", { a: 1, b: 2 }), toolCall("c2", "nope", {})],
    ["done"],
  ], {
    tools: addTool(),
    hooks: [
      new EventBusHook("r", { bus }),
      beforeTool((event) => void (event.tool_name === "add" && event.cancel("NO"))),
    ],
  });
  await agent.invoke("go");
  const completed = bus.history({ run: "r", type: "agent.tool.completed" }).toReversed();
  assertEquals(
    completed.map(({ data }) => [data.span_id, data.success, data.output_preview, data.error]),
    [["c1", true, "NO", null], ["c2", false, "", "Unknown tool: nope"]],
  );
});

test("EventBusHook completes a repeated call once", async () => {
  const bus = new EventBus();
  const again: Hook = { onAfterToolCall: (event) => void (event.attempt === 1 && event.retry()) };
  const { agent } = agentOf(ADD_ONCE, {
    tools: addTool(),
    hooks: [new EventBusHook("r", { bus }), again],
  });
  await agent.invoke("go");
  assertEquals(bus.history({ run: "r", type: "agent.tool.*" }).length, 2);
});

test("EventBusHook completes the calls of a turn that waited for a person", async () => {
  for (const answer of ["approve", "reject"]) {
    const bus = new EventBus();
    const { agent } = agentOf([
      [toolCall("c1", "add", { a: 1, b: 2 }), toolCall("c2", "nope", {})],
      ["done"],
    ], {
      tools: addTool(),
      hooks: [
        beforeTool((event) => event.requireApproval("ok?")),
        new EventBusHook("r", { bus }),
      ],
    });
    await agent.invoke("go");
    for await (const _ of agent.resume(answer));
    const spans = (type: string) =>
      bus.history({ run: "r", type }).map(({ data }) => (data as { span_id: string }).span_id)
        .sort();
    assertEquals(spans("agent.tool.started"), ["c1", "c2"]);
    assertEquals(spans("agent.tool.completed"), ["c1", "c2"]);
  }
});

test("EventBusHook publishes how a run goes, if it is asked to", async () => {
  const bus = new EventBus();
  const { agent } = agentOf(ADD_ONCE, {
    tools: addTool(),
    agentId: "adder",
    hooks: [new EventBusHook("r", { bus, lifecycleEvents: true })],
  });
  await runContext({ runId: "r", bus }, () => agent.invoke("x".repeat(200)));
  const extra = bus.history({ run: "r" }).toReversed()
    .filter(({ event_type }) => /\.(invocation|iteration)\.|model\.started/.test(event_type));
  assertEquals(extra.map(({ event_type, data }): unknown => [event_type, data]), [
    ["agent.invocation.started", {
      prompt_preview: "x".repeat(160),
      agent_id: "adder",
      max_iterations: 20,
    }],
    ["agent.iteration.started", { iteration: 0 }],
    ["agent.model.started", { message_count: 2, tool_count: 1 }],
    ["agent.iteration.completed", { iteration: 0 }],
    ["agent.iteration.started", { iteration: 1 }],
    ["agent.model.started", { message_count: 4, tool_count: 1 }],
    ["agent.iteration.completed", { iteration: 1 }],
    ["agent.invocation.completed", {
      agent_id: "adder",
      iteration: 2,
      success: true,
      tool_calls: 1,
      total_tokens: 16,
    }],
  ]);
  // What the agent publishes there by itself comes once.
  assertEquals(bus.history({ run: "r", type: "agent.tool.*" }).length, 2);
});

test("EventBusHook publishes nothing but what the catalogue has, unless it is asked to", async () => {
  const bus = new EventBus();
  const { agent } = agentOf(ADD_ONCE, {
    tools: addTool(),
    hooks: [new EventBusHook("r", { bus })],
  });
  await agent.invoke("go");
  assertEquals(
    [...new Set(bus.history({ run: "r" }).map(({ event_type }) => event_type))].sort(),
    ["agent.model.completed", "agent.tokens.used", "agent.tool.completed", "agent.tool.started"],
  );
});

test("EventBusHook survives a bus that throws", async () => {
  const bus = {
    writer: () => {
      throw new Error("bus down");
    },
  } as object as Bus;
  const { agent } = agentOf([["hi"]], { hooks: [new EventBusHook("r", { bus })] });
  const text = await printed(async () => assertEquals((await agent.invoke("go")).success, true));
  assertStringIncludes(text, "bus down");
});

test("EventBusHook needs a run id", () => {
  assertThrows(() => new EventBusHook(""), TypeError, "EventBusHook requires a non-empty run_id");
  assertThrows(() => new EventBusHook(5 as never), TypeError, 'EventBusHook: "runId" must be');
});

test("A hook publishes to the run that the agent's events go to, wherever it is called", async () => {
  const bus = new EventBus();
  const seen: unknown[] = [];
  const hook: Hook = {
    onBeforeToolCall: ({ context }) => {
      seen.push(context.busRunId, context.agentId, context.state.iteration);
      context.emit("shop.checked", { ok: true });
    },
  };
  const work = tool({ name: "add", execute: () => "ok" });
  const { agent } = agentOf(ADD_ONCE, { tools: work, hooks: [hook] });
  await runContext({ runId: "r", bus }, () => agent.invoke("go"));
  assertEquals(bus.history("shop.checked").map(({ run_id }) => run_id), ["r"]);
  assertEquals(seen, ["r", null, 1]);
});

test("EventBusHook tells parallel calls of one tool apart by their ids", async () => {
  const bus = new EventBus();
  const { agent } = agentOf([
    [toolCall("c1", "add", { a: 1, b: 2 }), toolCall("c2", "add", { a: 3, b: 4 })],
    ["done"],
  ], { tools: addTool(), hooks: [new EventBusHook("r", { bus })] });
  await agent.invoke("go");
  const spans = (type: string) =>
    bus.history({ run: "r", type }).map(({ data }) => (data as { span_id: string }).span_id).sort();
  assertEquals(spans("agent.tool.started"), ["c1", "c2"]);
  assertEquals(spans("agent.tool.completed"), ["c1", "c2"]);
});

test("EventBusHook and the agent itself publish the same payloads", async () => {
  const shapes = (events: readonly { event_type: string; data: object }[]) =>
    new Map(events.map(({ event_type, data }) => [event_type, Object.keys(data)]));
  const bus = new EventBus();
  const script = () =>
    agentOf(ADD_ONCE, { tools: addTool(), hooks: [new EventBusHook("h", { bus })] });
  const { events } = await onBus(() => script().agent.invoke("go"));
  const own = shapes(events);
  const hooked = shapes(bus.history({ run: "h" }));
  assertEquals(hooked.size, 4);
  for (const [type, keys] of hooked) assertEquals(keys, own.get(type), type);
});
