/** The scoped publisher, and the payloads of the 18 publishers that the seed has. */
import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { CoordinationBus, type CoordinationPublisher } from "@locus/core/coordination";
import { reportingBus } from "./_support.ts";

/** Publishes in a scope with all ids, and answers with what the history holds of it. */
async function published(
  publish: (scope: CoordinationPublisher) => Promise<void>,
): Promise<[string, unknown]> {
  const bus = new CoordinationBus();
  const seen: unknown[] = [];
  bus.subscribe({ node: "n", handler: ({ data }) => void seen.push(data) });
  bus.subscribe({ node: "other", handler: ({ data }) => void seen.push(data) });
  await publish(bus.stream("s").node("n").execution("e"));
  const [{ type, data, stream_id, node_id, execution_id } = assertEvent()] = bus.getHistory();
  assertEquals([stream_id, node_id, execution_id], ["s", "n", "e"]);
  assertEquals(seen, [data], "the filter by node is honoured");
  return [type, data];
}

function assertEvent(): never {
  throw new Error("No event was published");
}

test("Executions: started, completed, failed", async () => {
  assertEquals(
    await published((scope) => scope.publish("execution_started", { input: { a: 1 } })),
    ["execution_started", { input: { a: 1 } }],
  );
  assertEquals(
    await published((scope) => scope.publish("execution_completed", { output: { b: 2 } })),
    ["execution_completed", { output: { b: 2 } }],
  );
  assertEquals(
    await published((scope) => scope.publish("execution_failed", { error: "no" })),
    ["execution_failed", { error: "no" }],
  );
});

test("Goals, constraints, state", async () => {
  const progress = { progress: 0.5, criteria_status: { fast: true } };
  assertEquals(
    await published((scope) => scope.publish("goal_progress", progress)),
    ["goal_progress", progress],
  );
  const violation = { constraint_id: "budget", description: "Too expensive." };
  assertEquals(
    await published((scope) => scope.publish("constraint_violation", violation)),
    ["constraint_violation", violation],
  );
  const change = { key: "k", old_value: undefined, new_value: [1], scope: "stream" };
  assertEquals(
    await published((scope) => scope.publish("state_changed", change)),
    ["state_changed", { ...change, old_value: null }],
  );
});

test("The loop of a node", async () => {
  assertEquals(
    await published((scope) => scope.publish("node_loop_started", { max_iterations: 10 })),
    ["node_loop_started", { max_iterations: 10 }],
  );
  assertEquals(
    await published((scope) => scope.publish("node_loop_iteration", { iteration: 3 })),
    ["node_loop_iteration", { iteration: 3 }],
  );
  assertEquals(
    await published((scope) => scope.publish("node_loop_completed", { iterations: 5 })),
    ["node_loop_completed", { iterations: 5 }],
  );
});

test("The streaming of a model", async () => {
  const text = { content: "lo", snapshot: "hello" };
  assertEquals(
    await published((scope) => scope.publish("llm_text_delta", text)),
    ["llm_text_delta", text],
  );
  assertEquals(
    await published((scope) => scope.publish("llm_reasoning_delta", { content: "hm" })),
    ["llm_reasoning_delta", { content: "hm" }],
  );
});

test("The call of a tool", async () => {
  const call = { tool_use_id: "c1", tool_name: "search" };
  assertEquals(
    await published((scope) =>
      scope.publish("tool_call_started", { ...call, tool_input: { q: "x" } })
    ),
    ["tool_call_started", { ...call, tool_input: { q: "x" } }],
  );
  assertEquals(
    await published((scope) => scope.publish("tool_call_completed", { ...call, result: "3" })),
    ["tool_call_completed", { ...call, result: "3", is_error: false }],
  );
});

test("What nodes say to people, and what they keep to themselves", async () => {
  const text = { content: "lo", snapshot: "hello" };
  assertEquals(
    await published((scope) => scope.publish("client_output_delta", text)),
    ["client_output_delta", text],
  );
  assertEquals(
    await published((scope) => scope.publish("client_input_requested", { prompt: "Name?" })),
    ["client_input_requested", { prompt: "Name?" }],
  );
  assertEquals(
    await published((scope) => scope.publish("node_internal_output", { content: "x" })),
    ["node_internal_output", { content: "x" }],
  );
  assertEquals(
    await published((scope) => scope.publish("node_stalled", { reason: "slow" })),
    ["node_stalled", { reason: "slow" }],
  );
  assertEquals(
    await published((scope) => scope.publish("node_input_blocked", { prompt: "Name?" })),
    ["node_input_blocked", { prompt: "Name?" }],
  );
});

test("The types without a publisher of the seed take what they are given, also nothing", async () => {
  const bus = new CoordinationBus();
  const stream = bus.stream("s");
  await stream.publish("execution_paused");
  await stream.publish("execution_resumed");
  await stream.publish("state_conflict", { key: "k" });
  await stream.publish("goal_achieved", { goal: "g" });
  await stream.publish("stream_started");
  await stream.publish("stream_stopped");
  await stream.publish("custom", { any: "thing" });
  assertEquals(bus.getHistory().map(({ data }): unknown => data), [
    { any: "thing" },
    {},
    {},
    { goal: "g" },
    { key: "k" },
    {},
    {},
  ]);
});

test("A scope is never changed by the scopes that are made of it", async () => {
  const bus = new CoordinationBus();
  const stream = bus.stream("s");
  const execution = stream.execution("e");
  execution.node("n");
  stream.node("m");
  await execution.node("n2").node("n3").publish("custom");
  await execution.publish("custom");
  await stream.publish("custom");
  assertEquals(bus.getHistory().map(({ node_id, execution_id }) => [node_id, execution_id]), [
    [null, null],
    [null, "e"],
    ["n3", "e"],
  ]);
});

test("The correlation id is of one publish", async () => {
  const bus = new CoordinationBus();
  const execution = bus.stream("s").execution("e");
  await execution.publish("execution_started", { input: {} }, { correlationId: "order-42" });
  await execution.publish("execution_completed");
  await execution.publish("custom", {}, { correlationId: bus.getHistory()[0]!.correlation_id });
  assertEquals(bus.getHistory().map((event) => event.correlation_id), [null, null, "order-42"]);
});

test("A scope refuses a bad id at once", () => {
  const bus = new CoordinationBus();
  assertThrows(() => bus.stream(""), TypeError, 'stream(): "stream id" must be 1 to 128 of A-Z');
  assertThrows(() => bus.stream("s").node("a b"), TypeError, '"node id" must be');
  assertThrows(
    () => bus.stream("s").execution(7 as never),
    TypeError,
    "got 7",
  );
});

test("A publish with an unknown option is refused and reported, and never rejects", async () => {
  const { bus, reports } = reportingBus();
  await bus.stream("s").publish("custom", {}, { correlation: "c" } as never);
  await bus.stream("s").publish("custom", {}, { correlationId: "a b" });
  assertEquals(bus.getHistory(), []);
  assertEquals(reports.map((report) => report.slice(0, 60)), [
    'publish: CoordinationPublisher.publish(): unknown option "co',
    'publish: Cannot publish event: "correlation_id" must be 1 to',
  ]);
});
