import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import * as v from "valibot";
import { z } from "zod";
import { type StandardSchema, tool } from "../../../src/agent/mod.ts";
import { toolCall } from "../../harness/support/scripted_model.ts";
import { agentOf, collect, only } from "../_support.ts";

/** What becomes of one call of `tool` with these arguments. */
async function callOf(of: ReturnType<typeof tool>, args: unknown) {
  const { agent } = agentOf([[toolCall("c1", of.name, args)], ["done"]], { tools: of });
  const { events } = await collect(agent.run("go"));
  const { result, error } = only(events, "tool_complete");
  return { result, error, shown: only(events, "tool_start").arguments };
}

const echo = { execute: (args: unknown) => JSON.stringify(args) };

test("tool() shows the model the input side of a zod schema, and fills in defaults", async () => {
  const greet = tool({
    name: "greet",
    parameters: z.object({ name: z.string().describe("Who"), times: z.number().default(1) }),
    ...echo,
  });
  assertEquals(greet.parameters.required, ["name"]);
  assertEquals((greet.parameters.properties as Record<string, unknown>).name, {
    type: "string",
    description: "Who",
  });
  const { result, shown } = await callOf(greet, { name: "Ada" });
  assertEquals(shown, { name: "Ada", times: 1 });
  assertEquals(result, '{"name":"Ada","times":1}');
});

test("tool() checks a JSON Schema and fills in its defaults", async () => {
  const pick = tool({
    name: "pick",
    parameters: {
      type: "object",
      properties: {
        color: { enum: ["red", "blue"] },
        size: { type: ["integer", "null"], default: 3, minimum: 1 },
        item: { $ref: "#/$defs/item" },
      },
      required: ["color"],
      additionalProperties: false,
      $defs: { item: { type: "object", properties: { item: { $ref: "#/$defs/item" } } } },
    },
    ...echo,
  });
  assertEquals((await callOf(pick, { color: "red" })).shown, { color: "red", size: 3 });
  const { error } = await callOf(pick, { color: "green", size: 0, item: { item: 5 }, more: 1 });
  for (const path of ["color: ", "size: ", "item.item: ", "more"]) {
    assertStringIncludes(error!, path);
  }
});

test("tool() takes a schema that cannot tell its JSON Schema together with one", async () => {
  const parameters = v.object({ city: v.pipe(v.string(), v.trim(), v.minLength(2)) });
  assertThrows(
    () => tool({ name: "w", parameters, ...echo }),
    TypeError,
    'give it as "jsonSchema"',
  );
  const jsonSchema = { type: "object", properties: { city: { type: "string" } } };
  const weather = tool({ name: "w", parameters, jsonSchema, ...echo });
  assertEquals((await callOf(weather, { city: " Oslo " })).shown, { city: "Oslo" });
  assertStringIncludes((await callOf(weather, { city: "x" })).error!, "city: ");
});

test("tool() waits for a schema that checks asynchronously, and survives one that throws", async () => {
  const schema = (validate: StandardSchema["~standard"]["validate"]): StandardSchema => ({
    "~standard": { version: 1, vendor: "test", validate },
  });
  const jsonSchema = { type: "object" };
  const slow = tool({
    name: "slow",
    jsonSchema,
    parameters: schema(() =>
      Promise.resolve({ issues: [{ message: "no", path: ["a", { key: 0 }] }] })
    ),
    ...echo,
  });
  assertEquals((await callOf(slow, {})).error, "ToolValidationError: a.0: no");
  const broken = tool({
    name: "broken",
    jsonSchema,
    parameters: schema(() => {
      throw new RangeError("bug in the schema");
    }),
    ...echo,
  });
  assertEquals((await callOf(broken, {})).error, "RangeError: bug in the schema");
});

test("tool() hands values of a transforming schema to the body, and plain data to the events", async () => {
  const at = tool({
    name: "at",
    parameters: z.object({ when: z.iso.datetime().transform((text) => new Date(text)) }),
    execute: ({ when }) => when instanceof Date ? when.getUTCFullYear() : "no date",
  });
  const { result, shown } = await callOf(at, { when: "2026-01-31T00:00:00Z" });
  assertEquals([result, shown], ["2026", { when: "2026-01-31T00:00:00.000Z" }]);
});

test("A tool that returns what cannot be told says what to return instead", async () => {
  const page = tool({ name: "page", execute: () => new Response("hello") });
  assertEquals(
    (await callOf(page, {})).error,
    "ToolResultError: what page returned cannot be made text: TypeError: a stream, a response or an " +
      "iterator has to be read first; return its text, or plain data",
  );
  const broken = tool({
    name: "broken",
    execute: () => ({
      get x() {
        throw new RangeError("no x");
      },
    }),
  });
  assertEquals(
    (await callOf(broken, {})).error,
    "ToolResultError: what broken returned cannot be made text: RangeError: no x",
  );
});

test("tool() without parameters takes no arguments", async () => {
  const ping = tool({ name: "ping", execute: () => "pong" });
  assertEquals(ping.parameters, { type: "object", properties: {}, additionalProperties: false });
  assertEquals((await callOf(ping, {})).result, "pong");
  assert((await callOf(ping, { x: 1 })).error!.startsWith("ToolValidationError"));
});

test("A key named __proto__ in the arguments stays a key", async () => {
  const open = tool({ name: "open", parameters: { type: "object" }, ...echo });
  const { agent } = agentOf([
    [{ type: "tool-call", toolCallId: "c1", toolName: "open", input: '{"__proto__":{"x":1}}' }],
    ["done"],
  ], { tools: open });
  const { events } = await collect(agent.run("go"));
  assertEquals(Object.getPrototypeOf(only(events, "tool_start").arguments), Object.prototype);
  assertEquals(({} as { x?: number }).x, undefined);
});

test("tool() refuses bad options by name", () => {
  const bad: [object, string][] = [
    [{ name: "a b", ...echo }, '"name" must be 1 to 64 letters, digits, "_" and "-", got "a b"'],
    [{ name: "x", ...echo, params: {} }, 'unknown option "params"'],
    [{ name: "x" }, 'tool("x"): "execute" must be a function, got null'],
    [{ name: "x", ...echo, description: 5 }, '"description" must be a string, got 5'],
    [{ name: "x", ...echo, idempotent: 1 }, '"idempotent" must be true or false, got 1'],
    [{ name: "x", ...echo, parameters: "a" }, '"parameters" must be a zod schema'],
    [{ name: "x", ...echo, parameters: z.string() }, "must describe an object"],
    [{ name: "x", ...echo, parameters: { type: "array" } }, 'got type "array"'],
    [{ name: "x", ...echo, parameters: { unevaluatedItems: false } }, "cannot be checked here"],
    [{ name: "x", ...echo, jsonSchema: 5 }, '"jsonSchema" must be a JSON Schema object, got 5'],
    [{ name: "x", ...echo, parameters: z.object({ d: z.date() }) }, "cannot be shown to the model"],
  ];
  for (const [options, message] of bad) {
    assertThrows(() => tool(options as Parameters<typeof tool>[0]), TypeError, message);
  }
  assertThrows(() => tool({ name: "x", ...echo, timeoutMs: 0 }), RangeError, '"timeoutMs"');
});

test("Literals, choices and what may be null reach the model as they are", async () => {
  const paint = tool({
    name: "paint",
    parameters: z.object({
      color: z.enum(["red", "blue"]),
      unit: z.literal("mm"),
      note: z.string().nullable(),
    }),
    execute: () => "painted",
  });
  const { agent, model } = agentOf([["hi"]], { tools: paint });
  await agent.invoke("go");
  const [told] = model.calls[0]!.tools!;
  assert(told?.type === "function");
  const { color, unit, note } = told.inputSchema.properties as Record<string, object>;
  assertEquals(color, { type: "string", enum: ["red", "blue"] });
  assertEquals(unit, { type: "string", const: "mm" });
  assertEquals(note, { type: ["string", "null"] });
});
