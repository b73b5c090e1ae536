import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStorage } from "unstorage";
import fsDriver from "unstorage/drivers/fs";
import memoryDriver from "unstorage/drivers/memory";
import redisDriver from "unstorage/drivers/redis";
import { CheckpointError, storageCheckpointer } from "../../src/memory/mod.ts";
import { requires } from "../harness/support/requires.ts";
import { MapStorage, snapshotOf } from "./_support.ts";
import { checkpointerContract, ODD_IDS } from "./checkpointer_contract.ts";

checkpointerContract("storageCheckpointer() over a map", () => {
  const storage = new MapStorage();
  return {
    open: (options) => storageCheckpointer(storage, options),
    close: () => Promise.resolve(),
  };
});

checkpointerContract("storageCheckpointer() over unstorage in memory", () => {
  const storage = createStorage({ driver: memoryDriver() });
  return {
    open: (options) => storageCheckpointer(storage, options),
    close: () => storage.dispose(),
  };
});

checkpointerContract("storageCheckpointer() over unstorage in files", async () => {
  const base = await mkdtemp(join(tmpdir(), "locus-checkpoints-"));
  const storages = new Set<ReturnType<typeof createStorage>>();
  return {
    open(options) {
      // A storage of its own each time: nothing but the files is shared.
      const storage = createStorage({ driver: fsDriver({ base }) });
      storages.add(storage);
      return storageCheckpointer(storage, options);
    },
    async close() {
      for (const storage of storages) await storage.dispose();
      await rm(base, { recursive: true });
    },
  };
});

checkpointerContract("storageCheckpointer() over unstorage in Redis", () => {
  const base = `locus-test-${randomUUID()}`;
  const open = () =>
    createStorage({ driver: redisDriver({ base, host: "127.0.0.1", port: 6379 }) });
  const storages: ReturnType<typeof createStorage>[] = [];
  return {
    open(options) {
      const storage = open();
      storages.push(storage);
      return storageCheckpointer(storage, options);
    },
    async close() {
      const cleaner = open();
      await cleaner.clear();
      for (const storage of [...storages, cleaner]) await storage.dispose();
    },
  };
}, await requires("redis"));

test("storageCheckpointer() stays inside its folder, whatever the thread id", async () => {
  const base = await mkdtemp(join(tmpdir(), "locus-checkpoints-"));
  try {
    const checkpointer = storageCheckpointer(createStorage({ driver: fsDriver({ base }) }));
    for (const id of ODD_IDS) await checkpointer.save(snapshotOf(1), id);
    assertEquals(await readdir(base), ["locus"]);
    const threads = await readdir(join(base, "locus", "checkpoint"));
    assertEquals(threads.length, ODD_IDS.length);
    for (const name of threads) assertMatch(name, /^t-[a-z0-9_=~-]{0,200}$/);
  } finally {
    await rm(base, { recursive: true });
  }
});

test("storageCheckpointer() names a thread that was cut off while it was written", async () => {
  const base = await mkdtemp(join(tmpdir(), "locus-checkpoints-"));
  try {
    const checkpointer = storageCheckpointer(createStorage({ driver: fsDriver({ base }) }));
    await checkpointer.save(snapshotOf(1), "t");
    await writeFile(join(base, "locus", "checkpoint", "t-t", "index"), '{"version":1,"thr');
    const error = await assertRejects(
      () => checkpointer.load("t"),
      CheckpointError,
      'Cannot read thread "t": the list of its checkpoints',
    );
    assertEquals(error.kind, "checkpoint_serialization");
    // What cannot be read can be deleted.
    assertEquals(await checkpointer.delete("t"), true);
    assertEquals(await checkpointer.load("t"), null);
  } finally {
    await rm(base, { recursive: true });
  }
});

const INDEX = "locus:checkpoint:t-t:index";

test("storageCheckpointer() believes nothing that is stored", async () => {
  const { items, storage, checkpointer, id } = await saved();
  const entry = `locus:checkpoint:t-t:c-${id}`;
  const index = items.get(INDEX)!;
  const broken: [key: string, value: string][] = [
    [INDEX, "[]"],
    [INDEX, index.replace('"thread_id":"t"', '"thread_id":"u"')],
    [INDEX, index.replace('"version":1', '"version":2')],
    [INDEX, index.replace('"kind":"graph"', '"kind":"other"')],
    [entry, "no JSON"],
    [entry, '"text"'],
    [entry, items.get(entry)!.replace('"version":1', '"version":"1"')],
    [entry, items.get(entry)!.replace('"thread_id":"t"', '"thread_id":"u"')],
  ];
  for (const [key, value] of broken) {
    const before = items.get(key)!;
    assert(before !== value);
    await storage.setItem(key, value);
    const error = await assertRejects(() => checkpointer.load("t"), CheckpointError, '"t"');
    assertEquals(error.kind, "checkpoint_serialization", value);
    await storage.setItem(key, before);
  }
  assertEquals(await checkpointer.load("t"), snapshotOf(1));
});

test("storageCheckpointer() says what the storage has lost", async () => {
  const { items, checkpointer, id } = await saved();
  items.delete(`locus:checkpoint:t-t:c-${id}`);
  const error = await assertRejects(() => checkpointer.load("t"), CheckpointError, "has lost");
  assertEquals(error.kind, "checkpoint_not_found");
});

test("storageCheckpointer() passes on why the storage failed", async () => {
  const storage = new MapStorage();
  const cause = new Error("connection refused");
  storage.getItem = () => Promise.reject(cause);
  const checkpointer = storageCheckpointer(storage);
  for (
    const call of [
      () => checkpointer.save(snapshotOf(1), "t"),
      () => checkpointer.load("t"),
      () => checkpointer.listCheckpoints("t"),
      () => checkpointer.delete("t", "c"),
    ]
  ) {
    const error = await assertRejects(call, CheckpointError, 'thread "t": connection refused');
    assertEquals([error.kind, error.cause], ["checkpoint_error", cause]);
  }
});

test("storageCheckpointer() leaves the thread whole when a save breaks off", async () => {
  const { items, storage, checkpointer } = await saved();
  const setItem = storage.setItem.bind(storage);
  for (const broken of [0, 1]) {
    let writes = 0;
    storage.setItem = (key, value) =>
      writes++ === broken ? Promise.reject(new Error("disk full")) : setItem(key, value);
    await assertRejects(() => checkpointer.save(snapshotOf(2), "t"), CheckpointError, "disk full");
    assertEquals(await checkpointer.load("t"), snapshotOf(1));
  }
  storage.setItem = setItem;
  assertEquals(await checkpointer.delete("t"), true);
  // Also what was written and never listed.
  assertEquals(items.size, 0);
});

test("storageCheckpointer() removes what it no longer keeps", async () => {
  const storage = new MapStorage();
  const checkpointer = storageCheckpointer(storage, { maxCheckpoints: 2 });
  for (let n = 0; n < 10; n++) await checkpointer.save(snapshotOf(n), "t");
  assertEquals(storage.items.size, 3);
});

test("storageCheckpointer() keeps to its prefix", async () => {
  const storage = new MapStorage();
  const [one, two] = [
    storageCheckpointer(storage, { prefix: "app:one", backend: "map" }),
    storageCheckpointer(storage, { prefix: "app:two" }),
  ];
  await one.save(snapshotOf(1), "t");
  assertEquals(await two.load("t"), null);
  assertEquals(await two.delete("t"), false);
  assertEquals([one.backend, two.backend], ["map", "storage"]);
});

test("storageCheckpointer() refuses what is no storage, and bad options", () => {
  const storage = new MapStorage();
  const bad: [() => unknown, string][] = [
    [() => storageCheckpointer(null as never), "the storage must have getItem()"],
    [() => storageCheckpointer(new Map() as never), "as one of unstorage has; got a Map"],
    [() => storageCheckpointer(storage, { ttl: 5 } as never), 'unknown option "ttl"'],
    [() => storageCheckpointer(storage, { prefix: "a/b" }), '"prefix" must be letters'],
    [() => storageCheckpointer(storage, { prefix: "" }), '"prefix" must be letters'],
    [() => storageCheckpointer(storage, { backend: "" }), '"backend" must be a string'],
  ];
  for (const [call, message] of bad) assertThrows(call, TypeError, message);
  assertThrows(
    () => storageCheckpointer(storage, { maxCheckpoints: 1.5 }),
    RangeError,
    '"maxCheckpoints" must be a whole number of at least 1, got 1.5',
  );
});

async function saved() {
  const storage = new MapStorage();
  const checkpointer = storageCheckpointer(storage);
  const id = await checkpointer.save(snapshotOf(1), "t");
  return { items: storage.items, storage, checkpointer, id };
}

test("Who loads what another process takes at that moment sees that it is gone", async () => {
  const storage = new MapStorage();
  const one = storageCheckpointer(storage);
  await one.save(snapshotOf(1), "t", { checkpointId: "a" });
  await one.save(snapshotOf(2), "t", { checkpointId: "b" });
  // Reads the list, and then too late what is in it.
  let isTaken = false;
  const getItem = async (key: string) => {
    if (key.includes(":c-") && !isTaken) {
      isTaken = true;
      await one.delete("t", "b");
    }
    return await storage.getItem(key);
  };
  const slow = storageCheckpointer({
    getItem,
    setItem: storage.setItem.bind(storage),
    removeItem: storage.removeItem.bind(storage),
    getKeys: storage.getKeys.bind(storage),
  });
  assertEquals(await slow.load("t"), snapshotOf(1));
  isTaken = false;
  await one.save(snapshotOf(2), "t", { checkpointId: "b" });
  assertEquals(await slow.load("t", "b"), null);
});
