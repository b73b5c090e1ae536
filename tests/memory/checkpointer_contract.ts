/** What every checkpointer must do. */

import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "../harness/support/property.ts";
import { type Checkpointer, CheckpointError } from "../../src/memory/mod.ts";
import type { SkipOptions } from "../harness/support/requires.ts";
import { snapshotOf } from "./_support.ts";

/** A place for checkpoints that a test has for itself. */
export interface Place {
  /** Another checkpointer of the same place, as a new process would make it. */
  open(options?: { maxCheckpoints?: number }): Checkpointer;
  /** Leaves nothing behind. */
  close(): Promise<void>;
}

/** Ids that have to be told apart, whatever keys and paths are made of them. */
export const ODD_IDS: readonly string[] = [
  "a",
  "A",
  "a/b:c",
  "a:b/c",
  "a/b",
  "a:b",
  "a b",
  "a%20b",
  "..",
  ".",
  "../a",
  "/",
  ":",
  "a?b",
  "a$",
  "con",
  "node_modules",
  "index",
  "__proto__",
  "é",
  "e\u0301",
  "\u0000",
  "日本語🙂",
  "x".repeat(1024),
  `${"x".repeat(1023)}y`,
  "x".repeat(160),
  "=61",
];

/** Registers the contract's tests. */
export function checkpointerContract(
  name: string,
  makePlace: () => Place | Promise<Place>,
  options: SkipOptions = { skip: false },
): void {
  const contract = (promise: string, body: (place: Place) => Promise<void>) =>
    test(`${name} ${promise}`, options, async () => {
      const place = await makePlace();
      try {
        await body(place);
      } finally {
        await place.close();
      }
    });

  contract("loads what was saved last, or what is asked for", async ({ open }) => {
    const checkpointer = open();
    const ids = [];
    for (const n of [1, 2, 3]) ids.push(await checkpointer.save(snapshotOf(n), "t"));
    assertEquals(await checkpointer.load("t"), snapshotOf(3));
    assertEquals(await checkpointer.load("t", ids[0]), snapshotOf(1));
    assertEquals(await checkpointer.load("t", "cp_unknown"), null);
    assertEquals(await checkpointer.load("u"), null);
    assertEquals(await checkpointer.load("u", ids[0]), null);
  });

  contract("keeps what a new one finds", async ({ open }) => {
    const id = await open().save(snapshotOf(1), "t", { metadata: { a: [1] } });
    const [info] = await open().listCheckpoints("t");
    assertEquals([info?.checkpoint_id, info?.metadata], [id, { a: [1] }]);
    assertEquals(await open().load("t"), snapshotOf(1));
  });

  contract("lists the newest first, and no more than asked for", async ({ open }) => {
    const checkpointer = open();
    for (const n of [1, 2, 3]) {
      await checkpointer.save(snapshotOf(n), "t", { checkpointId: `c${n}`, metadata: { n } });
    }
    const all = await checkpointer.listCheckpoints("t");
    assertEquals(all.map(({ checkpoint_id }) => checkpoint_id), ["c3", "c2", "c1"]);
    assertEquals(all.map(({ metadata }) => metadata), [{ n: 3 }, { n: 2 }, { n: 1 }]);
    assertEquals(all.map(({ thread_id, kind }) => [thread_id, kind])[0], ["t", "graph"]);
    assert(Date.parse(all[0]!.created_at) > 0);
    assertEquals((await checkpointer.listCheckpoints("t", { limit: 2 })).length, 2);
    assertEquals(await checkpointer.listCheckpoints("u"), []);
  });

  contract("replaces a checkpoint of the same id, which is the newest then", async ({ open }) => {
    const checkpointer = open();
    await checkpointer.save(snapshotOf(1), "t", { checkpointId: "a" });
    await checkpointer.save(snapshotOf(2), "t", { checkpointId: "b" });
    assertEquals(await checkpointer.save(snapshotOf(3), "t", { checkpointId: "a" }), "a");
    const ids = (await checkpointer.listCheckpoints("t")).map((info) => info.checkpoint_id);
    assertEquals(ids, ["a", "b"]);
    assertEquals(await checkpointer.load("t"), snapshotOf(3));
  });

  contract("keeps so many checkpoints of a thread, the newest", async ({ open }) => {
    const checkpointer = open({ maxCheckpoints: 2 });
    const ids = [];
    for (const n of [1, 2, 3]) ids.push(await checkpointer.save(snapshotOf(n), "t"));
    const kept = (await checkpointer.listCheckpoints("t")).map((info) => info.checkpoint_id);
    assertEquals(kept, [ids[2], ids[1]]);
    assertEquals(await checkpointer.load("t", ids[0]), null);
  });

  contract("deletes one checkpoint or the thread, and says whether it did", async ({ open }) => {
    const checkpointer = open();
    const [first, second] = [
      await checkpointer.save(snapshotOf(1), "t"),
      await checkpointer.save(snapshotOf(2), "t"),
    ];
    await checkpointer.save(snapshotOf(9), "u");
    assertEquals(await checkpointer.delete("t", second), true);
    assertEquals(await checkpointer.delete("t", second), false);
    assertEquals(await checkpointer.load("t"), snapshotOf(1));
    assertEquals(await checkpointer.delete("t", first), true);
    assertEquals(await checkpointer.delete("t"), false);
    assertEquals(await checkpointer.load("t"), null);
    assertEquals(await checkpointer.delete("u"), true);
    assertEquals(await checkpointer.delete("u"), false);
    assertEquals(await checkpointer.load("u"), null);
  });

  contract("tells one deletion of several that it was the one", async ({ open }) => {
    const checkpointer = open();
    await checkpointer.save(snapshotOf(1), "t");
    const id = await checkpointer.save(snapshotOf(2), "t");
    const told = await Promise.all(Array.from({ length: 5 }, () => checkpointer.delete("t", id)));
    assertEquals(told.filter(Boolean).length, 1);
  });

  contract("shares nothing with its callers", async ({ open }) => {
    const checkpointer = open();
    const data = { list: [1], deep: { a: 1 } };
    await checkpointer.save({ kind: "agent", version: 1, data }, "t");
    data.list.push(2);
    const loaded = (await checkpointer.load("t"))!.data as typeof data;
    assertEquals(loaded, { list: [1], deep: { a: 1 } });
    loaded.deep.a = 2;
    assertEquals((await checkpointer.load("t"))!.data, { list: [1], deep: { a: 1 } });
  });

  contract("keeps odd thread ids apart", async ({ open }) => {
    const checkpointer = open();
    for (const [n, id] of ODD_IDS.entries()) await checkpointer.save(snapshotOf(n), id);
    for (const [n, id] of ODD_IDS.entries()) {
      assertEquals(await checkpointer.load(id), snapshotOf(n), JSON.stringify(id).slice(0, 40));
    }
    // One that is gone takes no other along.
    assertEquals(await checkpointer.delete("a"), true);
    for (const [n, id] of ODD_IDS.entries()) {
      assertEquals(await checkpointer.load(id), id === "a" ? null : snapshotOf(n));
    }
    for (const id of ODD_IDS) await checkpointer.delete(id);
  });

  contract("keeps checkpoint ids apart that differ in case only", async ({ open }) => {
    const checkpointer = open();
    await checkpointer.save(snapshotOf(1), "t", { checkpointId: "aB" });
    await checkpointer.save(snapshotOf(2), "t", { checkpointId: "Ab" });
    await checkpointer.save(snapshotOf(3), "t", { checkpointId: "index" });
    assertEquals(await checkpointer.load("t", "aB"), snapshotOf(1));
    assertEquals(await checkpointer.load("t", "Ab"), snapshotOf(2));
  });

  contract("loses nothing of what is saved to one thread at once", async ({ open }) => {
    const checkpointer = open({ maxCheckpoints: 20 });
    const ids = await Promise.all(
      Array.from({ length: 20 }, (_, n) => checkpointer.save(snapshotOf(n), "t")),
    );
    const listed = await checkpointer.listCheckpoints("t", { limit: 50 });
    assertEquals(listed.map((info) => info.checkpoint_id), ids.toReversed());
    assertEquals(await checkpointer.load("t"), snapshotOf(19));
  });

  contract("carries any JSON as it is", async ({ open }) => {
    const checkpointer = open();
    const json = fc.jsonValue({ noUnicodeString: false }).filter((value) =>
      // What some storages drop while they parse, because it can do harm.
      !JSON.stringify(value).includes("__proto__")
    );
    await fc.assert(
      fc.asyncProperty(json, async (value) => {
        const data = JSON.parse(JSON.stringify({ value }));
        await checkpointer.save({ kind: "agent", version: 1, data }, "t", { checkpointId: "c" });
        assertEquals(await checkpointer.load("t"), { kind: "agent", version: 1, data });
      }),
      { numRuns: 30 },
    );
  });

  contract("refuses what is no id, no snapshot and no option", async ({ open }) => {
    const checkpointer = open();
    const snapshot = snapshotOf(1);
    for (const id of ["", 5, null, "x".repeat(1025), "\ud800"] as string[]) {
      await assertRejects(() => checkpointer.save(snapshot, id), TypeError, '"threadId" must be');
      await assertRejects(() => checkpointer.load(id), TypeError, '"threadId" must be');
      await assertRejects(() => checkpointer.delete(id), TypeError, '"threadId" must be');
    }
    for (const checkpointId of ["", "a/b", "../x", "x".repeat(129)]) {
      await assertRejects(
        () => checkpointer.save(snapshot, "t", { checkpointId }),
        TypeError,
        '"checkpointId" must be 1 to 128',
      );
      await assertRejects(() => checkpointer.load("t", checkpointId), TypeError, "checkpointId");
      await assertRejects(() => checkpointer.delete("t", checkpointId), TypeError, "checkpointId");
    }
    const bad: [() => Promise<unknown>, string][] = [
      [() => checkpointer.save({ ...snapshot, version: 2 as 1 }, "t"), "the version 1"],
      [() => checkpointer.save(null as never, "t"), "the snapshot must have"],
      [() => checkpointer.save(snapshot, "t", { ttl: 1 } as never), 'unknown option "ttl"'],
      [() => checkpointer.save(snapshot, "t", { metadata: [] as never }), '"metadata" must be'],
    ];
    for (const [call, message] of bad) await assertRejects(call, TypeError, message);
    await assertRejects(
      () => checkpointer.listCheckpoints("t", { limit: 0 }),
      RangeError,
      '"limit" must be a whole number of at least 1, got 0',
    );
    assertEquals(await checkpointer.load("t"), null);
  });

  contract("lets one of several take a checkpoint, wherever they are", async ({ open }) => {
    for (const others of [[], ["another"]]) {
      for (const checkpointId of [...others, "question"]) {
        await open().save(snapshotOf(1), "t", { checkpointId });
      }
      const taken = await Promise.all(
        Array.from({ length: 4 }, () => open().delete("t", "question")),
      );
      assertEquals(taken.filter((won) => won).length, 1);
      const left = await open().listCheckpoints("t");
      assertEquals(left.map(({ checkpoint_id }) => checkpoint_id), others);
    }
  });

  contract("refuses what cannot be written as JSON", async ({ open }) => {
    const circle: Record<string, unknown> = {};
    circle.circle = circle;
    for (const data of [circle, { n: 1n }]) {
      const error = await assertRejects(
        () => open().save({ kind: "agent", version: 1, data }, "t"),
        CheckpointError,
        "cannot be written as JSON",
      );
      assertEquals(error.kind, "checkpoint_serialization");
    }
  });

  contract("keeps records: of several that create one, one wins", async ({ open }) => {
    const records = await open().records!("t");
    const values = ["1", '{"a":"é"}', "plain", ""];
    const created = await Promise.all(values.map((value) => records.create("r-1", value)));
    assertEquals(created, [true, false, false, false]);
    for (const [i, value] of values.entries()) {
      assertEquals(await records.create(`o-${i}=2e-x`, value), true);
      assertEquals(await (await open().records!("t")).get(`o-${i}=2e-x`), value);
    }
    assertEquals((await records.keys("o-")).length, values.length);
    await records.remove("r-1");
    assertEquals([await records.get("r-1"), await records.get("never")], [null, null]);
  });

  contract(
    "keeps the records of threads apart, and deletes them with the thread",
    async ({ open }) => {
      const checkpointer = open();
      for (const id of ODD_IDS) await (await checkpointer.records!(id)).create("r-1", id);
      for (const id of ODD_IDS) {
        const records = await checkpointer.records!(id);
        assertEquals(await records.get("r-1"), id);
        assertEquals([...await records.keys("")], ["r-1"]);
      }
      assertEquals(await checkpointer.delete("a/b"), true);
      assertEquals(await (await checkpointer.records!("a/b")).get("r-1"), null);
      assertEquals(await (await checkpointer.records!("a")).get("r-1"), "a");
    },
  );

  contract("keeps the records of a thread whose last checkpoint is deleted", async ({ open }) => {
    const checkpointer = open();
    await (await checkpointer.records!("t")).create("r-1", "{}");
    const id = await checkpointer.save(snapshotOf(1), "t");
    assertEquals(await checkpointer.delete("t", id), true);
    assertEquals(await (await checkpointer.records!("t")).get("r-1"), "{}");
  });
}
