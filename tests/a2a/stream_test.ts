import { test } from "node:test";
import { foldTask, type StreamResponse, type Task } from "@locus/core/a2a";
import { assertEquals } from "@std/assert";
import {
  call,
  type Frame,
  gate,
  headersOf,
  type Json,
  message,
  oneQuestion,
  post,
  readFrames,
  RESUME,
  said,
  send,
  serverOf,
  type Setup,
  textOf,
} from "./_support.ts";

/** How the two bindings ask for streams. */
const bindings = {
  "JSON-RPC": {
    stream: (setup: Setup, text: string, more = {}) =>
      post(setup, "SendStreamingMessage", { message: message(text, more) }),
    subscribe: (setup: Setup, id: string, headers = {}) =>
      post(setup, "SubscribeToTask", { id }, { headers }),
  },
  "HTTP+JSON": {
    stream: async ({ server }: Setup, text: string, more = {}) =>
      await server.request("/message:stream", {
        method: "POST",
        headers: headersOf(),
        body: JSON.stringify({ message: message(text, more) }),
      }),
    subscribe: async ({ server }: Setup, id: string, headers = {}) =>
      await server.request(`/tasks/${id}:subscribe`, {
        method: "POST",
        headers: headersOf(undefined, headers),
      }),
  },
};

function fold(frames: readonly Frame[], task?: Task): Task {
  for (const { data } of frames) task = foldTask(task, data);
  return task!;
}

function kindsOf(frames: readonly Frame[]): unknown[] {
  return frames.map(({ data }: { data: Json }) =>
    data.statusUpdate?.status.state.slice(11) ?? Object.keys(data)[0]
  );
}

const resume = (id: string) => ({ "A2A-Extensions": `x, ${RESUME}`, "Last-Event-ID": id });
const pieces = ["a".repeat(5000), "b".repeat(5000), "c".repeat(5000)];

for (const [name, { stream, subscribe }] of Object.entries(bindings)) {
  test(`${name}: a stream is the task, and then what happens to it`, async () => {
    const setup = serverOf([{ text: pieces }]);
    const response = await stream(setup, "x");
    assertEquals(response.headers.get("Content-Type"), "text/event-stream; charset=utf-8");
    const frames = await readFrames(response);
    assertEquals(kindsOf(frames), [
      "task",
      "WORKING",
      ...["artifactUpdate", "artifactUpdate", "artifactUpdate"],
      "COMPLETED",
    ]);
    assertEquals(frames[0]!.data.task.status.state, "TASK_STATE_SUBMITTED");
    const updates = frames.flatMap(({ data }) => data.artifactUpdate ?? []);
    assertEquals(updates.map(({ append, lastChunk }) => [append, lastChunk]), [
      [false, false],
      [true, false],
      [true, true],
    ]);
    const folded = fold(frames);
    assertEquals(await call(setup, "GetTask", { id: folded.id }), folded);
    assertEquals(textOf(folded), pieces.join(""));
  });

  test(`${name}: a stream that is cut anywhere goes on, with every update once`, async () => {
    const setup = serverOf([{ text: pieces }]);
    const whole = await readFrames(await stream(setup, "x"));
    const { id } = fold(whole);
    for (let i = 0; i < whole.length; i++) {
      const [first, ...rest] = await readFrames(await subscribe(setup, id, resume(whole[i]!.id)));
      // The task as it was at the cut, and what came then.
      assertEquals(first!.data.task, fold(whole.slice(0, i + 1)));
      assertEquals(rest, whole.slice(i + 1));
    }
  });

  test(`${name}: a stream ends with a question, a subscription goes on to the end`, async () => {
    const setup = serverOf(oneQuestion);
    const asked = await readFrames(await stream(setup, "x"));
    assertEquals(kindsOf(asked).at(-1), "INPUT_REQUIRED");
    const { id: taskId } = fold(asked);
    const followed = await subscribe(setup, taskId);
    const answered = await readFrames(await stream(setup, "y", { taskId }));
    assertEquals(kindsOf(answered), ["task", "WORKING", "artifactUpdate", "COMPLETED"]);
    const frames = await readFrames(followed);
    assertEquals(frames[0]!.data.task.status.state, "TASK_STATE_INPUT_REQUIRED");
    assertEquals(frames.slice(1), answered.slice(1));
  });

  test(`${name}: a task that is over has no stream, without the extension`, async () => {
    const setup = serverOf(["done"]);
    const { id } = await send(setup, "x");
    const response = await subscribe(setup, id, { "Last-Event-ID": "x-1" });
    const { error } = await response.json();
    assertEquals(error.data?.[0].reason ?? error.details[0].reason, "UNSUPPORTED_OPERATION");
  });
}

test("An unknown place is announced as a gap, and the task as it is now", async () => {
  const setup = serverOf(["done"]);
  const task = await send(setup, "x");
  const { subscribe } = bindings["JSON-RPC"];
  const frames = await readFrames(await subscribe(setup, task.id, resume("other-3")));
  assertEquals(frames.map(({ data }) => data), [
    { task: { ...task, metadata: { [RESUME]: { gap: true } } } },
  ]);
});

test("A log that lost its beginning goes on from a place it holds, and announces one it does not", async () => {
  const text = Array.from({ length: 700 }, (_, i) => `${i}`.padEnd(5000, "."));
  const setup = serverOf([{ text }]);
  const { subscribe, stream } = bindings["HTTP+JSON"];
  const whole = await readFrames(await stream(setup, "x"));
  const task = fold(whole);
  const [early, late] = [whole[5]!, whole[600]!];
  const frames = await readFrames(await subscribe(setup, task.id, resume(late.id)));
  assertEquals(frames.slice(1), whole.slice(601));
  assertEquals(fold(frames), task);
  const [lost] = await readFrames(await subscribe(setup, task.id, resume(early.id)));
  assertEquals(lost!.data.task.metadata[RESUME], { gap: true });
});

test("All streams of a task get the same frames, also when one of them leaves", async () => {
  const { turn, begun, open } = gate("done");
  const setup = serverOf([turn]);
  const { id } = await send(setup, "x", {}, { returnImmediately: true });
  await begun;
  const { subscribe } = bindings["JSON-RPC"];
  const streams = await Promise.all([1, 2, 3].map(() => subscribe(setup, id)));
  await readFrames(streams[0]!, 1);
  open();
  const [second, third] = await Promise.all(streams.slice(1).map((one) => readFrames(one)));
  assertEquals(kindsOf(second!), ["task", "artifactUpdate", "COMPLETED"]);
  assertEquals(third, second);
});

test("A turn that ends in tool calls is said as a status, and is not in the answer", async () => {
  const setup = serverOf([
    { text: ["p".repeat(5000), "q"], toolCalls: [{ toolName: "nothing" }] },
    "The answer",
  ]);
  const frames = await readFrames(await bindings["JSON-RPC"].stream(setup, "x"));
  const task = fold(frames);
  assertEquals(textOf(task), "The answer");
  assertEquals(task.history?.[1]?.parts[0]?.text, "p".repeat(5000) + "q");
});

test("More streams than there may be are answered 503, and those that are over do not count", async () => {
  const { turn } = gate("never");
  const setup = serverOf([turn], {}, { maxStreamsPerTask: 1 });
  const { id } = await send(setup, "x", {}, { returnImmediately: true });
  const { subscribe } = bindings["HTTP+JSON"];
  const first = await subscribe(setup, id);
  assertEquals((await subscribe(setup, id)).status, 503);
  await first.body!.cancel();
  const next = await subscribe(setup, id);
  assertEquals(next.status, 200);
  await next.body!.cancel();
  await setup.server.close();
});

test("The bus is told of a stream when its run ends, before run.completed", async () => {
  const setup = serverOf(["done"]);
  await readFrames(await bindings["HTTP+JSON"].stream(setup, "x"));
  const [received, , completed] = said(setup.bus) as Json[];
  assertEquals([received.method, received.rpc_id, received.binding], [
    "SendStreamingMessage",
    null,
    "HTTP+JSON",
  ]);
  assertEquals([completed.success, completed.state], [true, "TASK_STATE_COMPLETED"]);
});

for (
  const [method, path, status, body] of [
    ["GET", "/tasks/nope", 404, undefined],
    ["GET", "/tasks?pageSize=0", 400, undefined],
    ["POST", "/tasks/nope:cancel", 404, undefined],
    ["POST", "/tasks/nope:dance", 404, undefined],
    ["GET", "/extendedAgentCard", 400, undefined],
    ["POST", "/tasks/nope/pushNotificationConfigs", 400, "{}"],
    ["DELETE", "/tasks/nope/pushNotificationConfigs/1", 400, undefined],
    ["POST", "/message:send", 400, "{"],
    ["POST", "/message:send", 400, "{}"],
  ] as const
) {
  test(`HTTP+JSON: ${method} ${path} is answered ${status}${body ? ` for ${body}` : ""}`, async () => {
    const { server } = serverOf([]);
    const response = await server.request(path, { method, headers: headersOf(), body });
    const { error } = await response.json();
    assertEquals([response.status, error.code, typeof error.status], [status, status, "string"]);
  });
}

test("HTTP+JSON: bodies are JSON, and answers of the type that was asked for", async () => {
  const { server } = serverOf(["ok", "ok"]);
  const body = JSON.stringify({ message: message("x") });
  const ask = (type: string) => {
    const headers = headersOf(undefined, { "Content-Type": type });
    return server.request("/message:send", { method: "POST", headers, body });
  };
  assertEquals((await ask("text/plain")).status, 415);
  for (const type of ["application/json", "application/a2a+json"]) {
    const response = await ask(type);
    assertEquals([response.status, response.headers.get("Content-Type")], [200, type]);
  }
});

test("HTTP+JSON: an EventSource can follow, by GET and the query alone", async () => {
  const setup = serverOf(["done"]);
  const { id } = await send(setup, "x");
  const { Authorization } = headersOf();
  const query = new URLSearchParams({ "A2A-Version": "1.0", "A2A-Extensions": RESUME });
  const response = await setup.server.request(`/tasks/${id}:subscribe?${query}`, {
    headers: { Authorization: Authorization!, "Last-Event-ID": "gone-1" },
  });
  const [first] = await readFrames(response);
  assertEquals((first!.data as Extract<StreamResponse, { task: Task }>).task.id, id);
});
