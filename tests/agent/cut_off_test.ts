/** Answers that are not whole: the model's reason to stop says so. */
import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { LanguageModelV4Content, LanguageModelV4FinishReason } from "@ai-sdk/provider";
import { type Hook, tool } from "../../src/agent/mod.ts";
import { type Reply, type ReplyPart, toolCall } from "../harness/support/scripted_model.ts";
import { agentOf, all, collect, only } from "./_support.ts";

type Unified = LanguageModelV4FinishReason["unified"];

/** An answer for which the model stopped like this. */
function stopped(unified: Unified, content: readonly ReplyPart[], raw: string = unified): Reply {
  return { content, finishReason: { unified, raw } };
}

/** A tool that notes what it is called with, and takes anything. */
function noting() {
  const seen: unknown[] = [];
  const save = tool({
    name: "save",
    parameters: { type: "object", properties: { path: { type: "string", default: "/" } } },
    execute: (args) => void seen.push(args),
  });
  return { seen, save };
}

/** What was cut off, as providers hand it over. */
const CUT: LanguageModelV4Content[] = [
  { ...toolCall("c1", "save", {}), input: "" },
  { ...toolCall("c1", "save", {}), input: '{"path": "/tm' },
  toolCall("c1", "save", {}),
];

for (const streaming of [true, false]) {
  const how = streaming ? "streamed" : "whole";

  test(`A call that was cut off is not executed, and the model is told (${how})`, async () => {
    for (const unified of ["length", "content-filter"] as const) {
      for (const call of CUT) {
        const { seen, save } = noting();
        const script = [stopped(unified, ["I save.", call]), ["done"]];
        const { agent, model } = agentOf(script, { tools: save, streaming });
        const { events } = await collect(agent.run("go"));

        assertEquals(seen, []);
        assertStringIncludes(only(events, "tool_complete").error!, "cut off");
        const told = model.calls[1]!.prompt.at(-1)!;
        assert(told.role === "tool" && told.content[0]!.type === "tool-result");
        assertEquals(told.content[0]!.output.type, "error-text");
        assertStringIncludes(JSON.stringify(told.content[0]!.output), "cut off");
        assertEquals(only(events, "terminate").reason, "complete");
      }
    }
  });
}

test("Calls before the one that was cut off are whole, unless a filter broke the answer off", async () => {
  const calls = [toolCall("c1", "save", { path: "/a" }), { ...CUT[0]!, toolCallId: "c2" }] as const;
  for (const [unified, saved] of [["length", [{ path: "/a" }]], ["content-filter", []]] as const) {
    const { seen, save } = noting();
    await agentOf([stopped(unified, calls), ["done"]], { tools: save }).agent.invoke("go");
    assertEquals(seen, [...saved]);
  }
});

test("A hook that changes the arguments does not have a call executed that was cut off", async () => {
  const { seen, save } = noting();
  const hook: Hook = { onBeforeToolCall: (event) => event.replaceArguments({ path: "/b" }) };
  const { agent } = agentOf([stopped("length", [CUT[0]!]), ["done"]], {
    tools: save,
    hooks: [hook],
  });
  const { events } = await collect(agent.run("go"));
  assertEquals(seen, []);
  assertStringIncludes(only(events, "tool_complete").error!, "cut off");
});

test("An answer that is cut off, or none at all, is no success", async () => {
  const ends: [Reply, string, string][] = [
    [stopped("length", ["The answ"], "max_tokens"), "The answ", "length"],
    [stopped("content-filter", ["The answ"], "refusal"), "The answ", "content-filter"],
    [stopped("stop", []), "", "said nothing"],
    [stopped("stop", [" \n"]), " \n", "said nothing"],
  ];
  for (const [reply, message, why] of ends) {
    const told: boolean[] = [];
    const hook: Hook = { onAfterInvocation: (_, success) => void told.push(success) };
    const result = await agentOf([reply], { hooks: [hook] }).agent.invoke("go");
    assertEquals([result.success, result.toJSON().success, result.message], [
      false,
      false,
      message,
    ]);
    assertStringIncludes(result.error!, why);
    assertEquals(told, [false]);
  }
});

test("A sub-agent whose answer is cut off says so to its caller", async () => {
  const sub = agentOf([stopped("length", ["The answ"])], { agentId: "sub" }).agent;
  const { agent } = agentOf([[toolCall("c1", "sub", { prompt: "go" })], ["done"]], {
    tools: sub.asTool(),
  });
  const { events } = await collect(agent.run("go"));
  assertStringIncludes(
    only(events, "tool_complete").result!,
    "stopped early (ModelResponseError: The answer is not whole",
  );
});

test("A turn that the provider pauses goes on, without a word of the user's", async () => {
  const search: LanguageModelV4Content = {
    type: "tool-call",
    toolCallId: "s1",
    toolName: "web_search",
    input: "{}",
    providerExecuted: true,
  };
  const paused = stopped("stop", ["I search.", search], "pause_turn");
  for (const completionMode of ["auto", "explicit"] as const) {
    const done = completionMode === "auto"
      ? ["found"]
      : ["found", toolCall("c1", "task_complete", { summary: "found" })];
    const { agent, model } = agentOf([paused, paused, done], { completionMode });
    const { events } = await collect(agent.run("go"));

    assertEquals(all(events, "think").length, 3);
    const { prompt } = model.calls[2]!;
    assertEquals(prompt.map(({ role }) => role), ["system", "user", "assistant", "assistant"]);
    assertEquals(only(events, "terminate").final_message, "found");
  }
});

test("A turn that is paused for ever ends with the turns", async () => {
  const paused = stopped("stop", ["…"], "pause_turn");
  const { agent } = agentOf([paused, paused, ["so far"]], { maxIterations: 2 });
  const { stop_reason, success } = await agent.invoke("go");
  assertEquals([stop_reason, success], ["max_iterations", false]);
});
