import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { EventBus, runContext } from "../../../mod.ts";
import { type Agent, type AgentToolOptions, type Hook, tool } from "../../../src/agent/mod.ts";
import { type Script, type ScriptedModel, toolCall } from "../../harness/support/scripted_model.ts";
import { firstEdition } from "../../harness/support/first_edition.ts";
import { agentOf, allOnBus, collect, onBus, only, outline } from "../_support.ts";

/** An agent that calls another one, once for each prompt, and is then done. */
function callerOf(helper: Agent, options?: AgentToolOptions, ...prompts: string[]): Agent {
  const sub = helper.asTool(options);
  const calls = prompts.map((prompt, i) => toolCall(`call${i}`, sub.name, { prompt }));
  return agentOf([calls, ["done"]], { tools: sub }).agent;
}

test("Agent.asTool() is a span of its own within the call's", async () => {
  const { agent: helper } = agentOf([["4"]], { agentId: "helper" });
  const { events } = await allOnBus(() => callerOf(helper, {}, "2+2?").invoke("go"));

  const types = firstEdition(events).map(({ event_type }) => event_type);
  assertEquals(types.slice(types.indexOf("agent.tool.started"), -4), [
    "agent.tool.started",
    "agent.model.completed",
    "agent.tokens.used",
    "agent.think",
    "agent.terminate",
    "agent.tool.completed",
  ]);
  const call = events.find(({ event_type }) => event_type === "agent.tool.started")!;
  const started = events.filter(({ data }) => data.kind === "agent")[1]!;
  assertEquals(started.data.parent_span_id, call.data.tool_span_id);
  assertEquals(started.data.name, "helper");
});

test("Sub-agents can publish to runs of their own", async () => {
  const bus = new EventBus();
  const { agent: helper } = agentOf([["4"], ["5"]], { agentId: "helper" });
  const caller = callerOf(helper, { isolate: true }, "2+2?", "2+3?");
  await runContext({ runId: "main", bus }, () => caller.invoke("go"));

  const history = (run: string) => bus.history({ run }).toReversed();
  const terminates = history("main").filter(({ event_type }) => event_type === "agent.terminate");
  assertEquals(terminates.length, 1);
  const started = history("main").flatMap((event) =>
    event.event_type === "span.started" && event.data.kind === "run" ? event : []
  );
  const calls = history("main").flatMap((event) =>
    event.event_type === "agent.tool.started" ? event.data.tool_span_id! : []
  );
  assertEquals(started.map(({ data }) => data.parent_span_id), calls);

  const answers: string[] = [];
  for (const { data } of started) {
    const types: string[] = [];
    // Ends, as the run is closed.
    for await (const event of bus.subscribe(String(data.attributes.run_id))) {
      if (!event.event_type.startsWith("span.")) types.push(event.event_type);
      if (event.event_type === "agent.terminate") answers.push(event.data.final_message_preview);
    }
    assertEquals(types, [
      "run.started",
      "agent.model.completed",
      "agent.tokens.used",
      "agent.think",
      "agent.terminate",
      "run.completed",
    ]);
  }
  assertEquals(answers.sort(), ["4", "5"]);
});

test("Agent.asTool() publishes where its caller does, and nowhere if that does not", async () => {
  const { agent: helper } = agentOf([["4"], ["4"]]);
  const bus = new EventBus();
  const run = runContext({ runId: "given", bus }, (run) => run);
  const { events } = await onBus(async () => {
    await callerOf(helper, {}, "2+2?").invoke("go", { run });
    await callerOf(helper, {}, "2+2?").invoke("go", { run: null });
  });
  assertEquals(events, []);
  const types = bus.history({ run: "given" }).map(({ event_type }) => event_type);
  assertEquals(types.filter((type) => type === "agent.terminate").length, 2);
});

test("ToolContext.run publishes within the call, where no context reaches", async () => {
  const note = tool({ name: "note", execute: (_, { run }) => run?.emit("shop.noted", { n: 1 }) });
  const { agent } = agentOf([[toolCall("c1", "note", {})], ["done"]], { tools: note });
  const elsewhere = { bus: new EventBus() };
  const { events } = await onBus((run) => runContext(elsewhere, () => agent.invoke("go", { run })));
  assert(events.some(({ event_type }) => event_type === "shop.noted"));
});

test("Agent.asTool() is cancelled with its caller", async () => {
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  const { agent: helper } = agentOf([({ abortSignal }) => {
    abortSignal!.addEventListener("abort", () => resolve());
    queueMicrotask(() => abort.abort());
    return new Promise(() => {});
  }]);
  const abort = new AbortController();
  const { stop_reason } = await callerOf(helper, {}, "wait").invoke("go", { signal: abort.signal });
  assertEquals(stop_reason, "cancelled");
  await aborted;
});

test("Agent.asTool() says why there is no answer", async () => {
  const { agent: helper } = agentOf([["half"]], { agentId: "helper" });
  helper.cancel();
  const { tool_executions } = await callerOf(helper, {}, "?").invoke("go");
  assertEquals(
    tool_executions[0]!.result,
    "The agent helper stopped early (cancelled): Agent cancelled by external signal.",
  );
});

/** Asks twice, and counts how often its body runs. */
function askingAgent(): { helper: Agent; model: ScriptedModel } {
  const ask = tool({
    name: "ask",
    execute: (_, { interrupt }) => `${interrupt({ question: "first?", options: ["y"] })}`,
  });
  const again = tool({ name: "again", execute: (_, { interrupt }) => interrupt("second?") });
  const told: Script = ({ prompt }) => [JSON.stringify(prompt.at(-1)!.content)];
  const script: Script[] = [[toolCall("s1", "ask", {})], [toolCall("s2", "again", {})], told];
  const { agent: helper, model } = agentOf(script, { tools: [ask, again], agentId: "helper" });
  return { helper, model };
}

test("A question of an agent that is a tool is asked by its caller, and answered to it", async () => {
  const { helper, model } = askingAgent();
  const caller = callerOf(helper, {}, "go on");

  const first = await collect(caller.run("go"));
  assertEquals(outline(first.events).at(-1), "interrupt");
  const { question, options } = only(first.events, "interrupt");
  assertEquals([question, options], ["first?", ["y"]]);

  const second = await collect(caller.resume("y"));
  assertEquals(only(second.events, "interrupt").question, "second?");

  const last = await collect(caller.resume("n"));
  const { result } = only(last.events, "tool_complete");
  assert(result!.includes('"value":"n"'), result!);
  assertEquals(only(last.events, "terminate").reason, "complete");
  // It went on where it was: nothing was done twice.
  assertEquals(model.calls.length, 3);
});

test("What an agent asks when it is called again is not answered by what was said before", async () => {
  const answers: unknown[] = [];
  const ask = tool({
    name: "ask",
    execute: (_, { interrupt }) => void answers.push(interrupt("Delete it?")),
  });
  const asks = [toolCall("c1", "ask", {})];
  const { agent: helper } = agentOf([asks, asks, ["done"], asks, ["done"]], {
    tools: ask,
    agentId: "helper",
  });
  let isRetried = false;
  const hook: Hook = {
    onAfterToolCall(event) {
      if (!isRetried) event.retry();
      isRetried = true;
    },
  };
  const { agent: caller } = agentOf([[toolCall("c1", "helper", { prompt: "?" })], ["done"]], {
    tools: helper.asTool(),
    hooks: [hook],
  });
  let asked = (await caller.invoke("go")).state.pending_interrupt;
  for (let count = 1; asked !== null; count++) {
    const run = caller.resume(`answer ${count}`);
    await collect(run);
    asked = run.result!.state.pending_interrupt;
  }
  assertEquals(answers, ["answer 1", "answer 2", "answer 3"]);
});

test("An isolated agent that waits for a person goes on in the same run", async () => {
  const { helper } = askingAgent();
  const caller = callerOf(helper, { isolate: true }, "go on");
  const bus = new EventBus();
  await runContext({ runId: "main", bus }, async () => {
    await caller.invoke("go");
    for (const answer of ["y", "n"]) await collect(caller.resume(answer));
  });
  const runs = bus.history({ run: "main", type: "span.started" })
    .filter(({ data }) => data.kind === "run")
    .map(({ data }) => (data.attributes as { run_id: string }).run_id);
  assertEquals([runs.length, new Set(runs).size], [3, 1]);
  const types: string[] = [];
  for await (const { event_type } of bus.subscribe(runs[0]!)) types.push(event_type);
  assertEquals(types.filter((type) => type === "agent.interrupt").length, 2);
  assertEquals(types.filter((type) => type === "run.started").length, 3);
  assertEquals(types.at(-1), "run.completed");
});

test("Agent.asTool() refuses bad options by name", () => {
  const { agent } = agentOf([]);
  const bad: [unknown, string][] = [
    ["helper", 'asTool(): options must be an object, got "helper"'],
    [{ title: "x" }, 'unknown option "title"'],
    [{ name: "a b" }, '"name" must be 1 to 64 letters'],
    [{ description: 5 }, '"description" must be a string, got 5'],
    [{ isolate: "yes" }, '"isolate" must be true or false, got "yes"'],
  ];
  for (const [options, message] of bad) {
    assertThrows(() => agent.asTool(options as AgentToolOptions), TypeError, message);
  }
});
