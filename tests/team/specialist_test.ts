import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Agent, type AgentOptions, tool } from "../../src/agent/mod.ts";
import { MemoryCheckpointer } from "../../src/memory/mod.ts";
import {
  createCodeAnalyst,
  createLogAnalyst,
  createMetricsAnalyst,
  createTraceAnalyst,
  specialist,
  type SpecialistOptions,
} from "../../src/team/mod.ts";
import { scriptedModel } from "../../src/testing/mod.ts";
import { foldSpans, openSpans, outlineOf } from "../harness/support/span_tree.ts";
import { calls, ofTeams, prompts, says, types, watched } from "./_support.ts";

test("specialist(): one call of the model, between its pair of events", async () => {
  const logs = says("logs", ["It is definitely, certainly full 🙂"], {
    specialistType: "log_analyst",
  });
  const { events, value } = await watched(() => logs.execute("Why? ".repeat(100)));
  assertEquals([value.success, value.confidence, value.error], [true, 0.7, null]);
  const [started, completed] = ofTeams(events).map(({ data }) => data);
  const ids = { specialist_id: "logs", specialist_type: "log_analyst" };
  const place = { span_id: started!.span_id, parent_span_id: null };
  assertEquals(started, { ...ids, ...place, task_preview: "Why? ".repeat(32) });
  const { duration_ms, ...rest } = completed!;
  assert(typeof duration_ms === "number");
  assertEquals(rest, {
    ...ids,
    ...place,
    success: true,
    confidence: 0.7,
    output_length: 34,
    error: null,
    output_preview: "It is definitely, certainly full 🙂",
  });
  assertEquals(outlineOf(foldSpans(events)), [
    "run run",
    ["specialist logs", ["agent logs", "model scripted"]],
  ]);
});

test("specialist(): the system prompt has the playbook that fits, the context comes before the task", async () => {
  const model = scriptedModel(["ok"]);
  const steps = [{
    instruction: "Look at the disk",
    required_tools: ["df"],
    expected_output: "a number",
    on_failure: "ask",
  }];
  const disk = {
    name: "disk",
    description: "when the disk is full",
    steps,
    success_criteria: "space",
  };
  const net = { name: "net", description: "when it is slow", steps: [], preconditions: ["a link"] };
  const one = specialist({ name: "Ops", systemPrompt: "Be brief.", playbooks: [net, disk], model });
  assertEquals(one.selectPlaybook("is the disk full")?.name, "disk");
  assertEquals(one.selectPlaybook("nothing of that"), null);
  await one.execute("is the disk full", { context: { host: "a1", seen: [1] } });
  const [prompt] = prompts(model);
  assertEquals(
    prompt!.split("\n---\n")[1],
    "user: ## Context\n\n### host:\na1\n\n### seen:\n[1] is the disk full",
  );
  for (
    const text of [
      "Be brief.",
      "## Playbook: disk",
      "1. Look at the disk\n   Tools: df\n   Expected: a number\n   On failure: ask",
      "Success: space",
    ]
  ) assert(prompt!.includes(text), `${text}\n in \n${prompt}`);
});

test("specialist(): an answer that sounds unsure counts less, within 0 and 1", async () => {
  const texts = [
    "might possibly perhaps unclear uncertain unsure",
    "verified, clearly, confirmed",
    "x",
  ];
  const one = says("one", texts);
  const found = [];
  for (const text of texts) found.push((await one.execute(text)).confidence);
  assertEquals(found, [0, 0.8, 0.5]);
});

test("specialist(): without a model nothing begins, and nothing is told", async () => {
  const { events, value } = await watched(() => specialist({ name: "x" }).execute("y"));
  assertEquals(types(events), []);
  assertEquals(value.error, "No model configured for specialist");
});

test("specialist(): as a tool it is below the call, and what it comes to is told to the caller", async () => {
  const bad = says("bad", [new Error("down")]);
  const good = says("good", ["Found it."]);
  const model = scriptedModel([
    {
      toolCalls: [{ toolName: "good", input: { prompt: "a" } }, {
        toolName: "bad",
        input: { prompt: "b" },
      }],
    },
    "Done.",
  ]);
  const lead = new Agent({ model, agentId: "lead", tools: [good.asTool(), bad.asTool()] });
  const { events } = await watched(() => lead.invoke("go"));
  assertEquals(outlineOf(foldSpans(events)), [
    "run run",
    [
      "agent lead",
      "model scripted",
      ["tool good", ["specialist good", ["agent good", "model scripted"]]],
      ["tool bad", ["specialist bad", ["agent bad", "model scripted"]]],
      "model scripted",
    ],
  ]);
  const told = prompts(model)[1]!;
  assert(told.includes("Found it."));
  assert(told.includes("bad has no answer: Error: down"), told);
});

/** A specialist whose tool asks a person, and an agent that has it as a tool. */
function asking(more: Partial<AgentOptions> = {}) {
  const ask = tool({
    name: "ask",
    parameters: { type: "object", properties: { prompt: { type: "string" } } },
    execute: (_, { interrupt }) => `${interrupt("really?")}`,
  });
  const one = says("one", [calls("ask"), "It said yes."], { tools: ask });
  const model = scriptedModel([calls("one"), "Done."]);
  return {
    one,
    lead: new Agent({ model, tools: [one.asTool()], streaming: false, ...more }),
    model,
  };
}

test("specialist(): a question is asked by the agent that calls it; the pair stays open meanwhile", async () => {
  const { lead, model } = asking();
  const { events } = await watched(async () => {
    const first = await lead.invoke("go");
    assertEquals(first.state.pending_interrupt?.question, "really?");
    for await (const _ of lead.resume("yes"));
  });
  assertEquals(types(events), ["specialist.started", "specialist.completed"]);
  assertEquals(openSpans(foldSpans(events)), []);
  assert(prompts(model)[1]!.includes("It said yes."));
});

test("specialist(): the question outlives its process, and the call goes on in another one", async () => {
  const checkpointer = new MemoryCheckpointer();
  const first = asking({ checkpointer });
  const asked = await watched(() => first.lead.invoke("go", { threadId: "t" }));
  assertEquals(types(asked.events), ["specialist.started"]);

  const turns = ["It said yes.", "Done."].map((text) => scriptedModel([text]));
  const ask = tool({
    name: "ask",
    parameters: { type: "object", properties: { prompt: { type: "string" } } },
    execute: (_, { interrupt }) => `${interrupt("really?")}`,
  });
  const one = specialist({ id: "one", name: "one", model: turns[0]!, tools: ask });
  const lead = new Agent({ model: turns[1]!, tools: [one.asTool()], checkpointer });
  const { events } = await watched(async () => {
    for await (const _ of lead.resume("yes", { threadId: "t" }));
  }, "elsewhere");
  // In another run, the pair begins anew.
  assertEquals(types(events), ["specialist.started", "specialist.completed"]);
  assertEquals(openSpans(foldSpans(events)), []);
  assert(prompts(turns[1]!)[0]!.includes("It said yes."));
});

test("specialist(): called by hand, nobody can be asked, and that is how it ends", async () => {
  const { events, value } = await watched(() => asking().one.execute("go"));
  assertEquals(value.error, "needs_person: really?");
  assertEquals(openSpans(foldSpans(events)), []);
  assertEquals(types(events), ["specialist.started", "specialist.completed"]);
});

test("specialist(): refuses bad options by name", async () => {
  const bad: [unknown, string][] = [
    [5, "specialist(): options must be an object, got 5"],
    [{}, '"name" must be a string that is not empty, got undefined'],
    [{ name: "x", title: 1 }, 'unknown option "title"'],
    [{ name: "x", playbooks: "p" }, '"playbooks" must be an array, got "p"'],
    [{ name: "x", timeoutMs: 0 }, '"timeoutMs" must be a whole number from 1'],
    [{ name: "x", model: {} }, '"model" must be a language model'],
    [{ name: "x", systemPrompt: 1 }, '"systemPrompt" must be a string, got 1'],
  ];
  for (const [options, message] of bad) {
    const error = assertThrows(() => specialist(options as SpecialistOptions)) as Error;
    assert(error.message.includes(message), error.message);
  }
  const one = says("one", []);
  await assertRejects(() => one.execute(5 as never), TypeError, '"task" must be a string, got 5');
  assertThrows(() => specialist({ name: "x" }).asTool(), TypeError, 'asTool(): "x" needs a model');
});

test("specialist(): the presets say what they are, and take what others take", async () => {
  const made = [createLogAnalyst, createMetricsAnalyst, createTraceAnalyst, createCodeAnalyst]
    .map((make) => make({ model: scriptedModel(["ok"]) }));
  assertEquals(made.map(({ specialistType }) => specialistType), [
    "log_analyst",
    "metrics_analyst",
    "trace_analyst",
    "code_analyst",
  ]);
  for (const one of made) assert((await one.withModel(scriptedModel(["ok"])).execute("x")).success);
});
