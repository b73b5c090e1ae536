import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { EventBus } from "@locus/core";
import { type AnyEvent, readAll } from "../../harness/support/read.ts";

/** What a reader gets for a payload, and what the bus counted. */
async function roundTrip(
  data: unknown,
  options: { maxEventBytes?: number } = {},
): Promise<{ event: AnyEvent; placeholders: number }> {
  const bus = new EventBus(options);
  bus.publish({ run_id: "r", event_type: "test.data", data: data as Record<string, unknown> });
  bus.closeStream("r");
  const [event, ...rest] = await readAll(bus.subscribe("r"));
  assertEquals(rest, []);
  // The wire carries the same as the memory.
  assertEquals(JSON.parse(JSON.stringify(event)), event);
  return { event: event!, placeholders: bus.stats().placeholders_total };
}

const cyclic: Record<string, unknown> = { name: "loop" };
cyclic.self = cyclic;

const cases: [name: string, data: unknown, expected: unknown, placeholders: number][] = [
  ["plain values", { a: "x", b: 1, c: true, d: null }, { a: "x", b: 1, c: true, d: null }, 0],
  ["nested values", { a: [1, { b: "c" }] }, { a: [1, { b: "c" }] }, 0],
  ["undefined", { a: undefined }, { a: null }, 0],
  ["numbers that JSON has not", { a: NaN, b: Infinity, c: [-Infinity] }, {
    a: { $placeholder: "not_finite", preview: "NaN" },
    b: { $placeholder: "not_finite", preview: "Infinity" },
    c: [{ $placeholder: "not_finite", preview: "-Infinity" }],
  }, 3],
  ["a date", { at: new Date(0) }, { at: "1970-01-01T00:00:00.000Z" }, 0],
  ["a URL", { url: new URL("http://localhost/") }, { url: "http://localhost/" }, 0],
  [
    "an error",
    { error: new TypeError("bad") },
    { error: { name: "TypeError", message: "bad" } },
    0,
  ],
  [
    "an error whose message is no text",
    { error: Object.assign(new Error(), { message: new Array(1e9) }) },
    { error: { $placeholder: "too_large", preview: "an object" } },
    1,
  ],
  ["a cycle", cyclic, { name: "loop", self: { $placeholder: "cycle" } }, 1],
  ["a BigInt", { n: 12n }, { n: { $placeholder: "bigint", preview: "12n" } }, 1],
  [
    "a huge BigInt",
    { n: 2n ** 100_000n },
    { n: { $placeholder: "bigint", preview: "a bigint" } },
    1,
  ],
  ["a symbol", { s: Symbol("x") }, { s: { $placeholder: "symbol", preview: "x" } }, 1],
  ["a symbol key", { [Symbol("x")]: 1, a: [2] }, { a: [2] }, 0],
  ["a symbol key within", { a: { [Symbol("x")]: 1, b: 2 } }, { a: { b: 2 } }, 0],
  ["a list with a toJSON", { a: Object.assign([1], { toJSON: () => 2 }) }, { a: 2 }, 0],
  ["a list with a hole", { a: [1, , 3] }, { a: [1, null, 3] }, 0],
  [
    "a function",
    { f: function named() {} },
    { f: { $placeholder: "function", preview: "named" } },
    1,
  ],
  ["a map", { m: new Map([[1, 2]]) }, { m: { $placeholder: "unsupported", preview: "Map" } }, 1],
  ["bytes", { b: new Uint8Array(3) }, { b: { $placeholder: "binary", preview: "3 bytes" } }, 1],
  [
    "a getter that throws",
    {
      ok: 1,
      get bad() {
        throw new Error("secret");
      },
    },
    { ok: 1, bad: { $placeholder: "threw" } },
    1,
  ],
  [
    "a toJSON that throws",
    {
      a: {
        toJSON() {
          throw new Error("secret");
        },
      },
    },
    { a: { $placeholder: "threw" } },
    1,
  ],
  [
    "a proxy that throws",
    new Proxy({}, {
      ownKeys() {
        throw new Error("secret");
      },
    }),
    { $placeholder: "threw" },
    1,
  ],
  ["a string", "text", { $placeholder: "invalid_data", preview: '"text"' }, 1],
  ["an array", [1], { $placeholder: "invalid_data", preview: "an array" }, 1],
  ["nothing", undefined, { $placeholder: "invalid_data", preview: "undefined" }, 1],
  [
    "a __proto__ key",
    JSON.parse('{"__proto__": {"polluted": 1}}'),
    JSON.parse('{"__proto__": {"polluted": 1}}'),
    0,
  ],
  ["an object without prototype", Object.assign(Object.create(null), { a: 1 }), { a: 1 }, 0],
  ["a shared object twice", ((x) => ({ a: x, b: x }))({ c: 1 }), { a: { c: 1 }, b: { c: 1 } }, 0],
];

for (const [name, data, expected, placeholders] of cases) {
  test(`EventBus.publish() takes ${name}`, async () => {
    const result = await roundTrip(data);
    assertEquals(JSON.stringify(result.event.data), JSON.stringify(expected));
    assertEquals(result.placeholders, placeholders);
    assertEquals(({} as Record<string, unknown>).polluted, undefined);
  });
}

test("EventBus.publish() takes an array that is nested 100,000 deep", async () => {
  let deep: unknown = [];
  for (let i = 0; i < 100_000; i++) deep = [deep];
  const { event, placeholders } = await roundTrip({ deep });
  assertEquals(placeholders, 1);
  assert(JSON.stringify(event.data).includes('"$placeholder":"depth"'));
});

test("EventBus.publish() keeps the keys of a payload of 10 MB, with a preview of what is large", async () => {
  const { event, placeholders } = await roundTrip({ name: "report", text: "x".repeat(10_000_000) });
  assertEquals(event.data, {
    name: "report",
    text: { $placeholder: "too_large", preview: "x".repeat(240) },
  });
  assertEquals(placeholders, 1);
});

test("EventBus.publish() bounds a payload of very many keys", async () => {
  const data = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i]));
  const { event } = await roundTrip(data);
  assertEquals(event.data.$placeholder, "too_large");
  assertEquals(Object.keys(event.data).length, 65);
});

test("EventBus.publish() never cuts a preview within a surrogate pair", async () => {
  const { event } = await roundTrip({ text: "x".repeat(239) + "😀".repeat(1000) }, {
    maxEventBytes: 1000,
  });
  const { preview } = event.data.text as { preview: string };
  assertEquals(preview, "x".repeat(239));
});

test("EventBus.publish() keeps what was published, whatever the publisher does to it later", async () => {
  const bus = new EventBus();
  const data = { n: 1, list: [1], nested: { a: 1 } };
  bus.publish({ run_id: "r", event_type: "test.data", data });
  data.n = 2;
  data.list.push(2);
  data.nested.a = 2;
  bus.closeStream("r");
  const [event] = await readAll(bus.subscribe("r"));
  assertEquals(event!.data, { n: 1, list: [1], nested: { a: 1 } });
});

test("A received event is deeply frozen", async () => {
  const { event } = await roundTrip({ n: 1, list: [{ a: 1 }] });
  const list = event.data.list as [{ a: number }];
  assertThrows(() => (event.event_type = "other"), TypeError);
  assertThrows(() => (event.data.n = 2), TypeError);
  assertThrows(() => (list[0].a = 2), TypeError);
  assertThrows(() => list.push({ a: 3 }), TypeError);
});

const refused: [name: string, draft: unknown, message: RegExp][] = [
  ["no object", null, /cannot be read/],
  ["no run id", { event_type: "a.b", data: {} }, /run_id must be/],
  ["an empty run id", { run_id: "", event_type: "a.b", data: {} }, /run_id must be/],
  ["a run id with a line feed", { run_id: "a\nb", event_type: "a.b", data: {} }, /run_id must be/],
  ["no event type", { run_id: "r", data: {} }, /event_type must be/],
  [
    "an event type with CR LF",
    { run_id: "r", event_type: "a\r\ndata: evil", data: {} },
    /event_type must be/,
  ],
  [
    "an event type with U+2028",
    { run_id: "r", event_type: "a\u2028", data: {} },
    /event_type must be/,
  ],
  ["an event type with NUL", { run_id: "r", event_type: "a\0", data: {} }, /event_type must be/],
  [
    "an event type that is too long",
    { run_id: "r", event_type: "a".repeat(65), data: {} },
    /event_type must be/,
  ],
  ["EventSource's own name", { run_id: "r", event_type: "error", data: {} }, /event_type must be/],
  ["a control event", { run_id: "r", event_type: "bus.end", data: {} }, /event_type must be/],
];

for (const [name, draft, message] of refused) {
  test(`EventBus.publish() refuses ${name}, reports it, and uses no sequence for it`, async () => {
    const errors: string[] = [];
    const bus = new EventBus({ onError: (error) => errors.push(error.message) });
    bus.publish(draft as never);
    assertEquals(errors.length, 1);
    assert(message.test(errors[0]!), errors[0]);
    assertEquals(bus.stats().rejected_events_total, 1);
    bus.publish({ run_id: "r", event_type: "a.b", data: {} });
    bus.closeStream("r");
    const [event] = await readAll(bus.subscribe("r"));
    assert(event!.event_id.endsWith("-1"));
  });
}

test("EventBus.publish() survives an onError that throws", () => {
  const bus = new EventBus({
    onError() {
      throw new Error("reporter");
    },
  });
  bus.publish({ run_id: "", event_type: "a.b", data: {} });
  assertEquals(bus.stats().rejected_events_total, 1);
});
