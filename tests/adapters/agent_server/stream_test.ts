import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { EventBus } from "@locus/core";
import { follow } from "../../harness/support/event_source.ts";
import { firstEdition } from "../../harness/support/first_edition.ts";
import { readAll } from "../../harness/support/read.ts";
import { toolCall } from "../../harness/support/scripted_model.ts";
import {
  add,
  approve,
  ask,
  type Block,
  blocksOf,
  BOB,
  gatedTool,
  oneQuestion,
  oneWait,
  post,
  read,
  serverOf,
  type ServerSetup,
  toBlocks,
  twoCalls,
} from "./_support.ts";

function types(blocks: readonly Block[]): (string | undefined)[] {
  return blocks.map(({ type }) => type);
}

const TWO_CALLS = [
  "model_complete",
  "think",
  "tool_start",
  "tool_start",
  "tool_complete",
  "tool_complete",
  "model_complete",
  "think",
  "terminate",
];

function runIdOf(response: Response): string {
  return response.headers.get("Locus-Run-Id")!;
}

test("POST /stream sends every event of the agent, and the end", async () => {
  const { server } = serverOf({ script: twoCalls, agentOptions: { tools: add } });
  const response = await post(server, "/stream", { prompt: "add" });
  const runId = runIdOf(response);
  const blocks = await blocksOf(response);
  assertEquals(response.status, 200);
  assertEquals(types(blocks), [...TWO_CALLS, "bus.end"]);
  assertEquals(blocks.map(({ id }) => id), ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
  const { timestamp, ...complete } = blocks[4]!.data;
  assertEquals(typeof timestamp, "string");
  assertEquals({ ...complete, duration_ms: 0 }, {
    event_type: "tool_complete",
    tool_name: "add",
    tool_call_id: "c1",
    result: "3",
    error: null,
    duration_ms: 0,
  });
  assertEquals(blocks[9]!.data, {
    event_id: "10",
    run_id: runId,
    event_type: "bus.end",
    data: { last_event_id: "9" },
  });
});

test("There is one shape of a stream, with names and whole events, and no token in a URL", async () => {
  const { server } = serverOf({ script: twoCalls, agentOptions: { tools: add } });
  const response = await post(server, "/stream", { prompt: "add" });
  assertMatch(response.headers.get("content-type")!, /^text\/event-stream/);
  assertEquals(response.headers.get("cache-control"), "no-cache, no-transform");
  assertEquals(response.headers.get("x-accel-buffering"), "no");
  for (const { type, data } of await blocksOf(response)) assertEquals(data.event_type, type);
  const token = await ask(server, "GET", "/info?token=key-of-ada", { key: null });
  assertEquals(token.status, 401);
});

test("POST /stream of a model that streams sends its pieces", async () => {
  const { server } = serverOf({
    script: [[{ deltas: ["Hel", "lo"] }]],
    agentOptions: { streaming: true },
  });
  const blocks = await blocksOf(post(server, "/stream", { prompt: "p" }));
  const pieces = blocks.filter(({ type }) => type === "model_chunk").map(({ data }) =>
    data.content
  );
  assertEquals(pieces, ["Hel", "lo", null]);
});

test("a run that fails ends with bus.error, and nothing of the cause is sent", async () => {
  const { server, errors } = serverOf({ script: [new Error("secret sk-live-123")] });
  const response = await post(server, "/stream", { prompt: "p" });
  const runId = runIdOf(response);
  const text = await response.text();
  assert(!/secret|sk-live|event: error/.test(text), text);
  const [{ correlationId, stage }] = errors as [{ correlationId: string; stage: string }];
  assertEquals(stage, "run");
  const again = await blocksOf(ask(server, "GET", `/runs/${runId}/stream`));
  assertEquals(types(again), ["terminate", "bus.error"]);
  assertEquals(again[1]!.data.data, { correlation_id: correlationId });
  // Who has been told does not come back for ever.
  const { status } = await ask(server, "GET", `/runs/${runId}/stream?after=${again[1]!.id}`);
  assertEquals(status, 204);
});

test("GET /runs/:id/stream sends a run again that is over", async () => {
  const { server } = serverOf({ script: twoCalls, agentOptions: { tools: add } });
  const response = await post(server, "/stream", { prompt: "add" });
  const first = await blocksOf(response);
  assertEquals(await blocksOf(ask(server, "GET", `/runs/${runIdOf(response)}/stream`)), first);
  const { body } = await read(post(server, "/invoke", { prompt: "add" }));
  assertEquals(body.error, "internal error", "the script is used up");
  const failed = await blocksOf(ask(server, "GET", `/runs/${body.run_id}/stream`));
  assertEquals(types(failed), ["terminate", "bus.error"]);
});

for (const way of ["Last-Event-ID", "?after="]) {
  test(`GET /runs/:id/stream goes on after the number in ${way}`, async () => {
    const { server } = serverOf({ script: twoCalls, agentOptions: { tools: add } });
    const response = await post(server, "/stream", { prompt: "add" });
    const all = await blocksOf(response);
    const after = (id: string) =>
      way === "?after="
        ? ask(server, "GET", `/runs/${runIdOf(response)}/stream?after=${id}`)
        : ask(server, "GET", `/runs/${runIdOf(response)}/stream`, { headers: { [way]: id } });
    for (let n = 0; n < 9; n++) {
      const answer = await after(String(n));
      assertEquals(answer.headers.get("Locus-Recovery"), "exact");
      assertEquals(await blocksOf(answer), all.slice(n));
    }
    assertEquals((await after("9")).status, 204);
    assertEquals((await after("10")).status, 204);
  });
}

for (const id of ["11", "-1", "1e9", "9007199254740992", "x".repeat(10_000), "é", "__proto__"]) {
  test(`a Last-Event-ID that means nothing starts anew and says so: ${id.slice(0, 20)}`, async () => {
    const { server } = serverOf({ script: twoCalls, agentOptions: { tools: add } });
    const response = await post(server, "/stream", { prompt: "add" });
    const all = await blocksOf(response);
    const path = `/runs/${runIdOf(response)}/stream?after=${encodeURIComponent(id)}`;
    const [gap, ...rest] = await blocksOf(ask(server, "GET", path));
    assertEquals(gap!.type, "bus.gap");
    assertEquals((gap!.data.data as { reason: string }).reason, "unknown_cursor");
    assertEquals(rest, all);
  });
}

test("a run that is under way is followed from its first event on, by several", async () => {
  const { wait, open, started } = gatedTool();
  const { server } = serverOf({ script: oneWait, agentOptions: { tools: wait } });
  const response = await post(server, "/stream", { prompt: "p" });
  const first = follow(response);
  await started;
  const second = follow(await ask(server, "GET", `/runs/${runIdOf(response)}/stream`));
  await second.readUntil(({ dispatched }) => dispatched.length >= 3);
  open();
  await Promise.all([first.readAll(), second.readAll()]);
  assertEquals(toBlocks(second), toBlocks(first));
  assertEquals(toBlocks(first).at(-1)!.type, "bus.end");
});

test("HEAD of a run's stream answers without opening it", async () => {
  const { server } = serverOf({ script: [["ok"]], maxStreams: 1 });
  const response = await post(server, "/stream", { prompt: "p" });
  await response.body?.cancel();
  for (let i = 0; i < 3; i++) {
    const head = await ask(server, "HEAD", `/runs/${runIdOf(response)}/stream`);
    assertEquals([head.status, await head.text()], [200, ""]);
  }
});

test("a run is nobody's but its principal's", async () => {
  const { wait, open, started } = gatedTool();
  const { server } = serverOf({ script: oneWait, agentOptions: { tools: wait } });
  const response = await post(server, "/stream", { prompt: "p" });
  const path = `/runs/${runIdOf(response)}`;
  await started;
  const unknown = await read(ask(server, "GET", "/runs/nothing/stream", { key: BOB }));
  assertEquals(unknown.status, 404);
  assertEquals(await read(ask(server, "GET", `${path}/stream`, { key: BOB })), unknown);
  assertEquals(await read(ask(server, "DELETE", path, { key: BOB })), unknown);
  open();
  assertEquals(types(await blocksOf(response)).at(-1), "bus.end");
});

test("DELETE /runs/:id cancels a run", async () => {
  const { wait, started, aborted } = gatedTool();
  const { server } = serverOf({ script: oneWait, agentOptions: { tools: wait } });
  const response = await post(server, "/stream", { prompt: "p" });
  await started;
  const cancel = () => read(ask(server, "DELETE", `/runs/${runIdOf(response)}`));
  assertEquals((await cancel()).body, { run_id: runIdOf(response), cancelled: true });
  await aborted;
  const blocks = await blocksOf(response);
  assertEquals(types(blocks).slice(-2), ["terminate", "bus.end"]);
  assertEquals(blocks.at(-2)!.data.reason, "cancelled");
  assertEquals((await cancel()).body.cancelled, false);
});

test("the runs appear on the bus that is given, under the same ids, and are closed there", async () => {
  const bus = new EventBus();
  const { server } = serverOf({ script: twoCalls, agentOptions: { tools: add }, bus });
  const response = await post(server, "/stream", { prompt: "add" });
  await blocksOf(response);
  const all = await readAll(bus.subscribe(runIdOf(response)));
  assertEquals(all[0]!.data.input_preview, "add");
  const { event_type, data } = all.at(-1)!;
  assertEquals([event_type, data.outcome], ["run.completed", "ok"]);
  const events = firstEdition(all);
  assertEquals(events.map(({ event_type }) => event_type), [
    "agent.model.completed",
    "agent.tokens.used",
    "agent.think",
    "agent.tool.started",
    "agent.tool.started",
    "agent.tool.completed",
    "agent.tool.completed",
    "agent.model.completed",
    "agent.tokens.used",
    "agent.think",
    "agent.terminate",
  ]);
});

test("a bus that throws does not keep a run from its end", async () => {
  const bus = new EventBus();
  bus.closeStream = () => {
    throw new Error("broken bus");
  };
  const { server, errors } = serverOf({ script: [["ok"]], bus });
  const blocks = await blocksOf(post(server, "/stream", { prompt: "p" }));
  assertEquals(types(blocks).slice(-2), ["terminate", "bus.end"]);
  assertEquals(errors.length, 1);
});

test("a browser answers, and the run goes on in the stream that it reads", async () => {
  const bus = new EventBus();
  const { server, model } = serverOf({
    script: oneQuestion,
    agentOptions: { tools: approve },
    bus,
  });
  const response = await post(server, "/stream", { prompt: "p" });
  const reader = follow(response);
  await reader.readUntil(({ dispatched }) => dispatched.at(-1)?.type === "interrupt");
  const { interrupt_id } = toBlocks(reader).at(-1)!.data;

  const answer = await read(post(server, "/resume", { interrupt_id, response: "y" }));
  assertEquals([answer.status, answer.body.message], [200, "Thank you"]);
  assertEquals(answer.body.run_id, runIdOf(response));

  await reader.readAll();
  const blocks = toBlocks(reader);
  assertEquals(types(blocks), [
    "model_complete",
    "think",
    "tool_start",
    "interrupt",
    "tool_complete",
    "model_complete",
    "think",
    "terminate",
    "bus.end",
  ]);
  assertEquals(blocks.map(({ id }) => Number(id)), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assertEquals(blocks[4]!.data.result, "said y");
  assert(JSON.stringify(model.calls[1]!.prompt).includes("said y"));
  const published = (await readAll(bus.subscribe(runIdOf(response)))).map((e) => e.event_type);
  assertEquals(published.filter((type) => /interrupt|terminate/.test(type)), [
    "agent.interrupt",
    "agent.interrupt.answered",
    "agent.terminate",
  ]);
  assertEquals(published.filter((type) => type.startsWith("run.")), [
    ...["run.started", "run.completed", "run.started", "run.completed"],
  ]);
});

test("the bus is told who answered: a name, or which key", async () => {
  const setups: [ServerSetup, RegExp | null][] = [
    [{ authenticate: () => "ada@example.org" }, /^ada@example\.org$/],
    [{}, /^key [0-9a-f]{8}$/],
    [{ allowUnauthenticated: true }, null],
  ];
  for (const [setup, by] of setups) {
    const bus = new EventBus();
    const agentOptions = { tools: approve };
    const { server } = serverOf({ script: oneQuestion, agentOptions, bus, ...setup });
    const { body } = await read(post(server, "/invoke", { prompt: "p" }));
    const { interrupt_id } = body.interrupt as { interrupt_id: string };
    await read(post(server, "/resume", { interrupt_id, response: "y" }));
    const [answered] = bus.history("agent.interrupt.answered");
    assertEquals(answered?.data.interrupt_id, interrupt_id);
    if (by === null) assertEquals(answered?.data.by, null);
    else assertMatch(answered?.data.by ?? "", by);
  }
});

test("POST /resume with `stream` sends what comes after the answer", async () => {
  const { server } = serverOf({ script: oneQuestion, agentOptions: { tools: approve } });
  const { body } = await read(post(server, "/invoke", { prompt: "p" }));
  const { interrupt_id } = body.interrupt as { interrupt_id: string };
  const response = await post(server, "/resume", { interrupt_id, response: "n", stream: true });
  assertEquals(runIdOf(response), body.run_id);
  const blocks = await blocksOf(response);
  assertEquals(blocks.map(({ id, type }) => `${id} ${type}`), [
    "5 tool_complete",
    "6 model_complete",
    "7 think",
    "8 terminate",
    "9 bus.end",
  ]);
});

test("a question is answered once, and by nobody else", async () => {
  const { server } = serverOf({ script: oneQuestion, agentOptions: { tools: approve } });
  const { body } = await read(post(server, "/invoke", { prompt: "p" }));
  const { interrupt_id } = body.interrupt as { interrupt_id: string };
  const answer = { interrupt_id, response: "y" };
  const refused = { status: 404, body: { error: "No run waits for this answer" } };
  assertEquals(await read(post(server, "/resume", answer, BOB)), refused);
  assertEquals(await read(post(server, "/resume", { ...answer, interrupt_id: "int_0" })), refused);
  const both = await Promise.all([1, 2].map(() => read(post(server, "/resume", answer))));
  assertEquals(both.map(({ status }) => status).sort(), [200, 404]);
  assertEquals(await read(post(server, "/resume", answer)), refused);
});

test("whoever sees the question on the bus may answer before the run has come to rest", async () => {
  const bus = new EventBus();
  const resting = Promise.withResolvers<void>();
  const { server } = serverOf({
    script: oneQuestion,
    bus,
    agentOptions: {
      tools: approve,
      hooks: [{ name: "slow", onAfterInvocation: () => resting.promise }],
    },
  });
  const asked = bus.waitFor("agent.interrupt");
  const first = post(server, "/invoke", { prompt: "p" });
  const { data: { interrupt_id } } = await asked;
  const answer = post(server, "/resume", { interrupt_id, response: "y" });
  resting.resolve();
  assertEquals((await read(first)).body.stop_reason, "interrupted");
  assertEquals((await read(answer)).body.message, "Thank you");
});

test("a run that asks twice is answered twice", async () => {
  const { server } = serverOf({
    script: [[toolCall("a", "approve", {})], [toolCall("b", "approve", {})], ["done"]],
    agentOptions: { tools: approve },
  });
  let { body } = await read(post(server, "/invoke", { prompt: "p" }));
  for (const response of ["y", "n"]) {
    const { interrupt_id } = body.interrupt as { interrupt_id: string };
    ({ body } = await read(post(server, "/resume", { interrupt_id, response })));
  }
  assertEquals([body.message, body.stop_reason, body.interrupt], ["done", "complete", null]);
});

test("DELETE /runs/:id ends a run that waits for a person", async () => {
  const { server } = serverOf({ script: oneQuestion, agentOptions: { tools: approve } });
  const response = await post(server, "/stream", { prompt: "p" });
  const reader = follow(response);
  await reader.readUntil(({ dispatched }) => dispatched.at(-1)?.type === "interrupt");
  const { interrupt_id } = toBlocks(reader).at(-1)!.data;
  const { body } = await read(ask(server, "DELETE", `/runs/${runIdOf(response)}`));
  assertEquals(body.cancelled, true);
  await reader.readAll();
  assertEquals(toBlocks(reader).at(-1)!.type, "bus.end");
  assertEquals((await post(server, "/resume", { interrupt_id, response: "y" })).status, 404);
});
