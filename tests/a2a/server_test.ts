import { test } from "node:test";
import { MemoryCheckpointer } from "@locus/core/memory";
import type { Task } from "@locus/core/a2a";
import { assertEquals, assertMatch } from "@std/assert";
import {
  approve,
  BOB,
  call,
  gate,
  headersOf,
  type Json,
  message,
  oneQuestion,
  post,
  readFrames,
  said,
  send,
  serverOf,
  textOf,
} from "./_support.ts";

test("SendMessage answers with the finished task, and the bus is told of it", async () => {
  const setup = serverOf(["It is sunny."]);
  const task = await send(setup, "Weather?", { contextId: "c1" });
  assertEquals(task.status.state, "TASK_STATE_COMPLETED");
  assertMatch(task.status.timestamp!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assertEquals([textOf(task), task.contextId, task.artifacts?.length], ["It is sunny.", "c1", 1]);
  assertEquals(task.history?.map(({ role, taskId }) => [role, taskId]), [["ROLE_USER", task.id]]);
  const method = "SendMessage";
  assertEquals(said(setup.bus), [
    {
      event_type: "a2a.task.received",
      method,
      rpc_id: "1",
      parent_span_id: null,
      task_id: task.id,
      context_id: "c1",
      binding: "JSONRPC",
      protocol_version: "1.0",
    },
    { event_type: "a2a.task.processing", task_id: task.id, agent_name: "Weather" },
    {
      event_type: "a2a.task.completed",
      method,
      success: true,
      error_code: null,
      parent_span_id: null,
      state: "TASK_STATE_COMPLETED",
    },
  ]);
});

test("The events of a task are the run of its id, and its agent works within the request's span", async () => {
  const { bus, ...setup } = serverOf(["Sunny."]);
  const task = await send(setup, "Weather?");
  const events = bus.history({ run: task.id }, { limit: 100 }).toReversed();
  assertEquals(events[0]?.event_type, "run.started");
  assertEquals(events.slice(-2).map((event) => event.event_type as string), [
    "a2a.task.completed",
    "run.completed",
  ]);
  const received = events.find((event) => event.event_type === "a2a.task.received");
  const agent = events.find((event) => event.event_type === "span.started") as Json;
  assertEquals(agent.data.parent_span_id, (received as Json).data.span_id);
});

for (
  const [name, method, params, code, headers] of [
    ["an unknown method", "message/dance", {}, -32601, {}],
    ["no version", "GetTask", { id: "x" }, -32009, { "A2A-Version": "" }],
    ["another version", "GetTask", { id: "x" }, -32009, { "A2A-Version": "99.0" }],
    ["a patch of the version", "GetTask", { id: "x" }, -32001, { "A2A-Version": "1.0.1" }],
    ["parameters that are a list", "GetTask", [], -32602, {}],
    ["a message without an id", "SendMessage", { message: { role: "ROLE_USER" } }, -32602, {}],
    ["a message of an agent", "SendMessage", send1({ role: "ROLE_AGENT" }), -32602, {}],
    ["a message without parts", "SendMessage", send1({ parts: [] }), -32602, {}],
    ["two contents", "SendMessage", send1({ parts: [{ text: "a", url: "b" }] }), -32602, {}],
    ["a text that is a number", "SendMessage", send1({ parts: [{ text: 1 }] }), -32602, {}],
    [
      "a media type",
      "SendMessage",
      send1({ parts: [{ text: "a", mediaType: "x/y" }] }),
      -32005,
      {},
    ],
    ["an unknown task", "SendMessage", send1({ taskId: "nope" }), -32001, {}],
    ["an unknown task to get", "GetTask", { id: "nope" }, -32001, {}],
    ["no task", "GetTask", {}, -32602, {}],
    ["an unknown task to cancel", "CancelTask", { id: "nope" }, -32001, {}],
    ["an unknown task to follow", "SubscribeToTask", { id: "nope" }, -32001, {}],
    ["a negative length", "ListTasks", { historyLength: -1 }, -32602, {}],
    ["a page of 101", "ListTasks", { pageSize: 101 }, -32602, {}],
    ["a made-up token", "ListTasks", { pageToken: "eA==" }, -32602, {}],
    ["an unknown state", "ListTasks", { status: "DONE" }, -32602, {}],
    ["push", "CreateTaskPushNotificationConfig", { taskId: "nope" }, -32003, {}],
    [
      "push in a message",
      "SendMessage",
      {
        ...send1({}),
        configuration: { taskPushNotificationConfig: {} },
      },
      -32003,
      {},
    ],
    ["the extended card", "GetExtendedAgentCard", undefined, -32004, {}],
  ] as const
) {
  test(`JSON-RPC: ${name} is answered ${code}`, async () => {
    const setup = serverOf([]);
    const response = await post(setup, method, params, { headers });
    const { error, id } = await response.json();
    assertEquals([response.status, error.code, id], [200, code, "1"]);
    const { "@type": type, domain } = error.data?.[0] ?? {};
    if (code > -32100) assertEquals([type, domain], [TYPE + "ErrorInfo", "a2a-protocol.org"]);
    else if (code === -32602) assertEquals(type, TYPE + "BadRequest");
    // No task, no run: there is nothing that could be told.
    assertEquals(said(setup.bus), []);
  });
}

const TYPE = "type.googleapis.com/google.rpc.";

function send1(more: object): object {
  return { message: { ...message("x"), ...more } };
}

for (
  const [name, body, code, id] of [
    ["no JSON", "{", -32700, null],
    ["a batch", "[]", -32600, null],
    ["no method", '{"jsonrpc":"2.0","id":7}', -32600, 7],
    ["an id that is an object", '{"jsonrpc":"2.0","id":{},"method":"GetTask"}', -32600, null],
  ] as const
) {
  test(`JSON-RPC: ${name} is answered ${code}`, async () => {
    const { server } = serverOf([]);
    const response = await server.request("/", { method: "POST", headers: headersOf(), body });
    const answer = await response.json();
    assertEquals([answer.error.code, answer.id], [code, id]);
  });
}

test("Without a key nothing is read, and nothing is told", async () => {
  const setup = serverOf([]);
  const response = await post(setup, "SendMessage", { message: message("x") }, { key: null });
  assertEquals([response.status, response.headers.get("WWW-Authenticate")], [401, "Bearer"]);
  assertEquals((await setup.server.request("/tasks")).status, 401);
  assertEquals(said(setup.bus), []);
});

test("The tasks of others do not exist", async () => {
  const setup = serverOf(oneQuestion);
  const { id } = await send(setup, "x");
  const codes = [];
  for (const method of ["GetTask", "CancelTask", "SubscribeToTask"]) {
    codes.push((await call(setup, method, { id }, { key: BOB })).code);
  }
  const params = { message: message("y", { taskId: id }) };
  codes.push((await call(setup, "SendMessage", params, { key: BOB })).code);
  codes.push((await call(setup, "SendStreamingMessage", params, { key: BOB })).code);
  assertEquals(codes, Array(5).fill(-32001));
  assertEquals((await call(setup, "ListTasks", {}, { key: BOB })).totalSize, 0);
});

for (
  const [name, parts] of [
    ["its text", [{ text: "y" }]],
    ["the question's id and a text", [{ text: "y" }, { data: "ID" }]],
    ["the question's id and a value", [{ data: "ID+" }]],
  ] as const
) {
  test(`A question makes a task wait; a message answers it by ${name}`, async () => {
    const setup = serverOf(oneQuestion);
    const asked = await send(setup, "x");
    assertEquals(asked.status.state, "TASK_STATE_INPUT_REQUIRED");
    const [question, data] = asked.status.message!.parts as Json[];
    assertEquals([question.text, data.data.options], ["ok?", ["y", "n"]]);
    const { interrupt_id } = data.data;
    const answer = parts.map((part: Json) =>
      part.data === undefined
        ? part
        : { data: { interrupt_id, ...(part.data === "ID+" && { response: "y" }) } }
    );
    const task = await send(setup, "", { taskId: asked.id, parts: answer });
    assertEquals([task.status.state, textOf(task)], ["TASK_STATE_COMPLETED", "Thank you"]);
    assertEquals(task.history?.map(({ role }) => role), [
      "ROLE_USER",
      "ROLE_AGENT",
      "ROLE_AGENT",
      "ROLE_USER",
    ]);
    const processing = setup.bus.history("a2a.task.processing")[0];
    assertEquals(processing?.data.resumed, true);
  });
}

test("A message for another question, another context or a finished task is refused", async () => {
  const setup = serverOf(oneQuestion);
  const { id: taskId } = await send(setup, "x");
  const wrong = { taskId, parts: [{ data: { interrupt_id: "q" } }] };
  const codes = [];
  for (const more of [wrong, { taskId, contextId: "other" }]) {
    codes.push((await call(setup, "SendMessage", { message: message("y", more) })).code);
  }
  assertEquals((await call(setup, "GetTask", { id: taskId })).history.length, 3);
  await send(setup, "y", { taskId });
  codes.push((await call(setup, "SendMessage", { message: message("z", { taskId }) })).code);
  assertEquals(codes, [-32602, -32602, -32004]);
});

test("returnImmediately answers while the agent works", async () => {
  const { turn, open } = gate("done");
  const setup = serverOf([turn]);
  const task = await send(setup, "x", {}, { return_immediately: true });
  assertEquals(task.status.state, "TASK_STATE_WORKING");
  const more = await call(setup, "SendMessage", { message: message("y", { taskId: task.id }) });
  assertEquals(more.code, -32004);
  open();
});

test("CancelTask stops the agent, and a task that waits; not one that is over", async () => {
  const { turn, begun } = gate("never");
  const setup = serverOf([turn, ...oneQuestion]);
  const { id } = await send(setup, "x", {}, { returnImmediately: true });
  await begun;
  const working: Task = await call(setup, "CancelTask", { id });
  assertEquals(working.status.state, "TASK_STATE_CANCELED");
  const waiting = await send(setup, "y");
  assertEquals((await call(setup, "CancelTask", { id: waiting.id })).status.state, CANCELED);
  assertEquals((await call(setup, "CancelTask", { id })).code, -32002);
  for (const task of [id, waiting.id]) {
    const completed = setup.bus.history({ run: task, type: "run.completed" })[0] as Json;
    assertEquals(completed?.data.outcome, "cancelled");
  }
});

const CANCELED = "TASK_STATE_CANCELED";

test("A task whose agent fails is FAILED, without the error's text; the owner is told it", async () => {
  const setup = serverOf([new Error("password 1234")]);
  const task = await send(setup, "x");
  assertEquals(setup.bus.history("run.completed")[0]?.data.error, "Error: password 1234");
  assertEquals(task.status.state, "TASK_STATE_FAILED");
  assertEquals(task.status.message?.parts, [{ text: "The agent failed" }]);
  assertMatch(String(setup.errors[0]), /password 1234/);
});

test("An answer by a schema is a data part", async () => {
  const { z } = await import("zod");
  const outputSchema = z.object({ degrees: z.number() });
  const setup = serverOf(['{"degrees":20}'], { outputSchema });
  const task = await send(setup, "x");
  assertEquals(task.artifacts?.[0]?.parts.at(0)?.data, { degrees: 20 });
});

test("Messages keep the keys of the protocol, and data whole", async () => {
  const setup = serverOf(["ok", "ok"]);
  const data = { deep: { snake_case: [null, 0] } };
  const task = await send(setup, "", { parts: [{ data, unknown: 1 }, { data: null }], foo: 2 });
  assertEquals(task.history?.[0]?.parts, [{ data }, { data: null }]);
  assertEquals(Object.keys(task.history![0]!).includes("foo"), false);
});

test("historyLength is the newest messages, in both spellings; 0 is no key", async () => {
  const setup = serverOf(oneQuestion);
  const { id } = await send(setup, "x");
  const lengths = [];
  for (const view of [{}, { historyLength: 1 }, { history_length: 2 }, { historyLength: 0 }]) {
    lengths.push((await call(setup, "GetTask", { id, ...view })).history?.length);
  }
  assertEquals(lengths, [3, 1, 2, undefined]);
});

test("ListTasks gives each task once, in pages, the newest first, artifacts if asked for", async () => {
  const setup = serverOf(["1", "2", "3", "4", "5"]);
  for (let i = 0; i < 5; i++) await send(setup, `${i}`, { contextId: i < 4 ? "c" : "d" });
  const pages: Json[] = [];
  let pageToken = "";
  do {
    pages.push(await call(setup, "ListTasks", { contextId: "c", pageSize: 2, pageToken }));
    pageToken = pages.at(-1).nextPageToken;
  } while (pageToken !== "");
  assertEquals(pages.map(({ tasks, totalSize, pageSize }) => [tasks.length, totalSize, pageSize]), [
    [2, 4, 2],
    [2, 4, 2],
  ]);
  const tasks: Task[] = pages.flatMap((page) => page.tasks);
  assertEquals(new Set(tasks.map(({ id }) => id)).size, 4);
  const times = tasks.map(({ status }) => status.timestamp!);
  assertEquals(times, times.toSorted().toReversed());
  assertEquals(tasks.some((task) => "artifacts" in task), false);
  const whole = await call(setup, "ListTasks", { includeArtifacts: true, status: COMPLETED });
  assertEquals(whole.tasks.every((task: Task) => task.artifacts?.length === 1), true);
});

const COMPLETED = "TASK_STATE_COMPLETED";

test("A message that is sent again gives the same task; another text under its id does not", async () => {
  const setup = serverOf(["1", "2"]);
  const sent = message("x");
  const first = await call(setup, "SendMessage", { message: sent });
  const again = await call(setup, "SendMessage", { message: sent });
  const other = await call(setup, "SendMessage", { message: { ...sent, parts: [{ text: "y" }] } });
  assertEquals(again.task.id, first.task.id);
  assertEquals(textOf(other.task), "2");
});

test("A context is a thread: its tasks come one after the other, each with what was said", async () => {
  const first = gate("one");
  const setup = serverOf([first.turn, "two"], { checkpointer: new MemoryCheckpointer() });
  const options = [{ contextId: "c" }, { returnImmediately: true }] as const;
  const a = await send(setup, "a", ...options);
  const b = await send(setup, "b", ...options);
  await first.begun;
  assertEquals([a.status.state, b.status.state], ["TASK_STATE_WORKING", "TASK_STATE_SUBMITTED"]);
  const done = setup.bus.waitFor({ run: b.id, type: "run.completed" });
  first.open();
  await done;
  assertEquals(textOf(await call(setup, "GetTask", { id: b.id })), "two");
});

test("A task of a context that waits for an answer is REJECTED, and says which it waits for", async () => {
  const checkpointer = new MemoryCheckpointer();
  const setup = serverOf(oneQuestion, { checkpointer, tools: [approve] });
  const asked = await send(setup, "a", { contextId: "c" });
  const other = await send(setup, "b", { contextId: "c" });
  assertEquals(other.status.state, "TASK_STATE_REJECTED");
  assertMatch(other.status.message!.parts[0]!.text!, new RegExp(asked.id));
  assertEquals(textOf(await send(setup, "y", { taskId: asked.id })), "Thank you");
});

test("Bodies, parts, tasks and answers are bounded", async () => {
  const { turn } = gate("never");
  const setup = serverOf(["x".repeat(2000), turn], {}, {
    maxBodyBytes: 1000,
    maxRuns: 1,
    maxTaskBytes: 1500,
    maxTasksRetained: 1,
  });
  const tooLarge = await post(setup, "SendMessage", { message: message("x".repeat(1000)) });
  assertEquals(tooLarge.status, 413);
  const parts = Array(101).fill({ text: "" });
  assertEquals((await call(setup, "SendMessage", { message: message("", { parts }) })).code, 413);
  const failed = await send(setup, "x");
  assertEquals(failed.status.state, "TASK_STATE_FAILED");
  const { id } = await send(setup, "y", {}, { returnImmediately: true });
  const busy = await post(setup, "SendMessage", { message: message("z") });
  assertEquals([busy.status, busy.headers.has("Retry-After")], [503, true]);
  await setup.server.close();
  assertEquals((await call(setup, "GetTask", { id })).code, -32001);
});

test("The card is for everybody, and cached", async () => {
  const { server } = serverOf([]);
  const path = "/.well-known/agent-card.json";
  const response = await server.request(path);
  const card = await response.json();
  assertEquals([card.name, card.skills[0].id], ["Weather", "forecast"]);
  assertEquals(card.supportedInterfaces.map((one: Json) => [one.url, one.protocolBinding]), [
    ["http://agent.test", "JSONRPC"],
    ["http://agent.test", "HTTP+JSON"],
    ["http://agent.test", "JSONRPC"],
    ["http://agent.test", "HTTP+JSON"],
  ]);
  assertEquals(response.headers.get("Cache-Control"), "public, max-age=300");
  const ETag = response.headers.get("ETag")!;
  assertEquals((await server.request(path, { headers: { "If-None-Match": ETag } })).status, 304);
  assertEquals(card.securitySchemes.bearer.httpAuthSecurityScheme.scheme, "Bearer");
});

test("A cancel that races with the end of the agent: one end, the same for all", async () => {
  for (let i = 0; i < 100; i++) {
    const { turn, begun, open } = gate("done");
    const setup = serverOf([turn]);
    const { id } = await send(setup, "x", {}, { returnImmediately: true });
    await begun;
    const frames = readFrames(await post(setup, "SubscribeToTask", { id }));
    const canceled = call(setup, "CancelTask", { id });
    for (let step = i % 20; step > 0; step--) await null;
    open();
    const { code, status } = await canceled;
    const task: Task = await call(setup, "GetTask", { id });
    assertEquals(code === undefined ? status.state : COMPLETED, task.status.state);
    const states = (await frames).flatMap(({ data }) => data.statusUpdate?.status.state ?? []);
    assertEquals(states, [task.status.state]);
  }
});
