/** The official server judges our client. It has no handler for `fetch`, so it gets one here. */
import { test } from "node:test";
import {
  AgentEvent,
  type AgentExecutor,
  DefaultRequestHandler,
  InMemoryTaskStore,
  JsonRpcTransportHandler,
  ServerCallContext,
} from "@a2a-js/sdk/server";
import { a2aClient, foldTask, type Task } from "@locus/core/a2a";
import { assertEquals, assertRejects } from "@std/assert";
import { type Json, textOf } from "./_support.ts";

const URL = "http://official.test";

const card = {
  name: "Official",
  description: "The official server",
  version: "1.0.0",
  supportedInterfaces: [{ url: URL, protocolBinding: "JSONRPC", protocolVersion: "1.0" }],
  capabilities: { streaming: true },
  defaultInputModes: ["text/plain"],
  defaultOutputModes: ["text/plain"],
  skills: [],
};

/** Answers, or asks first if the text says so. */
const executor: AgentExecutor = {
  execute(context: Json, bus: Json) {
    const { taskId, contextId, userMessage } = context;
    const text = userMessage.parts[0].content.value;
    const state = text === "ask" ? 6 : 3;
    if (context.task === undefined) {
      const status = { state: 1, timestamp: new Date().toISOString() };
      bus.publish(AgentEvent.task(
        { id: taskId, contextId, status, history: [userMessage], artifacts: [] } as Json,
      ));
    }
    const say = (state: number) =>
      bus.publish(AgentEvent.statusUpdate(
        { taskId, contextId, status: { state, timestamp: new Date().toISOString() } } as Json,
      ));
    say(2);
    if (state === 3) {
      const parts = [{ content: { $case: "text", value: `You said ${text}` } }];
      const artifact = { artifactId: "a", parts };
      bus.publish(
        AgentEvent.artifactUpdate({ taskId, contextId, artifact, append: false } as Json),
      );
    }
    say(state);
    bus.finished();
    return Promise.resolve();
  },
  cancelTask: () => Promise.resolve(),
};

function connect(): ReturnType<typeof a2aClient> {
  const handler = new JsonRpcTransportHandler(
    new DefaultRequestHandler(card as Json, new InMemoryTaskStore(), executor),
  );
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    if (url.endsWith("agent-card.json")) return Response.json(card);
    const context = new ServerCallContext({ requestedVersion: "1.0" } as Json);
    const answer = await handler.handle(String(init.body), context);
    if (!(Symbol.asyncIterator in answer)) return Response.json(answer);
    const frames = ReadableStream.from(answer as AsyncIterable<object>).pipeThrough(
      new TransformStream({
        transform: (frame: object, controller) =>
          controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(frame)}\n\n`)),
      }),
    );
    return new Response(frames, { headers: { "Content-Type": "text/event-stream" } });
  };
  return a2aClient(URL, { fetch });
}

test("Our client sends to the official server, gets and lists", async () => {
  const client = connect();
  const { task } = await client.send("hello") as { task: Task };
  assertEquals([task.status.state, textOf(task)], ["TASK_STATE_COMPLETED", "You said hello"]);
  assertEquals((await client.get(task.id)).id, task.id);
  assertEquals((await client.list()).tasks.map(({ id }) => id), [task.id]);
});

test("Our client streams from the official server", async () => {
  let task: Task | undefined;
  for await (const update of connect().stream("hello")) task = foldTask(task, update);
  assertEquals([task?.status.state, textOf(task!)], ["TASK_STATE_COMPLETED", "You said hello"]);
});

test("Our client answers a question of the official server, and knows its errors", async () => {
  const client = connect();
  const { task } = await client.send("ask") as { task: Task };
  assertEquals(task.status.state, "TASK_STATE_INPUT_REQUIRED");
  const answered = await client.send("yes", { taskId: task.id }) as { task: Task };
  assertEquals(answered.task.status.state, "TASK_STATE_COMPLETED");
  const error = await assertRejects(() => client.get("nope")) as Json;
  assertEquals([error.name, error.reason], ["A2AError", "TASK_NOT_FOUND"]);
});
