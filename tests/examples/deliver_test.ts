import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { EventBus, runContext } from "@locus/core";
import { locus } from "@locus/core/hono";
import type { Service } from "../../examples/08_durable_object/bindings.ts";
import { delivered, end } from "../../examples/08_durable_object/deliver.ts";
import { settled } from "../support/runs.ts";

/** The object, in this process; `fails` says which of its requests do. */
function createObject(fails: (request: number) => boolean = () => false) {
  const bus = new EventBus();
  const app = locus({ bus, authorize: () => true, ingest: true });
  let requests = 0;
  const runs: Service = {
    fetch: async (url, init) => {
      if (fails(++requests)) throw new Error("The network is down");
      return await app.request((url as string).replace("/locus", ""), init);
    },
  };
  const said = (): [string, object][] =>
    bus.history({ run: "r" }).toReversed().map(({ event_type, data }) => [event_type, data]);
  return { bus, runs, said };
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

test("delivered() says how many events did not arrive", async () => {
  const { runs, said } = createObject((request) => request <= 2);
  const run = newRun();
  await delivered(run, runs, async () => {
    for (let n = 1; n <= 3; n++) {
      run.emit("test.tick", { n });
      await settled();
    }
  });
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
