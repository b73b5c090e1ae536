/** What the compiler takes and what it refuses; nothing here needs to run. */

import { test } from "node:test";
import { z } from "zod";
import { Agent } from "../../src/agent/mod.ts";
import { channel, graph, START } from "../../src/graph/mod.ts";
import { loop, parallel, type Pipeline, sequential } from "../../src/pipeline/mod.ts";
import { scriptedModel } from "../../src/testing/mod.ts";

/** Takes a value of exactly this type. */
const is = <T>(_: T extends infer U ? U : never) => {};

const agent = new Agent({ model: scriptedModel([]) });
const typed = new Agent({ model: scriptedModel([]), outputSchema: z.object({ n: z.number() }) });
const count = graph({
  state: { text: channel(""), length: channel(0) },
  nodes: { count: (s) => ({ length: s.text.length }) },
  edges: { [START]: "count" },
});

test("each stage's output is the next one's input, without annotations", () => {
  is<Pipeline<number, string>>(
    sequential([(n: number) => n + 1, (n) => `${n}`, async (t) => await t.trim()]),
  );
  is<Pipeline<string, number>>(sequential([agent, (text) => text.length]));
  is<Pipeline<string, number>>(sequential([typed, ({ n }) => n]));
  is<Pipeline<string, number>>(sequential([(text: string) => ({ text }), count, (s) => s.length]));
  const inner = sequential([(n: number) => [n]]);
  is<Pipeline<number, number>>(sequential([inner, (list) => list.length, inner, ([n]) => n ?? 0]));
  is<Pipeline<number, string>>(sequential([
    { stage: (n: number) => n, timeoutMs: 1 },
    { stage: (n, { signal }) => signal.aborted ? "" : n.toFixed(), name: "text" },
  ]));
});

test("branches share an input, and the merge says what comes out", () => {
  const branches = [(n: number) => n, agent] as const;
  is<Pipeline<string, string>>(
    parallel([agent, (t: string, { signal }) => `${t}${signal.aborted}`]),
  );
  is<Pipeline<number, readonly [number, string[]]>>(
    parallel([(n: number) => n, (n: number) => [`${n}`]], { mergeStrategy: "list" }),
  );
  is<Pipeline<number, Date>>(
    parallel([(n: number) => n, async (n: number) => await new Date(n)], { mergeStrategy: "last" }),
  );
  is<Pipeline<string, readonly string[]>>(
    parallel(["a", "b"].map((a) => (b: string) => a + b), { mergeStrategy: "list" }),
  );
  // @ts-expect-error one takes numbers, the other text
  parallel(branches).invoke(1).catch(() => {});
});

test("a loop's stage hands on what it takes, and its condition sees that", () => {
  is<Pipeline<number, number>>(loop((n: number) => n + 1, (n) => n.toFixed() === "3"));
  is<Pipeline<string, string>>(loop(agent, (text) => text.endsWith(".")));
  // @ts-expect-error text is no number
  loop((n: number) => `${n}`, () => true);
  // @ts-expect-error the output has no such member
  loop((n: number) => n, (n) => n.trim() === "");
  // @ts-expect-error it must say yes or no
  loop((n: number) => n, (n) => n);
});

test("what does not fit is refused where it is written", () => {
  // @ts-expect-error an agent takes text
  sequential([(n: number) => n, agent]);
  // @ts-expect-error the agent's answer is text
  sequential([agent, (n: number) => n]);
  // @ts-expect-error text has no toFixed()
  sequential([agent, (n) => n.toFixed()]);
  // @ts-expect-error the agent's answer is what its schema says
  sequential([typed, ({ m }) => m]);
  const inner = sequential([(n: number) => `${n}`]);
  // @ts-expect-error a pipeline that takes numbers after one that hands on text
  sequential([inner, inner]);
  // @ts-expect-error the graph's text is text
  sequential([(n: number) => ({ text: n }), count]);
  // @ts-expect-error `timeout` is no option
  const unknown: Parameters<typeof sequential>[0] = [{ stage: (n: unknown) => n, timeout: 3 }];
  // @ts-expect-error a promise is awaited before it is handed on
  sequential([async (n: number) => await n, (n) => n.then(String)]);
  // @ts-expect-error text is no stage
  const text: Parameters<typeof sequential>[0] = [(n: unknown) => n, "x"];
  void [unknown, text];
  // @ts-expect-error the input is a number
  sequential([(n: number) => n]).invoke("x").catch(() => {});
});
