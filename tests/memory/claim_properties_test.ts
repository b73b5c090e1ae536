import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "../harness/support/property.ts";
import { storageCheckpointer } from "../../src/memory/mod.ts";
import { MapStorage, seenBy, snapshotOf } from "./_support.ts";

test("storageCheckpointer() lets one of several processes take a checkpoint, in whatever order they act", async () => {
  const race = fc.record({
    processes: fc.integer({ min: 2, max: 4 }),
    others: fc.boolean(),
    // All claims of that moment are void then.
    leaps: fc.integer({ min: 0, max: 2 }),
  });
  const now = Date.now;
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), race, async (scheduler, { processes, others, leaps }) => {
      const storage = new MapStorage();
      const first = storageCheckpointer(storage);
      if (others) await first.save(snapshotOf(0), "t", { checkpointId: "before" });
      await first.save(snapshotOf(1), "t", { checkpointId: "question" });
      const tries = Array.from(
        { length: processes },
        () => storageCheckpointer(seenBy(scheduler, storage)).delete("t", "question"),
      );
      let leapt = 0;
      Date.now = () => now() + leapt;
      for (let i = 0; i < leaps; i++) {
        void scheduler.schedule(Promise.resolve()).then(() => leapt += 31_000);
      }
      const ended = await scheduler.waitFor(Promise.allSettled(tries));
      const taken = ended.filter(({ status }) => status === "fulfilled")
        .map((one) => (one as PromiseFulfilledResult<boolean>).value);
      const winners = taken.filter((won) => won).length;
      // Whoever stood still cannot know.
      assert(winners === 1 || leaps > 0 && winners === 0 && taken.length < processes);
      if (leaps === 0) assertEquals(taken.length, processes);
      // Nobody has left a claim behind.
      assert(![...storage.items.keys()].some((key) => key.includes("~")));
    }),
    { numRuns: 150 },
  ).finally(() => Date.now = now);
});

test("A claim that a killed process left behind counts for 30 seconds", async () => {
  const storage = new MapStorage();
  const store = storageCheckpointer(storage);
  await store.save(snapshotOf(1), "t", { checkpointId: "question" });
  const key = [...storage.items.keys()].find((key) => key.endsWith("c-question"))!;
  const claim = key.replace("c-question", "q-question~dead");
  storage.items.set(claim, String(Date.now() - 31_000));
  assertEquals(await store.delete("t", "question"), true);
  assertEquals([...storage.items.keys()], []);
});
