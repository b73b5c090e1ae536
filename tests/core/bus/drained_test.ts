import { test } from "node:test";
import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { EventBus } from "@locus/core";
import { readSome } from "../../harness/support/read.ts";

function publish(bus: EventBus, ...numbers: number[]): void {
  for (const n of numbers) bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
}

/** Whether a promise is settled once everything else that waits for promises has happened. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(() => (settled = true), () => (settled = true));
  for (let i = 0; i < 20; i++) await null;
  return settled;
}

test("EventBus.drained() resolves at once where nobody reads", async () => {
  const bus = new EventBus();
  await bus.drained("nowhere");
  publish(bus, 1);
  await bus.drained("r");
});

test("EventBus.drained() waits until every reader has taken everything", async () => {
  const bus = new EventBus();
  const [fast, slow] = [bus.subscribe("r"), bus.subscribe("r")];
  publish(bus, 1, 2);
  const drained = bus.drained("r");
  await readSome(fast, 2);
  assertEquals(await isSettled(drained), false);
  // Asking for a third event says that the second was taken.
  const reading = readSome(slow, 3);
  await drained;
  bus.closeStream("r");
  await reading;
});

test("EventBus.drained() waits until handlers are done with what they took", async () => {
  const bus = new EventBus();
  let finish = () => {};
  bus.on("test.tick", () => new Promise<void>((resolve) => (finish = resolve)), { run: "r" });
  publish(bus, 1);
  const drained = bus.drained("r");
  assertEquals(await isSettled(drained), false);
  finish();
  await drained;
  bus.closeStream("r");
});

test("EventBus.drained() does not wait for a reader that left", async () => {
  const bus = new EventBus();
  const subscription = bus.subscribe("r");
  publish(bus, 1);
  const drained = bus.drained("r");
  await subscription.cancel();
  await drained;
});

test("EventBus.drained({ timeoutMs }) says how much is left", async () => {
  const bus = new EventBus();
  const subscription = bus.subscribe("r");
  publish(bus, 1, 2, 3);
  const error = await assertRejects(
    () => bus.drained("r", { timeoutMs: 1 }),
    DOMException,
    'Readers of run "r" have 3 events left',
  );
  assertEquals(error.name, "TimeoutError");
  await subscription.cancel();
});

test("EventBus.drained({ signal }) rejects with the signal's reason", async () => {
  const bus = new EventBus();
  const subscription = bus.subscribe("r");
  publish(bus, 1);
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  assertStrictEquals(await bus.drained("r", { signal }).catch((error) => error), reason);
  await subscription.cancel();
});
