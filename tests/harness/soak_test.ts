import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { requires } from "./support/requires.ts";
import type { App } from "./support/serve.ts";
import { until } from "./support/until.ts";
import { engines } from "../../bench/soak/engines.ts";
import { growthOf } from "../../bench/soak/memory.ts";
import { type Soak, startSoak } from "../../bench/soak/soak.ts";

const few = {
  runs: 4,
  viewers: 10,
  eventsPerSecond: 100,
  faultEveryMs: 300,
  awayMs: 100,
  visitMs: 2_000,
  patienceMs: 500,
};
const bounds = { maxRunsRetained: 100, historyPerRun: 100 };

for (const [name, start] of Object.entries(engines)) {
  test(
    `A soak on ${name}: viewers get every event or are told, whatever fails`,
    name === "Redis" ? await requires("redis-server") : {},
    async () => {
      const engine = await start(bounds);
      const soak = await startSoak(engine, few);
      const kinds = 3 + engine.faults.length;
      await goOn(soak, () => soak.faults.size === kinds && soak.seen.delivered > 100);
      assertEquals(soak.seen.problems, []);
      assert(soak.seen.visits > few.viewers && soak.seen.reconnects > 0);
    },
  );
}

test("A soak says which viewer lost something without a word", async () => {
  const engine = await engines["memory"]!(bounds);
  const soak = await startSoak(engine, { ...few, faultEveryMs: 100_000, around: losing });
  await goOn(soak, () => soak.seen.problems.length > 0);
  assertMatch(soak.seen.problems[0]!, /^soak-\d+: \d+ lost/);
});

test("growthOf() sees a leak, and neither warming up nor a peak", () => {
  const samples = (heap: (i: number) => number) =>
    Array.from({ length: 60 }, (_, i) => ({ ms: i * 5_000, heap: heap(i), rss: 0 }));
  const noise = (i: number) => 1e6 * ((i * 7) % 3);
  const isFlat = (heap: (i: number) => number) => growthOf(samples(heap)).isFlat;
  assertEquals(isFlat((i) => 50e6 + noise(i)), true);
  assertEquals(isFlat((i) => 50e6 + Math.min(i, 15) * 2e6), true);
  assertEquals(isFlat((i) => 50e6 + (i === 59 ? 100e6 : 0)), true);
  assertEquals(isFlat((i) => 50e6 + i * 0.2e6 + noise(i)), false);
  assertEquals(growthOf([]).isFlat, true);
});

async function goOn(soak: Soak, isOver: () => boolean): Promise<void> {
  try {
    await until("the soak has come so far", isOver, 30_000);
  } finally {
    await soak.stop();
  }
}

/** Now and then, a frame never arrives. */
function losing(app: App): App {
  let frames = 0;
  return {
    async fetch(request) {
      const { body, ...rest } = await app.fetch(request);
      const lossy = body?.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform(bytes, controller) {
            if (++frames % 20 !== 0) controller.enqueue(bytes);
          },
        }),
      );
      return new Response(lossy, { ...rest, headers: { "Content-Type": "text/event-stream" } });
    },
  };
}
