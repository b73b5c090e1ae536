/** Conversations that are longer than the model takes. */
import { test } from "node:test";
import { assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import {
  ContextOverflowError,
  type Hook,
  type ModelErrorEvent,
  ModelRetryHook,
} from "../../src/agent/mod.ts";
import { MemoryCheckpointer } from "../../src/memory/mod.ts";
import type { Script } from "../harness/support/scripted_model.ts";
import { agentOf, collect } from "./_support.ts";

/** An error as the AI SDK's providers throw it. */
function apiError(statusCode: number, message: string, more: object = {}): Error {
  return Object.assign(new Error(message), { name: "AI_APICallError", statusCode, ...more });
}

/** How providers say it, as their users report. */
const SAID: Record<string, unknown> = {
  OpenAI: apiError(
    400,
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 130012 tokens.",
    { data: { error: { code: "context_length_exceeded" } } },
  ),
  "OpenAI Responses": apiError(
    400,
    "Your input exceeds the context window of this model. Please adjust your input and try again.",
  ),
  Anthropic: apiError(400, "prompt is too long: 201341 tokens > 200000 maximum"),
  "Anthropic with max_tokens": apiError(
    400,
    "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
  ),
  Google: apiError(
    400,
    "The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).",
  ),
  Bedrock: apiError(400, "Input is too long for requested model."),
  Mistral: apiError(
    400,
    "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
  ),
  xAI: apiError(
    400,
    "This model's maximum prompt length is 131072 but the request contains 140000 tokens.",
  ),
  Cohere: apiError(
    400,
    "too many tokens: total number of tokens in the request cannot exceed 128000",
  ),
  "llama.cpp": apiError(400, "the request exceeds the available context size (4096 tokens)"),
  "a code alone": { code: "context_length_exceeded" },
};

for (const [provider, error] of Object.entries(SAID)) {
  test(`ContextOverflowError is what ${provider} means`, async () => {
    const failing: Script = () => Promise.reject(error);
    const hook = new ModelRetryHook({ initialDelay: 0 });
    const { agent } = agentOf([failing], { hooks: [hook] });
    const { error: thrown } = await collect(agent.run("go"));
    assertInstanceOf(thrown, ContextOverflowError);
    assertEquals([thrown.kind, hook.retriesTotal], ["context_overflow", 0]);
    assertStrictEquals(thrown.cause, error);
  });
}

test("What only sounds like it is passed on as it is", async () => {
  for (
    const error of [
      apiError(429, "Request too large: too many tokens per minute, limit 30000"),
      apiError(
        400,
        "max_tokens: 9000 > 8192, which is the maximum allowed number of output tokens",
      ),
      new Error("no"),
    ]
  ) {
    assertStrictEquals((await collect(agentOf([error]).agent.run("go"))).error, error);
  }
});

/** Takes no more than three messages. */
const small: Script = ({ prompt }) =>
  prompt.length > 3 ? apiError(400, "prompt is too long") : [`${prompt.length}`];

test("A hook may shorten the conversation and ask again, so a thread is not stuck", async () => {
  const shorten: Hook = {
    onModelError(event) {
      if (!(event.error instanceof ContextOverflowError)) return;
      event.replaceMessages([event.messages[0]!, ...event.messages.slice(-2)]);
      event.retry();
    },
  };
  const checkpointer = new MemoryCheckpointer();
  const { agent, model } = agentOf(Array(9).fill(small), { hooks: [shorten], checkpointer });
  for (const prompt of ["one", "two", "three"]) {
    const { success, message } = await agent.invoke(prompt, { threadId: "t" });
    assertEquals([success, message], [true, prompt === "one" ? "2" : "3"]);
  }
  assertEquals(model.calls.map(({ prompt }) => prompt.length), [2, 4, 3, 6, 3]);
  // The run keeps all of it.
  assertEquals((await agent.thread("t"))!.messages.length, 7);
});

test("ModelErrorEvent.replaceMessages() wants messages, and its field cannot be assigned", async () => {
  let looked = false;
  const hook: Hook = {
    onModelError(event) {
      assertThrows(
        () => event.replaceMessages([] as never),
        TypeError,
        "ModelErrorEvent.replaceMessages(): expected messages",
      );
      assertThrows(
        () => (event as { messages: ModelErrorEvent["messages"] }).messages = [],
        TypeError,
        "replaceMessages()",
      );
      looked = true;
    },
  };
  const failure = new Error("no");
  const { error } = await collect(agentOf([failure], { hooks: [hook] }).agent.run("go"));
  assertEquals(looked, true);
  assertStrictEquals(error, failure);
});
