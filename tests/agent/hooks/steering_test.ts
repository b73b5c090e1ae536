import { test } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { SteeringHook, type SteeringOptions } from "../../../src/agent/mod.ts";
import { type Script, ScriptedModel, toolCall } from "../../harness/support/scripted_model.ts";
import { addTool, agentOf, collect, onBus } from "../_support.ts";
import { beforeTool, countingTool } from "./_support.ts";

/** One tool call under a judge that gives this verdict. */
async function judged(verdict: Script, options: Partial<SteeringOptions> = {}) {
  const { tool, calls } = countingTool();
  const judge = new ScriptedModel(verdict);
  const hook = new SteeringHook({ model: judge, ...options });
  const { agent } = agentOf([[toolCall("c1", "add", { a: 1 })], ["done"]], {
    tools: tool,
    hooks: [hook],
  });
  const { events, value } = await onBus(() => agent.invoke("go"));
  const applied = events.filter(({ event_type }) => event_type === "agent.steering.applied");
  return {
    applied: applied.map(({ data }) => data),
    bodies: calls.length,
    result: value.state.tool_executions[0]!.result,
    hook,
    judge,
  };
}

test("SteeringHook tells the judge the policy and the call, and limits nothing that a reasoning model needs", async () => {
  const { judge, bodies, applied } = await judged(["PROCEED"], { policy: "Never on Sundays" });
  const [call] = judge.calls;
  assertStringIncludes(JSON.stringify(call!.prompt), "Never on Sundays");
  assertStringIncludes(JSON.stringify(call!.prompt), 'add {\\"a\\":1}');
  assertEquals(Object.keys(call!), ["prompt", "abortSignal"]);
  assertEquals([bodies, applied], [1, []]);
});

test("SteeringHook reads verdicts in any case, and keeps the case of reasons", async () => {
  const guide = await judged(["**Guide** - Ask Ann first"]);
  assertEquals(guide.applied, [{ action: "guide", tool_name: "add", reason: "Ask Ann first" }]);
  const interrupt = await judged(["interrupt: costs Money"]);
  assertEquals(interrupt.applied[0]!.action, "interrupt");
  assertEquals(interrupt.result, "REQUIRES APPROVAL: costs Money");
  const unclear = await judged(["I would not guide here"]);
  assertEquals([unclear.applied, unclear.bodies], [[], 1]);
});

test("SteeringHook notes every decision, also to proceed", async () => {
  const { hook } = await judged(["PROCEED: harmless"]);
  const [{ action, tool_name }] = hook.decisions as [typeof hook.decisions[0]];
  assertEquals([hook.decisions.length, action, tool_name], [1, "proceed", "add"]);
});

test("SteeringHook stops calls when its judge fails, if it is to fail closed", async () => {
  const { bodies, applied } = await judged(new Error("out"), { failMode: "closed" });
  assertEquals([bodies, applied.length], [0, 1]);
});

test("SteeringHook does not judge what is cancelled already", async () => {
  const judge = new ScriptedModel();
  const { tool } = countingTool();
  const { agent } = agentOf([[toolCall("c1", "add", {})], ["done"]], {
    tools: tool,
    hooks: [
      { ...beforeTool((event) => event.cancel("no")), priority: 1 },
      new SteeringHook({ model: judge }),
    ],
  });
  await agent.invoke("go");
  assertEquals(judge.calls.length, 0);
});

test("SteeringHook asks a person, if it is to pause", async () => {
  for (const [answer, bodies] of [["approve", 1], ["reject", 0]] as const) {
    const { tool, calls } = countingTool();
    const judge = new ScriptedModel(["INTERRUPT: costs Money"]);
    const hook = new SteeringHook({ model: judge, interruptMode: "pause" });
    const { agent } = agentOf([[toolCall("c1", "add", { a: 1 })], ["done"]], {
      tools: tool,
      hooks: [hook],
    });
    const { events, value: paused } = await onBus(() => agent.invoke("go"));
    assertEquals([paused.stop_reason, paused.message], [
      "interrupted",
      "May add be called? costs Money",
    ]);
    assertEquals(paused.state.pending_interrupt!.metadata, {
      tool_name: "add",
      reason: "costs Money",
    });
    assertEquals(
      events.map(({ event_type }) => event_type).filter((type) => type.startsWith("agent.s")),
      ["agent.steering.applied"],
    );
    const run = agent.resume(answer);
    await collect(run);
    // Nobody judges again what a person has decided.
    assertEquals([run.result!.success, calls.length, judge.calls.length], [true, bodies, 1]);
  }
});

test("SteeringHook asks a person about listed tools, if it is to pause", async () => {
  const { tool } = countingTool();
  const judge = new ScriptedModel();
  const { agent } = agentOf([[toolCall("c1", "add", {})], ["done"]], {
    tools: tool,
    hooks: [new SteeringHook({ model: judge, interruptTools: ["add"], interruptMode: "pause" })],
  });
  assertEquals((await agent.invoke("go")).stop_reason, "interrupted");
  assertEquals(judge.calls.length, 0);
});

test("SteeringHook warns of answers that mention a secret, and does not print them", async () => {
  const { warn } = console;
  const warnings: string[] = [];
  console.warn = (text: string) => void warnings.push(text);
  try {
    const model = new ScriptedModel();
    for (const evaluateResponses of [false, true]) {
      for (const answer of ["The Password is hunter2", "The key is under the mat"]) {
        const hooks = [new SteeringHook({ model, evaluateResponses })];
        await agentOf([[answer]], { hooks }).agent.invoke("go");
      }
    }
  } finally {
    console.warn = warn;
  }
  assertEquals(warnings.length, 1);
  assertMatch(warnings[0]!, /^Locus: an answer of run [0-9a-f]+ mentions a password$/);
});

test("Cancelling a run does not wait for the judge", async () => {
  const controller = new AbortController();
  const judge = new ScriptedModel(() => {
    controller.abort();
    return new Promise(() => {});
  });
  const { tool, calls } = countingTool();
  const { agent } = agentOf([[toolCall("c1", "add", {})], ["done"]], {
    tools: tool,
    hooks: [new SteeringHook({ model: judge })],
  });
  const { stop_reason } = await agent.invoke("go", { signal: controller.signal });
  assertEquals([stop_reason, calls.length], ["cancelled", 0]);
});

test("SteeringHook checks its options", () => {
  const model = new ScriptedModel();
  assertThrows(
    () => new SteeringHook({ model: {} as never }),
    TypeError,
    "must be a language model",
  );
  assertThrows(
    () => new SteeringHook({ model, judge_model: 1 } as never),
    TypeError,
    'SteeringHook: unknown option "judge_model"',
  );
  assertThrows(
    () => new SteeringHook({ model, failMode: "ajar" as never }),
    TypeError,
    'SteeringHook: "failMode" must be one of "open", "closed", got "ajar"',
  );
});

test("Steering is always told, in the judge's own letters", async () => {
  const applied = async (hook: SteeringHook) => {
    const { agent } = agentOf(ADD_ONCE, { tools: addTool(), hooks: [hook] });
    const { events } = await onBus(() => agent.invoke("go"));
    return events.filter(({ event_type }) => event_type === "agent.steering.applied")
      .map(({ data }) => [data.action, data.reason]);
  };
  const judge = new ScriptedModel(["GUIDE: Ask Ann"]);
  assertEquals(await applied(new SteeringHook({ model: judge })), [["guide", "Ask Ann"]]);
  const listed = new SteeringHook({ model: judge, interruptTools: ["add"] });
  assertEquals((await applied(listed)).map(([action]) => action), ["interrupt"]);
});

const ADD_ONCE: Script[] = [[toolCall("c1", "add", { a: 1, b: 2 })], ["done"]];
