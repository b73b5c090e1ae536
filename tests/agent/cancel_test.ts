import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { type AgentOptions, type Hook, tool } from "../../src/agent/mod.ts";
import { type Script, toolCall } from "../harness/support/scripted_model.ts";
import { agentOf, collect, gate, only, outline } from "./_support.ts";

/** Waits for ever, and says when it has begun. */
function stuck(): { begun: Promise<void>; forever: () => Promise<never> } {
  const { promise: begun, resolve } = gate();
  return {
    begun,
    forever: () => {
      resolve();
      return new Promise<never>(() => {});
    },
  };
}

/** Cancels a run in the phase that never ends, and checks how it does end. */
async function assertCancels(
  begun: Promise<void>,
  script: Script[],
  options: Partial<AgentOptions>,
  last: string[] = ["terminate"],
): Promise<void> {
  const { agent } = agentOf(script, options);
  const run = agent.run("go");
  const collected = collect(run);
  await begun;
  agent.cancel();
  const { events, error } = await collected;
  assertEquals(error, null);
  assertEquals(outline(events).slice(-last.length), last);
  assertEquals(run.result!.stop_reason, "cancelled");
}

test("Cancelling does not wait for a system prompt", async () => {
  const { begun, forever } = stuck();
  await assertCancels(begun, [["hi"]], { systemPrompt: forever });
});

test("Cancelling does not wait for a hook before the run", async () => {
  const { begun, forever } = stuck();
  await assertCancels(begun, [["hi"]], { hooks: [{ onBeforeInvocation: forever }] });
});

test("Cancelling does not wait for the model", async () => {
  for (const streaming of [true, false]) {
    const { begun, forever } = stuck();
    await assertCancels(begun, [forever], { streaming });
  }
});

test("Cancelling does not wait for a schema", async () => {
  const { begun, forever } = stuck();
  const checked = tool({
    name: "checked",
    parameters: { "~standard": { version: 1, vendor: "test", validate: forever } },
    jsonSchema: { type: "object" },
    execute: () => "never called",
  });
  await assertCancels(begun, [[toolCall("c1", "checked", {})]], { tools: checked }, [
    "tool_start c1",
    "tool_complete c1",
    "terminate",
  ]);
});

test("Cancelling does not wait for a tool, nor begin the ones after it", async () => {
  for (const toolExecution of ["concurrent", "sequential"] as const) {
    const { begun, forever } = stuck();
    const calls = [toolCall("c1", "stuck", {}), toolCall("c2", "other", {})];
    let others = 0;
    const tools = [
      tool({ name: "stuck", execute: forever }),
      tool({ name: "other", execute: () => ++others }),
    ];
    const last = toolExecution === "sequential"
      ? ["think", "tool_start c1", "tool_complete c1", "terminate"]
      : ["tool_start c2", "tool_complete c1", "tool_complete c2", "terminate"];
    await assertCancels(begun, [calls], { tools, toolExecution, maxConcurrency: 1 }, last);
    assertEquals(others, 0);
  }
});

test("Cancelling does not wait for the summary", async () => {
  const { begun, forever } = stuck();
  const ping = tool({ name: "ping", execute: () => "pong" });
  await assertCancels(begun, [[toolCall("c1", "ping", {})], forever], {
    tools: ping,
    maxIterations: 1,
  }, ["tool_complete c1", "terminate"]);
});

test("A run that was cancelled answers with what the model said last", async () => {
  const { begun, forever } = stuck();
  const { agent } = agentOf([["Let me see", toolCall("c1", "stuck", {})]], {
    tools: tool({ name: "stuck", execute: forever }),
  });
  const result = agent.invoke("go");
  await begun;
  agent.cancel();
  assertEquals((await result).message, "Let me see");
});

test("Instructions that come after the run was cancelled begin nothing any more", async () => {
  const { promise: late, resolve } = gate<string>();
  const { promise: asked, resolve: ask } = gate();
  const seen: string[] = [];
  const { agent } = agentOf([["never"]], {
    systemPrompt: () => (ask(), late),
    hooks: [{
      onBeforeInvocation: () => void seen.push("before"),
      onAfterInvocation: () => void seen.push("after"),
    }],
  });
  const end = collect(agent.run("go"));
  await asked;
  agent.cancel();
  assertEquals(only((await end).events, "terminate").reason, "cancelled");
  resolve("late");
  await new Promise<void>((settle) => setTimeout(settle));
  assertEquals(seen, ["after"]);
});

test("Cancelling stops what is under way, and is not a success", async () => {
  const { promise: started, resolve } = gate();
  const ends: boolean[] = [];
  const hook: Hook = { onAfterInvocation: (_, success) => void ends.push(success) };
  const stuck: Script = () => {
    resolve();
    return new Promise(() => {});
  };
  const { agent } = agentOf([stuck], { hooks: [hook] });
  const run = agent.invoke("go");
  await started;
  agent.cancel();
  const { stop_reason, success } = await run;
  assertEquals([stop_reason, success, ends], ["cancelled", false, [false]]);
});
