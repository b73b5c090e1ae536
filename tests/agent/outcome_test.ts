/** How an agent's run ended, as the bus is told. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { EventBus, type Run, runContext, withRun } from "../../mod.ts";
import { type Agent, type AgentOptions, type Hook, tool } from "../../src/agent/mod.ts";
import { MemoryCheckpointer } from "../../src/memory/mod.ts";
import { type Reply, type Script, toolCall } from "../harness/support/scripted_model.ts";
import { foldSpans, openSpans } from "../harness/support/span_tree.ts";
import { addTool, agentOf, allOnBus, type BusEvent, collect, eventsOf, only } from "./_support.ts";

/** How a run that ends by itself is told to end. */
async function endOf(script: readonly Script[], options: Partial<AgentOptions> = {}) {
  const { agent } = agentOf(script, { tools: addTool(), ...options });
  const { events } = await allOnBus(async () => void await collect(agent.run("go")));
  return endIn(events);
}

function endIn(events: readonly BusEvent[]) {
  const ends = events.filter(({ event_type }) => event_type === "agent.terminate");
  assertEquals(ends.length, 1);
  const { reason, success, error, error_kind, duration_ms } = ends[0]!.data;
  assertEquals(typeof duration_ms, "number");
  const span = events.findLast(({ data }) => data.kind === "agent")!.data;
  assertEquals([span.success, span.error === null], [success, success]);
  return { reason, success, error, error_kind };
}

const call: Script = [toolCall("c1", "add", { a: 1, b: 2 })];

/** An answer for which the model stopped like this. */
function stopped(unified: "length" | "content-filter" | "stop", text: string): Reply {
  return { content: [text], finishReason: { unified, raw: unified } };
}

test("A whole answer is a success", async () => {
  assertEquals(await endOf([call, ["3"]]), {
    reason: "complete",
    success: true,
    error: null,
    error_kind: null,
  });
});

test("An answer that was cut off, or is none, is no success", async () => {
  for (const unified of ["length", "content-filter"] as const) {
    assertEquals(await endOf([stopped(unified, "The answ")]), {
      reason: "complete",
      success: false,
      error: `ModelResponseError: The answer is not whole, the model stopped for ${unified}`,
      error_kind: "model",
    });
  }
  for (const silent of [stopped("stop", ""), stopped("stop", " \n")]) {
    const { success, error, error_kind } = await endOf([silent]);
    assertEquals([success, error, error_kind], [
      ...[false, "ModelResponseError: The model said nothing", "model"],
    ]);
  }
});

test("A terminal tool is a success, whatever the model said", async () => {
  const submit = tool({ name: "submit", execute: () => "" });
  const { success, reason } = await endOf([[toolCall("c1", "submit", {})]], { tools: submit });
  assertEquals([success, reason], [true, "terminal_tool"]);
});

test("Limits are told apart from failures", async () => {
  const ends = [
    await endOf([call, ["so far"]], { maxIterations: 1 }),
    await endOf([call, call, call], { tokenBudget: 1 }),
    await endOf([call, call, call, call]),
  ];
  assertEquals(ends.map(({ reason, success, error_kind }) => [reason, success, error_kind]), [
    ["max_iterations", false, "limit"],
    ["token_budget", false, "limit"],
    ["tool_loop", false, "limit"],
  ]);
});

test("A failure says whose it is", async () => {
  const failing: Hook = {
    onBeforeModelCall: () => {
      throw new RangeError("not allowed\nat all");
    },
  };
  const systemPrompt = () => {
    throw new Error("no prompt, key sk-proj-abcdefghijklmnopqrstuvwxyz0123456789");
  };
  const model = await endOf([new TypeError("no model")]);
  const hook = await endOf([["3"]], { hooks: [failing] });
  const other = await endOf([["3"]], { systemPrompt });
  assertEquals([model.error, model.error_kind], ["TypeError: no model", "model"]);
  assertEquals([hook.error, hook.error_kind], ["RangeError: not allowed", "hook"]);
  assertEquals(other.error_kind, "internal");
  assert(!String(other.error).includes("sk-proj-abc"), String(other.error));
});

test("A run that is left or aborted says so on the bus, and its iterator nothing more", async () => {
  const { agent } = agentOf([call, ["3"]], { tools: addTool() });
  const { events, value: rest } = await allOnBus(async () => {
    const run = agent.run("go");
    for await (const { event_type } of run) if (event_type === "tool_start") break;
    return { next: await run.next(), result: run.result };
  });
  assertEquals(rest, { next: { done: true, value: undefined }, result: null });
  const { reason, success, error, error_kind } = endIn(events);
  assertEquals([reason, success, error_kind], ["cancelled", false, "cancelled"]);
  assertEquals(error, "AbortError: The consumer of the run left");

  const aborted = await allOnBus(() =>
    agentOf([["3"]]).agent.invoke("go", { signal: AbortSignal.abort() })
  );
  assertEquals(endIn(aborted.events).error_kind, "cancelled");
});

test("A run that nobody began ends nowhere", async () => {
  const { events } = await allOnBus(async () => {
    await agentOf([["3"]]).agent.run("go").return();
  });
  assertEquals(events, []);
});

test("What happens to an answer decides how the run around it ended", async () => {
  const bus = new EventBus();
  const ends: unknown[] = [];
  for (const script of [["3"], stopped("length", "3")] as Script[]) {
    await withRun({ runId: `r${ends.length}`, bus }, () => agentOf([script]).agent.invoke("go"));
    const { outcome, error } = bus.history("run.completed")[0]!.data;
    ends.push([outcome, error]);
  }
  assertEquals(ends, [
    ["ok", null],
    ["error", "ModelResponseError: The answer is not whole, the model stopped for length"],
  ]);
});

const question: Script = [toolCall("c1", "ask", {})];

function asking(
  options: Partial<AgentOptions> = {},
  script: Script[] = [question, ["done"]],
): Agent {
  const ask = tool({ name: "ask", execute: (_, { interrupt }) => `told ${interrupt("ok?")}` });
  return agentOf(script, { tools: ask, ...options }).agent;
}

/** What a bus got in a run, and the ids of what began in it. */
function read(bus: EventBus, run: string) {
  const events = eventsOf(bus, run);
  const agents = events.filter(({ event_type, data }) =>
    event_type === "span.started" && data.kind === "agent"
  ).map(({ data }) => data);
  const tools = events.filter(({ event_type }) => event_type === "agent.tool.started")
    .map(({ data }) => data);
  return { events, agents, tools };
}

test("A run that waits keeps its spans open, and goes on in them", async () => {
  const bus = new EventBus();
  const agent = asking();
  const within = (work: () => Promise<unknown>) => withRun({ runId: "r", bus }, work);
  await within(() => agent.invoke("go"));
  const before = read(bus, "r");
  assertEquals(openSpans(foldSpans(before.events)), ["agent", "ask"]);
  assert(!before.events.some(({ event_type }) => event_type === "agent.terminate"));

  await within(() => collect(agent.resume("yes")));
  const { events, agents, tools } = read(bus, "r");
  assertEquals(openSpans(foldSpans(events)), []);
  for (const [first, again] of [agents, tools] as [BusEvent["data"], BusEvent["data"]][]) {
    assertEquals(again, { ...first, resumed: true });
  }
  assertEquals(endIn(events).success, true);
});

test("It does so from its thread, too, in another process with the same run", async () => {
  const checkpointer = new MemoryCheckpointer();
  const [here, there] = [new EventBus(), new EventBus()];
  const threadId = "t";
  await runContext(
    { runId: "r", bus: here },
    () => asking({ checkpointer }).invoke("go", { threadId }),
  );
  await runContext(
    { runId: "r", bus: there },
    () => collect(asking({ checkpointer }, [["done"]]).resume("yes", { threadId })),
  );
  const [first, again] = [read(here, "r"), read(there, "r")];
  assertEquals(again.agents, [{ ...first.agents[0], resumed: true }]);
  assertEquals(again.tools, [{ ...first.tools[0], resumed: true }]);
  assertEquals(again.events.map(({ event_type }) => event_type).slice(0, 5), [
    "span.started",
    "memory.checkpoint.loaded",
    "agent.interrupt.answered",
    "agent.tool.started",
    "agent.tool.completed",
  ]);
  assertEquals(openSpans(foldSpans([...first.events, ...again.events])), []);
});

test("Going on in another run is another span, which says what it goes on with", async () => {
  const bus = new EventBus();
  const agent = asking();
  await runContext({ runId: "first", bus }, () => agent.invoke("go"));
  await runContext({ runId: "second", bus }, () => collect(agent.resume("yes")));
  const [first, second] = [read(bus, "first"), read(bus, "second")];
  const [begun, resumed] = [first.agents[0]!, second.agents[0]!];
  assert(begun.span_id !== resumed.span_id);
  assertEquals(resumed.resumed, undefined);
  assertEquals((resumed.attributes as Record<string, unknown>).resumes, {
    run_id: "first",
    span_id: begun.span_id,
  });
  assertEquals(openSpans(foldSpans(second.events)), []);
});

test("A sub-agent that asks goes on in its own span, inside of the call that waited", async () => {
  const bus = new EventBus();
  const { agent } = agentOf([[toolCall("c1", "helper", { prompt: "?" })], ["done"]], {
    tools: asking({ agentId: "helper" }).asTool(),
  });
  await runContext({ runId: "r", bus }, async () => {
    await agent.invoke("go");
    await collect(agent.resume("yes"));
  });
  const { events, agents } = read(bus, "r");
  assertEquals(openSpans(foldSpans(events)), []);
  assertEquals(agents.map(({ name, resumed }) => [name, resumed]), [
    ["agent", undefined],
    ["helper", undefined],
    ["agent", true],
    ["helper", true],
  ]);
});

test("An answer is told with who gave it, and how long that took", async () => {
  for (const answeredBy of [undefined, "ada"]) {
    const agent = asking();
    const { events, value } = await allOnBus(async () => {
      const asked = await collect(agent.run("go"));
      await collect(agent.resume("yes", { answeredBy }));
      return only(asked.events, "interrupt").interrupt_id;
    });
    const { data } = events.find(({ event_type }) => event_type === "agent.interrupt.answered")!;
    const { waited_ms, span_id, ...rest } = data;
    assertEquals(rest, { interrupt_id: value, by: answeredBy ?? null });
    assert((waited_ms as number) >= 0);
    assertEquals(span_id, events[0]!.data.span_id);
  }
});

test("A question that was asked by an earlier version is answered as well", async () => {
  const checkpointer = new MemoryCheckpointer();
  const threadId = "t";
  await asking({ checkpointer }).invoke("go", { threadId });
  const snapshot = (await checkpointer.load(threadId))!;
  const data = structuredClone(snapshot.data) as { paused: { waits?: unknown } };
  delete data.paused.waits;
  const { pending_interrupt } = (await asking({ checkpointer }).thread(threadId))!;
  const options = { checkpointId: pending_interrupt!.interrupt_id };
  await checkpointer.save({ ...snapshot, data } as typeof snapshot, threadId, options);
  const { events } = await allOnBus(async (_: Run) => {
    await collect(asking({ checkpointer }, [["done"]]).resume("yes", { threadId }));
  });
  assertEquals(endIn(events).success, true);
});

test("Reasons are codes, for a program to compare", async () => {
  const reason = async (script: Script[], options = {}, signal?: AbortSignal) => {
    const { events } = await collect(agentOf(script, options).agent.run("go", { signal }));
    return only(events, "terminate").reason;
  };
  assertEquals(
    [
      await reason([["hi"]]),
      await reason([["hi"]], {}, AbortSignal.abort("any reason")),
      await reason([new Error("down")]),
      await reason(ADD_ONCE, { tools: addTool(), tokenBudget: 1 }),
    ],
    ["complete", "cancelled", "error", "token_budget"],
  );
});

const ADD_ONCE: Script[] = [[toolCall("c1", "add", { a: 1, b: 2 })], ["done"]];
