/** Texts by their keys, in a file. */
import { test } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { storageCheckpointer } from "@locus/core/memory";
import { sqliteBus, type SqliteStorage, sqliteStorage } from "@locus/core/transports/sqlite";
import { createStorage } from "unstorage";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { count, within } from "../../contract/observe.ts";
import { checkpointerContract } from "../../memory/checkpointer_contract.ts";
import { RUNTIME } from "../processes.ts";
import { EACH } from "./checkpoint_child.ts";
import { makeFolder } from "./folder.ts";

test("sqliteStorage() keeps texts by their keys, also after a restart, beside the runs of a bus", async () => {
  const folder = makeFolder();
  await using bus = sqliteBus({ path: folder.file });
  let storage = sqliteStorage({ path: folder.file });
  await storage.setItem("a:1", "one");
  await storage.setItem("a:1", "two");
  await storage.setItem("b", "");
  await storage.setItem("a:2", "\0 ' é 🙂");
  await storage.dispose();
  await assertRejects(() => storage.getItem("b"), Error, "The storage was closed");
  storage = sqliteStorage({ path: folder.file });
  assertEquals(await storage.getItem("a:1"), "two");
  assertEquals(await storage.getItem("a:2"), "\0 ' é 🙂");
  assertEquals([await storage.getItem("b"), await storage.getItem("c")], ["", null]);
  assertEquals([await storage.hasItem("b"), await storage.hasItem("c")], [true, false]);
  assertEquals(await storage.getKeys(), ["a:1", "a:2", "b"]);
  assertEquals(await storage.getKeys("a:"), ["a:1", "a:2"]);
  assertEquals(await storage.getKeys("%"), []);
  await storage.removeItem("a:1");
  await storage.clear("a");
  assertEquals(await storage.getKeys(), ["b"]);
  await assertRejects(() => storage.setItem("b", 5 as never), TypeError, "a value must be a text");
  await storage.dispose();
  await bus.close();
  folder.remove();
});

test("sqliteStorage().compareAndSet() lets one of those win who expect the same", async () => {
  const folder = makeFolder();
  const storages = count(1, 4).map(() => sqliteStorage({ path: folder.file }));
  const [one] = storages;
  const all = (expected: string | null, value: (n: number) => string | null) =>
    Promise.all(storages.map((storage, n) => storage.compareAndSet("k", expected, value(n))));
  assertEquals((await all(null, (n) => `v${n}`)).filter(Boolean).length, 1);
  const value = await one!.getItem("k");
  assertEquals(await all("other", () => null), [false, false, false, false]);
  assertEquals((await all(value, () => null)).filter(Boolean).length, 1);
  assertEquals(await one!.getItem("k"), null);
  for (const storage of storages) await storage.dispose();
  folder.remove();
});

test("sqliteStorage() refuses keys and values that are no texts", async () => {
  const storage = sqliteStorage({ path: ":memory:" });
  await assertRejects(() => storage.getItem(5 as never), TypeError, "a key must be a text");
  await assertRejects(() => storage.getItem("a\0b"), TypeError, "a key must hold no NUL");
  await assertRejects(
    () => storage.compareAndSet("a", 1 as never, ""),
    TypeError,
    "what is expect",
  );
  await storage.dispose();
  assertThrows(() => sqliteStorage({} as never), TypeError, '"path" must be the path of a file');
});

for (const kind of ["a storage", "a driver"]) {
  checkpointerContract(`storageCheckpointer() over sqliteStorage() as ${kind}`, () => {
    const folder = makeFolder();
    const opened: SqliteStorage[] = [];
    return {
      open(options) {
        const storage = sqliteStorage({ path: folder.file });
        opened.push(storage);
        const given = kind === "a storage" ? storage : createStorage({ driver: storage });
        return storageCheckpointer(given, options);
      },
      async close() {
        for (const storage of opened) await storage.dispose();
        folder.remove();
      },
    };
  });
}

test("storageCheckpointer() over sqliteStorage() loses nothing between processes, and lets one take each checkpoint", async () => {
  const folder = makeFolder();
  const processes = 3;
  const taken = await Promise.all(count(0, processes - 1).map((n) => runChild(folder.file, n)));
  const all = count(0, processes - 1).flatMap((p) => count(0, EACH - 1).map((n) => `${p}-${n}`));
  assertEquals(taken.flat().sort(), all.sort());
  folder.remove();

  async function runChild(file: string, n: number): Promise<string[]> {
    const program = fileURLToPath(new URL("checkpoint_child.ts", import.meta.url));
    const [command = "", ...args] = [...RUNTIME, program, file, String(n), String(processes)];
    const child = spawn(command, args, {
      cwd: fileURLToPath(new URL("../../../", import.meta.url)),
      stdio: ["ignore", "pipe", "inherit"],
    });
    let out = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => out += text);
    const ended = new Promise((resolve) => child.once("close", resolve));
    assertEquals(await within("its end", ended, 30_000), 0);
    return JSON.parse(out);
  }
});
