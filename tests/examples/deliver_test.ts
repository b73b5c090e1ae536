import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { EventBus, runContext } from "@locus/core";
import { locus } from "@locus/core/hono";
import type { Service } from "../../examples/08_durable_object/bindings.ts";
import { delivered, end } from "../../examples/08_durable_object/deliver.ts";
import { type FakeClock, installFakeClock } from "../harness/support/fake_clock.ts";
import { settled } from "../harness/support/runs.ts";

/** What becomes of a request, the first of which is 1. */
type Fate = "answered" | "lost" | "answer lost" | "refused for now";

/** The object, in this process. */
function createObject(fateOf: (request: number) => Fate = () => "answered") {
  const bus = new EventBus();
  const app = locus({ bus, authorize: () => true, ingest: true });
  let requests = 0;
  const runs: Service = {
    fetch: async (url, init) => {
      const fate = fateOf(++requests);
      if (fate === "lost") throw new Error("The network is down");
      if (fate === "refused for now") return new Response("no JSON", { status: 503 });
      const response = await app.request((url as string).replace("/locus", ""), init);
      if (fate === "answer lost") throw new Error("The network is down");
      return response;
    },
  };
  const said = (): [string, object][] =>
    bus.history({ run: "r" }).toReversed().map(({ event_type, data }) => [event_type, data]);
  return { bus, runs, said };
}

async function withClock(act: (clock: FakeClock) => Promise<unknown>): Promise<void> {
  const clock = installFakeClock();
  try {
    await act(clock);
  } finally {
    clock.restore();
  }
}

const newRun = () => runContext({ runId: "r", bus: new EventBus() }, (run) => run);

test("delivered() resolves when what was said is there, and leaves the run open", async () => {
  const { bus, runs, said } = createObject();
  const run = newRun();
  const result = await delivered(run, runs, async () => {
    run.emit("test.tick", { n: 1 });
    await settled();
    run.emit("test.tick", { n: 2 });
    return "done";
  });
  assertEquals(result, "done");
  assertEquals(said(), [["test.tick", { n: 1 }], ["test.tick", { n: 2 }]]);
  assertEquals(bus.runs().map(({ closed }) => closed), [false]);
  await end(run, runs);
  assertEquals(bus.runs().map(({ closed }) => closed), [true]);
});

test("delivered() sends a long run in parts", async () => {
  const { bus, runs } = createObject();
  const run = newRun();
  await delivered(run, runs, async () => {
    for (let n = 0; n < 250; n++) run.emit("test.tick", { n });
    await settled();
  });
  const ticks = bus.history({ run: "r" }, { limit: 1_000 }).toReversed();
  const numbers = ticks.map(({ data }) => (data as { n?: number }).n);
  assertEquals(numbers, Array.from({ length: 250 }, (_, n) => n));
});

test("delivered() sends again what got no answer, and it is stored once", async () => {
  const fates: Fate[] = ["answer lost", "lost", "refused for now", "answer lost"];
  const { runs, said } = createObject((request) => fates[request - 1] ?? "answered");
  const run = newRun();
  await withClock((clock) =>
    clock.run(delivered(run, runs, async () => {
      run.emit("test.tick", { n: 1 });
      await Promise.resolve();
      run.emit("test.tick", { n: 2 });
    }))
  );
  assertEquals(said(), [["test.tick", { n: 1 }], ["test.tick", { n: 2 }]]);
});

test("end() sends the end again until it is answered", async () => {
  const { bus, runs } = createObject((request) => request === 1 ? "lost" : "answered");
  await withClock((clock) => clock.run(end(newRun(), runs)));
  assertEquals(bus.runs().map(({ closed }) => closed), [true]);
});

test("delivered() says how many events did not arrive", async () => {
  // Each of two batches is sent five times.
  const { runs, said } = createObject((request) => request <= 10 ? "lost" : "answered");
  const run = newRun();
  await withClock((clock) =>
    delivered(run, runs, async () => {
      for (const n of [1, 2, 3]) {
        run.emit("test.tick", { n });
        await clock.pass(10_000);
      }
    })
  );
  assertEquals(said(), [["worker.events_lost", { count: 2 }], ["test.tick", { n: 3 }]]);
});

test("delivered() passes on what the work throws, when the rest is there", async () => {
  const { runs, said } = createObject();
  const run = newRun();
  await assertRejects(
    () =>
      delivered(run, runs, () => {
        run.emit("test.tick", { n: 1 });
        return Promise.reject(new RangeError("burnt"));
      }),
    RangeError,
    "burnt",
  );
  assertEquals(said(), [["test.tick", { n: 1 }]]);
});
