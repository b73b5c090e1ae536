import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import {
  CheckpointError,
  type CheckpointStorage,
  storageCheckpointer,
} from "../../src/memory/mod.ts";
import { deferred } from "../../src/runtime/deferred.ts";
import { MapStorage, snapshotOf } from "./_support.ts";

/** The clock and the intervals of this process, moved by hand; pauses between attempts take no time. */
class Clock {
  readonly intervals = new Set<() => void>();
  readonly #real = { now: Date.now, random: Math.random, setInterval, clearInterval };
  #now = Date.now();

  constructor() {
    Date.now = () => this.#now;
    Math.random = () => 0;
    Object.assign(globalThis, {
      setInterval: (run: () => void) => (this.intervals.add(run), run),
      clearInterval: (run: () => void) => void this.intervals.delete(run),
    });
  }

  /** Time passes without anybody noticing it. */
  leap(seconds: number): void {
    this.#now += seconds * 1000;
  }

  /** Time passes, and the intervals are called. */
  async pass(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left -= 10) {
      this.leap(Math.min(left, 10));
      for (const run of this.intervals) run();
      await settled();
    }
  }

  restore(): void {
    const { now, random, ...timers } = this.#real;
    Date.now = now;
    Math.random = random;
    Object.assign(globalThis, timers);
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** A question in a storage, and a process that stops on the way while it takes it. */
async function withHolder(
  body: (clock: Clock, storage: MapStorage, holder: Holder) => Promise<void>,
): Promise<void> {
  const clock = new Clock();
  try {
    const storage = new MapStorage();
    await storageCheckpointer(storage).save(snapshotOf(0), "t", { checkpointId: "before" });
    await storageCheckpointer(storage).save(snapshotOf(1), "t", { checkpointId: "question" });
    const reached = deferred<void>();
    const goOn = deferred<void>();
    const slow: CheckpointStorage = {
      getItem: (key) => storage.items.get(key) ?? null,
      getKeys: (base) => [...storage.items.keys()].filter((key) => key.startsWith(base)),
      removeItem: (key) => void storage.items.delete(key),
      async setItem(key, value) {
        if (!key.includes("~")) {
          reached.resolve();
          await goOn.promise;
        }
        storage.items.set(key, value);
      },
    };
    const taking = storageCheckpointer(slow).delete("t", "question");
    await reached.promise;
    await body(clock, storage, { taking, goOn: () => goOn.resolve() });
    assertEquals([...clock.intervals], []);
    assertEquals([...storage.items.keys()].filter((key) => key.includes("~")), []);
  } finally {
    clock.restore();
  }
}

interface Holder {
  readonly taking: Promise<boolean>;
  goOn(): void;
}

function takeIn(storage: MapStorage): Promise<boolean> {
  return storageCheckpointer(storage).delete("t", "question");
}

test("A claim is renewed for as long as its holder needs, and nobody else takes what it is about", async () => {
  await withHolder(async (clock, storage, { taking, goOn }) => {
    assertEquals(clock.intervals.size, 1);
    await clock.pass(120);
    await assertRejects(() => takeIn(storage), CheckpointError, "others try the same");
    goOn();
    assertEquals(await taking, true);
    assertEquals(await takeIn(storage), false);
  });
});

test("A process that stood still while it held a claim does not go on beside the one that took over", async () => {
  await withHolder(async (clock, storage, { taking, goOn }) => {
    clock.leap(29);
    await assertRejects(() => takeIn(storage), CheckpointError, "others try the same");
    clock.leap(2);
    assertEquals(await takeIn(storage), true);
    goOn();
    await assertRejects(() => taking, CheckpointError, "another may have it");
  });
});

test("A claim that was void for a moment is not renewed", async () => {
  await withHolder(async (clock, storage, { taking, goOn }) => {
    clock.leap(31);
    await clock.pass(10);
    assertEquals(await takeIn(storage), true);
    goOn();
    await assertRejects(() => taking, CheckpointError, "another may have it");
  });
});
