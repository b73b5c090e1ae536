import { test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { type Hook, tool } from "../../../src/agent/mod.ts";
import { type Script, toolCall } from "../../harness/support/scripted_model.ts";
import { addTool, agentOf, all, collect, only, outline } from "../_support.ts";

test("replaceMessages() changes what this call is told, and not the conversation", async () => {
  const hook: Hook = {
    onBeforeModelCall: (event) =>
      event.replaceMessages([...event.messages, {
        ...event.messages.at(-1)!,
        content: "and be brief",
      }]),
  };
  const { agent, model } = agentOf([["hi"]], { hooks: [hook] });
  const { state } = await agent.invoke("go");
  assertStringIncludes(JSON.stringify(model.calls[0]!.prompt), "and be brief");
  assertEquals(state.messages.map(({ content }) => content).includes("and be brief"), false);
});

test("A hook before the model call sees the tools that it will have", async () => {
  const seen: string[][] = [];
  const hook: Hook = {
    onBeforeModelCall: ({ tools }) => void seen.push(tools.map(({ name }) => name)),
  };
  const { agent } = agentOf([[toolCall("c1", "add", { a: 1, b: 2 })], ["summary"]], {
    tools: addTool(),
    hooks: [hook],
    maxIterations: 1,
  });
  await agent.invoke("go");
  // The second one is the call for the summary.
  assertEquals(seen, [["add"], []]);
});

test("replaceResponse() changes the events, the state and what the model is told again", async () => {
  const hook: Hook = {
    onAfterModelCall: ({ response, replaceResponse }) =>
      replaceResponse({ content: response.content?.toUpperCase() ?? null }),
  };
  const { agent, model } = agentOf([
    ["adding", toolCall("c1", "add", { a: 1, b: 2 })],
    ["done"],
  ], { tools: addTool(), hooks: [hook] });
  const run = agent.run("go");
  const { events } = await collect(run);
  assertEquals(all(events, "model_complete").map(({ content }) => content), ["ADDING", "DONE"]);
  assertEquals(all(events, "model_complete")[0]!.usage.total_tokens, 8);
  assertEquals(only(events, "terminate").final_message, "DONE");
  assertEquals(all(events, "think")[0]!.reasoning, "ADDING");
  assertStringIncludes(JSON.stringify(model.calls[1]!.prompt), '"text":"ADDING"');
  assertEquals(run.result!.state.messages.at(-1)!.content, "DONE");
});

test("A replaced answer keeps the signed reasoning that its tool calls depend on", async () => {
  const providerMetadata = { anthropic: { signature: "s" } };
  const hook: Hook = {
    onAfterModelCall: ({ replaceResponse }) => replaceResponse({ content: "X" }),
  };
  const { agent, model } = agentOf([
    [
      { type: "reasoning", text: "hm", providerMetadata },
      "secret",
      toolCall("c1", "add", { a: 1, b: 2 }),
    ],
    ["done"],
  ], { tools: addTool(), hooks: [hook] });
  await agent.invoke("go");
  const answer = model.calls[1]!.prompt.find(({ role }) => role === "assistant")!;
  assertEquals((answer.content as { type: string }[]).map(({ type }) => type), [
    "reasoning",
    "text",
    "tool-call",
  ]);
  assertEquals(JSON.stringify(answer).includes("secret"), false);
});

test("A replaced answer can call other tools, or none", async () => {
  const { agent, model } = agentOf([[toolCall("c1", "add", { a: 1, b: 2 })]], {
    tools: addTool(),
    hooks: [{
      onAfterModelCall: ({ replaceResponse }) => replaceResponse({ content: "no", tool_calls: [] }),
    }],
  });
  const { message, tool_executions } = (({ message, state }) => ({ message, ...state }))(
    await agent.invoke("go"),
  );
  assertEquals([message, tool_executions.length, model.calls.length], ["no", 0, 1]);
});

test("An answer is asked for at most 5 times, then the last one is accepted", async () => {
  const attempts: number[] = [];
  const hook: Hook = {
    onAfterModelCall: (event) => {
      attempts.push(event.attempt);
      event.retry();
      assertEquals(event.retryRequested, true);
    },
  };
  const { agent, model } = agentOf(Array(9).fill(["again"]), { hooks: [hook] });
  const { message, metrics } = await agent.invoke("go");
  assertEquals([message, model.calls.length, metrics.total_tokens], ["again", 5, 40]);
  assertEquals(attempts, [1, 2, 3, 4, 5]);
});

test("Only the accepted answer is part of the conversation", async () => {
  const hook: Hook = { onAfterModelCall: (e) => void (e.attempt === 1 && e.retry()) };
  const { agent } = agentOf([["bad"], ["good"]], { hooks: [hook] });
  const run = agent.run("go");
  const { events } = await collect(run);
  assertEquals(outline(events), ["model_complete", "model_complete", "think", "terminate"]);
  assertEquals(
    run.result!.state.messages.filter(({ role }) => role === "assistant").map((m) => m.content),
    ["good"],
  );
});

test("A failed model call is repeated if a hook asks for it, at most 5 times", async () => {
  const errors: unknown[] = [];
  const hook: Hook = {
    onModelError: (event) => {
      errors.push((event.error as Error).message);
      event.retry();
    },
  };
  const down = Array.from({ length: 6 }, (_, i) => new Error(`down ${i}`));
  const { agent, model } = agentOf(down, { hooks: [hook] });
  const { stop_reason, state } = await agent.invoke("go", { throwOnError: false });
  assertEquals([stop_reason, model.calls.length], ["error", 5]);
  assertEquals(errors, ["down 0", "down 1", "down 2", "down 3", "down 4"]);
  assertEquals(state.errors, ["Error: down 4"]);
});

test("A stream that broke off ends with its last chunk before it is asked for again", async () => {
  const broken: Script = {
    stream: [
      { type: "text-start", id: "0" },
      { type: "text-delta", id: "0", delta: "Hal" },
      { type: "error", error: new Error("broken") },
    ],
  };
  const hook: Hook = { onModelError: ({ retry }) => retry() };
  const { agent } = agentOf([broken, [{ deltas: ["Hello"] }]], { hooks: [hook], streaming: true });
  const { events } = await collect(agent.run("go"));
  assertEquals(all(events, "model_chunk").map(({ content, done }) => [content, done]), [
    ["Hal", false],
    [null, true],
    ["Hello", false],
    [null, true],
  ]);
  assertEquals(only(events, "terminate").final_message, "Hello");
});

test("requiresFullResponse keeps an agent from streaming", async () => {
  const { agent } = agentOf([[{ deltas: ["Hel", "lo"] }]], {
    hooks: [{ requiresFullResponse: true }],
    streaming: true,
  });
  const { events } = await collect(agent.run("go"));
  assertEquals(outline(events), ["model_complete", "think", "terminate"]);
});

test("Turns are told from 0, each start with its end, also around a question", async () => {
  const seen: string[] = [];
  const hook: Hook = {
    onIterationStart: (iteration) => void seen.push(`start ${iteration}`),
    onIterationEnd: (iteration) => void seen.push(`end ${iteration}`),
    onAfterInvocation: () => void seen.push("after"),
  };
  const asks = tool({ name: "asks", execute: (_, { interrupt }) => interrupt("ok?") });
  const { agent } = agentOf([[toolCall("c1", "asks", {})], ["done"]], {
    tools: asks,
    hooks: [hook],
  });
  await agent.invoke("go");
  await collect(agent.resume("yes"));
  assertEquals(seen, ["start 0", "after", "end 0", "start 1", "end 1", "after"]);
});

test("A turn that fails still ends", async () => {
  const seen: string[] = [];
  const hook: Hook = {
    onIterationStart: (iteration) => void seen.push(`start ${iteration}`),
    onIterationEnd: (iteration) => void seen.push(`end ${iteration}`),
  };
  const { agent } = agentOf([new Error("down")], { hooks: [hook] });
  await agent.invoke("go", { throwOnError: false });
  assertEquals(seen, ["start 0", "end 0"]);
});

test("A turn that the consumer leaves still ends, and the run has not succeeded", async () => {
  const seen: unknown[] = [];
  const hook: Hook = {
    onIterationEnd: (iteration) => void seen.push(`end ${iteration}`),
    onAfterInvocation: (_state, success, { signal }) => void seen.push(success, signal.aborted),
  };
  const { agent } = agentOf([[toolCall("c1", "add", { a: 1, b: 2 })]], {
    tools: addTool(),
    hooks: [hook],
  });
  for await (const event of agent.run("go")) if (event.event_type === "tool_start") break;
  assertEquals(seen, ["end 0", false, true]);
});

test("What a hook throws in the call for the summary leaves the summary to be made without it", async () => {
  const hook: Hook = {
    onBeforeModelCall: ({ tools }) => {
      if (tools.length === 0) throw new Error("no summary");
    },
  };
  const { agent } = agentOf([[toolCall("c1", "add", { a: 1, b: 2 })]], {
    tools: addTool(),
    hooks: [hook],
    maxIterations: 1,
  });
  const { stop_reason, state, message } = await agent.invoke("go");
  assertEquals([stop_reason, state.errors], ["max_iterations", ["Error: no summary"]]);
  assertStringIncludes(message, "add: 3");
});
