/**
 * The requirements of A2A 1.0 by the ids of its compatibility kit (a2a-tck, `1.0-dev`, 357c4a8): each by both bindings, or
 * why not. `*` stands behind what the kit itself does not test.
 */
import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { nextTurn } from "../../src/runtime/next_turn.ts";
import { BOB, gate, headersOf, type Json, message, readFrames, URL_OF_SERVER } from "./_support.ts";
import { asks, asksToSignIn, bindings, METHODS, textsOf, Trial } from "./_requirements.ts";

type Check = (t: Trial) => unknown;

const is = assertEquals;
const COMPLETED = "TASK_STATE_COMPLETED";
const nothing = { id: "nope" };
const NO_PUSH = "push is declined, as CORE-CAP-001 has it";
const NO_SIGNATURE = "cards are not signed";
const NO_EXTENDED = "there is no extended card, as CORE-CAP-003 has it";
const NOT_OURS = "is a matter of the runtime or the proxy in front";

const REQUIREMENTS: Readonly<Record<string, Check | string>> = {
  "CORE-SEND-001": async (t) => is((await t.send()).status.state, COMPLETED),
  "CORE-SEND-002": async (t) => {
    const params = { message: message("x", { taskId: (await t.send()).id }) };
    is(await t.refusal("SendMessage", params), "UNSUPPORTED_OPERATION");
  },
  "CORE-SEND-003": async (t) => {
    const parts = [{ text: "x", mediaType: "application/x-unsupported-tck-type" }];
    const params = { message: message("", { parts }) };
    is(await t.refusal("SendMessage", params), "CONTENT_TYPE_NOT_SUPPORTED");
  },
  "CORE-STREAM-001": async (t) => {
    const response = await t.open("SendStreamingMessage", { message: message("x") });
    assertMatch(response.headers.get("Content-Type")!, /^text\/event-stream/);
    await response.body!.cancel();
  },
  "CORE-STREAM-002": "an agent always makes a task",
  "CORE-STREAM-003": async (t) => {
    const frames = await t.stream();
    assert("task" in frames[0]);
    is(frames.at(-1).statusUpdate.status.state, COMPLETED);
  },
  "CORE-GET-001": async (t) => {
    const task = await t.send();
    is((await t.ask("GetTask", { id: task.id })).result, task);
  },
  "CORE-GET-002": async (t) => is(await t.refusal("GetTask", nothing), "TASK_NOT_FOUND"),
  "CORE-LIST-001": async (t) => {
    await t.send();
    const headers = { Authorization: `Bearer ${BOB}` };
    is((await t.ask("ListTasks", {}, headers)).result.tasks, []);
  },
  "CORE-LIST-002": async (t) => {
    const ids = [(await t.send()).id, (await t.send()).id, (await t.send()).id];
    const found = [];
    let pageToken = "";
    do {
      const { result } = await t.ask("ListTasks", { pageSize: 1, pageToken });
      found.push(...result.tasks.map(({ id }: Json) => id));
      pageToken = result.nextPageToken;
    } while (pageToken !== "");
    is(found.sort(), ids.sort());
  },
  "CORE-LIST-003": async (t) => {
    for (let i = 0; i < 3; i++) await t.send();
    const { tasks } = (await t.ask("ListTasks")).result;
    const times = tasks.map(({ status }: Json) => status.timestamp);
    is(times, times.toSorted().toReversed());
  },
  "CORE-LIST-004": async (t) => is((await t.ask("ListTasks")).result.nextPageToken, ""),
  "CORE-LIST-005": async (t) => {
    await t.send();
    is("artifacts" in (await t.ask("ListTasks")).result.tasks[0], false);
  },
  "CORE-CANCEL-001": async (t) => {
    t.serve(asks);
    const { id } = await t.send();
    is((await t.ask("CancelTask", { id })).result.status.state, "TASK_STATE_CANCELED");
  },
  "CORE-CANCEL-002": async (t) => {
    const { id } = await t.send();
    is(await t.refusal("CancelTask", { id }), "TASK_NOT_CANCELABLE");
  },
  "CORE-CANCEL-003": async (t) => is(await t.refusal("CancelTask", nothing), "TASK_NOT_FOUND"),
  "CORE-EXECUTION-MODE-001": async (t) => {
    t.serve(asks);
    is((await t.send()).status.state, "TASK_STATE_INPUT_REQUIRED");
  },
  "CORE-EXECUTION-MODE-002": async (t) => {
    const { turn, open } = gate("done");
    t.serve([turn]);
    is((await t.send({}, { returnImmediately: true })).status.state, "TASK_STATE_WORKING");
    open();
  },
  "CORE-ERR-001": async (t) => {
    const { body } = await t.ask("SendMessage", { message: message("", { parts: [] }) });
    assertMatch(body.error.message, /^message\.parts must be/);
  },
  "CORE-ERR-002": async (t) => {
    const { body } = await t.ask("SendMessage", { message: { role: "ROLE_USER" } });
    const [{ fieldViolations }] = body.error.data ?? body.error.details;
    is(fieldViolations[0].field, "message.messageId");
    is((await t.ask("ListTasks")).result.totalSize, 0);
  },
  "CORE-CAP-001": async (t) => {
    for (const method of METHODS.filter((name) => name.includes("Push"))) {
      is(await t.refusal(method, nothing), "PUSH_NOTIFICATION_NOT_SUPPORTED");
    }
  },
  "CORE-CAP-002": "the server always streams",
  "CORE-CAP-003": async (t) =>
    is(await t.refusal("GetExtendedAgentCard", {}), "UNSUPPORTED_OPERATION"),
  "CORE-CAP-004": async (t) => {
    const extensions = [{ uri: "urn:a2a:tck:required-extension", required: true }];
    const card = { name: "A", description: "A", url: URL_OF_SERVER, skills: ["a"], extensions };
    t.serve(["ok"], { card });
    const params = { message: message("x") };
    is(await t.refusal("SendMessage", params), "EXTENSION_SUPPORT_REQUIRED");
    is(await t.refusal("SendStreamingMessage", params), "EXTENSION_SUPPORT_REQUIRED");
  },
  "CORE-MULTI-001": async (t) => assertMatch((await t.send()).contextId, /./),
  "CORE-MULTI-001a": async (t) =>
    assertNotEquals((await t.send()).contextId, (await t.send()).contextId),
  "CORE-MULTI-002": async (t) => is((await t.send({ contextId: "c" })).contextId, "c"),
  "CORE-MULTI-002a": async (t) => {
    const params = { message: message("x", { contextId: "x".repeat(257) }) };
    is(await t.refusal("SendMessage", params), t.binding === "JSON-RPC" ? -32602 : 400);
  },
  "CORE-MULTI-003": async (t) => assertNotEquals((await t.send()).id, (await t.send()).id),
  "CORE-MULTI-004": async (t) => {
    const params = { message: message("x", { taskId: "nope" }) };
    is(await t.refusal("SendMessage", params), "TASK_NOT_FOUND");
  },
  "CORE-MULTI-005": async (t) => {
    t.serve(asks);
    const { id, contextId } = await t.send();
    is((await t.send({ taskId: id })).contextId, contextId);
  },
  "CORE-MULTI-006": async (t) => {
    t.serve(asks);
    const task = await t.send();
    const params = { message: message("x", { taskId: task.id, contextId: "other" }) };
    is(await t.refusal("SendMessage", params), t.binding === "JSON-RPC" ? -32602 : 400);
    is((await t.ask("GetTask", { id: task.id })).result, task);
  },
  "CORE-HIST-001": async (t) => {
    const { id } = await t.send();
    is((await t.ask("GetTask", { id, historyLength: 0 })).result.history, undefined);
  },
  "CORE-HIST-002": async (t) => {
    t.serve(asks);
    const { id } = await t.send();
    is((await t.ask("GetTask", { id, historyLength: 1 })).result.history.length, 1);
  },
  "CORE-HIST-003": async (t) => is((await t.send({}, { historyLength: 0 })).history, undefined),
  "CORE-HIST-004": async (t) => is((await t.send()).history?.length, 1),
  "CORE-HIST-005": async (t) => {
    t.serve(asks);
    const { id } = await t.send();
    const { history } = await t.send({ taskId: id });
    is(history?.map(({ role }) => role), ["ROLE_USER", "ROLE_AGENT", "ROLE_USER"]);
  },
  "CORE-HIST-006": async (t) => {
    t.serve(asks);
    const { id } = await t.send();
    const { history } = await t.send({ taskId: id, parts: [{ text: "yes" }] });
    is(textsOf(history), ["hello", "ok?", "yes"]);
  },

  "DM-TASK-001": async (t) => {
    const { id, contextId, status } = await t.send();
    assert(id !== "" && contextId !== "" && status.state === COMPLETED);
  },
  "DM-TASK-002": async (t) => assertMatch((await t.send()).status.state, /^TASK_STATE_[A-Z]+$/),
  "DM-MSG-001": async (t) => {
    const [said] = (await t.send()).history!;
    assert(said!.messageId !== "" && said!.role === "ROLE_USER" && said!.parts.length === 1);
  },
  "DM-MSG-002": async (t) => {
    for (const role of ["user", "ROLE_AGENT", 1]) {
      const params = { message: { ...message("x"), role } };
      is((await t.ask("SendMessage", params)).result?.task, undefined);
    }
  },
  "DM-PART-001": async (t) => {
    const two = { message: message("", { parts: [{ text: "a", url: "b" }] }) };
    is(await t.refusal("SendMessage", two), t.binding === "JSON-RPC" ? -32602 : 400);
    const parts = [{ data: null }, { data: 0 }, { text: "" }];
    is((await t.send({ parts })).history![0]!.parts, parts);
  },
  "DM-ART-001": async (t) => {
    const [artifact] = (await t.send()).artifacts!;
    assert(artifact!.artifactId !== "" && artifact!.parts.length === 1);
  },
  "DM-STATUS-001": async (t) => assert("state" in (await t.send()).status),
  "DM-SERIAL-001": async (t) => {
    const text = JSON.stringify(await t.send({ metadata: {} }));
    assertMatch(text, /"contextId":.*"artifactId":/);
    is(/"[a-z]+_[a-z]+":/.exec(text), null);
  },
  "DM-SERIAL-002": async (t) => is(typeof (await t.send()).status.state, "string"),
  "DM-SERIAL-003": async (t) =>
    assertMatch((await t.send()).status.timestamp!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  "DM-SERIAL-004": async (t) => {
    const { parts: _, ...rest } = message("x") as Json;
    is((await t.ask("SendMessage", { message: rest })).result?.task, undefined);
  },
  "DM-SERIAL-005": async (t) => is((await t.send({ tckUnknownField: 1 })).status.state, COMPLETED),

  "STREAM-ORDER-001": async (t) => {
    t.serve([{ text: ["a".repeat(4500), "b".repeat(4500)] }]);
    const kinds = (await t.stream()).map((frame) => Object.keys(frame)[0]);
    is(kinds, ["task", "statusUpdate", "artifactUpdate", "artifactUpdate", "statusUpdate"]);
  },
  "STREAM-ORDER-002": (t) => compareStreams(t, 0),
  "STREAM-ORDER-003": (t) => compareStreams(t, 0),
  "STREAM-ORDER-004": (t) => compareStreams(t, 1),
  "STREAM-SUB-001": async (t) => {
    t.serve(asks);
    const { id } = await t.send();
    is((await t.frames("SubscribeToTask", { id }, 1))[0].task.id, id);
  },
  "STREAM-SUB-002": async (t) => {
    t.serve(asks);
    const { id } = await t.send();
    const frames = t.frames("SubscribeToTask", { id });
    await t.send({ taskId: id });
    is((await frames).at(-1).statusUpdate.status.state, COMPLETED);
  },
  "STREAM-SUB-003": async (t) => {
    const { id } = await t.send();
    is(await t.refusal("SubscribeToTask", { id }), "UNSUPPORTED_OPERATION");
  },
  "STREAM-SUB-004": async (t) => is(await t.refusal("SubscribeToTask", nothing), "TASK_NOT_FOUND"),

  "VER-CLIENT-001*": "tests/a2a/client_test.ts: our server refuses a client that does not",
  "VER-SERVER-001": async (t) => is(await t.refusal("GetTask", nothing), "TASK_NOT_FOUND"),
  "VER-SERVER-002": async (t) => {
    is(await t.refusal("GetTask", nothing, { "A2A-Version": "99.0" }), "VERSION_NOT_SUPPORTED");
  },
  "VER-SERVER-003": async (t) => {
    is(await t.refusal("GetTask", nothing, { "A2A-Version": "" }), "VERSION_NOT_SUPPORTED");
  },
  "VER-CLIENT-002*": async (t) => {
    is(await t.refusal("GetTask", nothing, { "A2A-Version": "1.0.7" }), "TASK_NOT_FOUND");
  },

  "JSONRPC-FMT-001": async (t) => {
    const { body } = await t.ask("ListTasks");
    is([body.jsonrpc, body.id, "error" in body], ["2.0", "1", false]);
  },
  "JSONRPC-FMT-002": async (t) => {
    const { response } = await t.ask("ListTasks");
    is(response.headers.get("Content-Type"), "application/json");
  },
  "JSONRPC-SVC-001": async (t) => {
    for (const method of METHODS) assertNotEquals(await t.refusal(method, nothing), -32601);
    is(await t.refusal("message/send", {}), -32601);
  },
  "JSONRPC-SVC-002": async (t) =>
    is(await t.refusal("GetTask", nothing, { "A2A-Version": "9.9" }), "VERSION_NOT_SUPPORTED"),
  "JSONRPC-ERR-001": async (t) => {
    const { error } = (await t.ask("GetTask", nothing)).body;
    is([typeof error.code, typeof error.message], ["number", "string"]);
  },
  "JSONRPC-ERR-002": async (t) => is((await t.ask("GetTask", nothing)).body.error.code, -32001),
  "JSONRPC-ERR-003": async (t) => {
    const [info] = (await t.ask("GetTask", nothing)).body.error.data;
    is([info["@type"], info.domain], [
      "type.googleapis.com/google.rpc.ErrorInfo",
      "a2a-protocol.org",
    ]);
  },
  "JSONRPC-SSE-001": async (t) => {
    const response = await t.open("SendStreamingMessage", { message: message("x") });
    const blocks = (await response.text()).split("\n\n").filter((one) => one.includes("data: "));
    for (const block of blocks) {
      const { jsonrpc, id } = JSON.parse(/^data: (.*)$/m.exec(block)![1]!);
      is([jsonrpc, id], ["2.0", "1"]);
    }
  },
  "JSONRPC-SSE-002": async (t) =>
    is((await t.ask("SubscribeToTask", nothing)).body.error.code, -32001),

  "HTTP_JSON-URL-001": async (t) => is((await t.ask("GetTask", nothing)).response.status, 404),
  "HTTP_JSON-URL-002": async (t) => {
    for (const method of METHODS) {
      const { body } = await t.ask(method, nothing);
      assertNotEquals(body.error?.message, "Method not found");
    }
  },
  "HTTP_JSON-SVC-001": async (t) => {
    const { response } = await t.ask("ListTasks");
    is(response.headers.get("Content-Type"), "application/json");
  },
  "HTTP_JSON-SVC-002": async (t) =>
    is(await t.refusal("GetTask", nothing, { "A2A-Version": "9.9" }), "VERSION_NOT_SUPPORTED"),
  "HTTP_JSON-QP-001": async (t) => {
    const task = await t.send({ contextId: "c" });
    const params = { contextId: "c", pageSize: 1, includeArtifacts: true };
    is((await t.ask("ListTasks", params)).result.tasks, [task]);
  },
  "HTTP_JSON-ERR-001": async (t) => {
    const { error } = (await t.ask("GetTask", nothing)).body;
    is([error.code, error.status, typeof error.message], [404, "NOT_FOUND", "string"]);
  },
  "HTTP_JSON-ERR-002": async (t) => is(await t.refusal("GetTask", nothing), "TASK_NOT_FOUND"),
  "HTTP_JSON-STATUS-001": async (t) => {
    const { id } = await t.send();
    is((await t.ask("CancelTask", { id })).response.status, 400);
    is((await t.ask("CancelTask", nothing)).response.status, 404);
  },
  "HTTP_JSON-SSE-001": async (t) => assert("task" in (await t.stream())[0]),

  "CARD-DISC-001": async (t) => is((await t.card()).name, "Weather"),
  "CARD-PROTO-001": async (t) => assert((await t.card()).supportedInterfaces.length > 0),
  "CARD-PROTO-002": async (t) => {
    for (const one of (await t.card()).supportedInterfaces) {
      is([typeof one.protocolBinding, URL.canParse(one.url)], ["string", true]);
    }
  },
  "CARD-STRUCT-001": async (t) => {
    const card = await t.card();
    for (
      const key of ["name", "description", "version", "capabilities", "skills"].concat(
        ["supportedInterfaces", "defaultInputModes", "defaultOutputModes"],
      )
    ) assert(key in card, key);
    is("preferredTransport" in card, false);
  },
  "CARD-EXT-001*": NO_EXTENDED,
  "CARD-EXT-002*": NO_EXTENDED,
  "CARD-SIGN-001*": NO_SIGNATURE,
  "CARD-SIGN-002*": NO_SIGNATURE,
  "CARD-SIGN-003*": NO_SIGNATURE,
  "CARD-SIGN-004*": NO_SIGNATURE,
  "CARD-CACHE-001": (t) => hasHeader(t, "Cache-Control"),
  "CARD-CACHE-002": (t) => hasHeader(t, "ETag"),
  "CARD-CACHE-003": (t) => hasHeader(t, "Last-Modified"),

  "AUTH-TLS-001*": NOT_OURS,
  "AUTH-TLS-002*": NOT_OURS,
  "AUTH-SERVER-001*": NOT_OURS,
  "AUTH-SERVER-002*": async (t) => {
    for (const method of METHODS) {
      is((await t.open(method, nothing, { Authorization: "Bearer x" })).status, 401);
    }
  },
  "AUTH-INTASK-001*": async (t) => assertMatch((await askToSignIn(t)).id, /./),
  "AUTH-INTASK-002*": async (t) =>
    is((await askToSignIn(t)).status.state, "TASK_STATE_AUTH_REQUIRED"),
  "AUTH-INTASK-003*": async (t) =>
    is((await askToSignIn(t)).status.message.parts[0].text, "Sign in at x"),
  "AUTH-INTASK-004*": "how credentials come is for the agent's tool to say",
  "AUTH-INTASK-005*": async (t) => {
    t.serve(asksToSignIn);
    const frames = t.stream();
    let tasks: Json[] = [];
    while (tasks[0]?.status.state !== "TASK_STATE_AUTH_REQUIRED") {
      tasks = (await t.ask("ListTasks")).result.tasks;
      await nextTurn();
    }
    await t.send({ taskId: tasks[0].id });
    is((await frames).at(-1).statusUpdate.status.state, COMPLETED);
  },
  "AUTH-INTASK-006*": async (t) => {
    const { id } = await askToSignIn(t);
    is((await t.send({ taskId: id })).status.state, COMPLETED);
  },
  "AUTH-SCOPE-001*": async (t) => {
    t.serve(asks);
    const { id } = await t.send();
    const headers = { Authorization: `Bearer ${BOB}` };
    for (const method of ["GetTask", "CancelTask", "SubscribeToTask"]) {
      is(await t.refusal(method, { id }, headers), "TASK_NOT_FOUND");
    }
    const params = { message: message("x", { taskId: id }) };
    is(await t.refusal("SendMessage", params, headers), "TASK_NOT_FOUND");
    is(await t.refusal("SendStreamingMessage", params, headers), "TASK_NOT_FOUND");
  },
  "AUTH-SCOPE-002*": async (t) => {
    await t.send({ contextId: "c" });
    const headers = { Authorization: `Bearer ${BOB}` };
    is((await t.ask("ListTasks", { contextId: "c" }, headers)).result.totalSize, 0);
  },
  "AUTH-SCOPE-003*": async (t) => {
    const { id } = await t.send();
    const headers = { Authorization: `Bearer ${BOB}` };
    const [theirs, none] = [
      await t.ask("GetTask", { id }, headers),
      await t.ask("GetTask", nothing),
    ];
    is(theirs.body, none.body);
  },

  "BIND-EQUIV-001*": async (t) => {
    for (const method of METHODS) {
      const reasons = await Promise.all(others(t).map((one) => one.refusal(method, nothing)));
      is(reasons[0] === null || reasons[0] === -32602, reasons[1] === null || reasons[1] === 400);
    }
  },
  "BIND-EQUIV-002*": async (t) => {
    const [rpc, http] = others(t);
    const { id } = await rpc!.send();
    http!.setup = rpc!.setup;
    const params = { id, historyLength: 1 };
    is((await http!.ask("GetTask", params)).result, (await rpc!.ask("GetTask", params)).result);
    is((await http!.ask("ListTasks")).result, (await rpc!.ask("ListTasks")).result);
  },
  "BIND-EQUIV-003*": async (t) => {
    for (
      const method of METHODS.filter((name) => name !== "ListTasks" && !name.startsWith("Send"))
    ) {
      const reasons = await Promise.all(others(t).map((one) => one.refusal(method, nothing)));
      is(reasons[0], reasons[1]);
    }
  },
  "BIND-EQUIV-004*": async (t) =>
    is((await t.card()).securityRequirements, [{ schemes: { bearer: { list: [] } } }]),
  "BIND-FIELD-001": async (t) => {
    const { supportedInterfaces } = await t.card();
    is(supportedInterfaces.map((one: Json) => `${one.protocolBinding} ${one.protocolVersion}`), [
      "JSONRPC 1.0",
      "HTTP+JSON 1.0",
      "JSONRPC 0.3",
      "HTTP+JSON 0.3",
    ]);
  },
  "PUSH-CREATE-001": NO_PUSH,
  "PUSH-CREATE-002": NO_PUSH,
  "PUSH-GET-001": NO_PUSH,
  "PUSH-GET-002": NO_PUSH,
  "PUSH-LIST-001": NO_PUSH,
  "PUSH-DEL-001": NO_PUSH,
  "PUSH-DEL-002": NO_PUSH,
  "PUSH-DELIVER-001": NO_PUSH,
  "PUSH-DELIVER-002": NO_PUSH,
  "PUSH-DELIVER-003": NO_PUSH,
};

/** Three streams of a task, of which some leave: the rest get the same frames. */
async function compareStreams(t: Trial, leave: number): Promise<void> {
  const { turn, begun, open } = gate("done");
  t.serve([turn]);
  const { id } = await t.send({}, { returnImmediately: true });
  await begun;
  const responses = await Promise.all([1, 2, 3].map(() => t.open("SubscribeToTask", { id })));
  const streams = responses.map((one, i) => readFrames(one, i < leave ? 1 : undefined));
  await Promise.all(streams.slice(0, leave));
  open();
  const frames = (await Promise.all(streams)).slice(leave);
  is(frames[0]!.at(-1)!.data.statusUpdate.status.state, COMPLETED);
  for (const one of frames) is(one.map(({ data }) => data), frames[0]!.map(({ data }) => data));
}

async function hasHeader(t: Trial, name: string): Promise<void> {
  const path = "/.well-known/agent-card.json";
  assert((await t.setup.server.request(path, { headers: headersOf() })).headers.has(name));
}

async function askToSignIn(t: Trial): Promise<Json> {
  t.serve(asksToSignIn);
  return await t.send();
}

function others({ setup }: Trial): Trial[] {
  return bindings.map((binding) => Object.assign(new Trial(binding), { setup }));
}

for (const [id, check] of Object.entries(REQUIREMENTS)) {
  for (const binding of bindings) {
    const other = id.startsWith("JSONRPC-") ? "HTTP+JSON" : "JSON-RPC";
    if (/^(JSONRPC|HTTP_JSON)-/.test(id) && binding === other) continue;
    if (typeof check === "string") continue;
    test(`${id} (${binding})`, async () => void await check(new Trial(binding)));
  }
}

test("Every requirement of the kit is here: tried, or with the reason why not", () => {
  const ids = Object.keys(REQUIREMENTS);
  const reasons = Object.values(REQUIREMENTS).filter((one) => typeof one === "string");
  is([ids.length, reasons.length], [122, 23]);
});
