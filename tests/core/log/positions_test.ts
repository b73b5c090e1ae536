/** Going on in the stream of all runs, from nothing but a position. */
import { test } from "node:test";
import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import fc from "../../harness/support/property.ts";
import { EventBus, type StreamEvent, type Subscription } from "@locus/core";
import { sourcesOf } from "../../../src/core/bus/event_bus.ts";
import { installFakeClock } from "../../harness/support/fake_clock.ts";
import { readSome, summarize } from "../../harness/support/read.ts";
import { check } from "../properties/settings.ts";
import { Reconnecting } from "../properties/reconnecting.ts";

function publish(bus: EventBus, runId: string, ...numbers: number[]): void {
  for (const n of numbers) bus.publish({ run_id: runId, event_type: "test.tick", data: { n } });
}

/** Leaves, and says where. */
async function leave(subscription: Subscription<StreamEvent>): Promise<string> {
  await subscription.cancel();
  return subscription.cursor;
}

test("EventBus.subscribeGlobal({ after }) counts what the log of all runs holds no more", async () => {
  const bus = new EventBus({ maxQueueSize: 3 });
  publish(bus, "a", 1, 2);
  const after = await leave(bus.subscribeGlobal());
  publish(bus, "a", 3, 4);
  publish(bus, "b", 5, 6, 7);
  const subscription = bus.subscribeGlobal({ after });
  assertEquals(subscription.recovery, "gap");
  const [gap, ...events] = await readSome(subscription, 4);
  assertEquals(summarize([gap!, ...events]), ["gap:evicted 3-4", 5, 6, 7]);
  assertEquals(gap!.run_id, "*");
  await subscription.cancel();
});

test("EventBus.subscribeGlobal({ after }) counts what was published while there was no log of all runs", async () => {
  const bus = new EventBus();
  const after = await leave(bus.subscribeGlobal());
  publish(bus, "a", 1);
  bus.closeGlobal();
  publish(bus, "a", 2, 3);
  const subscription = bus.subscribeGlobal({ after });
  publish(bus, "a", 4);
  assertEquals(summarize(await readSome(subscription, 2)), ["gap:evicted 1-3", 4]);
  await subscription.cancel();
});

test("EventBus keeps the log of all runs for a minute after the last reader left, and no longer", async () => {
  const clock = installFakeClock();
  try {
    const bus = new EventBus();
    const [first, second] = [bus.subscribeGlobal(), bus.subscribeGlobal()];
    await first.cancel();
    assertEquals(clock.pending, 0);
    const after = await leave(second);
    await clock.pass(59_000);
    // Whoever reads meanwhile has it begin again.
    await bus.subscribeGlobal().cancel();
    publish(bus, "a", 1);
    assertEquals(clock.pending, 1);
    await clock.pass(59_000);
    assertEquals(bus.subscribeGlobal({ after }).recovery, "exact");
    assertEquals(clock.pending, 0);
    bus.closeGlobal();
    const again = await leave(bus.subscribeGlobal());
    await clock.pass(60_000);
    assertEquals(sourcesOf(bus).global, null);
    assertEquals(clock.pending, 0);
    publish(bus, "a", 2);
    assertEquals(bus.subscribeGlobal({ after: again }).recovery, "gap");
    bus.closeGlobal();
  } finally {
    clock.restore();
  }
});

test("EventBus keeps no log of all runs for those who cannot come back", async () => {
  const bus = new EventBus();
  bus.on("test.*", () => {})();
  await bus.waitFor("test.*", { timeoutMs: 0 }).catch(() => {});
  assertEquals(sourcesOf(bus).global, null);
});

test("EventBus.closeGlobal() leaves no timer", async () => {
  const clock = installFakeClock();
  try {
    const bus = new EventBus();
    await bus.subscribeGlobal().cancel();
    assertEquals(clock.pending, 1);
    bus.closeGlobal();
    assertEquals(clock.pending, 0);
  } finally {
    clock.restore();
  }
});

test("The log of all runs keeps to maxBytes while nobody reads it", async () => {
  const bus = new EventBus({ maxBytes: 2_000, maxQueueSize: 1_000 });
  const after = await leave(bus.subscribeGlobal());
  const data = { text: "x".repeat(100) };
  for (let i = 0; i < 100; i++) bus.publish({ run_id: `r${i}`, event_type: "test.tick", data });
  assert(sourcesOf(bus).global!.bytes <= 2_000);
  const subscription = bus.subscribeGlobal({ after });
  const [gap, first] = await readSome(subscription, 2);
  assertEquals(gap!.data.to_seq, Number(first!.run_id.slice(1)));
  await subscription.cancel();
});

const COMMAND: readonly string[] = "Deno" in globalThis
  ? ["run", "--quiet", "--allow-all", "--no-check"]
  : "Bun" in globalThis
  ? []
  : ["--import=./tests/harness/support/node_resolve.mjs"];

test("A bus whose log of all runs is kept lets its process end", async () => {
  const cwd = fileURLToPath(new URL("../../../", import.meta.url));
  const args = [...COMMAND, "tests/core/log/positions_process.ts"];
  const output = await new Promise((resolve) => {
    // Within the minute that the log is kept.
    execFile(process.execPath, args, { cwd, timeout: 50_000 }, (error, stdout, stderr) => {
      resolve([error?.code ?? 0, stdout.trim(), stderr]);
    });
  });
  assertEquals(output, [0, "left", ""]);
});

test("Positions: reconnecting with nothing else, each event comes once and in order, or is in a gap", async () => {
  await check(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          {
            weight: 6,
            arbitrary: fc.record({ run: fc.nat(2), count: fc.integer({ min: 1, max: 4 }) }),
          },
          { weight: 5, arbitrary: fc.record({ read: fc.integer({ min: 1, max: 6 }) }) },
          { weight: 3, arbitrary: fc.constant("reconnect" as const) },
          { weight: 1, arbitrary: fc.constant("give up the log" as const) },
          { weight: 1, arbitrary: fc.record({ drop: fc.nat(2) }) },
        ),
        { maxLength: 60, size: "max" },
      ),
      fc.record({
        maxQueueSize: fc.integer({ min: 1, max: 12 }),
        historyPerRun: fc.integer({ min: 1, max: 6 }),
        maxBytes: fc.constantFrom(300, 1_000, 1_000_000),
      }),
      async (program, bounds) => {
        const bus = new EventBus({ ...bounds, onError() {} });
        let at = 0;
        let published = 0;
        const reader = new Reconnecting((after) => bus.subscribeGlobal({ after }), (event) => {
          if (event.event_type !== "bus.gap") return void assertEquals(event.data.n, ++at);
          const { from_seq, to_seq, count } = event.data as Record<string, number>;
          assertEquals([event.run_id, from_seq, count], ["*", at + 1, to_seq! - from_seq! + 1]);
          at = to_seq!;
        });
        for (const step of program) {
          if (step === "reconnect") await reader.reconnect();
          else if (step === "give up the log") {
            await reader.leave();
            bus.closeGlobal();
          } else if ("read" in step) await reader.read(step.read);
          else if ("drop" in step) bus.dropHistory(`r${step.drop}`);
          else for (let i = 0; i < step.count; i++) publish(bus, `r${step.run}`, ++published);
        }
        await reader.read(Infinity);
        assertEquals(at, published);
        await reader.leave();
        bus.closeGlobal();
      },
    ),
    300,
  );
});
