import { test } from "node:test";
import { assertEquals } from "@std/assert";
import type {
  EventCatalogue,
  EventDraft,
  EventName,
  EventPayload,
  StreamEvent,
} from "../../src/events/mod.ts";

// The compiler is what is tested here: every `@ts-expect-error` is an error where there is none.

function draft<T extends string>(event: EventDraft<T>): EventDraft<T> {
  return event;
}

function emit<T extends string>(eventType: EventName<T>, data: EventPayload<T>): unknown[] {
  return [eventType, data];
}

const tokens = { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 };
const envelope = {
  event_id: "k3v9-1",
  run_id: "r1",
  timestamp: "2026-01-31T12:00:00.000Z",
} as const;

test("EventDraft checks the payload of a name of the catalogue", () => {
  draft({ run_id: "r1", event_type: "agent.tokens.used", data: tokens });
  // @ts-expect-error a key is missing
  draft({ run_id: "r1", event_type: "agent.tokens.used", data: { prompt_tokens: 5 } });
  // @ts-expect-error a value is of another type
  draft({ run_id: "r1", event_type: "agent.tokens.used", data: { ...tokens, total_tokens: "8" } });
  assertEquals(draft({ run_id: "r1", event_type: "custom", data: {} }).event_type, "custom");
});

test("EventPayload has no keys beyond the catalogue's", () => {
  const data = { content_preview: "", done: true, has_tool_calls: false };
  // @ts-expect-error a key is not in the catalogue
  emit("agent.model.chunk", { content_preview: "", done: true, has_tool_calls: false, words: "" });
  assertEquals(emit("agent.model.chunk", data), ["agent.model.chunk", data]);
});

test("EventPayload allows only the known values of a key", () => {
  const data = { iterations_run: 3, terminated_by: "condition" } as const;
  // @ts-expect-error not one of the reasons
  emit("composition.loop.terminated", { iterations_run: 3, terminated_by: "boredom" });
  assertEquals(emit("composition.loop.terminated", data)[1], data);
});

test("EventPayload knows a missing value as null, not as undefined", () => {
  const data = { thread_id: "t", iteration: 1, backend: "memory", resume_node: null };
  // @ts-expect-error null, not undefined
  emit("memory.checkpoint.loaded", { ...data, resume_node: undefined });
  // @ts-expect-error null, not absent
  emit("memory.checkpoint.loaded", { thread_id: "t", iteration: 1, backend: "memory" });
  assertEquals(emit("memory.checkpoint.loaded", data)[1], data);
});

test("EventName refuses a typo under a reserved prefix", () => {
  // @ts-expect-error think, not thnik
  emit("agent.thnik", {});
  // @ts-expect-error not in the catalogue
  emit("research.done", {});
  assertEquals(emit("agents.think", {}), ["agents.think", {}]);
});

test("EventName refuses the names of the bus", () => {
  // @ts-expect-error only the bus says this
  emit("bus.gap", { from_seq: 1, to_seq: 2, count: 2, reason: "lagged" });
  // @ts-expect-error a name of a later bus is no better
  emit("bus.of-tomorrow", {});
  // @ts-expect-error in a draft neither
  draft({ run_id: "r1", event_type: "bus.end", data: { last_event_id: null } });
  assertEquals(emit("bus", {}), ["bus", {}]);
});

test("EventName allows names of one's own, with any payload, and names made at run time", () => {
  const name: string = ["shop", "paid"].join(".");
  assertEquals(emit("shop.paid", { order_id: 42 }), emit(name, { order_id: 42 }));
});

test("StreamEvent narrows on event_type", () => {
  const event = { ...envelope, event_type: "agent.tokens.used", data: tokens } as StreamEvent;
  // @ts-expect-error `data` is not known before `event_type` is
  event.data.total_tokens satisfies number;
  if (event.event_type !== "agent.tokens.used") throw new Error("another type");
  const total: number = event.data.total_tokens;
  assertEquals(total, 8);
});

test("StreamEvent is read-only, down to the lists in its payload", () => {
  const event = Object.freeze(
    {
      ...envelope,
      event_type: "agent.tool.started",
      data: { tool_name: "weather", span_id: "call_1", arg_keys: ["city"] },
    } satisfies StreamEvent,
  ) as StreamEvent;
  if (event.event_type !== "agent.tool.started") throw new Error("another type");
  // @ts-expect-error the payload is read-only
  const rename = () => (event.data.tool_name = "other");
  // @ts-expect-error a list in it too
  const add = () => event.data.arg_keys.push("unit");
  assertEquals([typeof rename, typeof add], ["function", "function"]);
});

test("StreamEvent takes types of one's own beside the catalogue's", () => {
  type Own = EventCatalogue & { "shop.paid": { order_id: number } };
  const event = { ...envelope, event_type: "shop.paid", data: { order_id: 42 } } as StreamEvent<
    Own
  >;
  // @ts-expect-error not a name of the catalogue
  const known: StreamEvent["event_type"] = "shop.paid";
  if (event.event_type !== "shop.paid") throw new Error("another type");
  assertEquals([event.data.order_id, known], [42, "shop.paid"]);
});
