import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { z } from "zod";
import { Agent, tool } from "../../src/agent/mod.ts";
import { GraphError } from "../../src/graph/mod.ts";
import { loop, parallel, type Pipeline, sequential } from "../../src/pipeline/mod.ts";
import { ScriptedModel, toolCall } from "../harness/support/scripted_model.ts";
import { fail, thread } from "./_support.ts";

test("a question waits in the thread, and another process goes on with the answer", async () => {
  const calls: string[] = [];
  const make = () =>
    sequential([
      (topic: string) => {
        calls.push("draft");
        return `About ${topic}`;
      },
      async (draft, ctx) => {
        await ctx.once("mail", () => void calls.push("mail"));
        return `${draft}: ${ctx.interrupt<string>({ question: "Good?", options: ["yes", "no"] })}`;
      },
      (text) => {
        calls.push("publish");
        return text;
      },
    ]);
  const t = thread();
  const asked = await make().execute("gaps", t);
  assertEquals([asked.stop_reason, asked.success, asked.final_output], [
    "interrupted",
    false,
    null,
  ]);
  assertEquals(asked.interrupts.map(({ question }) => question), [
    { question: "Good?", options: ["yes", "no"] },
  ]);
  const { final_output } = await make().resume("yes", t);
  assertEquals([final_output, calls], ["About gaps: yes", ["draft", "mail", "publish"]]);
});

test("a branch that asks lets the others finish, and runs again alone", async () => {
  const calls: string[] = [];
  const make = () =>
    parallel([
      () => {
        calls.push("a");
        return "a";
      },
      (_: string, ctx) => {
        calls.push("b");
        return ctx.interrupt<string>("B?");
      },
    ]);
  const t = thread();
  assertEquals((await make().execute("", t)).outputs, ["a", ""]);
  const { final_output } = await make().resume("b", t);
  assertEquals([final_output, calls], ["a\n\n---\n\nb", ["a", "b", "b"]]);
});

test("a question from deep inside is the pipeline's, and what was done in there is not repeated", async () => {
  const calls: string[] = [];
  const make = () =>
    sequential([
      parallel([
        loop(
          sequential([
            (n: number) => {
              calls.push(`add ${n}`);
              return n + 1;
            },
            (n, ctx) => n < 3 ? n : ctx.interrupt<number>(`${n}?`),
          ]),
          (n) => n > 9,
        ),
      ], { mergeStrategy: "last" }),
      (n) => n * 2,
    ]);
  const t = thread();
  assertEquals((await make().execute(1, t)).interrupts.map(({ question }) => question), ["3?"]);
  assertEquals((await make().resume(10, t)).final_output, 20);
  assertEquals(calls, ["add 1", "add 2"]);
});

test("an agent's question is the pipeline's; in another process it goes on where it asked", async () => {
  const t = thread();
  const calls: string[] = [];
  const pay = tool({
    name: "pay",
    parameters: z.object({}),
    execute: (_, { interrupt }) => {
      const answer = interrupt({ question: "Pay?", options: ["yes", "no"] });
      calls.push(`paid: ${answer}`);
      return "ok";
    },
  });
  const make = (...script: ConstructorParameters<typeof ScriptedModel>) => {
    const { checkpointer } = t;
    const model = new ScriptedModel(...script);
    const agent = new Agent({ model, tools: [pay], streaming: false, checkpointer });
    return sequential([agent, (text) => text.length]);
  };
  const asked = await make([toolCall("c1", "pay", {})]).execute("Pay the bill", t);
  assertEquals(asked.interrupts.map(({ question }) => question), [
    { question: "Pay?", options: ["yes", "no"] },
  ]);
  assertEquals((await make(["Paid."]).resume("yes", t)).final_output, 5);
  assertEquals(calls, ["paid: yes"]);
});

test("a stage that failed is tried again by another process, and nothing before it", async () => {
  const calls: string[] = [];
  const make = (fails: boolean) =>
    sequential([
      () => void calls.push("a"),
      () => fails ? fail("x") : void calls.push("b"),
      () => void calls.push("c"),
    ]);
  const t = thread();
  assertEquals((await make(true).execute("", t)).stop_reason, "failed");
  assert((await make(false).recover(t)).success);
  assertEquals(calls, ["a", "b", "c"]);
});

test("a round that was aborted is the one to go on with", async () => {
  const stop = new AbortController();
  const calls: number[] = [];
  const made = loop((n: number) => {
    calls.push(n);
    if (n === 2 && !stop.signal.aborted) stop.abort();
    return n + 1;
  }, (n) => n === 5);
  const t = thread();
  const { stop_reason } = await made.execute(0, { ...t, signal: stop.signal });
  assertEquals(stop_reason, "cancelled");
  assertEquals((await made.recover(t)).outputs, [1, 2, 3, 4, 5]);
  assertEquals(calls, [0, 1, 2, 2, 3, 4]);
});

test("a thread that is run again begins anew", async () => {
  const made: Pipeline<number, number> = loop((n: number) => n + 1, () => false, { maxLoops: 2 });
  const t = thread();
  await made.execute(0, t);
  assertEquals((await made.execute(10, t)).outputs, [11, 12]);
});

test("an answer that nobody waits for is refused, and so is what cannot be stored", async () => {
  const t = thread();
  const made = sequential([() => new Map()]);
  const { error } = await made.execute("", t);
  assert(error?.startsWith("stage[0] GraphError: outputs.0[0] is a Map"), `${error}`);
  const refused = await assertRejects(() => made.resume("yes", t), GraphError);
  assertEquals(refused.code, "nothing_waits");
});
