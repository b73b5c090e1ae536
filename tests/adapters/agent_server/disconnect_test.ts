import { connect } from "node:net";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { EventBus } from "@locus/core";
import { connect as follow, follow as readBody } from "../../harness/support/event_source.ts";
import { serverKinds } from "../../harness/support/serve.ts";
import { until } from "../../harness/support/until.ts";
import {
  ADA,
  approve,
  ask,
  gatedTool,
  oneQuestion,
  oneWait,
  post,
  read,
  serverOf,
  type ServerSetup,
  toBlocks,
} from "./_support.ts";

interface Fixture extends ReturnType<typeof gatedTool> {
  url: string;
}

const auth = { Authorization: `Bearer ${ADA}` };

/** Registers a test for every kind of server that this runtime has; the agent has a tool that waits. */
function testHttp(
  name: string,
  setup: ServerSetup,
  run: (fixture: Fixture) => Promise<void>,
): void {
  for (const kind of serverKinds) {
    test(`${kind.name}: ${name}`, async () => {
      const gated = gatedTool();
      const { server: app } = serverOf({
        script: oneWait,
        agentOptions: { tools: [gated.wait, approve] },
        ...setup,
      });
      const server = await kind.serve({ fetch: (request) => app.fetch(request) });
      try {
        await run({ ...gated, url: server.url });
      } finally {
        gated.open();
        await app.close();
        await server.close();
      }
    });
  }
}

/** A POST whose client has a socket of its own, and reads nothing. */
function postBySocket(url: string, path: string, body: object): { destroy: () => void } {
  const { hostname, port } = new URL(url);
  const text = JSON.stringify(body);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on("error", () => {});
  socket.write(
    [
      `POST ${path} HTTP/1.1`,
      `Host: ${hostname}`,
      `Authorization: Bearer ${ADA}`,
      "Content-Type: application/json",
      `Content-Length: ${text.length}`,
      "",
      text,
    ].join("\r\n"),
  );
  return { destroy: () => void socket.destroy() };
}

testHttp("a reload does not end a run: its events are there when the client is back", {}, async (
  { url, started, open },
) => {
  const abort = new AbortController();
  const response = await ask(url, "POST", "/stream", {
    body: { prompt: "p" },
    signal: abort.signal,
  });
  const before = readBody(response);
  await before.readUntil(({ dispatched }) => dispatched.length >= 2);
  await started;
  abort.abort();
  const runId = response.headers.get("Locus-Run-Id");
  const seen = toBlocks(before);
  const after = await follow(`${url}/runs/${runId}/stream`, {
    ...auth,
    "Last-Event-ID": seen.at(-1)!.id!,
  });
  assertEquals(after.response.headers.get("Locus-Recovery"), "exact");
  open();
  await after.readAll();
  const all = [...seen, ...toBlocks(after)];
  assertEquals(all.map(({ id }) => Number(id)), all.map((_, index) => index + 1));
  assertEquals(all.map(({ type }) => type).slice(-3), ["think", "terminate", "bus.end"]);
});

for (const path of ["/stream", "/invoke"]) {
  testHttp(
    `onDisconnect "abort": a client of POST ${path} that leaves cancels its run`,
    { onDisconnect: "abort" },
    async ({ url, started, aborted }) => {
      const client = postBySocket(url, path, { prompt: "p" });
      await started;
      client.destroy();
      assertEquals(((await aborted) as DOMException).message, "The client left");
    },
  );

  const bus = new EventBus();
  testHttp(
    `onDisconnect "continue": a client of POST ${path} that leaves cancels nothing`,
    { bus, maxStreams: 1 },
    async ({ url, started, open }) => {
      const terminated = bus.waitFor("agent.terminate");
      const client = postBySocket(url, path, { prompt: "p" });
      await started;
      client.destroy();
      // A place for a stream is taken before the body is looked at.
      await until(
        "the server has noticed",
        async () => (await read(post(url, "/stream", { prompt: 1 }))).status === 422,
      );
      open();
      assertEquals((await terminated).data.reason, "complete");
    },
  );
}

testHttp(
  'onDisconnect "abort": who only looks on cancels nothing',
  { onDisconnect: "abort" },
  async ({ url, started, open }) => {
    const response = await post(url, "/stream", { prompt: "p" });
    const owner = readBody(response);
    await started;
    const runId = response.headers.get("Locus-Run-Id");
    for (let i = 0; i < 5; i++) {
      const guest = await follow(`${url}/runs/${runId}/stream`, auth);
      await guest.readUntil(({ dispatched }) => dispatched.length > 0);
      guest.drop();
    }
    open();
    await owner.readAll();
    assertEquals(toBlocks(owner).at(-2)!.data.reason, "complete");
  },
);

testHttp(
  'onDisconnect "abort": a client that got its answer has not left',
  { onDisconnect: "abort", script: [["one"], ["two"], ["three"]] },
  async ({ url }) => {
    for (const message of ["one", "two", "three"]) {
      const { body } = await read(post(url, "/invoke", { prompt: "p" }));
      assertEquals([body.message, body.stop_reason], [message, "complete"]);
    }
  },
);

testHttp(
  "a browser answers over HTTP, and the run goes on where it is read",
  { script: oneQuestion },
  async ({ url }) => {
    const response = await post(url, "/stream", { prompt: "p" });
    const reader = readBody(response);
    await reader.readUntil(({ dispatched }) => dispatched.at(-1)?.type === "interrupt");
    const { interrupt_id } = toBlocks(reader).at(-1)!.data;
    // As after a reload: the first stream is gone, a second one is opened while the run waits.
    reader.drop();
    const again = await follow(
      `${url}/runs/${response.headers.get("Locus-Run-Id")}/stream`,
      { ...auth, "Last-Event-ID": "4" },
    );
    const answer = await read(post(url, "/resume", { interrupt_id, response: "y" }));
    assertEquals(answer.body.message, "Thank you");
    await again.readAll();
    assertEquals(toBlocks(again).map(({ id, type }) => `${id} ${type}`), [
      "5 tool_complete",
      "6 model_complete",
      "7 think",
      "8 terminate",
      "9 bus.end",
    ]);
  },
);

testHttp(
  "fifty clients that come and go leave nothing behind",
  { maxStreams: 3, onDisconnect: "continue" },
  async ({ url, started }) => {
    const response = await post(url, "/stream", { prompt: "p" });
    const owner = readBody(response);
    await started;
    const path = `${url}/runs/${response.headers.get("Locus-Run-Id")}/stream`;
    for (let i = 0; i < 50; i++) {
      let guest = await follow(path, auth);
      await until("a place is free", async () => {
        if (guest.response.status === 200) return true;
        await guest.response.body?.cancel();
        guest = await follow(path, auth);
        return false;
      });
      await guest.readUntil(({ dispatched }) => dispatched.length > 0);
      guest.drop();
    }
    owner.drop();
  },
);

testHttp("a quiet run is kept alive", {}, async ({ url, started, open }) => {
  const reader = readBody(await post(url, "/stream", { prompt: "p" }));
  await started;
  await reader.readUntil(({ comments }) => comments.length >= 4);
  open();
  await reader.readAll();
  assertEquals(toBlocks(reader).at(-1)!.type, "bus.end");
});
