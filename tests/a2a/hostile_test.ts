/** Clients and servers that keep to no rule. */
import { test } from "node:test";
import {
  type A2AClient,
  a2aClient,
  type A2AClientOptions,
  type StreamResponse,
  type Task,
} from "@locus/core/a2a";
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  call,
  gate,
  headersOf,
  type Json,
  message,
  post,
  readFrames,
  send,
  serverOf,
  URL_OF_SERVER,
} from "./_support.ts";

const send1 = (more: object) => ({ message: message("x", more) });

for (
  const [name, method, params, field] of [
    ["metadata that is a text", "SendMessage", send1({ metadata: "x" }), "message.metadata"],
    ["extensions that are no list", "SendMessage", send1({ extensions: 1 }), "message.extensions"],
    [
      "references that are no texts",
      "SendMessage",
      send1({ referenceTaskIds: [{}] }),
      "message.referenceTaskIds[0]",
    ],
    [
      "half a surrogate pair as an id",
      "SendMessage",
      send1({ contextId: "\ud800" }),
      "message.contextId",
    ],
    ["a long id", "SendMessage", send1({ messageId: "x".repeat(257) }), "message.messageId"],
    [
      "bytes that are not base64",
      "SendMessage",
      send1({ parts: [{ raw: "%" }] }),
      "message.parts[0].raw",
    ],
    [
      "a file name that is a number",
      "SendMessage",
      send1({ parts: [{ text: "", filename: 1 }] }),
      "message.parts[0].filename",
    ],
    [
      "a wish that is no truth value",
      "SendMessage",
      { ...send1({}), configuration: { returnImmediately: "perhaps" } },
      "configuration.returnImmediately",
    ],
    [
      "a length that is a fraction",
      "SendMessage",
      { ...send1({}), configuration: { historyLength: 0.5 } },
      "configuration.historyLength",
    ],
    ["a number in hexadecimal", "ListTasks", { pageSize: "0x10" }, "pageSize"],
    ["a time that is a number", "ListTasks", { statusTimestampAfter: 5 }, "statusTimestampAfter"],
    ["an id that is a list", "GetTask", { id: ["x"] }, "id"],
    ["a tenant with a slash", "GetTask", { id: "x", tenant: "a/b" }, "tenant"],
  ] as const
) {
  test(`${name} is refused, and named`, async () => {
    const { code, message, data } = await call(serverOf([]), method, params);
    assertEquals([code, data?.[0].fieldViolations?.[0].field], [-32602, field]);
    assertMatch(message, new RegExp(`^${field.replace(/[[\].]/g, "\\$&")} `));
  });
}

test("The names of Object.prototype are ids and methods like any other", async () => {
  const setup = serverOf(["ok", "ok"]);
  for (const id of ["constructor", "__proto__", "toString"]) {
    assertEquals((await call(setup, "GetTask", { id })).code, -32001);
    assertEquals((await call(setup, id, {})).code, -32601);
    assertEquals(
      (await setup.server.request(`/tasks/${id}`, { headers: headersOf() })).status,
      404,
    );
  }
  const text = JSON.stringify(send1({ contextId: "__proto__" }))
    .replace('"parts"', '"__proto__":{"polluted":1},"parts"');
  const task: Task = (await call(setup, "SendMessage", JSON.parse(text))).task;
  assertEquals([task.contextId, Object.keys(task.history![0]!).includes("__proto__")], [
    "__proto__",
    false,
  ]);
  assertEquals(({} as Json).polluted, undefined);
});

test("Ids that turn text round are kept as they are", async () => {
  const contextId = "\u202egnirts\u2066 \u0000'\"<script>";
  const setup = serverOf(["ok"]);
  const task = await send(setup, "x", { contextId });
  assertEquals(task.contextId, contextId);
  assertEquals((await call(setup, "ListTasks", { contextId })).totalSize, 1);
});

test("JSON that is nested too deeply is refused before it is parsed", async () => {
  const { server } = serverOf([]);
  const body = "[".repeat(1_000_000);
  const response = await server.request("/", { method: "POST", headers: headersOf(), body });
  assertEquals((await response.json()).error.code, -32700);
});

test("An id that every frame would repeat has a bound", async () => {
  const { server } = serverOf([]);
  const body = JSON.stringify({ jsonrpc: "2.0", id: "x".repeat(257), method: "GetTask" });
  const response = await server.request("/", { method: "POST", headers: headersOf(), body });
  assertEquals((await response.json()).error.code, -32600);
});

test("Of the same message sent many times at once, one task comes", async () => {
  const setup = serverOf(["1", "2", "3"]);
  const params = { message: message("x") };
  const methods = ["SendMessage", "SendMessage", "SendStreamingMessage"];
  const answers = await Promise.all(methods.map((method) => post(setup, method, params)));
  await Promise.all(answers.map((answer) => answer.text()));
  assertEquals((await call(setup, "ListTasks", {})).totalSize, 1);
});

test("Of two answers to one question at once, one counts", async () => {
  const setup = serverOf([{ text: "", toolCalls: [{ toolName: "approve" }] }, "Thank you"]);
  const { id: taskId } = await send(setup, "x");
  const answers = await Promise.all(
    ["y", "n"].map((text) => call(setup, "SendMessage", { message: message(text, { taskId }) })),
  );
  // Which one comes first is open.
  assertEquals(answers.map(({ code }) => code ?? 0).sort(), [-32004, 0]);
});

test("A cancel ends the stream that is under way, with the state as its last frame", async () => {
  const { turn, begun } = gate("never");
  const setup = serverOf([turn]);
  const response = await post(setup, "SendStreamingMessage", { message: message("x") });
  const frames = readFrames(response);
  await begun;
  const { tasks } = await call(setup, "ListTasks", {});
  await call(setup, "CancelTask", { id: tasks[0].id });
  assertEquals((await frames).at(-1)?.data.statusUpdate.status.state, "TASK_STATE_CANCELED");
});

test("A required extension must be named, on both methods that send", async () => {
  const uri = "urn:a2a:tck:required-extension";
  const setup = serverOf(["ok"], {}, {
    card: {
      name: "Weather",
      description: "Knows the weather",
      url: URL_OF_SERVER,
      skills: ["forecast"],
      extensions: [{ uri, required: true }],
    },
  });
  for (const method of ["SendMessage", "SendStreamingMessage"]) {
    assertEquals((await call(setup, method, send1({}))).code, -32008);
  }
  const headers = { "A2A-Extensions": `x, ${uri}` };
  assertEquals((await call(setup, "SendMessage", send1({}), { headers })).code, undefined);
});

test("Every tenant has its own tasks, by both bindings", async () => {
  const setup = serverOf(["1", "2", "3"]);
  const { task } = await call(setup, "SendMessage", { ...send1({}), tenant: "a" });
  const get = (path: string) => setup.server.request(path, { headers: headersOf() });
  assertEquals((await (await get(`/a/tasks/${task.id}`)).json()).id, task.id);
  assertEquals((await get(`/b/tasks/${task.id}`)).status, 404);
  assertEquals((await get(`/tasks/${task.id}`)).status, 404);
  const post = async (path: string, params: object) => {
    const init = { method: "POST", headers: headersOf(), body: JSON.stringify(params) };
    return await (await setup.server.request(path, init)).json();
  };
  const sent = await post("/b/message:send", send1({}));
  assertEquals(sent.task.status.state, "TASK_STATE_COMPLETED");
  await post("/message:send", { ...send1({}), tenant: "b" });
  assertEquals((await (await get("/b/tasks")).json()).totalSize, 2);
});

test("Routes of your own beside those of the protocol are found", async () => {
  const { server } = serverOf([]);
  server.get("/health", (c) => c.text("ok"));
  assertEquals(await (await server.request("/health")).text(), "ok");
  assertEquals((await server.request("/nothing")).status, 404);
});

/** A client of a server that answers what it likes: an object as JSON, a text as an event stream. */
function clientOf(
  answers: (object | string)[],
  card: object = {},
  options: A2AClientOptions = {},
): A2AClient & { asked: string[] } {
  const asked: string[] = [];
  const fetch = (url: string): Promise<Response> => {
    if (url.endsWith("agent-card.json")) {
      return Promise.resolve(Response.json({ ...CARD, ...card }));
    }
    asked.push(url);
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
    const headers = { "Content-Type": "text/event-stream" };
    return Promise.resolve(
      answer instanceof Response
        ? answer.clone()
        : typeof answer === "string"
        ? new Response(answer, { headers })
        : Response.json(answer),
    );
  };
  const client = a2aClient(URL_OF_SERVER, { fetch, retry: () => 0, ...options });
  return Object.assign(client, { asked });
}

const CARD = {
  name: "Liar",
  supportedInterfaces: [{
    url: URL_OF_SERVER,
    protocolBinding: "JSONRPC",
    protocolVersion: "1.0",
  }],
};

const working = (id: string) => ({
  id,
  contextId: "c",
  status: { state: "TASK_STATE_WORKING" },
});
const rpc = (result: unknown, id: unknown = 1) => ({ jsonrpc: "2.0", id, result });
const frames = (...results: unknown[]) =>
  results.map((result) => `data: ${JSON.stringify(rpc(result))}\n\n`).join("");

for (
  const [name, answer] of [
    ["an answer to another request", rpc({ task: working("t") }, 2)],
    ["a bare object", { task: working("t") }],
    ["no result", { jsonrpc: "2.0", id: 1 }],
    ["a task that is null", rpc({ task: null })],
    ["both a task and a message", rpc({ task: working("t"), message: message("x") })],
    ["a state that is none", rpc({ task: { ...working("t"), status: { state: "constructor" } } })],
    ["history that is no list", rpc({ task: { ...working("t"), history: {} } })],
    ["an artifact without parts", rpc({ task: { ...working("t"), artifacts: [{}] } })],
    ["a list", []],
  ] as const
) {
  test(`The client refuses ${name}`, async () => {
    const error: Json = await assertRejects(() => clientOf([answer]).send("x"));
    assertEquals([error.name, error.reason], ["A2AError", "INVALID_AGENT_RESPONSE"]);
  });
}

for (
  const [name, text, code] of [
    ["about another task", frames({ task: working("t") }, { task: working("u") }), undefined],
    ["that are empty", frames({}), undefined],
    ["that are missing", ": hello\n\n", "cut_off"],
    ["that are no JSON", "data: {\n\n", "bad_event"],
    ["that never end", `data: ${"x".repeat(17 * 2 ** 20)}`, "too_long"],
    ["of an error", 'data: {"jsonrpc":"2.0","id":1,"error":{"code":-32004}}\n\n', undefined],
  ] as const
) {
  test(`The client ends at frames ${name}, and does not ask again`, async () => {
    const client = clientOf([text]);
    const error: Json = await assertRejects(() => Array.fromAsync(client.stream("x")));
    assertEquals([error.code, client.asked.length], [code ?? error.code, 1]);
    assertEquals(error.name, code === undefined ? "A2AError" : "ClientError");
  });
}

test("The client gives up on a server that only ever begins", async () => {
  const counted: number[] = [];
  const client = clientOf([frames({ task: working("t") })], {}, {
    retry: ({ failures }) => failures > 5 ? null : (counted.push(failures), 0),
  });
  await assertRejects(() => Array.fromAsync(client.stream("x")));
  assertEquals(counted, [1, 2, 3, 4, 5]);
});

test("What follows the end of a task is not delivered", async () => {
  const ids = { taskId: "t", contextId: "c" };
  const status = (state: string) => ({ statusUpdate: { ...ids, status: { state } } });
  const client = clientOf([
    frames(
      { task: working("t") },
      status("TASK_STATE_COMPLETED"),
      status("TASK_STATE_WORKING"),
    ),
  ]);
  const updates: StreamResponse[] = await Array.fromAsync(client.stream("x"));
  assertEquals(updates.length, 2);
});

for (
  const [name, card] of [
    ["interfaces that are none", { supportedInterfaces: [null, 7, {}, { url: "/relative" }] }],
    ["extensions that are none", { capabilities: { extensions: [null, 7] } }],
    ["no capabilities", { capabilities: null }],
  ] as const
) {
  test(`A card with ${name} ends in an answer or an error of A2A`, async () => {
    const client = clientOf([rpc(working("t"))], card);
    const isSpoken = !("supportedInterfaces" in card);
    const answer = await client.get("t").catch((error) => error);
    assertEquals(isSpoken ? answer.id : answer.name, isSpoken ? "t" : "A2AError");
    assertEquals(await Array.fromAsync(client.subscribe("t")).catch(() => []), []);
  });
}

test("A redirect takes the headers nowhere", async () => {
  let redirect: unknown;
  const fetch = (_url: string, init: RequestInit) => {
    redirect = init.redirect;
    return Promise.resolve(new Response(null, { status: 302, headers: { Location: "//evil" } }));
  };
  const error: Json = await assertRejects(() => a2aClient(URL_OF_SERVER, { fetch }).card());
  assertEquals([redirect, error.code, error.status], ["manual", "refused", 302]);
});
