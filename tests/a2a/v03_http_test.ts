/** A2A 0.3 over HTTP+JSON: our client at the official server of that version, and what goes over the wire. */
import { test } from "node:test";
import type { AddressInfo } from "node:net";
import { DefaultRequestHandler, InMemoryTaskStore } from "a2a-sdk-0.3/server";
import { restHandler, UserBuilder } from "a2a-sdk-0.3/server/express";
import { a2aClient, foldTask, type Task } from "@locus/core/a2a";
import { assertEquals, assertRejects } from "@std/assert";
import express from "express";
import {
  ADA,
  call,
  gate,
  headersOf,
  type Json,
  message,
  oneQuestion,
  readFrames,
  RESUME,
  serverOf,
  type Setup,
  textOf,
  URL_OF_SERVER,
} from "./_support.ts";

const parts = [
  { content: { text: "a" }, now: { text: "a" } },
  {
    content: { file: { fileWithBytes: "aGk=", name: "a.txt" } },
    now: { raw: "aGk=", filename: "a.txt" },
  },
  {
    content: { file: { fileWithUri: "https://x.test/a", mimeType: "text/plain" } },
    now: { url: "https://x.test/a", mediaType: "text/plain" },
  },
  { content: { data: { data: { data: 1 } } }, now: { data: { data: 1 } } },
];

async function ask(
  { server }: Setup,
  path: string,
  body?: object,
  more: object = {},
): Promise<Response> {
  const headers = headersOf(ADA, { "A2A-Version": "", ...more });
  const method = body === undefined ? "GET" : "POST";
  return await server.request(path, { method, headers, body: body && JSON.stringify(body) });
}

function said(content: readonly object[]): Json {
  return { messageId: crypto.randomUUID(), role: "ROLE_USER", content };
}

test("0.3 over HTTP: parts and states are said as the protobuf of then has them", async () => {
  const setup = serverOf(oneQuestion);
  const content = parts.map(({ content }) => content);
  const configuration = { blocking: true };
  const sent = await ask(setup, "/v1/message:send", { message: said(content), configuration });
  const { task } = await sent.json();
  assertEquals([task.status.state, task.kind], ["TASK_STATE_INPUT_REQUIRED", undefined]);
  assertEquals([task.history[0].content, task.history[0].parts], [content, undefined]);
  assertEquals(task.status.message.content[0], { text: "ok?" });
  const now = await call(setup, "GetTask", { id: task.id });
  assertEquals(now.history[0].parts, parts.map(({ now }) => now));
  const canceled = await (await ask(setup, `/v1/tasks/${task.id}:cancel`, {})).json();
  assertEquals(canceled.status.state, "TASK_STATE_CANCELLED");
});

for (
  const [what, configuration, isAtEnd] of [
    ["that is not said to block is answered at once", {}, false],
    ["that blocks is answered at the end", { blocking: true }, true],
    ["without a configuration is answered at the end", undefined, true],
  ] as const
) {
  test(`0.3 over HTTP: a message ${what}`, async () => {
    const { turn, begun, open } = gate("ok");
    const body = { message: said([{ text: "x" }]), configuration };
    const answer = ask(serverOf([turn]), "/v1/message:send", body);
    await begun;
    if (isAtEnd) open();
    const { task } = await (await answer).json();
    assertEquals(task.status.state === "TASK_STATE_COMPLETED", isAtEnd);
    open();
  });
}

test("0.3 over HTTP: a stream goes on after Last-Event-ID, by GET and by POST", async () => {
  const setup = serverOf([{ text: ["a".repeat(5000), "b".repeat(5000)] }]);
  const sent = await ask(setup, "/v1/message:stream", { message: said([{ text: "x" }]) });
  const whole = await readFrames(sent);
  assertEquals(whole.map(({ data }) => data.statusUpdate?.final).filter((it) => it !== undefined), [
    false,
    true,
  ]);
  const { id } = whole[0]!.data.task;
  const headers = { "X-A2A-Extensions": RESUME, "Last-Event-ID": whole[2]!.id };
  for (const body of [undefined, {}]) {
    const response = await ask(setup, `/v1/tasks/${id}:subscribe`, body, headers);
    assertEquals(response.headers.get("X-A2A-Extensions"), RESUME);
    assertEquals((await readFrames(response)).slice(1), whole.slice(3));
  }
});

for (
  const [what, path, body, status, code] of [
    ["an unknown task", "/v1/tasks/x", undefined, 404, -32001],
    ["push", "/v1/tasks/x/pushNotificationConfigs", {}, 400, -32003],
    ["the extended card", "/v1/card", undefined, 400, -32004],
    ["a message without parts", "/v1/message:send", { message: said([]) }, 400, -32602],
    ["a path of nothing", "/v1/tasks/x/y", undefined, 404, undefined],
    ["a path of 1.0", "/message:send", { message: message("x") }, 400, undefined],
  ] as const
) {
  test(`0.3 over HTTP: ${what} is answered ${status}`, async () => {
    const response = await ask(serverOf([]), path, body);
    assertEquals([response.status, (await response.json()).code], [status, code]);
  });
}

test('In 1.0, "v1" is a tenant like any other', async () => {
  const setup = serverOf(["ok"]);
  const { task } = await call(setup, "SendMessage", { message: message("x"), tenant: "v1" });
  const response = await ask(setup, `/v1/tasks/${task.id}`, undefined, { "A2A-Version": "1.0" });
  assertEquals((await response.json()).id, task.id);
});

test("0.3 over HTTP: our client and our server", async () => {
  const turns = [{ text: ["a".repeat(5000), "b"] }, gate("never").turn];
  const { server } = serverOf(turns, {}, { versions: ["0.3"] });
  const found = await (await server.request("/.well-known/agent-card.json")).json();
  const supportedInterfaces = found.supportedInterfaces
    .filter(({ protocolBinding }: Json) => protocolBinding === "HTTP+JSON");
  const client = a2aClient({ ...found, supportedInterfaces }, {
    fetch: async (url, init) => await server.request(url, init),
    headers: { Authorization: `Bearer ${ADA}` },
  });
  let task: Task | undefined;
  const file = { raw: "aGk=", filename: "a" };
  for await (const update of client.stream([{ data: [1] }, file])) task = foldTask(task, update);
  assertEquals(task?.history?.[0]?.parts, [{ data: { value: [1] } }, file]);
  assertEquals(await client.get(task!.id), task);
  const now = { returnImmediately: true };
  const { task: begun } = await client.send("y", now) as { task: Task };
  assertEquals((await client.cancel(begun.id)).status.state, "TASK_STATE_CANCELED");
  assertEquals((await assertRejects(() => client.cancel(begun.id)) as Json).reason, NOT_CANCELABLE);
  assertEquals((await assertRejects(() => client.list()) as Json).reason, "UNSUPPORTED_OPERATION");
});

const NOT_CANCELABLE = "TASK_NOT_CANCELABLE";

test("0.3 over HTTP: our client sends to the official server, streams, answers, and knows its errors", async () => {
  const { client, close } = await officialServer();
  try {
    const { task: asked } = await client.send("ask") as { task: Task };
    assertEquals(asked.status.state, "TASK_STATE_INPUT_REQUIRED");
    const { task } = await client.send("hello", { taskId: asked.id }) as { task: Task };
    assertEquals([task.status.state, textOf(task)], ["TASK_STATE_COMPLETED", "You said hello"]);
    assertEquals((await client.get(task.id, { historyLength: 9 })).history?.[0]?.role, "ROLE_USER");
    const file = { raw: "aGk=", mediaType: "text/plain" };
    let followed: Task | undefined;
    for await (const update of client.stream([{ text: "x" }, file, { data: { a: 1 } }])) {
      followed = foldTask(followed, update);
    }
    assertEquals([followed?.status.state, textOf(followed!)], [
      "TASK_STATE_COMPLETED",
      "You said x",
    ]);
    assertEquals(followed?.history?.[0]?.parts, [{ text: "x" }, file, { data: { a: 1 } }]);
    assertEquals((await assertRejects(() => client.get("nope")) as Json).reason, "TASK_NOT_FOUND");
  } finally {
    await close();
  }
});

/** The official server of 0.3, over a real connection, and a client of ours. */
async function officialServer() {
  const execute = ({ taskId, contextId, userMessage, task }: Json, bus: Json) => {
    const { text } = userMessage.parts[0];
    const ids = { taskId, contextId };
    if (task === undefined) {
      const status = { state: "submitted" };
      bus.publish({ kind: "task", id: taskId, contextId, status, history: [userMessage] });
    }
    const artifact = { artifactId: "a", parts: [{ kind: "text", text: `You said ${text}` }] };
    if (text !== "ask") bus.publish({ kind: "artifact-update", ...ids, artifact });
    const state = text === "ask" ? "input-required" : "completed";
    bus.publish({ kind: "status-update", ...ids, status: { state }, final: true });
    bus.finished();
    return Promise.resolve();
  };
  const executor = { execute, cancelTask: () => Promise.resolve() };
  const card = {
    ...{ name: "Old", description: "Of 0.3", version: "1", url: URL_OF_SERVER },
    ...{ protocolVersion: "0.3.0", preferredTransport: "HTTP+JSON", skills: [] },
    ...{ defaultInputModes: ["text/plain"], defaultOutputModes: ["text/plain"] },
    capabilities: { streaming: true },
  };
  const requestHandler = new DefaultRequestHandler(
    card as Json,
    new InMemoryTaskStore(),
    executor,
  );
  const app = express();
  app.use(restHandler({ requestHandler, userBuilder: UserBuilder.noAuthentication }));
  const server = app.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    client: a2aClient({ ...card, url: `http://127.0.0.1:${port}` } as Json),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
