import { zodToJsonSchema } from "zod-to-json-schema";
import { test } from "node:test";
import { toJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import { assertEquals } from "@std/assert";
import * as v from "valibot";
import { z } from "zod";
import { z as z3 } from "zod/v3";
import { Agent, mcpTools, tool } from "@locus/core/agent";
import { defineEvents, EventBus } from "@locus/core";
import { ScriptedModel, toolCall } from "../harness/support/scripted_model.ts";
import { type Mistake, mistakes, PROMISE, wrong } from "./_mistakes.ts";

const schemas = {
  zod: z.object({ n: z.number() }),
  "zod 3": z3.object({ n: z3.number() }),
  valibot: v.object({ n: v.number() }),
  arktype: type({ n: "number" }),
};
const execute = ({ n }: { n: number }) => n + 1;

const tools = {
  zod: tool({ name: "add", parameters: schemas.zod, execute }),
  "zod 3": tool({
    name: "add",
    parameters: schemas["zod 3"],
    jsonSchema: (schema) => zodToJsonSchema(schema as never),
    execute,
  }),
  valibot: tool({ name: "add", parameters: schemas.valibot, jsonSchema: toJsonSchema, execute }),
  arktype: tool({ name: "add", parameters: schemas.arktype, execute }),
};

for (const [vendor, add] of Object.entries(tools)) {
  test(`a tool takes a schema of ${vendor}, and shows and checks it`, async () => {
    const { type: kind, properties, required } = add.parameters as Record<string, unknown>;
    assertEquals([kind, properties, required], ["object", { n: { type: "number" } }, ["n"]]);
    const model = new ScriptedModel(
      [toolCall("c1", "add", { n: 1 }), toolCall("c2", "add", { n: "1" })],
      ["done"],
    );
    const { state } = await new Agent({ model, tools: [add] }).invoke("x");
    assertEquals(state.tool_executions.map(({ error }) => error === null), [true, false]);
    assertEquals(state.tool_executions[0]!.result, "2");
  });
}

test("outputSchema takes schemas of every library, with a converter where they need one", async () => {
  const answers = [
    { outputSchema: schemas.zod },
    { outputSchema: schemas["zod 3"], outputJsonSchema: zodToJsonSchema },
    { outputSchema: schemas.valibot, outputJsonSchema: toJsonSchema },
    { outputSchema: schemas.arktype },
  ];
  for (const options of answers) {
    const agent = new Agent({ model: new ScriptedModel(['{"n":1}']), ...options as object });
    assertEquals((await agent.invoke("x")).parsed, { n: 1 });
  }
});

test("defineEvents() takes schemas of every library, and needs no JSON Schema", () => {
  const shop = defineEvents({
    "shop.a": schemas.zod,
    "shop.b": schemas["zod 3"],
    "shop.c": schemas.valibot,
    "shop.d": schemas.arktype as never,
  });
  assertEquals(Object.keys(shop.schemas).length, 4);
});

/** A schema that says its JSON Schema by `input`. */
function sayingOf(input: () => unknown): object {
  return {
    "~standard": {
      version: 1,
      vendor: "mine",
      validate: () => ({ value: 1 }),
      jsonSchema: { input },
    },
  };
}

function failing(): never {
  throw new Error("no schema of ours");
}

for (
  const [owner, schema, jsonSchema, call] of [
    [
      'tool("add")',
      "parameters",
      "jsonSchema",
      (parameters: never, jsonSchema?: never) =>
        tool({ name: "add", parameters, jsonSchema, execute: () => 1 } as never),
    ],
    [
      "Agent",
      "outputSchema",
      "outputJsonSchema",
      (outputSchema: never, outputJsonSchema?: never) =>
        new Agent({ model: new ScriptedModel(), outputSchema, outputJsonSchema }),
    ],
  ] as const
) {
  const noSchemas: readonly [what: string, value: unknown, shown: string][] = [
    ["a text", "string", '"string"'],
    ["a number", 5, "5"],
    ["a list", [], "an array"],
    ["a function", () => {}, "a function"],
    ["a class", EventBus, "a class; is `new` missing?"],
    ["a Date", new Date(), "a Date"],
    ["a Map", new Map(), "a Map"],
    ["a bus", new EventBus(), "an event bus"],
    ["a promise", Promise.resolve(schemas.zod), PROMISE],
    ["zod before 3.24", { _def: {}, safeParse() {} }, "a schema of zod before 3.24: update zod"],
  ];
  mistakes(owner, [
    ...noSchemas.map(([what, value, shown]): Mistake => [
      what,
      () => call(wrong(value)),
      `"${schema}" must be a zod schema, another Standard Schema or a JSON Schema object, got ${shown}`,
    ]),
    ...noSchemas.filter(([what]) => !/function|class|zod/.test(what)).map((
      [what, value, shown],
    ): Mistake => [
      `${what} as JSON Schema`,
      () => call(wrong(schemas.valibot), wrong(value)),
      `"${jsonSchema}" must be a JSON Schema object, got ${shown}`,
    ]),
    [
      "zod's shape without z.object()",
      () => call(wrong({ n: z.number() })),
      `"${schema}" must be a schema, got an object of schemas; did you mean z.object(…) of it?`,
    ],
    [
      "the shape of another library",
      () => call(wrong({ n: schemas.arktype, m: v.string() })),
      `"${schema}" must be a schema, got an object of schemas`,
    ],
    [
      "a Standard Schema that validates nothing",
      () => call(wrong({ "~standard": { version: 1, vendor: "mine" } })),
      `"${schema}" must be a Standard Schema with validate(), got an object`,
    ],
    ...[schemas.zod, schemas.valibot, { n: z.number() }].map((
      value,
      i,
    ): Mistake => [
      `a schema as JSON Schema, ${i}`,
      () => call(wrong(schemas.valibot), wrong(value)),
      `"${jsonSchema}" must be a JSON Schema object, got ${
        i < 2 ? "a Standard Schema" : "an object of schemas"
      }`,
    ]),
    [
      "a schema whose JSON Schema is none",
      () => call(wrong(sayingOf(() => null))),
      `"${schema}" cannot be shown to the model as JSON Schema: it says null; give it as "${jsonSchema}"`,
    ],
    [
      "a schema whose JSON Schema comes late",
      () => call(wrong(sayingOf(() => Promise.resolve({ type: "object" })))),
      `"${schema}" cannot be shown to the model as JSON Schema: it says ${PROMISE}; give it as`,
    ],
    [
      "zod 3",
      () => call(wrong(schemas["zod 3"])),
      `give it as "${jsonSchema}", or a function that makes it: zodToJsonSchema of`,
    ],
    [
      "valibot",
      () => call(wrong(schemas.valibot)),
      `give it as "${jsonSchema}", or a function that makes it: toJsonSchema of "@valibot/`,
    ],
    [
      "a converter that refuses",
      () => call(wrong(schemas.valibot), wrong(failing)),
      `the function "${jsonSchema}" failed: `,
    ],
    [
      "a converter that answers late",
      () => call(wrong(schemas.valibot), wrong(() => Promise.resolve({}))),
      `must return a JSON Schema object, got ${PROMISE}`,
    ],
  ]);
}

mistakes("mcpTools()", [
  ["nothing", () => mcpTools(wrong(undefined)), "the client must have listTools()"],
  ["a URL", () => mcpTools(wrong("http://localhost/mcp")), "the client must have listTools()"],
  ["a promise", () => mcpTools(wrong(Promise.resolve({}))), PROMISE],
]);
