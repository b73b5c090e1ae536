import { type AgentSubscriber, HttpAgent } from "@ag-ui/client";
import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { EventBus } from "@locus/core";
import { type AgUiEvent, toAgUi } from "@locus/core/ag-ui";
import { fromAgUi, locusSubscriber } from "@locus/core/bridges/ag-ui";
import { nestedAgents, recordedRuns, through } from "../screens/_runs.ts";
import { checkRun, SECRET } from "./_contract.ts";

const started = { type: "RUN_STARTED", threadId: "t", runId: "r" } as const;

async function* streamOf<T>(events: readonly T[]): AsyncGenerator<T> {
  for (const event of events) yield event;
}

/** Records events in a run of their own. */
async function recorded(events: readonly { type: string }[]): Promise<EventBus> {
  const bus = new EventBus({ historyPerRun: 5_000 });
  const passed = [];
  for await (const event of fromAgUi(streamOf(events), { bus, content: true })) passed.push(event);
  assertEquals(passed, events);
  return bus;
}

for (const { name, events } of await recordedRuns()) {
  test(`fromAgUi() records what toAgUi() writes of "${name}" by the contract`, async () => {
    const written: AgUiEvent[] = await through(events, toAgUi());
    const bus = await recorded(written);
    for (const { run_id } of bus.runs()) checkRun(bus, run_id);
  });
}

test("fromAgUi() finds the tree of nested agents again", async () => {
  const { outline, of } = checkRun(await recorded(await through(await nestedAgents(), toAgUi())));
  const helper = ["tool ask", ["agent helper", "tool look", "model model"]];
  assertEquals(outline, [
    "run run",
    ["agent agent", "work work", "model model", helper, helper, "model model"],
  ]);
  assertEquals(of("agent.tool.started").map(({ arg_keys }) => arg_keys), [
    ["whom"],
    ["whom"],
    ["at"],
    ["at"],
  ]);
  assertEquals(of("agent.terminate").at(-1)?.final_message_preview, "Both say blue.");
});

test("fromAgUi() says how a run ended", async () => {
  const ends = [
    { type: "RUN_FINISHED", outcome: { type: "cancelled" } },
    { type: "RUN_ERROR", message: `too far with ${SECRET}` },
  ];
  const outcomes = [];
  for (const end of ends) {
    const { of } = checkRun(await recorded([started, end]));
    outcomes.push(of("run.completed")[0]?.outcome);
  }
  assertEquals(outcomes, ["cancelled", "error"]);
});

test("fromAgUi() ends the run that its reader leaves, and that whose stream breaks", async () => {
  const bus = new EventBus();
  for await (const _ of fromAgUi(streamOf([started, started]), { bus })) break;
  const broken = async function* () {
    yield started;
    throw new RangeError("cut off");
  };
  await assertRejects(() => Array.fromAsync(fromAgUi(broken(), { bus })), RangeError);
  const errors = bus.history("run.completed").map(({ data }) => data.error);
  assertEquals(errors, ["RangeError: cut off", "AbortError: its reader left"]);
});

test("locusSubscriber() records a client, and goes on in the run that waited", async () => {
  const interrupts = [{ id: "i1", reason: "input_required", message: "Pay?" }];
  const ends = [{ outcome: { type: "interrupt", interrupts } }, { outcome: { type: "success" } }];
  const fetch = () => {
    const end = { type: "RUN_FINISHED", threadId: "t", runId: "r", ...ends.shift() };
    const body = [started, end].map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
    const headers = { "Content-Type": "text/event-stream" };
    return Promise.resolve(new Response(body, { headers }));
  };
  const bus = new EventBus();
  const agent = new HttpAgent({ url: "http://localhost/", agentId: "payer", fetch });
  const subscriber: AgentSubscriber = locusSubscriber({ bus });
  agent.subscribe(subscriber);
  await agent.runAgent();
  await agent.runAgent({ resume: [{ interruptId: "i1", status: "resolved", payload: "yes" }] });
  const { of } = checkRun(bus);
  assertEquals(of("run.completed").map(({ outcome }) => outcome), ["waiting", "ok"]);
  assertEquals(of("agent.interrupt.answered").length, 1);
});

test("fromAgUi() and locusSubscriber() say which option is wrong", () => {
  assertThrows(() => fromAgUi(streamOf([]), { runs: "all" as never }), TypeError, '"runs" must be');
  assertThrows(() => locusSubscriber({ name: 7 as never }), TypeError, '"name" must be a string');
});

test("fromAgUi() passes on what it cannot read, and goes on", async (t) => {
  t.mock.method(console, "error", () => {});
  const hostile = { type: "STEP_STARTED" };
  Object.defineProperty(hostile, "stepName", {
    get() {
      throw new Error("no");
    },
  });
  const events = [started, hostile, { type: "RUN_FINISHED", result: "Fine." }];
  const bus = new EventBus();
  const passed = await Array.fromAsync(fromAgUi(streamOf(events), { bus }));
  assert(passed.every((event, index) => event === events[index]));
  assertEquals(checkRun(bus).of("agent.terminate").map(({ reason }) => reason), ["complete"]);
});

test("fromAgUi() refuses what is no stream, such as an agent of AG-UI's client", () => {
  const agent = new HttpAgent({ url: "http://localhost/" });
  assertThrows(() => fromAgUi(agent as never), TypeError, "agent.subscribe(locusSubscriber())");
});

test("locusSubscriber() tells of an agent once, however many subscribe", async () => {
  const bus = new EventBus();
  const body = [started, { type: "RUN_FINISHED", threadId: "t", runId: "r" }]
    .map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
  const headers = { "Content-Type": "text/event-stream" };
  const fetch = () => Promise.resolve(new Response(body, { headers }));
  const agent = new HttpAgent({ url: "http://localhost/", fetch });
  for (let n = 0; n < 2; n++) agent.subscribe(locusSubscriber({ bus }) as AgentSubscriber);
  await agent.runAgent();
  assertEquals(bus.runs().length, 1);
  checkRun(bus);
});
