import { test } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import * as v from "valibot";
import { z } from "zod";
import { Agent, type AgentOptions, tool } from "../../../src/agent/mod.ts";
import {
  type Script,
  ScriptedModel,
  toolCall,
  usage,
} from "../../harness/support/scripted_model.ts";
import { addTool, agentOf, all, collect, onBus, only, outline } from "../_support.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

/** Compiles only if `T` is true. */
function assertType<_T extends true>(): void {}

const Person = z.object({ name: z.string(), age: z.number().int() });
const ADA = '{"name":"Ada","age":36}';
/** The same, keys sorted. */
const CANONICAL = '{"age":36,"name":"Ada"}';

function personAgent(script: readonly Script[], options: Partial<AgentOptions> = {}) {
  return agentOf(script, { outputSchema: Person, ...options });
}

test("Agent: acceptance 38, an invalid answer is mended", async () => {
  const { agent, model } = personAgent([['{"name":"Ada","age":"old"}'], [ADA]]);
  const result = await agent.invoke("who?");
  assertEquals(result.parsed, { name: "Ada", age: 36 });
  assertEquals([result.message, result.parse_error], [CANONICAL, null]);
  assertEquals([result.stop_reason, model.calls.length], ["complete", 2]);
  assertEquals(result.metrics.iterations, 1);

  const said = JSON.stringify(model.calls[1]!.prompt.at(-1));
  assertStringIncludes(said, "- age: ");
  assertStringIncludes(said, "[invalid_type]");
  assertEquals(model.calls[1]!.tools, undefined);
});

test("Agent: acceptance 38, without retries the problem is told", async () => {
  const { agent, model } = personAgent([["I would rather not."]], { outputSchemaRetries: 0 });
  const result = await agent.invoke("who?");
  assertEquals([result.parsed, model.calls.length], [null, 1]);
  assertEquals(result.parse_error, "- There is no complete JSON in the answer");
  assertEquals([result.message, result.success], ["I would rather not.", true]);
});

test("Agent: acceptance 38, when all retries fail the last problem is told", async () => {
  const { agent, model } = personAgent([["no"], ["{}"], ['{"name":1,"age":2}'], [ADA]]);
  const result = await agent.invoke("who?");
  assertEquals([result.parsed, result.message, model.calls.length], [null, "no", 3]);
  assertStringIncludes(result.parse_error!, "- name: ");
});

test("Run() mends like invoke(): the repair comes before terminate, and is counted", async () => {
  const { agent } = personAgent([["no"], [ADA]]);
  const run = agent.run("who?");
  const { events } = await collect(run);
  assertEquals(outline(events), ["model_complete", "think", "model_complete", "terminate"]);
  assertEquals(only(events, "terminate").final_message, CANONICAL);
  assertEquals(run.result!.parsed, { name: "Ada", age: 36 });
  assertEquals(run.result!.metrics.total_tokens, 16);
  assertEquals(run.result!.last_assistant_message, ADA);
});

test("The bus is told of a repair's tokens", async () => {
  const { agent } = personAgent([["no"], [ADA]]);
  const { events } = await onBus(() => collect(agent.run("who?")));
  assertEquals(events.filter((event) => event.event_type === "agent.tokens.used").length, 2);
  assertEquals(events.at(-1)!.data.final_message_preview, CANONICAL);
});

test("A valid answer is found in a fence or amid words, and costs no further call", async () => {
  for (const text of [ADA, "Sure:\n```json\n" + ADA + "\n```", `It is ${ADA}, I think.`]) {
    const { agent, model } = personAgent([[text]]);
    const { parsed, message } = await agent.invoke("who?");
    assertEquals([parsed, message], [{ name: "Ada", age: 36 }, CANONICAL]);
    assertEquals(model.calls.length, 1);
  }
});

test("The first JSON that passes the schema is the answer, not the first JSON", async () => {
  const { agent } = personAgent([[`Not {"name":"Eve"}, but ${ADA}`]]);
  assertEquals((await agent.invoke("who?")).parsed, { name: "Ada", age: 36 });
});

test("The model is told the schema, and its provider is asked for it in every call", async () => {
  const { agent, model } = personAgent(
    [[toolCall("c1", "add", { a: 1, b: 2 })], ["no"], [ADA]],
    { tools: addTool(), systemPrompt: "Be brief." },
  );
  await agent.invoke("who?");
  const [system] = model.calls[0]!.prompt;
  assertStringIncludes(String(system!.content), "Be brief.\n\nYour final answer must be JSON");
  assertStringIncludes(String(system!.content), '"required":["name","age"]');
  assertEquals(model.calls.map(({ responseFormat }) => responseFormat?.type), [
    "json",
    "json",
    "json",
  ]);
  const format = model.calls[0]!.responseFormat;
  assertEquals(format?.type === "json" && format.schema?.additionalProperties, false);
});

test("outputSchemaStrict asks for optional properties too, and can be off", async () => {
  const outputSchema = z.object({ name: z.string(), nick: z.string().optional() });
  const required = async (outputSchemaStrict: boolean) => {
    const { agent, model } = agentOf([['{"name":"Ada"}']], { outputSchema, outputSchemaStrict });
    assertEquals((await agent.invoke("who?")).parsed, { name: "Ada" });
    const format = model.calls[0]!.responseFormat;
    return format?.type === "json" ? format.schema?.required : null;
  };
  assertEquals(await required(true), ["name", "nick"]);
  assertEquals(await required(false), ["name"]);
});

test("Without a schema no form is asked for, and nothing is parsed", async () => {
  const { agent, model } = agentOf([[ADA]]);
  const { parsed, parse_error, message } = await agent.invoke("who?");
  assertEquals([parsed, parse_error, message], [null, null, ADA]);
  assertEquals("responseFormat" in model.calls[0]!, false);
});

test("A provider that refuses the form in a repair is asked without it", async () => {
  const script: Script[] = [["no"], new Error("response_format is not supported"), [ADA]];
  const { agent, model } = personAgent(script, { outputSchemaRetries: 1 });
  assertEquals((await agent.invoke("who?")).parsed, { name: "Ada", age: 36 });
  assertEquals(model.calls.map((call) => call.responseFormat?.type), ["json", "json", undefined]);
});

test("A model that fails in a repair leaves the answer as it is", async () => {
  const script: Script[] = [["no"], new Error("down"), new Error("still down")];
  const result = await personAgent(script).agent.invoke("who?");
  assertEquals([result.message, result.stop_reason, result.parsed], ["no", "complete", null]);
  assertEquals(result.parse_error, "- There is no complete JSON in the answer");
  assertEquals(result.state.errors, ["Error: down", "Error: still down"]);
});

test("Cancelling during a repair ends the run", async () => {
  const controller = new AbortController();
  const { agent } = personAgent([["no"], () => {
    controller.abort();
    return [ADA];
  }]);
  const run = agent.run("who?", { signal: controller.signal });
  const { events } = await collect(run);
  assertEquals(only(events, "terminate").reason, "cancelled");
  assertEquals([run.result!.parsed, run.result!.parse_error], [null, null]);
});

test("A run that is out of tokens is not asked again", async () => {
  const spending = { content: [toolCall("c1", "add", { a: 1, b: 2 })], usage: usage(900, 100) };
  const { agent, model } = personAgent([spending, [ADA]], { tools: addTool(), tokenBudget: 1000 });
  const result = await agent.invoke("who?");
  assertEquals([result.stop_reason, model.calls.length], ["token_budget", 1]);
  assertEquals(result.parse_error, "- There is no complete JSON in the answer");
});

test("The summary of a run without turns left is held to the schema, too", async () => {
  const { agent, model } = personAgent([[toolCall("c1", "add", { a: 1, b: 2 })], [ADA]], {
    tools: addTool(),
    maxIterations: 1,
  });
  const result = await agent.invoke("who?");
  assertEquals([result.stop_reason, result.message], ["max_iterations", CANONICAL]);
  assertEquals(model.calls[1]!.responseFormat?.type, "json");
});

test("What a terminal tool returns is parsed", async () => {
  const submit = tool({ name: "submit", execute: () => ({ name: "Ada", age: 36 }) });
  const { agent } = personAgent([[toolCall("c1", "submit", {})]], { tools: submit });
  const { stop_reason, parsed } = await agent.invoke("who?");
  assertEquals([stop_reason, parsed], ["terminal_tool", { name: "Ada", age: 36 }]);
});

test("A run that asks a person has no value until it is resumed", async () => {
  const ask = tool({ name: "ask", execute: (_, { interrupt }) => interrupt("?") });
  const { agent } = personAgent([[toolCall("c1", "ask", {})], [ADA]], { tools: ask });
  const { stop_reason, parsed, parse_error } = await agent.invoke("who?");
  assertEquals([stop_reason, parsed, parse_error], ["interrupted", null, null]);
  const rest = agent.resume("me");
  await collect(rest);
  assertEquals(rest.result!.parsed, { name: "Ada", age: 36 });
});

test("outputSchema takes JSON Schema, and fills in its defaults", async () => {
  const { agent } = agentOf([['{"n":1}']], {
    outputSchema: {
      type: "object",
      properties: { n: { type: "integer" }, unit: { type: "string", default: "m" } },
      required: ["n"],
    },
  });
  const { parsed, message } = await agent.invoke("how far?");
  assertEquals([parsed, message], [{ n: 1, unit: "m" }, '{"n":1,"unit":"m"}']);
});

test("outputSchema checks the properties of a JSON Schema that leaves out its type", async () => {
  const outputSchema = { properties: { n: { type: "integer" } }, required: ["n"] };
  const { agent, model } = agentOf([["{}"], ['{"n":1}']], { outputSchema });
  assertEquals((await agent.invoke("how far?")).parsed, { n: 1 });
  assertEquals(model.calls.length, 2);
});

test("outputSchema takes another library's schema together with a JSON Schema", async () => {
  const { agent } = agentOf([["{}"], ['{"city":"Oslo"}']], {
    outputSchema: v.object({ city: v.string() }),
    outputJsonSchema: { type: "object", properties: { city: { type: "string" } } },
  });
  assertEquals((await agent.invoke("where?")).parsed, { city: "Oslo" });
});

test("A schema that transforms gives its value, and the message plain JSON", async () => {
  const outputSchema = z.object({ at: z.string().transform((text) => new Date(text)) });
  const { agent } = agentOf([['{"at":"2026-01-02T00:00:00Z"}']], {
    outputSchema,
    outputJsonSchema: { type: "object", properties: { at: { type: "string" } } },
  });
  const { parsed, message } = await agent.invoke("when?");
  assertEquals(parsed, { at: new Date("2026-01-02T00:00:00Z") });
  assertEquals(message, '{"at":"2026-01-02T00:00:00.000Z"}');
});

test("A schema that throws is a problem of the answer, not of the run", async () => {
  const outputSchema = z.object({}).refine(() => {
    throw new RangeError("broken check");
  });
  const { agent } = agentOf([["{}"]], { outputSchema, outputSchemaRetries: 0 });
  const { parse_error, stop_reason } = await agent.invoke("go");
  assertStringIncludes(parse_error!, "broken check");
  assertEquals(stop_reason, "complete");
});

test("The type of parsed is inferred from the schema", async () => {
  const agent = new Agent({ model: new ScriptedModel([ADA]), outputSchema: Person });
  const { parsed } = await agent.invoke("who?");
  assertType<Same<typeof parsed, { name: string; age: number } | null>>();
  assertEquals(parsed?.name, "Ada");
  const plain = new Agent({ model: new ScriptedModel(["hi"]) });
  assertType<Same<typeof plain, Agent<unknown>>>();
});

test("Streaming, the repair's chunks come before terminate", async () => {
  const { agent } = personAgent([["no"], [{ deltas: ['{"name":"Ada",', '"age":36}'] }]], {
    streaming: true,
  });
  const { events } = await collect(agent.run("who?"));
  assertEquals(outline(events).slice(-5), [
    "model_chunk",
    "model_chunk",
    "model_chunk",
    "model_complete",
    "terminate",
  ]);
  assertEquals(all(events, "think").length, 1);
});

test("Agent() refuses bad output options by name", async () => {
  const cases: [Record<string, unknown>, ErrorConstructor, string][] = [
    [{ outputSchema: 5 }, TypeError, '"outputSchema" must be a zod schema, another Standard'],
    [{ outputSchema: v.object({}) }, TypeError, 'give it as "outputJsonSchema"'],
    [{ outputSchema: Person, outputJsonSchema: 5 }, TypeError, '"outputJsonSchema" must be a JSON'],
    [{ outputJsonSchema: {} }, TypeError, '"outputJsonSchema" is of use only with "outputSchema"'],
    [{ outputSchemaRetries: 11 }, RangeError, "a whole number from 0 to 10, got 11"],
    [{ outputSchemaStrict: 1 }, TypeError, '"outputSchemaStrict" must be true or false, got 1'],
  ];
  for (const [options, error, message] of cases) {
    assertThrows(() => agentOf([], options), error as never, message);
  }
  await assertRejects(() => personAgent([new Error("down")]).agent.invoke("who?"), Error, "down");
});
