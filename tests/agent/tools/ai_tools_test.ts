import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { dynamicTool, jsonSchema, tool as aiTool, type ToolSet, zodSchema } from "ai";
import { Agent, tool } from "@locus/core/agent";
import { scriptedModel } from "@locus/core/testing";
import { z } from "zod";

type Tools = ConstructorParameters<typeof Agent>[0]["tools"];

/** What becomes of one call of the tool `work`. */
async function called(tools: Tools, input: unknown = {}) {
  const model = scriptedModel([{ toolCalls: [{ toolName: "work", input }] }, "done"]);
  const { tool_executions } = await new Agent({ model, tools }).invoke("go");
  const { result, error, arguments: args } = tool_executions[0]!;
  return { result, error, args, sent: model.calls[0]!.tools![0]! };
}

test("tool() takes inputSchema in place of parameters, with the types that it says", async () => {
  const work = tool({
    name: "work",
    inputSchema: z.object({ city: z.string(), days: z.number().default(2) }),
    execute: ({ city, days }) => `${city.toUpperCase()} ${days.toFixed(1)}`,
  });
  assertEquals((await called(work, { city: "Oslo" })).result, "OSLO 2.0");

  const plain = tool<{ n: number }>({
    name: "work",
    inputSchema: { type: "object", properties: { n: { type: "number" } }, required: ["n"] },
    execute: ({ n }) => n + 1,
  });
  assertEquals((await called([plain], { n: 1 })).result, "2");
  assertThrows(
    () => tool({ name: "work", parameters: {}, inputSchema: {}, execute: () => 1 }),
    TypeError,
    '"parameters" and "inputSchema" are the same',
  );
  assertThrows(
    () => tool({ name: "work", inputSchema: 5 as never, execute: () => 1 }),
    TypeError,
    '"inputSchema" must be a zod schema',
  );
});

test("Agent() takes a record of the AI SDK's tools", async () => {
  const tools: ToolSet = {
    work: aiTool({
      description: "Works.",
      inputSchema: z.object({ city: z.string(), days: z.number().optional() }),
      execute: ({ city }, { toolCallId, messages, abortSignal }) =>
        `${city} ${toolCallId} ${messages.length} ${abortSignal?.aborted}`,
    }),
  };
  const { result, error, sent } = await called(tools, { city: "Oslo", days: null });
  assertEquals([result, error], ["Oslo call_1_1 1 false", null]);
  assertEquals(sent.type === "function" && [sent.name, sent.description], ["work", "Works."]);
  const invalid = await called(tools, { city: 5 });
  assertEquals(invalid.error?.startsWith("ToolValidationError: city: "), true);
});

test("Agent() takes a record of its own tools, by the names of the record", async () => {
  const add = tool({ name: "add", execute: () => 3 });
  assertEquals((await called({ work: add })).result, "3");
});

test("Agent() takes dynamic tools, and the AI SDK's own schemas", async () => {
  const schema: Parameters<typeof jsonSchema>[0] = {
    type: "object",
    properties: { n: { type: "number" } },
    required: ["n"],
  };
  const n = z.object({ n: z.number() });
  const kinds: Tools[] = [
    { work: dynamicTool({ inputSchema: n, execute: (input) => input }) },
    { work: aiTool({ inputSchema: jsonSchema<{ n: number }>(schema), execute: (input) => input }) },
    { work: aiTool({ inputSchema: zodSchema(n), execute: (input) => input }) },
    tool({ name: "work", inputSchema: jsonSchema(schema), execute: (input) => input }),
  ];
  for (const tools of kinds) {
    assertEquals((await called(tools, { n: 1 })).result, '{\n  "n": 1\n}');
    const { result, error } = await called(tools, { n: "1" });
    assertEquals([result, error?.startsWith("ToolValidationError")], [null, true]);
  }
});

test("A tool of the AI SDK may yield, and say what the model sees", async () => {
  const work = aiTool({
    inputSchema: z.object({}),
    async *execute() {
      yield "half";
      await Promise.resolve();
      yield "whole";
    },
    toModelOutput: ({ output }) => ({ type: "text", value: `it is ${output}` }),
  });
  assertEquals((await called({ work })).result, "it is whole");
  const failing = aiTool({
    inputSchema: z.object({}),
    execute: () => 1,
    toModelOutput: () => ({ type: "error-text", value: "no luck" }),
  });
  assertEquals((await called({ work: failing })).error, "Error: no luck");
});

test("A tool of the AI SDK that needs approval asks a person", async () => {
  const done: string[] = [];
  const pay = aiTool({
    inputSchema: z.object({ to: z.string() }),
    needsApproval: ({ to }) => to !== "Ada",
    execute: ({ to }) => void done.push(to),
  });
  const turns = () =>
    scriptedModel([{ toolCalls: [{ toolName: "pay", input: { to: "Bob" } }] }, "done"]);
  for (const [answer, expected] of [["reject", []], ["approve", ["Bob"]]] as const) {
    const agent = new Agent({ model: turns(), tools: { pay } });
    assertEquals((await agent.invoke("go")).stop_reason, "interrupted");
    for await (const _ of agent.resume(answer));
    assertEquals(done, [...expected]);
  }
  const model = scriptedModel([
    { toolCalls: [{ toolName: "pay", input: { to: "Ada" } }] },
    "done",
  ]);
  assertEquals((await new Agent({ model, tools: { pay } }).invoke("go")).stop_reason, "complete");
});

test("Agent() says which tools it cannot execute", () => {
  const model = scriptedModel([]);
  const wrong: [unknown, string][] = [
    [aiTool({ inputSchema: z.object({}) }), "has no execute()"],
    [{ parameters: {} }, "must be made by tool() of this package or of the AI SDK"],
    [5, "must be made by tool()"],
    [{ inputSchema: 5, execute: () => 1 }, '"inputSchema" must be a zod schema'],
  ];
  for (const [work, message] of wrong) {
    const tools = { work } as Tools;
    assertThrows(() => new Agent({ model, tools }), TypeError, message);
  }
});
