import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { MemoryCheckpointer } from "../../src/memory/mod.ts";
import { snapshotOf } from "./_support.ts";
import { checkpointerContract } from "./checkpointer_contract.ts";

checkpointerContract("MemoryCheckpointer", () => {
  let only: MemoryCheckpointer | undefined;
  return {
    open: (options) => only ??= new MemoryCheckpointer(options),
    close: () => Promise.resolve(),
  };
});

test("MemoryCheckpointer forgets the thread that was saved longest ago", async () => {
  const checkpointer = new MemoryCheckpointer({ maxThreads: 2 });
  for (const id of ["a", "b", "a", "c"]) await checkpointer.save(snapshotOf(1), id);
  assertEquals(await checkpointer.load("b"), null);
  assertEquals(await checkpointer.load("a"), snapshotOf(1));
});

test("MemoryCheckpointer() refuses bad options", () => {
  assertThrows(
    () => new MemoryCheckpointer({ max: 1 } as never),
    TypeError,
    'unknown option "max"',
  );
  assertThrows(
    () => new MemoryCheckpointer({ maxThreads: 0 }),
    RangeError,
    'MemoryCheckpointer: "maxThreads" must be a whole number of at least 1, got 0',
  );
});
