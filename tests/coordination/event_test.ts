/** What an event is: its keys, its types, its payloads. */
import { test } from "node:test";
import { installFakeClock } from "../harness/support/fake_clock.ts";
import { assert, assertEquals, assertMatch, assertNotStrictEquals } from "@std/assert";
import {
  CoordinationBus,
  type CoordinationDraft,
  type CoordinationEventType,
  isCoordinationEventType,
} from "@locus/core/coordination";
import { coordinationEvents } from "../events/expected_catalogue.ts";
import { reportingBus } from "./_support.ts";

const types = Object.keys(coordinationEvents) as CoordinationEventType[];

const original = types.slice(0, 12).concat("custom");
const ofNodes = types.slice(12, -1);

test("The 25 types are 13 of streams and 12 of nodes, all different", () => {
  assertEquals(types.length, 25);
  assertEquals(new Set(types).size, 25);
  assertEquals([original.length, ofNodes.length], [13, 12]);
  assertEquals(ofNodes, [
    "node_loop_started",
    "node_loop_iteration",
    "node_loop_completed",
    "llm_text_delta",
    "llm_reasoning_delta",
    "tool_call_started",
    "tool_call_completed",
    "client_output_delta",
    "client_input_requested",
    "node_internal_output",
    "node_input_blocked",
    "node_stalled",
  ]);
});

test("isCoordinationEventType() knows the 25 names and nothing else", () => {
  assert(types.every(isCoordinationEventType));
  const others = ["agent.think", "CUSTOM", "toString", "", null, undefined, 5, ["custom"]];
  assertEquals(others.filter(isCoordinationEventType), []);
});

test("An event has the seven keys in their order, with null for what is not given", async () => {
  const bus = new CoordinationBus();
  await bus.publish({ type: "custom", stream_id: "s" });
  const [event] = bus.getHistory();
  assertEquals(
    JSON.stringify({ ...event, timestamp: "" }),
    '{"type":"custom","stream_id":"s","node_id":null,"execution_id":null,"data":{},' +
      '"timestamp":"","correlation_id":null}',
  );
  assertMatch(event!.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test("An event carries every id that is given, and the time of its publish", async () => {
  const bus = new CoordinationBus();
  const clock = installFakeClock();
  try {
    await bus.publish({
      type: "custom",
      stream_id: "s",
      node_id: "n",
      execution_id: "e",
      correlation_id: "c",
      data: { a: 1 },
    });
    assertEquals(bus.getHistory()[0]!.timestamp, new Date(Date.now()).toISOString());
  } finally {
    clock.restore();
  }
  const { timestamp: _, ...event } = bus.getHistory()[0]!;
  assertEquals(event, {
    type: "custom",
    stream_id: "s",
    node_id: "n",
    execution_id: "e",
    correlation_id: "c",
    data: { a: 1 },
  });
});

test("All 25 types are published as they are, with the catalogue's payload", async () => {
  const bus = new CoordinationBus();
  const seen: unknown[] = [];
  bus.subscribe({ handler: ({ type, data }) => void seen.push([type, data]) });
  for (const [type, data] of Object.entries(coordinationEvents)) {
    await bus.publish({ type, stream_id: "s", data } as CoordinationDraft);
  }
  assertEquals(seen, Object.entries(coordinationEvents));
});

test("Keys that may be left out are in the event all the same", async () => {
  const bus = new CoordinationBus();
  const node = bus.stream("s").node("n").execution("e");
  await node.publish("execution_started");
  await node.publish("execution_completed", {});
  await node.publish("node_loop_started");
  await node.publish("tool_call_started", { tool_use_id: "1", tool_name: "t" });
  await node.publish("tool_call_completed", { tool_use_id: "1", tool_name: "t" });
  await node.publish("client_input_requested");
  await node.publish("node_input_blocked", { prompt: undefined });
  await node.publish("node_stalled", { reason: null } as never);
  assertEquals(bus.getHistory().reverse().map(({ data }): unknown => data), [
    { input: {} },
    { output: {} },
    { max_iterations: null },
    { tool_use_id: "1", tool_name: "t", tool_input: {} },
    { tool_use_id: "1", tool_name: "t", result: "", is_error: false },
    { prompt: "" },
    { prompt: "" },
    { reason: "" },
  ]);
});

test("Keys that are given are kept, falsy ones too", async () => {
  const bus = new CoordinationBus();
  const node = bus.stream("s").node("n");
  await node.publish("node_loop_started", { max_iterations: 0 });
  await node.publish("tool_call_completed", {
    tool_use_id: "1",
    tool_name: "t",
    result: "no",
    is_error: true,
  });
  assertEquals(bus.getHistory().reverse().map(({ data }): unknown => data), [
    { max_iterations: 0 },
    { tool_use_id: "1", tool_name: "t", result: "no", is_error: true },
  ]);
});

test("An event is frozen through and through, and no publisher can change it", async () => {
  const bus = new CoordinationBus();
  const input = { list: [1] };
  await bus.stream("s").publish("execution_started", { input });
  await bus.stream("s").publish("execution_started");
  input.list.push(2);
  const [empty, event] = bus.getHistory({ type: "execution_started" });
  assertEquals(event!.data, { input: { list: [1] } });
  assertNotStrictEquals<unknown>(event!.data.input, input);
  for (const part of [event, event!.data, event!.data.input, event!.data.input.list, empty!.data]) {
    assert(Object.isFrozen(part));
  }
  assert(Object.isFrozen(empty!.data.input));
});

test("What JSON has not becomes a marked placeholder, and the event is delivered", async () => {
  const { bus, reports } = reportingBus();
  await bus.stream("s").publish("custom", { f() {}, n: 1n, d: new Date(0) });
  await bus.stream("s").publish("custom", 5 as never);
  assertEquals(bus.getHistory().reverse().map(({ data }): unknown => data), [
    {
      f: { $placeholder: "function", preview: "f" },
      n: { $placeholder: "bigint", preview: "1n" },
      d: "1970-01-01T00:00:00.000Z",
    },
    { $placeholder: "invalid_data", preview: "5" },
  ]);
  assertEquals(reports, []);
});

test("A payload over maxEventBytes keeps its keys, with previews of what is large", async () => {
  const bus = new CoordinationBus({ maxEventBytes: 2_000 });
  const node = bus.stream("s").node("n");
  await node.publish("llm_text_delta", { content: "x", snapshot: "y".repeat(5_000) });
  const [event] = bus.getHistory();
  assertEquals<unknown>(event!.data, {
    content: "x",
    snapshot: { $placeholder: "too_large", preview: "y".repeat(240) },
  });
});

test("An event that a handler got can be published on another bus", async () => {
  const here = new CoordinationBus();
  const there = new CoordinationBus();
  here.subscribe({ handler: (event) => there.publish(event) });
  await here.stream("s").execution("e").publish("execution_failed", { error: "no" });
  const [sent] = here.getHistory();
  const [received] = there.getHistory();
  assertEquals({ ...received, timestamp: "" }, { ...sent, timestamp: "" } as typeof received);
});
