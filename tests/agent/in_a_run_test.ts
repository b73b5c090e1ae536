/** An agent in a run that has a beginning and an end. */
import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { AsyncVariable, emit, EventBus, runContext, startRun, withRun } from "../../mod.ts";
import { Agent, tool } from "../../src/agent/mod.ts";
import { type Script, ScriptedModel, toolCall } from "../harness/support/scripted_model.ts";
import { addTool, agentOf, collect, onBus } from "./_support.ts";

const answer: Script[] = [[toolCall("c1", "add", { a: 1, b: 2 })], ["3"]];

function calculator(script: readonly Script[] = answer): Agent {
  return agentOf(script, { tools: addTool() }).agent;
}

function asking(): Agent {
  const approve = tool({ name: "approve", execute: (_, { interrupt }) => interrupt("ok?") });
  return agentOf([[toolCall("c1", "approve", {})], ["done"]], { tools: approve }).agent;
}

/** The types of a run's events, oldest first, and how it ended. */
function outline(bus: EventBus, run = "r"): string[] {
  const events = bus.history({ run }, { limit: 100 }).toReversed();
  return events.filter(({ event_type }) => !event_type.startsWith("span.")).map((event) => {
    const { event_type, data } = event;
    const { outcome, error } = data as Record<string, unknown>;
    return [event_type, outcome, outcome && error].filter(Boolean).join(" ");
  });
}

test("An agent's run that is made outside belongs to the run in which it is iterated", async () => {
  const bus = new EventBus();
  const run = calculator().run("1 + 2?");
  await runContext({ runId: "r", bus }, async () => {
    for await (const _ of run);
  });
  assertEquals(outline(bus).at(-1), "agent.terminate");
  assert(outline(bus).includes("agent.tool.started"));
});

test("It belongs there also when it is returned from there", async () => {
  for (const wrap of [runContext, withRun]) {
    const bus = new EventBus();
    const run = calculator().run("1 + 2?");
    assertStrictEquals(wrap({ runId: "r", bus }, () => run), run);
    for await (const _ of run);
    assert(outline(bus).includes("agent.terminate"));
    assertEquals([typeof run.runId, run.result?.message], ["string", "3"]);
  }
});

test("It stays with the run in which its first event was asked for", async () => {
  const bus = new EventBus();
  const run = calculator().run("1 + 2?");
  await runContext({ runId: "first", bus }, () => run.next());
  await runContext({ runId: "second", bus }, async () => {
    for await (const _ of run);
  });
  assertEquals([outline(bus, "first").at(-1), outline(bus, "second")], ["agent.terminate", []]);
});

test("What its tools emit lands there, too, and in the context of where it was made", async () => {
  const user = new AsyncVariable<string>();
  const seen: unknown[] = [];
  const look = tool({
    name: "look",
    execute: () => {
      emit("shop.looked", {});
      seen.push(user.get());
    },
  });
  const agent = agentOf([[toolCall("c1", "look", {})], ["done"]], { tools: look }).agent;
  const bus = new EventBus();
  const run = user.run("ada", () => agent.run("look"));
  await runContext({ runId: "r", bus }, async () => {
    for await (const _ of run);
  });
  assert(outline(bus).includes("shop.looked"));
  assertEquals(seen, ["ada"]);
});

test("An agent's run that wants no run finds none", async () => {
  const bus = new EventBus();
  const run = calculator().run("1 + 2?", { run: null });
  await runContext({ runId: "r", bus }, async () => {
    for await (const _ of run);
  });
  assertEquals(outline(bus), []);
});

test("An agent at the top of a run says how it ended", async () => {
  const ends = async (work: () => unknown): Promise<string | undefined> => {
    const bus = new EventBus();
    await Promise.resolve(withRun({ runId: "r", bus }, work)).catch(() => {});
    return outline(bus).at(-1);
  };
  const invoke = (agent: Agent) => () => agent.invoke("1 + 2?");
  assertEquals(await ends(invoke(calculator())), "run.completed ok");
  assertEquals(await ends(invoke(asking())), "run.completed waiting");
  assertEquals(
    await ends(invoke(calculator([new Error("no model")]))),
    "run.completed error Error: no model",
  );
  const loop: Script[] = Array(3).fill(answer[0]!);
  const capped = agentOf(loop, { tools: addTool(), maxIterations: 1 }).agent;
  assertEquals(await ends(invoke(capped)), "run.completed error stopped: max_iterations");
  const silent = () => calculator([new Error("no model")]).invoke("?", { throwOnError: false });
  assertEquals(await ends(silent), "run.completed error Error: no model");
  const recovered = async () => {
    await silent();
    return calculator().invoke("1 + 2?");
  };
  assertEquals(await ends(recovered), "run.completed ok");
});

test("An agent that is left, or cancelled, cancels its run", async () => {
  const bus = new EventBus();
  for await (const _ of withRun({ runId: "left", bus }, () => calculator().run("1 + 2?"))) break;
  await withRun(
    { runId: "cancelled", bus },
    () => calculator().invoke("1 + 2?", { signal: AbortSignal.abort() }),
  );
  const ends = ["left", "cancelled"].map((run) => outline(bus, run).at(-1));
  assertEquals(ends, ["run.completed cancelled", "run.completed cancelled"]);
});

test("A question that ends the loop leaves the run open, and the answer goes on in it", async () => {
  const bus = new EventBus();
  const agent = asking();
  for await (const event of withRun({ runId: "r", bus }, () => agent.run("go"))) {
    if (event.event_type === "interrupt") break;
  }
  assertEquals(outline(bus).at(-1), "run.completed waiting");
  await withRun({ runId: "r", bus }, async () => {
    for await (const _ of agent.resume("yes"));
  });
  assertEquals(outline(bus).filter((line) => line.startsWith("run.")), [
    ...["run.started", "run.completed waiting", "run.started", "run.completed ok"],
  ]);
});

test("A question that is answered as soon as it is asked does not leave the run waiting", async () => {
  const bus = new EventBus();
  const agent = asking();
  await withRun({ runId: "r", bus }, async () => {
    for await (const event of agent.run("go")) {
      if (event.event_type !== "interrupt") continue;
      for await (const _ of agent.resume("yes"));
    }
  });
  assertEquals(outline(bus).at(-1), "run.completed ok");
});

test("An agent that is a part of something else leaves the outcome to that", async () => {
  const bus = new EventBus();
  const helper = agentOf([new Error("no model")], { agentId: "helper" }).agent;
  const { agent } = agentOf([[toolCall("c1", "helper", { prompt: "?" })], ["fine"]], {
    tools: helper.asTool(),
  });
  await withRun({ runId: "r", bus }, () => agent.invoke("go"));
  assertEquals(outline(bus).at(-1), "run.completed ok");
});

test("An agent that fails in the background is no unhandled rejection", async () => {
  const bus = new EventBus();
  const errors: unknown[] = [];
  const agent = new Agent({ model: new ScriptedModel(new Error("no model")), streaming: false });
  const run = startRun(
    { bus, onError: (error) => void errors.push(error) },
    () => agent.invoke("?"),
  );
  await assertRejects(() => run.result, Error, "no model");
  assertEquals(errors.map(String), ["Error: no model"]);
});

test("Agent.invoke() within a run is on the bus as run() is, however deep", async () => {
  const types = async (work: () => Promise<unknown>) =>
    (await onBus(work)).events.map(({ event_type }) => event_type);
  const make = () => agentOf(ADD_ONCE, { tools: addTool() }).agent;
  const expected = await types(() => collect(make().run("go")));
  const deep = async () => {
    await null;
    return await Promise.all([make().invoke("go")]);
  };
  assertEquals(await types(deep), expected);
  assert(expected.includes("agent.terminate"));
});

const ADD_ONCE: Script[] = [[toolCall("c1", "add", { a: 1, b: 2 })], ["done"]];
