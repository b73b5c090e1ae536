import { test } from "node:test";
import { assertEquals, assertFalse } from "@std/assert";
import type { EventType } from "../../src/events/mod.ts";
import { eventJsonSchemas, eventSchemas } from "../../src/events/schemas.ts";
import { expectedCatalogue } from "./expected_catalogue.ts";

const samples: [EventType, Record<string, unknown>][] = Object.entries(expectedCatalogue).map(
  ([eventType, data]) => [eventType as EventType, data],
);

test("eventSchemas has a schema for every event and no other", () => {
  assertEquals(Object.keys(eventSchemas).sort(), Object.keys(expectedCatalogue).sort());
});

test("eventSchemas accepts a full payload of every event", () => {
  for (const [eventType, data] of samples) {
    assertEquals<unknown>(eventSchemas[eventType].parse(data), data, eventType);
  }
});

test("eventSchemas rejects every payload that lacks a key", () => {
  for (const [eventType, data] of samples) {
    for (const key of Object.keys(data)) {
      const { [key]: _, ...rest } = data;
      const result = eventSchemas[eventType].safeParse(rest);
      assertEquals(result.error?.issues.map(({ path }) => path), [[key]], `${eventType} ${key}`);
    }
  }
});

test("eventSchemas rejects every value of another type", () => {
  const ofAnyType = ["old_value", "new_value", "content"];
  for (const [eventType, data] of samples) {
    for (const [key, value] of Object.entries(data)) {
      if (ofAnyType.includes(key)) continue;
      const wrong = { ...data, [key]: typeof value === "boolean" ? "true" : true };
      assertFalse(eventSchemas[eventType].safeParse(wrong).success, `${eventType} ${key}`);
    }
  }
});

test("eventSchemas rejects null where the catalogue does not allow it", () => {
  const nullable = samples.flatMap(([eventType, data]) =>
    Object.keys(data)
      .filter((key) => eventSchemas[eventType].safeParse({ ...data, [key]: null }).success)
      .map((key) => `${eventType} ${key}`)
  );
  assertEquals(nullable, [
    "agent.tool.completed error",
    "agent.model.completed stop_reason",
    "agent.interrupt options",
    "multiagent.specialist.completed error",
    "multiagent.handoff.initiated context_summary",
    "multiagent.graph.node.routed condition_result",
    "router.runnable.failed protocol_id",
    "rag.query.started threshold",
    "rag.query.completed top_score",
    "memory.checkpoint.loaded resume_node",
    "a2a.task.received rpc_id",
    "a2a.task.completed error_code",
    "agent.interrupt.answered by",
    "state_changed old_value",
    "state_changed new_value",
    "node_loop_started max_iterations",
    "run.started name",
    "run.started parent_run_id",
    "run.started parent_span_id",
    "run.completed error",
    "span.started parent_span_id",
    "span.completed parent_span_id",
    "span.completed error",
    "span.content base_span_id",
    "span.content content",
    "bus.end last_event_id",
  ]);
});

test("eventSchemas keeps the keys of a newer publisher", () => {
  for (const [eventType, data] of samples) {
    const newer = { ...data, added_later: { deep: [1] } };
    assertEquals<unknown>(eventSchemas[eventType].parse(newer), newer, eventType);
  }
});

test("eventSchemas rejects numbers that a counter or a share cannot have", () => {
  const { "agent.tokens.used": tokens, "agent.grounding": grounding } = expectedCatalogue;
  for (const wrong of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
    const data = { ...tokens, total_tokens: wrong };
    assertFalse(eventSchemas["agent.tokens.used"].safeParse(data).success, String(wrong));
  }
  for (const wrong of [-0.1, 1.1, NaN]) {
    const data = { ...grounding, score: wrong };
    assertFalse(eventSchemas["agent.grounding"].safeParse(data).success, String(wrong));
  }
});

test("eventJsonSchemas() requires exactly the keys of every payload", () => {
  const schemas = eventJsonSchemas() as Record<string, {
    title: string;
    type: string;
    properties: object;
    required?: string[];
  }>;
  assertEquals(Object.keys(schemas).sort(), Object.keys(expectedCatalogue).sort());
  for (const [eventType, data] of samples) {
    const { title, type, properties, required = [] } = schemas[eventType]!;
    assertEquals([title, type], [eventType, "object"]);
    // The extras are held by the test of the catalogue.
    const always = Object.keys(properties).filter((key) => key in data || required.includes(key));
    assertEquals(always, Object.keys(data), eventType);
    assertEquals(required, Object.keys(data), eventType);
  }
});

test("eventJsonSchemas() gives plain JSON that allows further keys", () => {
  const schemas = eventJsonSchemas();
  assertEquals(JSON.parse(JSON.stringify(schemas)), schemas);
  assertEquals(schemas["rag.query.started"], {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "rag.query.started",
    description: "A query is about to be embedded and searched.",
    type: "object",
    properties: {
      query_preview: { type: "string" },
      limit: { type: "integer", minimum: 0 },
      store_type: { type: "string" },
      threshold: { type: ["number", "null"] },
      mode: { type: "string", enum: ["vector", "hybrid"] },
      span_id: { type: "string" },
      parent_span_id: { type: ["string", "null"] },
    },
    required: ["query_preview", "limit", "store_type", "threshold"],
    additionalProperties: {},
  });
});
