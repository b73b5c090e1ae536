import { test } from "node:test";
import { assertEquals } from "@std/assert";
import {
  channel,
  deepMergeDict,
  firstValue,
  graph,
  maxValue,
  minValue,
  setIntersection,
  START,
  uniqueAppendList,
} from "../../src/graph/mod.ts";
import { thread } from "./_support.ts";

const state = {
  max: channel.reduce(0, maxValue),
  min: channel.reduce(9, minValue),
  first: channel.reduce<string | undefined, string>(undefined, firstValue),
  seen: channel.reduce<readonly { id: number }[]>([{ id: 1 }], uniqueAppendList, {
    delta: "items",
  }),
  both: channel.reduce<readonly string[]>(["a", "b", "c"], setIntersection),
  deep: channel.reduce<Record<string, unknown>>({ a: { x: 1 }, l: [1] }, deepMergeDict, {
    delta: "keys",
  }),
};

test("reducers merge what nodes of one step write, and it is loaded as it was", async () => {
  const made = graph({
    state,
    nodes: {
      a: () => ({
        max: 3,
        min: 5,
        first: "a",
        seen: [{ id: 2 }, { id: 2 }, { id: 1 }],
        both: ["b", "c"],
        deep: { a: { y: 2 }, l: [2] },
      }),
      b: () => ({
        max: 2,
        min: 4,
        first: "b",
        seen: [{ id: 3 }, { id: 2 }],
        both: ["c", "d"],
        deep: { a: { x: 3 }, ["__proto__"]: { z: 1 } },
      }),
    },
    edges: { [START]: ["a", "b"] },
  });
  const t = thread();
  const expected = {
    max: 3,
    min: 4,
    first: "a",
    seen: [{ id: 1 }, { id: 2 }, { id: 3 }],
    both: ["c"],
    deep: { a: { x: 3, y: 2 }, l: [2], ["__proto__"]: { z: 1 } },
  };
  assertEquals((await made.execute({}, t)).state, expected);
  const { value: head } = await made.history("t1", t).next();
  assertEquals(JSON.stringify(head?.state), JSON.stringify(expected));
});
