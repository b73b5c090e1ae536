/** What publishing does with payloads: everything is taken or refused, nothing can be changed later. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "../../harness/support/property.ts";
import { EventBus } from "@locus/core";
import { readAll } from "../../harness/support/read.ts";
import { check } from "../properties/settings.ts";
import { hostile, make, plain, type Recipe } from "../properties/payloads.ts";

/** The most that the smallest bound lets an event take: a payload of one placeholder. */
const SMALLEST_EVENT = 128;

test("I9 publish total: no payload makes publish() or write() throw, wait or lose a sequence", async () => {
  await check(fc.asyncProperty(
    fc.array(fc.tuple(hostile, fc.boolean()), { minLength: 1, maxLength: 8 }),
    fc.constantFrom(1, 100, 2_000, 262_144),
    async (payloads, maxEventBytes) => {
      const bus = new EventBus({ maxEventBytes, onError() {} });
      const writer = bus.writer("r");
      for (const [recipe, isWritten] of payloads) {
        const data = make(recipe);
        const answer: unknown = isWritten
          ? writer.write("test.data", data)
          : bus.publish({ run_id: "r", event_type: "test.data", data: data as object });
        assertEquals(answer, undefined, "there is nothing to wait for");
        const { published_events_total, rejected_events_total } = bus.stats();
        assertEquals(rejected_events_total, 0, "a payload is no reason to refuse");
        bus.history({ run: "r" }, { limit: 1 });
        assert(published_events_total > 0);
      }
      bus.closeStream("r");
      const events = await readAll(bus.subscribe("r"));
      assertEquals(events.map(({ event_id }) => Number(event_id.split("-")[1])), numbers(payloads));
      for (const event of events) {
        const wire: unknown = JSON.parse(JSON.stringify(event));
        assertEquals(wire, event, "the wire carries what the memory holds");
      }
    },
  ));
});

test("I9 publish total: what is no event is refused, counted and reported, and uses no sequence", async () => {
  const draft = (run_id: fc.Arbitrary<Recipe>, event_type: fc.Arbitrary<Recipe>) =>
    fc.record({ keys: fc.record({ run_id, event_type, data: fc.record({ value: plain }) }) });
  const [run, type] = [fc.constant({ value: "r" }), fc.constant({ value: "test.data" })];
  const drafts = fc.oneof(
    draft(hostile, type),
    draft(run, hostile),
    draft(fc.record({ value: fc.string() }), fc.record({ value: fc.string() })),
    hostile,
  );
  await check(fc.asyncProperty(fc.array(drafts, { minLength: 1, maxLength: 5 }), async (list) => {
    let reported = 0;
    const bus = new EventBus({ onError: () => void reported++ });
    for (const recipe of list) bus.publish(make(recipe) as never);
    const { published_events_total: taken, rejected_events_total: refused } = bus.stats();
    assertEquals(taken + refused, list.length, "each is taken or refused");
    assertEquals(reported, refused);
    const before = bus.history({ run: "r" }).length;
    bus.publish({ run_id: "r", event_type: "test.data", data: { last: true } });
    bus.closeStream("r");
    const events = await readAll(bus.subscribe("r"));
    assertEquals(events.length, before + 1);
    assertEquals(Number(events.at(-1)!.event_id.split("-")[1]), before + 1);
  }));
});

test("I5 memory: no payload takes more than maxEventBytes, and its size is not underestimated", async () => {
  await check(fc.property(
    fc.oneof(hostile, fc.record({ value: plain })),
    fc.constantFrom(1, 200, 1_000, 5_000, 262_144),
    (recipe, maxEventBytes) => {
      const data = make(recipe);
      const bus = new EventBus({ maxEventBytes });
      bus.publish({ run_id: "r", event_type: "test.data", data: data as object });
      const { retained_bytes: bytes } = bus.stats();
      const most = Math.max(maxEventBytes, SMALLEST_EVENT);
      assert(bytes <= most, `${bytes} bytes are held, ${most} allowed`);
      const [event] = bus.history({ run: "r" });
      const characters = charactersIn(event!.data);
      assert(characters * 2 <= bytes + 128, `${characters} characters count as ${bytes} bytes`);
    },
  ));
});

test("I13 immutability: neither the publisher's object nor a received event can change what others get", async () => {
  await check(fc.asyncProperty(plain, async (data) => {
    const bus = new EventBus();
    const before = JSON.stringify(data);
    const [first, second] = [bus.subscribe("r"), bus.subscribe("r")];
    const all = bus.subscribeGlobal();
    bus.publish({ run_id: "r", event_type: "test.data", data });
    vandalize(data);
    bus.closeStream("r");
    bus.closeGlobal();
    const [event] = await readAll(first);
    vandalize(event!);
    const copies = [event, ...await readAll(second), ...await readAll(all)];
    copies.push(...await readAll(bus.subscribe("r")));
    assertEquals(copies.length, 4);
    for (const copy of copies) assertEquals(JSON.stringify(copy!.data), before);
    for (const copy of copies) assertEquals(copy!.event_type, "test.data");
  }));
});

test("I9 publish total: a writer survives a payload that is a revoked proxy", () => {
  const bus = new EventBus();
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  bus.writer("r").write("test.data", proxy);
  assertEquals(bus.history({ run: "r" }).map(({ data }) => ({ ...data })), [
    { $placeholder: "threw" },
  ] as never);
});

test("I9 publish total: a payload that was large and then is a revoked proxy is taken", () => {
  const bus = new EventBus();
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  let reads = 0;
  bus.writer("r").write("test.data", {
    get changing() {
      return reads++ < 3 ? ["x".repeat(1_000_000)] : proxy;
    },
  });
  assertEquals(bus.stats().published_events_total, 1);
});

test("I5 memory: a payload cannot pass as a placeholder to count less than it takes", () => {
  const bus = new EventBus();
  const data = { $placeholder: "cycle", list: ["x".repeat(10_000)] };
  bus.publish({ run_id: "r", event_type: "test.data", data });
  assert(bus.stats().retained_bytes >= 20_000);
});

test("I5 memory: the names of keys count", () => {
  const bus = new EventBus();
  bus.publish({ run_id: "r", event_type: "test.data", data: { ["k".repeat(10_000)]: 1 } });
  assert(bus.stats().retained_bytes >= 20_000);
});

test("I5 memory: what is kept of an oversized payload keeps to maxEventBytes too", () => {
  const bus = new EventBus({ maxEventBytes: 1_000 });
  const data = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`k${i}`, "x".repeat(400)]));
  bus.publish({ run_id: "r", event_type: "test.data", data });
  assert(bus.stats().retained_bytes <= 1_000);
  const [event] = bus.history({ run: "r" });
  assertEquals((event!.data as Record<string, unknown>).$placeholder, "too_large");
});

function numbers(list: readonly unknown[]): number[] {
  return list.map((_, i) => i + 1);
}

/** How many characters a value has in its keys and strings. */
function charactersIn(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + charactersIn(item), 0);
  return Object.entries(value).reduce((sum, [key, item]) => {
    return sum + key.length + charactersIn(item);
  }, 0);
}

/** Changes everything that can be changed, as deep as it goes. */
function vandalize(value: object): void {
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === "object" && inner !== null) vandalize(inner);
    Reflect.set(value, key, "vandalized");
    Reflect.deleteProperty(value, key);
  }
  Reflect.set(value, "added", true);
  if (Array.isArray(value)) {
    try {
      value.push("vandalized");
    } catch { /* frozen, as it should be */ }
  }
}
