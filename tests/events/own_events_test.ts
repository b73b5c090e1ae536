import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { z } from "zod";
import * as v from "valibot";
import { defineEvents, EventBus, getEventBus, runContext, type StreamEvent } from "@locus/core";
import { parseOwnPayload } from "../../src/events/own_payload.ts";

const shop = defineEvents({ "shop.paid": z.object({ order: z.string() }) });
const crm = defineEvents<{ "crm.called": { who: string } }>();

test("defineEvents().emit() publishes to the current run, and nothing outside of one", () => {
  const bus = new EventBus({ events: shop });
  shop.emit("shop.paid", { order: "0" });
  runContext({ runId: "r", bus }, () => shop.emit("shop.paid", { order: "42" }));
  assertEquals(bus.history("shop.paid").map(({ data }) => data.order), ["42"]);
});

test("defineEvents().narrow() types an event of that type, and no other", () => {
  const bus = new EventBus();
  bus.publish({ run_id: "r", event_type: "shop.paid", data: { order: "42" } });
  bus.publish({ run_id: "r", event_type: "shop.sent", data: {} });
  const [sent, paid] = bus.history({ run: "r" }) as StreamEvent[];
  const order: string | undefined = shop.narrow(paid!, "shop.paid")?.data.order;
  assertEquals([order, shop.narrow(sent!, "shop.paid")], ["42", undefined]);
});

test("defineEvents().and() knows the names of both", () => {
  const both = shop.and(crm);
  const bus = new EventBus({ events: both });
  runContext({ runId: "r", bus }, (run) => {
    run.emit("crm.called", { who: "ada" });
    both.emit("shop.paid", { order: "42" });
  });
  assertEquals(bus.history("crm.called").map(({ data }) => data.who), ["ada"]);
  const message = '"shop.paid"';
  assert(assertThrows(() => shop.and(shop), TypeError).message.includes(message));
});

test("defineEvents() refuses names and schemas that cannot be", () => {
  const bad = [
    [null, "expected schemas"],
    [{ "bus.gap": z.object({}) }, "not open, error or bus.*"],
    [{ "shop paid": z.object({}) }, "a name must be"],
    [{ "shop.paid": { order: "string" } }, "must be a Standard Schema"],
  ] as const;
  for (const [schemas, message] of bad) {
    // @ts-expect-error that is what is refused
    const error = assertThrows(() => defineEvents(schemas), TypeError);
    assert(
      error.message.startsWith("defineEvents(): ") && error.message.includes(message),
      error.message,
    );
  }
});

test('the option "events" refuses what defineEvents() did not return', () => {
  const schemas = { "shop.paid": z.object({ order: z.string() }) };
  // deno-lint-ignore no-explicit-any
  const wrong = schemas as any;
  for (
    const call of [
      () => new EventBus({ events: wrong }),
      () => getEventBus(wrong),
      () => new EventBus().subscribe("r", { events: wrong }),
      () => shop.and(wrong),
    ]
  ) assert(assertThrows(call, TypeError).message.includes("defineEvents()"));
});

test("parseOwnPayload() returns what the schema makes of a payload", () => {
  const events = defineEvents({
    "shop.paid": z.object({ order: z.string(), tip: z.number().default(0) }),
    "shop.sent": v.object({ to: v.string() }),
  });
  assertEquals(parseOwnPayload(events, "shop.paid", { order: "1", x: 1 }), { order: "1", tip: 0 });
  assertEquals(parseOwnPayload(events, "shop.sent", { to: "a" }), { to: "a" });
  assertEquals(parseOwnPayload(events, "shop.other", 7), 7);
  assertEquals(parseOwnPayload(events, "toString", 7), 7);
});

test("parseOwnPayload() names the type and every problem of a payload", () => {
  const error = assertThrows(() => parseOwnPayload(shop, "shop.paid", { order: 42 }), TypeError);
  assert(
    /^The payload of "shop\.paid" is not valid: order: .*string/.test(error.message),
    error.message,
  );
});

test("parseOwnPayload() refuses a schema that answers with a promise", () => {
  const slow = defineEvents({
    "shop.paid": z.object({ order: z.string() }).refine(async () => await true),
  });
  assertThrows(() => parseOwnPayload(slow, "shop.paid", { order: "1" }));
});
