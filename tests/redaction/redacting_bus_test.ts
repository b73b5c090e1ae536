import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { type ArchiveBus, type Bus, emit, EventBus, runContext } from "@locus/core";
import { createRedactor, redactingBus } from "../../src/redaction/mod.ts";
import { busContract } from "../contract/bus_contract.ts";
import { requires } from "../harness/support/requires.ts";
import { agentOf, onBus } from "../agent/_support.ts";
import { readAll } from "../harness/support/read.ts";

busContract("redactingBus()", () =>
  Promise.resolve({
    bus: redactingBus(new EventBus({ onError() {} })),
    cleanup: () => Promise.resolve(),
  }));

const quiet = () => new EventBus({ onError() {} });

test("redactingBus() redacts before the bus stores, by publish() and by writer()", () => {
  const held = quiet();
  const bus = redactingBus(held);
  bus.publish({ run_id: "r", event_type: "shop.paid", data: { password: "x", n: 1 } });
  bus.writer("r").write("shop.paid", { note: "Bearer abcdefghijklmnopqrst" });
  assertEquals(held.history().map(({ data }) => data as unknown), [
    { note: "Bearer abcdef...qrst" },
    { password: "[REDACTED]", n: 1 },
  ]);
});

test("redactingBus() redacts what is appended", async () => {
  const held = quiet();
  const event = { run_id: "r", event_type: "shop.paid", data: { password: "x", n: 1 } };
  assertEquals(await redactingBus(held).append("r", [event]), "stored");
  assertEquals(held.history()[0]?.data as object, { password: "[REDACTED]", n: 1 });
});

test("redactingBus() promises nothing that its bus does not", () => {
  const own = Object.assign(quiet(), { append: undefined, claim: undefined });
  const bus: Partial<ArchiveBus> = redactingBus(own as Bus);
  const { append, claim, findRuns, canSearch } = bus;
  assertEquals([append, claim, findRuns, canSearch], [undefined, undefined, undefined, undefined]);
});

test("redactingBus() looks for runs as its bus does", async () => {
  const found = { runs: [], next: "7" };
  const findRuns = (options?: object) => Promise.resolve({ ...found, ...options });
  const own: object = Object.assign(quiet(), { canSearch: true, findRuns });
  const bus = redactingBus(own as ArchiveBus);
  assertEquals([bus.canSearch, await bus.findRuns({ next: "8" } as object)], [
    true,
    { runs: [], next: "8" },
  ]);
});

test(
  "redactingBus() covers what is emitted in a run context",
  await requires("async-context"),
  () => {
    const held = quiet();
    runContext({ bus: redactingBus(held) }, () => emit("shop.paid", { token: "x" }));
    assertEquals(held.history()[0]?.data as object, { token: "[REDACTED]" });
  },
);

test("redactingBus() sees what JSON would send: getters, toJSON(), errors", () => {
  const held = quiet();
  const bus = redactingBus(held);
  const secret = "sk-proj-abcdefghijklmnop";
  const data = {
    get lazy() {
      return secret;
    },
    json: { toJSON: () => ({ secret }) },
    error: new Error(`bad key ${secret}`),
    map: new Map([["password", secret]]),
  };
  bus.publish({ run_id: "r", event_type: "shop.failed", data });
  assertEquals(JSON.stringify(held.history()).includes("abcdefgh"), false);
});

test("redactingBus() redacts before a payload that is too large is cut to previews", () => {
  const held = new EventBus({ maxEventBytes: 4096 });
  const bus = redactingBus(held);
  const text = `${"x".repeat(230)} eyJ${"a".repeat(300)}.${"b".repeat(300)} ${"y ".repeat(4000)}`;
  bus.publish({ run_id: "r", event_type: "shop.note", data: { text } });
  const { data } = held.history()[0]!;
  assertEquals(JSON.stringify(data).includes("too_large"), true);
  assertEquals(JSON.stringify(data).includes("eyJaaaa"), false);
});

test("redactingBus() lets nothing pass that could not be searched", () => {
  const held = quiet();
  const bus = redactingBus(
    held,
    createRedactor({
      keys: ["iban"],
      replace() {
        throw new Error("no");
      },
    }),
  );
  bus.publish({ run_id: "r", event_type: "shop.paid", data: { iban: "DE02" } });
  assertEquals(held.history()[0]?.data as object, { $placeholder: "threw" });
});

test("redactingBus() refuses what is no bus", () => {
  assertThrows(() => redactingBus({} as Bus), TypeError, "expected an event bus, got an object");
});

test(
  "An agent's events carry no secret, wherever its previews are cut",
  await requires("async-context"),
  async () => {
    const secret = `sk-ant-api03-${"Zq7".repeat(12)}`;
    for (let before = 200; before < 245; before += 3) {
      const answer = `${"x".repeat(before)} ${secret} and more`;
      const deltas = answer.match(/.{1,9}/g)!;
      const { agent } = agentOf([[{ deltas }]], { streaming: true });
      const { events } = await onBus(() => agent.invoke("go"));
      assertEquals(JSON.stringify(events).includes("Zq7Zq7"), false, String(before));
    }
  },
);

test("closing a redacting bus ends its readers", async () => {
  const bus = redactingBus(quiet());
  bus.publish({ run_id: "r", event_type: "shop.paid", data: { n: 1 } });
  bus.closeStream("r");
  assertEquals((await readAll(bus.subscribe("r"))).length, 1);
});
