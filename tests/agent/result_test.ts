import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { z } from "zod";
import {
  type AgentResult,
  ContentFilterHook,
  type StandardSchema,
  tool,
} from "../../src/agent/mod.ts";
import { agentOf } from "./_support.ts";
import { toolCall } from "../harness/support/scripted_model.ts";

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

test("What the result and the options declare is set, and used", async () => {
  const CLAIM = "The harbour of Oslo opens at six.";
  const look = tool({
    name: "add",
    execute: (_, { getMetadata }) => `tenant ${getMetadata("tenant", "none")}`,
  });
  const judge = agentOf([["CLAIM 1: 0.9 - it does"]]).model;
  const { agent } = agentOf([[toolCall("c1", "add", {})], [CLAIM]], {
    tools: look,
    metadata: { tenant: "acme" },
    reflexion: true,
    grounding: { model: judge },
  });
  const { metrics, state, ...result } = await agent.invoke("go");
  assertEquals([metrics.reflexion_evaluations, metrics.grounding_evaluations], [1, 1]);
  assertEquals([result.grounding_score, result.ungrounded_claims, result.error], [0.9, [], null]);
  assertEquals(state.reasoning_steps[0]!.confidence_delta, 0.15);
  assertEquals(state.tool_executions[0]!.result, "tenant acme");

  const strict = agentOf([[toolCall("c1", "add", {})], [CLAIM]], {
    tools: look,
    gsar: {
      judge: () => ({
        claims: [{ claim: CLAIM, verdict: "contradicted", evidence_type: "tool_match" }],
      }),
      failOnLowScore: true,
    },
  });
  const refused = await strict.agent.invoke("go", { throwOnError: false });
  assertEquals([refused.gsar_score, refused.gsar_decision, refused.success], [0, "replan", false]);

  const failed = agentOf([new Error("down")]).agent;
  assertEquals((await failed.invoke("go", { throwOnError: false })).error, "Error: down");
  const short = new ContentFilterHook({ maxOutputLength: 5 });
  const { message } = await agentOf([["far too long"]], { hooks: [short] }).agent.invoke("go");
  assert(!message.includes("far too long"));
});
