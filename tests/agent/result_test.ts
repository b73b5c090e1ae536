import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { z } from "zod";
import type { AgentResult, StandardSchema } from "../../src/agent/mod.ts";
import { agentOf } from "./_support.ts";

const Person = z.object({ name: z.string() });

async function resultOf(answer: string, options: object = {}): Promise<AgentResult> {
  return await agentOf([[answer]], options).agent.invoke("who?");
}

test("AgentResult.parsedAs() is the parsed answer, with the type of the schema", async () => {
  const result = await resultOf('{"name":"Ada"}', { outputSchema: Person });
  const { name }: { name: string } = result.parsedAs(Person);
  assertEquals(name, "Ada");
});

test("AgentResult.parsedAs() says why there is nothing to be had", async () => {
  const plain = await resultOf("Ada");
  assertThrows(() => plain.parsedAs(Person), RangeError, "the agent has no outputSchema");
  const broken = await resultOf("Ada", { outputSchema: Person, outputSchemaRetries: 0 });
  assertThrows(() => broken.parsedAs(Person), RangeError, "There is no complete JSON");
});

test("AgentResult.parsedAs() refuses an answer of another form", async () => {
  const result = await resultOf('{"name":"Ada"}', { outputSchema: Person });
  assertThrows(
    () => result.parsedAs(z.object({ age: z.number() })),
    TypeError,
    "parsedAs(): the answer does not pass: age: ",
  );
});

test("AgentResult.parsedAs() refuses a schema that has to be waited for", async () => {
  const result = await resultOf('{"name":"Ada"}', { outputSchema: Person });
  const slow: StandardSchema<unknown, string> = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: () => Promise.resolve({ value: "Ada" }),
    },
  };
  assertThrows(() => result.parsedAs(slow), TypeError, "asynchronously");
});

test("JSON.stringify() of a result has all of it, and whether it is a success", async () => {
  const result = await resultOf('{"name":"Ada"}', { outputSchema: Person });
  const plain = JSON.parse(JSON.stringify(result));
  assertEquals(Object.keys(plain).sort(), [...Object.keys(result), "success"].sort());
  assertEquals([plain.success, plain.parsed, plain.stop_reason], [
    true,
    { name: "Ada" },
    "complete",
  ]);
});
