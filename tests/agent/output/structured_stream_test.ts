import { test } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { z } from "zod";
import { structuredStream } from "../../../src/agent/mod.ts";
import { type Script, toolCall } from "../../harness/support/scripted_model.ts";
import { addTool, agentOf } from "../_support.ts";

const Recipe = z.object({ title: z.string(), steps: z.array(z.string()) });
const DELTAS = ['{"title":"Ca', 'ke","st', 'eps":["mix",', '"ba', 'ke"', "]}"];

async function valuesOf<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of stream) values.push(value);
  return values;
}

function runOf(script: readonly Script[], streaming = true) {
  return agentOf(script, { tools: addTool(), streaming }).agent.run("go");
}

test("structuredStream() yields what passes the schema, each value once", async () => {
  const stream = structuredStream(runOf([[{ deltas: DELTAS }]]), Recipe);
  assertEquals([stream.final, stream.terminateReason], [null, null]);
  assertEquals(await valuesOf(stream), [
    { title: "Cake", steps: ["mix"] },
    { title: "Cake", steps: ["mix", "bake"] },
  ]);
  assertEquals(stream.final, { title: "Cake", steps: ["mix", "bake"] });
  assertEquals(stream.terminateReason, "complete");
});

test("structuredStream() with a lenient schema yields partial objects", async () => {
  const stream = structuredStream(runOf([[{ deltas: DELTAS }]]), Recipe.partial());
  assertEquals(await valuesOf(stream), [
    {},
    { title: "Cake" },
    { title: "Cake", steps: ["mix"] },
    { title: "Cake", steps: ["mix", "bake"] },
  ]);
});

test("structuredStream() with emitUnchanged yields for every piece of text", async () => {
  const stream = structuredStream(runOf([[{ deltas: ['{"a":1', " ", "}"] }]]), z.object({}), {
    emitUnchanged: true,
  });
  // Three pieces, and the whole.
  assertEquals((await valuesOf(stream)).length, 4);
});

test("structuredStream() begins anew with every model call", async () => {
  const script: Script[] = [
    ['{"title":"Draft","steps":[]}', toolCall("c1", "add", { a: 1, b: 2 })],
    [{ deltas: ['{"title":"Cake",', '"steps":[]}'] }],
  ];
  const stream = structuredStream(runOf(script), Recipe.partial());
  assertEquals(await valuesOf(stream), [
    { title: "Draft", steps: [] },
    { title: "Cake" },
    { title: "Cake", steps: [] },
  ]);
  assertEquals(stream.final?.title, "Cake");
});

test("structuredStream() reads an answer that is not streamed", async () => {
  const stream = structuredStream(runOf([['{"title":"Cake","steps":[]}']], false), Recipe);
  assertEquals((await valuesOf(stream)).length, 1);
});

test("structuredStream() falls back to the last value when the whole does not pass", async () => {
  const stream = structuredStream(
    runOf([[{ deltas: ['{"title":"Cake","steps":["mix",', "5]}"] }]]),
    Recipe,
  );
  await valuesOf(stream);
  assertEquals(stream.final, { title: "Cake", steps: ["mix"] });
  const none = structuredStream(runOf([["no recipe"]]), Recipe);
  assertEquals([await valuesOf(none), none.final, none.terminateReason], [[], null, "complete"]);
});

test("structuredStream() rejects with what the run rejects with, and knows why it ended", async () => {
  const stream = structuredStream(runOf([new RangeError("down")]), Recipe);
  await assertRejects(() => valuesOf(stream), RangeError, "down");
  assertEquals([stream.final, stream.terminateReason], [null, "error"]);
});

test("Leaving structuredStream() stops the run", async () => {
  const run = runOf([[{ deltas: DELTAS }]]);
  for await (const _ of structuredStream(run, Recipe)) break;
  assertEquals([run.result, (await run.next()).done], [null, true]);
});

test("structuredStream() refuses what is no schema, and unknown options", () => {
  const run = runOf([]);
  assertThrows(
    () => structuredStream(run, {} as never),
    TypeError,
    '"schema" must be a zod schema',
  );
  assertThrows(() => structuredStream(run, Recipe, { all: 1 } as never), TypeError, '"all"');
});
