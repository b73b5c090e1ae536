import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { ContentFilterHook, OutputFilterHook } from "../../../src/agent/mod.ts";
import { toolCall } from "../../harness/support/scripted_model.ts";
import { agentOf, all, collect } from "../_support.ts";
import { countingTool } from "./_support.ts";

test("OutputFilterHook takes personal data out of events, state and stream", async () => {
  const hook = new OutputFilterHook();
  const { agent } = agentOf([[
    { type: "reasoning", text: "her mail is ann@example.com" },
    { deltas: ["Write to ann@", "example.com"] },
  ]], { hooks: [hook], streaming: true });
  const run = agent.run("go");
  const { events } = await collect(run);
  assertEquals(JSON.stringify([events, run.result!.state]).includes("ann@"), false);
  assertEquals(run.result!.message, "Write to [REDACTED_EMAIL]");
  assertEquals(all(events, "think")[0]!.reasoning, "her mail is [REDACTED_EMAIL]");
  assertEquals(hook.violations, ["pii:email", "pii:email"]);
});

test("OutputFilterHook keeps tool calls, usage and stop reason", async () => {
  const { tool, calls } = countingTool();
  const { agent } = agentOf([
    ["ann@example.com", toolCall("c1", "add", { a: 1 })],
    ["done"],
  ], { tools: tool, hooks: [new OutputFilterHook()] });
  const { events } = await collect(agent.run("go"));
  const [first] = all(events, "model_complete");
  assertEquals([first!.content, first!.stop_reason], ["[REDACTED_EMAIL]", "stop"]);
  assertEquals([first!.usage.total_tokens, first!.tool_calls.length, calls.length], [8, 1, 1]);
});

test("OutputFilterHook withholds answers that break a policy", async () => {
  const hook = new OutputFilterHook({
    contentPolicy: ["violence"],
    topicPolicy: { politics: ["election", "senate"] },
  });
  const answers = ["This is how to build a bomb", "The Senate met", "Selection sort is slow"];
  const messages = [];
  for (const answer of answers) {
    messages.push((await agentOf([[answer]], { hooks: [hook] }).agent.invoke("go")).message);
  }
  assertEquals(messages, [
    "[The answer was withheld: content:violence]",
    "[The answer was withheld: topic:politics]",
    "Selection sort is slow",
  ]);
  assertEquals(hook.violations, ["content:violence", "topic:politics"]);
});

test("ContentFilterHook refuses prompts, cancels calls and replaces answers", async () => {
  const hook = new ContentFilterHook({
    blockedWords: ["Acme"],
    blockedPatterns: [/proj-\d+/],
    maxInputLength: 30,
    maxOutputLength: 10,
  });
  const { tool, calls } = countingTool();
  const ask = (prompt: string, ...answers: (string | ReturnType<typeof toolCall>)[]) =>
    agentOf(answers.map((answer) => [answer]), { tools: tool, hooks: [hook] }).agent
      .invoke(prompt, { throwOnError: false });

  assertEquals(
    (await ask("tell me of ACME", "x")).error,
    "GuardrailError: The prompt has content " +
      "that is blocked",
  );
  assertEquals((await ask("y".repeat(31), "x")).stop_reason, "error");
  assertEquals(
    (await ask("go", "proj-77 is it")).message,
    "[The answer had content that is blocked]",
  );
  assertEquals((await ask("go", "0123456789abc")).message, "0123456789");
  assertEquals((await ask("go", "acmeist")).message, "acmeist");

  const { state } = await ask("go", toolCall("c1", "add", { note: "for acme" }), "done");
  assertEquals(state.tool_executions[0]!.result, "The arguments have content that is blocked");
  assertEquals(calls.length, 0);
});

test("ContentFilterHook tells letters apart if asked to", async () => {
  const hook = new ContentFilterHook({ blockedWords: ["Acme", "c++"], caseSensitive: true });
  const ask = (prompt: string) =>
    agentOf([["ok"]], { hooks: [hook] }).agent.invoke(prompt, { throwOnError: false });
  assertEquals((await ask("acme")).success, true);
  assertEquals((await ask("Acme")).success, false);
  assertEquals((await ask("learn c++ now")).success, false);
});

test("The filters check their options", () => {
  assertThrows(
    () => new ContentFilterHook({ blockedPatterns: ["x"] as never }),
    TypeError,
    'ContentFilterHook: "blockedPatterns" must hold regular expressions, got an array',
  );
  assertThrows(
    () => new OutputFilterHook({ contentPolicy: ["spam"] as never }),
    TypeError,
    'OutputFilterHook: "contentPolicy" must be one of "hate_speech"',
  );
  assertThrows(
    () => new OutputFilterHook({ topicPolicy: { politics: "senate" } as never }),
    TypeError,
    'OutputFilterHook: "topicPolicy.politics" must be a set or array of names, got "senate"',
  );
});
