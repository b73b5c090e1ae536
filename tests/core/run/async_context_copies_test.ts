/** Two copies of the package in one process: two versions in one node_modules, or source and bundle. */
import { test } from "node:test";
import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import * as original from "../../../mod.ts";

const copy = await loadCopy();

test("The copies are two, with classes of their own", () => {
  assert(copy.EventBus !== original.EventBus);
  assert(copy.AsyncVariable !== original.AsyncVariable);
});

test("Two copies share the run: what one begins, the other emits to", async () => {
  const bus = new original.EventBus();
  const work = (mine: typeof original, other: typeof original, runId: string) =>
    mine.runContext({ runId, bus }, async () => {
      await null;
      assertEquals([mine.currentRunId(), other.currentRunId()], [runId, runId]);
      other.emit("test.tick", { by: runId });
    });
  await Promise.all([work(original, copy, "a"), work(copy, original, "b")]);
  assertEquals(bus.history().map(({ run_id, data }) => [run_id, (data as { by: string }).by]), [
    ["b", "b"],
    ["a", "a"],
  ]);
  assertEquals([original.currentRunId(), copy.currentRunId()], [undefined, undefined]);
});

test("A snapshot of one copy brings back the run of the other", () => {
  const snapshot = original.runContext({ runId: "then" }, () => new copy.Snapshot());
  const seen = copy.runContext({ runId: "now" }, () => snapshot.run(() => original.currentRunId()));
  assertEquals(seen, "then");
});

test("Two copies share the default bus, whoever makes, replaces or forgets it", () => {
  original.resetEventBus();
  assertEquals(copy.hasEventBus(), false);
  assertStrictEquals(copy.getEventBus(), original.getEventBus());
  const own = new original.EventBus();
  copy.setEventBus(own);
  assertStrictEquals(original.getEventBus(), own);
  original.runContext({ runId: "r" }, () => copy.emit("test.tick", { n: 1 }));
  assertEquals(own.history().length, 1);
  original.resetEventBus();
  assertEquals(copy.hasEventBus(), false);
});

/** Loads the package from a copy of its files, which is gone again once it is loaded. */
async function loadCopy(): Promise<typeof original> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "locus-copy-")));
  try {
    const root = new URL("../../../", import.meta.url);
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    cpSync(new URL("mod.ts", root), join(folder, "mod.ts"));
    for (const part of ["core", "events", "runtime"]) {
      cpSync(new URL(`src/${part}`, root), join(folder, "src", part), { recursive: true });
    }
    return await import(pathToFileURL(join(folder, "mod.ts")).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
