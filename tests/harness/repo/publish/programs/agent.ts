/** A4: an agent with tools, by a schema of zod and by a JSON Schema. */
import { emit, EventBus, runContext } from "@locus/core";
import { Agent, tool } from "@locus/core/agent";
import { MemoryCheckpointer } from "@locus/core/memory";
import { scriptedModel } from "@locus/core/testing";
import { z } from "zod";

const add = tool({
  name: "add",
  parameters: z.object({ a: z.number(), b: z.number() }),
  execute: async ({ a, b }) => {
    await Promise.resolve();
    emit("shop.added", { a, b });
    return a + b;
  },
});
const ask = tool({
  name: "ask",
  parameters: { type: "object", properties: { q: { type: "string" } }, required: ["q"] },
  execute: ({ q }) => `asked ${String(q)}`,
});
const agent = new Agent({
  model: scriptedModel([
    {
      toolCalls: [
        { toolName: "add", input: { a: 1, b: 2 } },
        { toolName: "ask", input: { q: "x" } },
      ],
    },
    "It is 3.",
  ]),
  tools: [add, ask],
  checkpointer: new MemoryCheckpointer(),
});

const bus = new EventBus();
const result = await runContext(
  { runId: "r", bus },
  () => agent.invoke("1 + 2?", { threadId: "t" }),
);
bus.closeStream("r");
if (result.message !== "It is 3.") throw new Error(`Said ${result.message}`);
const results = result.tool_executions.map(({ result, error }) => error ?? result);
if (results.join() !== "3,asked x") throw new Error(`The tools returned ${results.join()}`);
const thread = await agent.thread("t");
if (thread?.tool_executions.length !== 2) throw new Error("The thread was not kept");
const added = bus.history("shop.added");
if (!Array.isArray(added) || added.length !== 1) throw new Error("emit() found no run in the tool");
console.log("ok agent");
