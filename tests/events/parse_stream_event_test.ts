import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import fc from "../harness/support/property.ts";
import { formatEventId } from "../../src/events/mod.ts";
import { parseStreamEvent, streamEventSchema } from "../../src/events/schemas.ts";
import { expectedCatalogue } from "./expected_catalogue.ts";

const samples: [string, Record<string, unknown>][] = Object.entries(expectedCatalogue);

function makeEvent(eventType: string, data: unknown): Record<string, unknown> {
  return {
    event_id: "k3v9-17",
    run_id: "order-42",
    event_type: eventType,
    timestamp: "2026-01-31T12:00:00.000Z",
    data,
  };
}

function problemOf(event: unknown): string {
  return assertThrows(() => parseStreamEvent(event), TypeError).message;
}

test("parseStreamEvent() accepts every event of the catalogue and returns it itself", () => {
  for (const [eventType, data] of samples) {
    const event = makeEvent(eventType, data);
    assertStrictEquals<unknown>(parseStreamEvent(event), event);
  }
});

test("parseStreamEvent() lets event types that it does not know pass untouched", () => {
  const data = Object.freeze({ z: 1, a: [{ b: undefined }], $odd: null });
  for (const eventType of ["shop.paid", "agent.of_tomorrow", "bus.of_tomorrow"]) {
    const event = Object.freeze(makeEvent(eventType, data));
    assertStrictEquals<unknown>(parseStreamEvent(event), event);
    assertStrictEquals<unknown>(parseStreamEvent(event).data, data);
  }
});

test("parseStreamEvent() accepts a gap of the stream of all runs", () => {
  const gap = { from_seq: 1, to_seq: 2, count: 2, reason: "lagged" };
  assertEquals(parseStreamEvent({ ...makeEvent("bus.gap", gap), run_id: "*" }).run_id, "*");
});

test("parseStreamEvent() takes names that objects inherit for names of one's own", () => {
  for (const eventType of ["toString", "constructor", "__proto__", "hasOwnProperty"]) {
    assertEquals<string>(parseStreamEvent(makeEvent(eventType, {})).event_type, eventType);
  }
});

test("parseStreamEvent() keeps the order of keys and keys beyond the five", () => {
  const json = JSON.stringify({
    trace_id: "t",
    ...makeEvent("skills.activated", {
      later: 1,
      ...expectedCatalogue["skills.activated"],
    }),
  });
  assertEquals(JSON.stringify(parseStreamEvent(JSON.parse(json))), json);
});

test("parseStreamEvent() names the place, what must be there, and what is", () => {
  const think = expectedCatalogue["agent.think"];
  const tool = expectedCatalogue["agent.tool.started"];
  const cases: [unknown, string][] = [
    [null, "it must be an object, got null"],
    [[], "it must be an object, got an array"],
    ["{}", 'it must be an object, got "{}"'],
    [makeEvent("agent.think", 7), '"data" must be an object, got 7'],
    [makeEvent("shop.paid", []), '"data" must be an object, got an array'],
    [makeEvent("shop.paid", null), '"data" must be an object, got null'],
    [
      makeEvent("agent.think", { ...think, iteration: "0" }),
      '"data.iteration" must be a number, got "0"',
    ],
    [
      makeEvent("agent.think", { ...think, iteration: 0.5 }),
      '"data.iteration" must be a whole number, got 0.5',
    ],
    [
      makeEvent("agent.think", { ...think, iteration: -1 }),
      '"data.iteration" must be at least 0, got -1',
    ],
    [
      makeEvent("agent.tool.started", { ...tool, arg_keys: ["city", 7] }),
      '"data.arg_keys[1]" must be a string, got 7',
    ],
    [
      makeEvent("rag.query.completed", {
        ...expectedCatalogue["rag.query.completed"],
        top_score: "",
      }),
      '"data.top_score" must be a number or null, got ""',
    ],
    [
      makeEvent("agent.steering.applied", { action: "stop", tool_name: "rm", reason: "" }),
      '"data.action" must be "guide" or "interrupt", got "stop"',
    ],
    [
      makeEvent("multiagent.graph.node.routed", {
        from_node: "check",
        to_nodes: [],
        condition_result: [1],
      }),
      '"data.condition_result" must be a string or another array or null, got an array',
    ],
    [
      makeEvent("state_changed", { key: "stock", old_value: 1, scope: "stream" }),
      '"data.new_value" must be a JSON value, got nothing',
    ],
  ];
  for (const [event, problem] of cases) {
    assertEquals(problemOf(event), `Cannot read event: ${problem}`);
  }
});

test("parseStreamEvent() says how many problems there are", () => {
  assertEquals(
    problemOf(makeEvent("agent.tokens.used", {})),
    'Cannot read event: "data.prompt_tokens" must be a number, got nothing (problem 1 of 3)',
  );
});

test("parseStreamEvent() never shows more than the start of a value", () => {
  const event = { ...makeEvent("shop.paid", {}), run_id: "x".repeat(1_000_000) };
  assert(problemOf(event).length < 300);
});

test("parseStreamEvent() checks ids, names and times by the publishers' rules", () => {
  const event = makeEvent("shop.paid", {});
  const wrong: Record<string, unknown[]> = {
    event_id: ["17", "k3v9-", "k3v9-01", "k3v9-1\n", 17, null, undefined],
    run_id: ["", "..", "a/b", "a\nb", 42, undefined],
    event_type: ["", "open", "error", "a b", "bus.\n", null, undefined],
    timestamp: ["yesterday", "2026-01-31", "2026-13-01T00:00:00.000Z", "2026-01-31T12:00:00", 0],
  };
  for (const [key, values] of Object.entries(wrong)) {
    for (const value of values) {
      const problem = problemOf({ ...event, [key]: value });
      assert(problem.startsWith(`Cannot read event: "${key}" must be `), problem);
    }
  }
});

test("parseStreamEvent() accepts a placeholder in place of any value", () => {
  const $placeholder = { $placeholder: "too_large", preview: "It was" };
  for (const [eventType, data] of samples) {
    for (const key of Object.keys(data)) {
      const event = makeEvent(eventType, { ...data, [key]: $placeholder });
      assertStrictEquals<unknown>(parseStreamEvent(event), event);
    }
  }
});

test("parseStreamEvent() accepts a placeholder in place of a whole payload or an item", () => {
  const tool = expectedCatalogue["agent.tool.started"];
  for (
    const event of [
      makeEvent("agent.tool.started", { $placeholder: "too_large" }),
      makeEvent("agent.tool.started", { ...tool, arg_keys: ["city", { $placeholder: "bigint" }] }),
    ]
  ) assertStrictEquals<unknown>(parseStreamEvent(event), event);
});

test("parseStreamEvent() still checks the values beside a placeholder", () => {
  const data = { ...expectedCatalogue["agent.think"], iteration: { $placeholder: "bigint" } };
  assertEquals(
    problemOf(makeEvent("agent.think", { ...data, has_tool_calls: "yes" })),
    'Cannot read event: "data.has_tool_calls" must be true or false, got "yes"',
  );
});

test("parseStreamEvent() throws nothing but TypeError, whatever JSON it gets", () => {
  const part = fc.oneof(fc.jsonValue(), fc.constantFrom("agent.think", "k3v9-1", "r1"));
  const keys = { event_id: part, run_id: part, event_type: part, timestamp: part, data: part };
  const event = fc.oneof(fc.jsonValue(), fc.record(keys, { requiredKeys: [] }));
  fc.assert(fc.property(event, (value) => {
    try {
      assertStrictEquals<unknown>(parseStreamEvent(value), value);
    } catch (error) {
      assertInstanceOf(error, TypeError);
    }
  }));
});

test("parseStreamEvent() reads every event that JSON carried", () => {
  const events = fc.record({
    event_id: fc.tuple(fc.stringMatching(/^[a-z0-9]{1,32}$/), fc.maxSafeNat())
      .map(([epoch, seq]) => formatEventId(epoch, seq)),
    run_id: fc.uuid(),
    event_type: fc.stringMatching(/^shop\.[a-z.]{1,20}$/),
    timestamp: fc.date({ min: new Date(0), max: new Date("9999-12-31"), noInvalidDate: true })
      .map((date) => date.toISOString()),
    data: fc.dictionary(fc.string(), fc.jsonValue()),
  });
  fc.assert(fc.property(events, (event) => {
    const read = JSON.parse(JSON.stringify(event));
    assertStrictEquals<unknown>(parseStreamEvent(read), read);
  }));
});

test("streamEventSchema reports every problem with its path", () => {
  const data = { ...expectedCatalogue["agent.tool.started"], span_id: 1, arg_keys: [1] };
  const result = streamEventSchema.safeParse(makeEvent("agent.tool.started", data));
  assertEquals(result.error?.issues.map(({ path }) => path), [
    ["data", "span_id"],
    ["data", "arg_keys", 0],
  ]);
});
