/** Names that objects have by birth are names of nodes and fields like any other. */

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { channel, graph, GraphError, START } from "../../src/graph/mod.ts";
import { orchestrator } from "../../src/team/mod.ts";
import { says } from "../team/_support.ts";
import { fields, outline, thread } from "./_support.ts";

for (const name of ["constructor", "toString"]) {
  test(`a node "${name}" waits for others`, async () => {
    const made = graph({
      state: fields,
      nodes: { a: () => ({ log: "a" }), [name]: { after: ["a"], run: () => ({ log: "b" }) } },
      edges: { [START]: "a" },
    });
    const { log, errors } = outline(await made.execute({}, thread()));
    assertEquals([log, errors], [["a", "b"], {}]);
  });

  test(`a node "${name}" keeps the state of its graph`, async () => {
    const run = graph({
      state: { n: channel.add() },
      nodes: { one: () => ({ n: 1 }) },
      edges: { [START]: "one" },
    });
    const made = graph({
      state: fields,
      nodes: {
        [name]: {
          run,
          keep: true,
          input: () => ({}),
          output: ({ n }: { n: number }) => ({ log: `${n}` }),
        },
      },
      edges: { [START]: name },
    });
    const t = thread();
    await made.execute({}, t);
    assertEquals((await made.execute({}, t)).state.log, ["1", "2"]);
  });
}

test("the one name that no object keeps is refused", () => {
  const node = { ["__proto__"]: () => ({}) };
  const field = { ["__proto__"]: channel("") };
  assertThrows(
    () => graph({ state: {}, nodes: node, edges: { [START]: "__proto__" } }),
    GraphError,
    '"__proto__" cannot name a node',
  );
  assertThrows(
    () => graph({ state: field, nodes: { a: () => ({}) }, edges: { [START]: "a" } }),
    GraphError,
    '"__proto__" cannot name a field',
  );
});

test("the result of any specialist is found by its id", async () => {
  const team = orchestrator({ specialists: [says("__proto__", ["Done."])] });
  const { specialist_results } = await team.execute("go");
  assertEquals(Object.keys(specialist_results), ["__proto__"]);
});
