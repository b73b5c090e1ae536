import { test } from "node:test";
import {
  type A2AClient,
  a2aClient,
  type A2AClientOptions,
  A2AError,
  type AgentCard,
  foldTask,
  type StreamResponse,
  type Task,
} from "@locus/core/a2a";
import { Agent } from "@locus/core/agent";
import { EventBus, runContext } from "@locus/core";
import { scriptedModel } from "@locus/core/testing";
import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import {
  ADA,
  call,
  gate,
  type Json,
  said,
  serverOf,
  type Setup,
  textOf,
  URL_OF_SERVER,
} from "./_support.ts";

/** Bytes of an answer until it is cut; Infinity for all of it. */
type Cut = (url: string) => number;

/** A client of a server in this process, over a network that may break. */
function clientOf(
  { server }: Setup,
  { cut = () => Infinity, binding, ...options }: Partial<A2AClientOptions> & {
    cut?: Cut;
    binding?: string;
  } = {},
): A2AClient {
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const response = await server.request(url, init);
    if (url.endsWith("agent-card.json") && binding !== undefined) {
      const card: AgentCard = await response.json();
      const only = card.supportedInterfaces.filter((one) => one.protocolBinding === binding);
      return Response.json({ ...card, supportedInterfaces: only });
    }
    return breakAfter(response, cut(url));
  };
  const headers = { Authorization: `Bearer ${ADA}` };
  return a2aClient(`${URL_OF_SERVER}/`, { fetch, headers, retry: () => 0, ...options });
}

function breakAfter(response: Response, limit: number): Response {
  let left = limit;
  const cutter = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      controller.enqueue(piece.subarray(0, left));
      left -= piece.byteLength;
      if (left < 0) controller.error(new Error("cut"));
    },
  });
  return limit === Infinity ? response : new Response(response.body!.pipeThrough(cutter), response);
}

async function collect(updates: AsyncIterable<StreamResponse>): Promise<StreamResponse[]> {
  return await Array.fromAsync(updates);
}

function fold(updates: readonly StreamResponse[]): Task {
  return updates.reduce<Task | undefined>(foldTask, undefined)!;
}

for (const binding of ["JSONRPC", "HTTP+JSON"]) {
  test(`${binding}: the client sends, gets, lists, streams and cancels`, async () => {
    const never = gate("never");
    const setup = serverOf(["1", "2", never.turn]);
    const client = clientOf(setup, { binding });
    const sent = await client.send("a", { contextId: "c" }) as { task: Task };
    assertEquals([textOf(sent.task), sent.task.contextId], ["1", "c"]);
    assertEquals(await client.get(sent.task.id), sent.task);
    assertEquals((await client.get(sent.task.id, { historyLength: 0 })).history, undefined);
    const updates = await collect(client.stream("b"));
    const { id } = fold(updates);
    assertEquals(await client.get(id), fold(updates));
    const { tasks } = await client.list({ contextId: "c", includeArtifacts: true });
    assertEquals(tasks, [sent.task]);
    const { task } = await client.send("c", { returnImmediately: true }) as { task: Task };
    assertEquals((await client.cancel(task.id)).status.state, "TASK_STATE_CANCELED");
    const error = await assertRejects(() => client.cancel(task.id), A2AError) as A2AError;
    assertEquals([error.reason, error.code], ["TASK_NOT_CANCELABLE", -32002]);
  });

  test(`${binding}: a stream that breaks off anywhere brings every update once, in order`, async () => {
    const text = Array.from({ length: 6 }, (_, i) => `${i}`.repeat(4500));
    const whole = await collect(clientOf(serverOf([{ text }]), { binding }).stream("x"));
    let cuts = 0;
    for (const bytes of [700, 5_000, 12_000, 12_001, 23_456]) {
      const setup = serverOf([{ text }]);
      const cut: Cut = (url) => {
        if (cuts > 200 || url.endsWith(".json")) return Infinity;
        cuts++;
        return bytes;
      };
      const updates = await collect(clientOf(setup, { binding, cut }).stream("x"));
      assertEquals(updates.map(kindOf), whole.map(kindOf), `${bytes} bytes`);
      const task = fold(updates);
      assertEquals(textOf(task), text.join(""));
      assertEquals((await call(setup, "GetTask", { id: task.id })).artifacts, task.artifacts);
    }
    assertEquals(cuts > 20, true);
  });
}

test("A stream that breaks off once, wherever that is, brings every update once", async () => {
  const text = ["a".repeat(4500), "b".repeat(4500)];
  const binding = "HTTP+JSON";
  const whole = await collect(clientOf(serverOf([{ text }]), { binding }).stream("x"));
  const length = JSON.stringify(whole).length + 300;
  // The text itself is long: what is of interest stands before and behind it.
  const places = Array.from({ length: 900 }, (_, i) => i).filter((i) => i % 15 === 0)
    .flatMap((i) => [600 + i, length - i]);
  for (const bytes of places) {
    let isCut = false;
    const cut = (url: string) =>
      isCut || !url.endsWith("stream") ? Infinity : (isCut = true, bytes);
    const client = clientOf(serverOf([{ text }]), { binding, cut });
    const updates = await collect(client.stream("x"));
    assertEquals(updates.map(kindOf), whole.map(kindOf), `cut after ${bytes} bytes`);
  }
});

function kindOf(update: StreamResponse): unknown {
  return "statusUpdate" in update
    ? update.statusUpdate.status.state
    : "artifactUpdate" in update
    ? update.artifactUpdate.artifact.parts[0]?.text
    : Object.keys(update)[0];
}

test("Without the extension, a stream that breaks off goes on with the task as it is", async () => {
  const { server } = serverOf([{ text: ["a".repeat(5000), "b".repeat(5000)] }]);
  let isCut = false;
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.delete("A2A-Extensions");
    const response = await server.request(url, { ...init, headers });
    if (url.endsWith(".json")) {
      const card = await response.json();
      return Response.json({ ...card, capabilities: { streaming: true } });
    }
    if (isCut) return response;
    isCut = true;
    return breakAfter(response, 1500);
  };
  const headers = { Authorization: `Bearer ${ADA}` };
  const client = a2aClient(URL_OF_SERVER, { fetch, headers, retry: () => 0 });
  const updates = await collect(client.stream("x"));
  assertEquals(textOf(fold(updates)).length, 10_000);
  assertEquals(Object.keys(updates.at(-1)!), ["task"]);
});

test("A client gives up when it is told to, with what broke the stream", async () => {
  const failures: number[] = [];
  const client = clientOf(serverOf([{ text: ["a".repeat(9000), "b".repeat(9000)] }]), {
    cut: (url) => url.endsWith(".json") ? Infinity : 600,
    retry: (failure) => {
      failures.push(failure.failures);
      return failures.length < 3 ? 0 : null;
    },
  });
  const error = await assertRejects(() => collect(client.stream("x"))) as Json;
  assertEquals([error.code, failures.length], ["cut_off", 3]);
});

test("Every request is told in the current run, with what it brought", async () => {
  const bus = new EventBus();
  const setup = serverOf(["1"]);
  const client = clientOf(setup);
  await runContext({ runId: "caller", bus }, () => collect(client.stream("x")));
  const [{ run_id: taskId }] = setup.bus.history("a2a.task.processing") as Json;
  const target_url = URL_OF_SERVER;
  const rest = { parent_span_id: null };
  const events = said(bus) as Json[];
  assertEquals(
    events.map(({ content_length: _bytes, last_event_id: _id, ...event }) => event)
      .filter(({ event_type }) => event_type.startsWith("a2a.client")),
    [
      {
        event_type: "a2a.client.send",
        target_url: `${target_url}/.well-known/agent-card.json`,
        method: "GetAgentCard",
        ...rest,
      },
      {
        event_type: "a2a.client.received",
        target_url: `${target_url}/.well-known/agent-card.json`,
        method: "GetAgentCard",
        status_code: 200,
        ...rest,
        error: null,
        task_id: null,
      },
      { event_type: "a2a.client.send", target_url, method: "SendStreamingMessage", ...rest },
      {
        event_type: "a2a.client.received",
        target_url,
        method: "SendStreamingMessage",
        status_code: 200,
        ...rest,
        error: null,
        task_id: taskId,
      },
    ],
  );
  const received = events.filter((event) => event.event_type === "a2a.client.received");
  assertEquals(received.every((event) => event.content_length > 0), true);
  assertMatch(received.at(-1).last_event_id, /^[A-Za-z0-9]+-4$/);
});

test("A server that cannot be reached has the status 0", async () => {
  const bus = new EventBus();
  const fetch = () => Promise.reject(new TypeError("no network"));
  await runContext({ bus }, async () => {
    await assertRejects(() => a2aClient(URL_OF_SERVER, { fetch }).card());
  });
  const [event] = bus.history("a2a.client.received");
  assertEquals([event?.data.status_code, event?.data.content_length], [0, 0]);
});

test("The headers go to no other origin, unless it is listed", async () => {
  const card = { supportedInterfaces: [] as object[] };
  const asked: string[] = [];
  card.supportedInterfaces.push({
    url: "https://evil.test/",
    protocolBinding: "JSONRPC",
    protocolVersion: "1.0",
  });
  const fetch = (url: string) => {
    asked.push(url);
    return Promise.resolve(Response.json(
      url.endsWith(".json") ? card : {
        jsonrpc: "2.0",
        id: 1,
        result: { id: "t", status: { state: "TASK_STATE_WORKING" } },
      },
    ));
  };
  await assertRejects(() => a2aClient(URL_OF_SERVER, { fetch }).get("t"), A2AError, "origins");
  assertEquals(asked.length, 1);
  const origins = ["https://evil.test"];
  assertEquals((await a2aClient(URL_OF_SERVER, { fetch, origins }).get("t")).id, "t");
});

test("A remote agent is a tool: its questions are asked here, and the answers go back", async () => {
  const setup = serverOf([
    { text: "", toolCalls: [{ toolName: "approve" }] },
    { text: "", toolCalls: [{ toolName: "approve" }] },
    "Approved twice",
  ]);
  const remote = clientOf(setup).asTool({ name: "remote", description: "Approves" });
  const agent = new Agent({
    model: scriptedModel([{ toolCalls: [{ toolName: "remote", input: { task: "x" } }] }, "Done"]),
    tools: [remote],
  });
  const questions = [];
  let result = await agent.invoke("go");
  for (let i = 0; i < 3 && result.stop_reason === "interrupted"; i++) {
    questions.push(result.message);
    const run = agent.resume("y");
    while (!(await run.next()).done);
    result = run.result!;
  }
  assertEquals(questions, ["ok?", "ok?"]);
  assertEquals(result.tool_executions.at(-1)?.result, "Approved twice");
  assertEquals((await clientOf(setup).list()).totalSize, 1);
});

test("a2aClient() says what is wrong with what it is given", () => {
  for (const location of ["/relative", 7, {}] as Json[]) {
    assertThrows(() => a2aClient(location), TypeError, "a2aClient(): ");
  }
  assertThrows(
    () => a2aClient(URL_OF_SERVER, { signal: 1 } as object),
    TypeError,
    'unknown option "signal"',
  );
});
