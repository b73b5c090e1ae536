import { HttpAgent } from "@ag-ui/client";
import { test } from "node:test";
import { DefaultChatTransport, type UIMessage } from "ai";
import { assertEquals, assertMatch } from "@std/assert";
import { emit, EventBus, withRun } from "@locus/core";
import { Agent } from "@locus/core/agent";
import type { AgUiEvent } from "@locus/core/ag-ui";
import { locus, type LocusOptions } from "@locus/core/hono";
import { decodeFrames, type SseMessage } from "@locus/core/sse";
import { scriptedModel } from "@locus/core/testing";

const wires = ["ag-ui", "ui-message-stream"];

/** A bus with a run that is over, and the routes. */
async function createApp(options: LocusOptions = {}) {
  const bus = new EventBus();
  const agent = new Agent({ model: scriptedModel(["Good morning."]) });
  await withRun({ runId: "r", bus }, () => agent.invoke("Greet me."));
  return { bus, app: locus({ bus, ...options }) };
}

async function messagesOf(response: Response): Promise<SseMessage[]> {
  const messages: SseMessage[] = [];
  for await (const message of response.body!.pipeThrough(decodeFrames())) messages.push(message);
  return messages;
}

test("GET /runs/:run_id/ag-ui shows a run to a client of AG-UI", async () => {
  const { app } = await createApp();
  const fetch = async () => await app.request("/runs/r/ag-ui");
  const agent = new HttpAgent({ url: "http://localhost/", fetch });
  const { result } = await agent.runAgent();
  assertEquals(result, "Good morning.");
  assertEquals(agent.messages.map(({ content }) => content), ["Good morning."]);
});

test("GET /runs/:run_id/ag-ui goes on after Last-Event-ID", async () => {
  const { app } = await createApp();
  const seen = await messagesOf(await app.request("/runs/r/ag-ui"));
  // Of several messages of one event only the last one is a place to come back to.
  const cuts = seen.filter(({ lastEventId }, i) => lastEventId !== seen[i - 1]?.lastEventId);
  for (const { lastEventId } of cuts.slice(0, -1)) {
    const headers = { "Last-Event-ID": lastEventId };
    const rest = await messagesOf(await app.request("/runs/r/ag-ui", { headers }));
    const types = rest.map(({ data }) => (JSON.parse(data) as AgUiEvent).type);
    assertEquals([types[0], types.at(-1)], ["RUN_STARTED", "RUN_FINISHED"]);
    assertEquals(rest.at(-1)!.lastEventId, seen.at(-1)!.lastEventId);
  }
  const headers = { "Last-Event-ID": seen.at(-1)!.lastEventId };
  const { status } = await app.request("/runs/r/ag-ui", { headers });
  assertEquals(status, 204);
});

test("GET /runs/:run_id/ag-ui tells what happens while somebody looks", async () => {
  const bus = new EventBus();
  const app = locus({ bus });
  const messages = (await app.request("/runs/r/ag-ui")).body!.pipeThrough(decodeFrames())
    .getReader();
  await withRun({ runId: "r", bus }, () => emit("shop.paid", { order: 7 }));
  const types: string[] = [];
  for (let next; !(next = await messages.read()).done;) {
    types.push(JSON.parse(next.value.data).type);
  }
  assertEquals(types, ["RUN_STARTED", "CUSTOM", "CUSTOM", "RUN_FINISHED"]);
});

test("GET /runs/:run_id/ui-message-stream has the AI SDK's transport come back to a run", async () => {
  const bus = new EventBus();
  const app = locus({ bus });
  const transport = new DefaultChatTransport<UIMessage>({
    fetch: async (url, init) => await app.request(String(url), init),
    prepareReconnectToStreamRequest: ({ id }) => ({ api: `/runs/${id}/ui-message-stream` }),
  });
  // The stream is open before the run begins.
  const reconnecting = transport.reconnectToStream({ chatId: "r" });
  const agent = new Agent({ model: scriptedModel(["Good morning."]) });
  await withRun({ runId: "r", bus }, async () => void await agent.invoke("Greet me."));
  const types: string[] = [];
  for await (const { type } of (await reconnecting)!) types.push(type);
  assertEquals(types.slice(0, 3), ["start", "start-step", "text-start"]);
  assertEquals(types.at(-1), "finish");
  // Over by now: there is nothing to come back to.
  assertEquals(await transport.reconnectToStream({ chatId: "r" }), null);
});

test("GET /runs/:run_id/ui-message-stream?from=history has a run that is over, too", async () => {
  const { app } = await createApp();
  const response = await app.request("/runs/r/ui-message-stream?from=history");
  assertEquals(response.headers.get("x-vercel-ai-ui-message-stream"), "v1");
  const messages = await messagesOf(response);
  assertEquals(messages.at(-1)!.data, "[DONE]");
  assertEquals(JSON.parse(messages[0]!.data), { type: "start", messageId: "r" });
});

for (const wire of wires) {
  test(`GET /runs/:run_id/${wire} asks who may read`, async () => {
    const { app } = await createApp({ authorize: (c) => c.req.header("X-User") === "ada" });
    const url = `/runs/r/${wire}?from=history`;
    assertEquals((await app.request(url)).status, 404);
    const response = await app.request(url, { headers: { "X-User": "ada" } });
    assertEquals(response.status, 200);
    await response.body!.cancel();
  });

  test(`GET /runs/:run_id/${wire} counts as a stream`, async () => {
    const { app } = await createApp({ limits: { connections: 1 } });
    const open = () => app.request(`/runs/other/${wire}`);
    const first = await open();
    assertEquals((await open()).status, 503);
    await first.body!.cancel();
  });

  test(`GET /runs/:run_id/${wire} says in its own words that it failed`, async () => {
    const bus = new EventBus();
    const subscribe = bus.subscribe.bind(bus);
    bus.subscribe = ((runId: string, options: object) => {
      const subscription = subscribe(runId, options);
      const batches = () => ({
        next: () => Promise.reject(new Error("secret")),
        return: () => Promise.resolve({ done: true, value: undefined }),
      });
      return options && "from" in options && options.from === "live"
        ? subscription
        : Object.assign(subscription, { batches });
    }) as never;
    const app = locus({ bus, onError: () => {} });
    const [message] = await messagesOf(await app.request(`/runs/r/${wire}`));
    const { type, message: text, errorText = text } = JSON.parse(message!.data);
    assertEquals(type, wire === "ag-ui" ? "RUN_ERROR" : "error");
    assertMatch(errorText, /^The server failed to go on \(.+\)$/);
  });
}
