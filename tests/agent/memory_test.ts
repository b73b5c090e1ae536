/** What a long run keeps, and what many runs leave behind. */
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import type { LanguageModelV4 } from "@ai-sdk/provider";
import { EventBus, withRun } from "../../mod.ts";
import { Agent, tool } from "../../src/agent/mod.ts";
import { toolCall, usage } from "../harness/support/scripted_model.ts";
import { assertCollected, assertLeavesNothing } from "./_leftovers.ts";

/** Calls a tool with other arguments in each of its turns, then answers. It keeps nothing of what it is asked. */
function model(turns: number, look: (parts: object[]) => Promise<void> | void = () => {}) {
  let turn = 0;
  return {
    specificationVersion: "v4",
    provider: "test",
    modelId: "test",
    supportedUrls: {},
    doStream: () => Promise.reject(new Error("It does not stream")),
    async doGenerate(options) {
      const calls = turn < turns;
      const answer = {
        content: [
          calls ? toolCall(`c${turn}`, "add", { n: turn }) : { type: "text", text: "done" },
        ],
        finishReason: { unified: calls ? "tool-calls" : "stop", raw: undefined },
        usage: usage(),
        warnings: [],
      } as Awaited<ReturnType<LanguageModelV4["doGenerate"]>>;
      turn++;
      await look([options, options.prompt, options.prompt.at(-1)!, answer]);
      return answer;
    },
  } satisfies LanguageModelV4 as LanguageModelV4;
}

test("A run of 400 turns keeps its messages, calls and steps, and nothing else of a turn", async () => {
  const marks: WeakRef<object>[] = [];
  const mark = (...parts: object[]) => marks.push(...parts.map((part) => new WeakRef(part)));
  const add = tool<{ n: number }>({
    name: "add",
    execute: (args, context) => (mark(args, context), `${args.n}`),
  });
  const looking = model(TURNS, async (parts) => {
    if (parts[3] !== undefined) mark(...parts);
    // While the run goes on: what its latest turns are about is still in use.
    if (marks.length > TURNS * 6) {
      await assertCollected(marks.splice(0, TURNS * 5), "parts of turns");
    }
  });
  const agent = new Agent({
    model: looking,
    tools: add,
    streaming: false,
    maxIterations: TURNS + 1,
  });
  const run = agent.run("go");
  for await (const event of run) mark(event);
  assertEquals(run.result!.message, "done");
  assertEquals(run.result!.tool_executions.length, TURNS);
});

test("Ten thousand runs leave nothing behind", async () => {
  const add = tool({ name: "add", execute: () => "3" });
  await assertLeavesNothing(
    async (metadata) => {
      const agent = new Agent({ model: model(1), tools: add });
      assertEquals((await agent.invoke("go", { metadata })).message, "done");
    },
    10_000,
  );
});

test("Runs of one agent on one bus leave nothing behind but their events", async () => {
  const bus = new EventBus({ maxRunsRetained: 10 });
  const agent = new Agent({
    model: model(0),
    tools: tool({ name: "add", execute: () => "3" }),
  });
  await assertLeavesNothing(
    (metadata) => withRun({ bus }, () => agent.invoke("go", { metadata })),
    1_000,
  );
});

const TURNS = 400;
