/** Every place where a name or a payload of one's own events is written. The calls are checked, not made. */
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { z } from "zod";
import {
  type AnyBus,
  type Bus,
  currentRun,
  defineEvents,
  emit,
  EventBus,
  type EventName,
  getEventBus,
  runContext,
  setEventBus,
  startRun,
  type StreamEvent,
  withRun,
} from "@locus/core";

const shop = defineEvents({ "shop.paid": z.object({ order: z.string() }) });
const crm = defineEvents<{ "crm.called": { who: string } }>();
type Shop = { "shop.paid": { order: string } };

const bus = new EventBus({ events: shop });
const paid = { order: "1" };

/** What is never called: only the compiler reads it. */
const unused: ((event: StreamEvent) => unknown)[] = [
  () => shop.emit("shop.paid", paid),
  () => shop.emit("agent.reflect", reflection),
  () => shop.emit("other.name", { any: 1 }),
  // @ts-expect-error a misspelt name below a prefix that shop declares
  () => shop.emit("shop.payed", paid),
  // @ts-expect-error a value of another type
  () => shop.emit("shop.paid", { order: 1 }),
  // @ts-expect-error a key is missing
  () => shop.emit("shop.paid", {}),
  // @ts-expect-error a misspelt name of the catalogue
  () => shop.emit("agent.thnk", {}),
  // @ts-expect-error the same without own events
  () => emit("agent.thnk", {}),

  // @ts-expect-error a prefix of the catalogue
  () => defineEvents<{ "span.mine": object }>(),
  // @ts-expect-error one beside a name that may be declared
  () => defineEvents<{ "shop.paid": object; "run.mine": object }>(),
  // @ts-expect-error one with a schema
  () => defineEvents({ "agent.mine": z.object({}) }),
  () => defineEvents<{ plain: object; "spanner.lent": object }>(),

  () => bus.publish({ run_id: "r", event_type: "shop.paid", data: paid }),
  // @ts-expect-error a misspelt name
  () => bus.publish({ run_id: "r", event_type: "shop.payed", data: paid }),
  // @ts-expect-error a value of another type
  () => bus.publish({ run_id: "r", event_type: "shop.paid", data: { order: 1 } }),

  () => bus.on("shop.*", (event) => event.data.order satisfies string),
  () => bus.on("shop.paid", (event) => event.data.order satisfies string),
  () => bus.on({ type: ["shop.paid"] }, (event) => event.data.order satisfies string),
  // @ts-expect-error a misspelt name
  () => bus.on("shop.payed", () => {}),
  // @ts-expect-error a misspelt name in a list
  () => bus.on(["shop.paid", "agent.thnk"], () => {}),
  // @ts-expect-error a misspelt name in a filter
  () => bus.on({ type: "shop.payed" }, () => {}),
  async () => (await bus.waitFor("shop.paid")).data.order satisfies string,
  // @ts-expect-error a misspelt name
  () => bus.waitFor("agent.thnk"),
  () => bus.history("shop.paid").map(({ data }) => data.order satisfies string),
  // @ts-expect-error a misspelt name
  () => bus.history("shop.payed"),

  async () => {
    for await (const event of bus.subscribe("r")) {
      if (event.event_type === "shop.paid") event.data.order satisfies string;
      if (event.event_type === "agent.think") event.data.iteration satisfies number;
      // @ts-expect-error nobody declared it
      if (event.event_type === "crm.called") return event;
    }
  },
  async () => {
    for await (const event of bus.subscribe("r", { events: crm })) {
      if (event.event_type === "crm.called") event.data.who satisfies string;
      if (event.event_type === "shop.paid") event.data.order satisfies string;
    }
  },
  async () => {
    for await (const event of getEventBus().subscribeGlobal<Shop>()) {
      if (event.event_type === "shop.paid") event.data.order satisfies string;
    }
  },

  () => runContext({ bus }, (run) => run.emit("shop.paid", paid)),
  // @ts-expect-error a misspelt name
  () => runContext({ bus }, (run) => run.emit("shop.payed", paid)),
  () => withRun({ events: shop }, (run) => run.emit("shop.paid", paid)),
  () => startRun({ events: shop }, () => {}).emit("shop.paid", paid),
  // @ts-expect-error a misspelt name
  () => withRun({ events: shop }, (run) => run.emit("shop.payed", paid)),
  () => currentRun(shop)?.emit("shop.paid", paid),
  // @ts-expect-error a value of another type
  () => currentRun(shop)?.emit("shop.paid", { order: 1 }),
  () => getEventBus(shop).on("shop.paid", (event) => event.data.order satisfies string),
  () => shop.and(crm).emit("crm.called", { who: "ada" }),
  // @ts-expect-error a misspelt name of the second
  () => shop.and(crm).emit("crm.phoned", { who: "ada" }),

  () => setEventBus(bus),
  (): AnyBus => bus,
  // @ts-expect-error a bus of other events: take AnyBus
  (): Bus => bus,
  (event: StreamEvent) => shop.narrow(event, "shop.paid")?.data.order satisfies string | undefined,
  // @ts-expect-error not a name that shop knows
  (event: StreamEvent) => shop.narrow(event, "shop.payed"),
];

const reflection = {
  iteration: 0,
  assessment: "on_track",
  confidence_delta: 0,
  new_confidence: 1,
  guidance_preview: "",
} as const;

/** What the compiler says of a name. */
type Said<T extends string> = EventName<T, Shop>;

test("a refused name is a type that says why, and which names are near", () => {
  const said: [
    Said<"agent.thnk">,
    Said<"shop.payed">,
    Said<"agent.xyz">,
    Said<"bus.gap">,
    Said<"open">,
  ] = [
    `"agent.*" is reserved and has no "agent.thnk". Did you mean: agent.think`,
    `"shop.*" is reserved and has no "shop.payed". Did you mean: shop.paid`,
    `"agent.*" is reserved and has no "agent.xyz". Did you mean: agent.terminate`,
    `"bus.*" is published by buses only`,
    `"open" is an event of EventSource itself`,
  ];
  assertEquals([said.length, typeof unused], [5, "object"]);
});
