/** A2A 0.3, judged by the official client and server of that version. */
import { test } from "node:test";
import {
  type Client,
  ClientFactory,
  DefaultAgentCardResolver,
  JsonRpcTransportFactory,
  RestTransportFactory,
} from "a2a-sdk-0.3/client";
import {
  DefaultRequestHandler,
  InMemoryTaskStore,
  JsonRpcTransportHandler,
  ServerCallContext,
} from "a2a-sdk-0.3/server";
import { a2aClient, foldTask, type Task } from "@locus/core/a2a";
import { assertEquals, assertRejects } from "@std/assert";
import {
  ADA,
  call,
  gate,
  headersOf,
  type Json,
  message,
  oneQuestion,
  post,
  readFrames,
  RESUME,
  said,
  serverOf,
  type Setup,
  textOf,
  URL_OF_SERVER,
} from "./_support.ts";

const transports = { JSONRPC: JsonRpcTransportFactory, "HTTP+JSON": RestTransportFactory };

/** The official client of 0.3, at a server of ours. */
async function connect(
  { server }: Setup,
  Transport: typeof JsonRpcTransportFactory | typeof RestTransportFactory,
): Promise<Client> {
  const fetchImpl: typeof fetch = async (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set("Authorization", `Bearer ${ADA}`);
    return await server.request(String(input), { ...init, headers });
  };
  return await new ClientFactory({
    transports: [new Transport({ fetchImpl })],
    preferredTransports: [Transport.name],
    cardResolver: new DefaultAgentCardResolver({ fetchImpl }),
  }).createFromUrl(URL_OF_SERVER);
}

function params(text: string, more: object = {}, configuration?: object): Json {
  const parts = [{ kind: "text", text }];
  const message = { kind: "message", messageId: crypto.randomUUID(), role: "user", parts, ...more };
  return { message, configuration };
}

for (const [name, Transport] of Object.entries(transports)) {
  test(`0.3 by ${name}: the official client sends, gets, and answers a question`, async () => {
    const client = await connect(serverOf(oneQuestion), Transport);
    const asked: Json = await client.sendMessage(params("x"));
    assertEquals([asked.kind, asked.status.state, asked.history[0].role], [
      "task",
      "input-required",
      "user",
    ]);
    assertEquals(asked.status.message.parts.map(({ kind }: Json) => kind), ["text", "data"]);
    const task: Json = await client.sendMessage(params("y", { taskId: asked.id }));
    assertEquals(task.artifacts[0].parts, [{ kind: "text", text: "Thank you" }]);
    assertEquals(await client.getTask({ id: task.id }), task);
  });

  test(`0.3 by ${name}: the official client streams; only the last frame is final`, async () => {
    const setup = serverOf(oneQuestion);
    const client = await connect(setup, Transport);
    const frames: Json[] = await Array.fromAsync(client.sendMessageStream(params("x")));
    const [task] = frames;
    frames.push(
      ...await Array.fromAsync(client.sendMessageStream(params("y", { taskId: task.id }))),
    );
    assertEquals(frames.map(({ kind, status, final }) => [kind, status?.state, final]), [
      ["task", "submitted", undefined],
      ["status-update", "working", false],
      ["status-update", "working", false],
      ["status-update", "input-required", true],
      ["task", "input-required", undefined],
      ["status-update", "working", false],
      ["artifact-update", undefined, undefined],
      ["status-update", "completed", true],
    ]);
    const received = said(setup.bus) as Json[];
    const [{ method, binding, protocol_version: version }] = received;
    assertEquals([method, binding, version], ["message/stream", name, "0.3"]);
  });

  test(`0.3 by ${name}: the official client subscribes again, and cancels`, async () => {
    const { turn, begun } = gate("never");
    const client = await connect(serverOf([turn]), Transport);
    const { id }: Json = await client.sendMessage(params("x", {}, { blocking: false }));
    await begun;
    const followed = client.resubscribeTask({ id });
    assertEquals((await followed.next() as Json).value.kind, "task");
    assertEquals((await client.cancelTask({ id })).status.state, "canceled");
    assertEquals((await Array.fromAsync(followed) as Json[]).at(-1).final, true);
  });

  test(`0.3 by ${name}: the official client knows our errors`, async () => {
    const client = await connect(serverOf(["ok"]), Transport);
    const { id }: Json = await client.sendMessage(params("x"));
    const names = [];
    for (
      const ask of [
        () => client.cancelTask({ id }),
        () => client.getTask({ id: "nope" }),
        () => client.sendMessage(params("y", { taskId: id })),
      ]
    ) names.push((await assertRejects(ask) as Error).name);
    assertEquals(names, [
      "TaskNotCancelableError",
      "TaskNotFoundError",
      "UnsupportedOperationError",
    ]);
  });
}

const old = { headers: { "A2A-Version": "" } };

for (
  const [name, method, params, code, headers] of [
    ["a method of 1.0 without a version", "GetTask", { id: "x" }, -32009, old.headers],
    ["a method of 0.3 in 1.0", "tasks/get", { id: "x" }, -32601, {}],
    ["a method that 0.3 has not", "tasks/list", {}, -32601, old.headers],
    ["an unknown task", "tasks/get", { id: "x" }, -32001, { "A2A-Version": "0.3" }],
    ["a role of 1.0", "message/send", { message: message("x") }, -32602, old.headers],
    ["push", "tasks/pushNotificationConfig/set", {}, -32003, old.headers],
    ["the extended card", "agent/getAuthenticatedExtendedCard", undefined, -32004, old.headers],
  ] as const
) {
  test(`0.3: ${name} is answered ${code}`, async () => {
    const response = await post(serverOf([]), method, params, { headers });
    assertEquals((await response.json()).error.code, code);
  });
}

test("0.3: an agent that fails is an error, and its task has failed", async () => {
  const setup = serverOf([() => Promise.reject(new Error("secret"))]);
  const answer = await call(setup, "message/send", params("x"), old);
  assertEquals(answer, { code: -32603, message: "Internal error" });
  const { tasks } = await call(setup, "ListTasks", {});
  assertEquals(tasks.map((task: Task) => task.status.state), ["TASK_STATE_FAILED"]);
});

test("0.3: parts of all kinds go through, both ways", async () => {
  const setup = serverOf(["ok"]);
  const parts = [
    { kind: "text", text: "a", metadata: { a: 1 } },
    { kind: "file", file: { bytes: "aGk=", name: "a.txt" } },
    { kind: "file", file: { uri: "https://x.test/a", mimeType: "text/plain" } },
    { kind: "data", data: { constructor: 1 } },
  ];
  const task = await call(setup, "message/send", params("", { parts }), old);
  assertEquals(task.history[0].parts, parts);
  const now = await call(setup, "GetTask", { id: task.id });
  assertEquals(now.history[0].parts, [
    { text: "a", metadata: { a: 1 } },
    { raw: "aGk=", filename: "a.txt" },
    { url: "https://x.test/a", mediaType: "text/plain" },
    { data: { constructor: 1 } },
  ]);
});

test("0.3: a stream goes on after Last-Event-ID", async () => {
  const setup = serverOf([{ text: ["a".repeat(5000), "b".repeat(5000)] }]);
  const whole = await readFrames(await post(setup, "message/stream", params("x"), old));
  const id = whole[0]!.data.id;
  const headers = { "A2A-Version": "", "X-A2A-Extensions": RESUME, "Last-Event-ID": whole[2]!.id };
  const response = await post(setup, "tasks/resubscribe", { id }, { headers });
  assertEquals(response.headers.get("X-A2A-Extensions"), RESUME);
  assertEquals((await readFrames(response)).slice(1), whole.slice(3));
});

test("Only versions that are listed are served, and are in the card", async () => {
  for (const [version, other] of [["1.0", "0.3"], ["0.3", "1.0"]] as const) {
    const setup = serverOf([], {}, { versions: [version] });
    const card = await (await setup.server.request("/.well-known/agent-card.json")).json();
    assertEquals(card.supportedInterfaces[0].protocolVersion, version);
    assertEquals(card.preferredTransport, version === "0.3" ? "JSONRPC" : undefined);
    const headers = { "A2A-Version": other };
    const params = { id: "x" };
    assertEquals((await call(setup, "tasks/get", params, { headers })).code, -32009);
  }
});

test("Who says that it speaks 1.0 gets a card without the keys of 0.3", async () => {
  const { server } = serverOf([]);
  const path = "/.well-known/agent-card.json";
  const [hybrid, pure] = await Promise.all([{}, headersOf()].map(async (headers) => {
    const response = await server.request(path, { headers });
    assertEquals(response.headers.get("Vary"), "A2A-Version");
    return await response.json();
  }));
  assertEquals([hybrid.url, hybrid.security], [URL_OF_SERVER, [{ bearer: [] }]]);
  assertEquals([pure.url, pure.security, pure.name], [undefined, undefined, hybrid.name]);
});

/** Our client, at the official server of 0.3, which begins its streams without a task. */
function connectToOfficial(): ReturnType<typeof a2aClient> {
  const card = {
    ...{ name: "Old", description: "Of 0.3", version: "1", url: "http://old.test" },
    ...{ protocolVersion: "0.3.0", preferredTransport: "JSONRPC", skills: [] },
    ...{ defaultInputModes: ["text/plain"], defaultOutputModes: ["text/plain"] },
    capabilities: { streaming: true },
  };
  const execute = ({ taskId, contextId, userMessage, task }: Json, bus: Json) => {
    const { text } = userMessage.parts[0];
    const ids = { taskId, contextId };
    const status = { state: "submitted" };
    if (task === undefined && text !== "bare") {
      bus.publish({ kind: "task", id: taskId, contextId, status, history: [userMessage] });
    }
    const say = (state: string, final = false) =>
      bus.publish({ kind: "status-update", ...ids, status: { state }, final });
    if (text !== "bare") say("working");
    const parts = [{ kind: "text", text: `You said ${text}` }];
    const artifact = { artifactId: "a", parts };
    if (text !== "ask") bus.publish({ kind: "artifact-update", ...ids, artifact });
    say(text === "ask" ? "input-required" : "completed", true);
    bus.finished();
    return Promise.resolve();
  };
  const executor = { execute, cancelTask: () => Promise.resolve() };
  const handler = new JsonRpcTransportHandler(
    new DefaultRequestHandler(card as Json, new InMemoryTaskStore(), executor),
  );
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    if (url.endsWith("agent-card.json")) return Response.json(card);
    const answer = await handler.handle(String(init.body), new ServerCallContext());
    if (!(Symbol.asyncIterator in answer)) return Response.json(answer);
    const texts = await Array.fromAsync(answer, (frame) => `data: ${JSON.stringify(frame)}\n\n`);
    return new Response(texts.join(""), { headers: { "Content-Type": "text/event-stream" } });
  };
  return a2aClient("http://old.test", { fetch });
}

test("0.3: our client sends to the official server, answers, gets, and knows its errors", async () => {
  const client = connectToOfficial();
  const { task: asked } = await client.send("ask") as { task: Task };
  assertEquals(asked.status.state, "TASK_STATE_INPUT_REQUIRED");
  const { task } = await client.send("hello", { taskId: asked.id }) as { task: Task };
  assertEquals([task.status.state, textOf(task)], ["TASK_STATE_COMPLETED", "You said hello"]);
  assertEquals((await client.get(task.id, { historyLength: 9 })).history?.[0]?.role, "ROLE_USER");
  const errors = [];
  for (const ask of [() => client.get("nope"), () => client.list()]) {
    errors.push((await assertRejects(ask) as Json).reason);
  }
  assertEquals(errors, ["TASK_NOT_FOUND", "UNSUPPORTED_OPERATION"]);
});

for (const text of ["hello", "bare"]) {
  test(`0.3: our client streams from the official server: ${text}`, async () => {
    let task: Task | undefined;
    for await (const update of connectToOfficial().stream(text)) task = foldTask(task, update);
    assertEquals([task?.status.state, textOf(task!)], ["TASK_STATE_COMPLETED", `You said ${text}`]);
  });
}

test("0.3: our client and our server", async () => {
  const { server } = serverOf([{ text: ["a".repeat(5000), "b"] }, ...oneQuestion], {}, {
    versions: ["0.3"],
  });
  const headers = { Authorization: `Bearer ${ADA}` };
  const fetch = async (url: string, init: RequestInit) => await server.request(url, init);
  const client = a2aClient(URL_OF_SERVER, { fetch, headers });
  let task: Task | undefined;
  for await (const update of client.stream("x")) task = foldTask(task, update);
  assertEquals(await client.get(task!.id), task);
  const now = { returnImmediately: true };
  const { task: begun } = await client.send("y", now) as { task: Task };
  assertEquals((await client.cancel(begun.id)).status.state, "TASK_STATE_CANCELED");
});
