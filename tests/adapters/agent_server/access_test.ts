import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { Hono } from "hono";
import { Agent } from "@locus/core/agent";
import { agentServer } from "@locus/core/agent-server";
import { MemoryCheckpointer } from "@locus/core/memory";
import { ScriptedModel } from "../../harness/support/scripted_model.ts";
import { serverKinds, type TestServer } from "../../harness/support/serve.ts";
import { ADA, add, approve, ask, BOB, oneQuestion, read, serverOf, twoCalls } from "./_support.ts";

const agent = new Agent({ model: new ScriptedModel() });

/** Every route but /health, and something to send to it. */
const ROUTES: readonly [method: string, path: string, body?: object][] = [
  ["GET", "/info"],
  ["POST", "/invoke", { prompt: "p" }],
  ["POST", "/stream", { prompt: "p" }],
  ["POST", "/resume", { interrupt_id: "i", response: "r" }],
  ["GET", "/runs/r/stream"],
  ["DELETE", "/runs/r"],
  ["GET", "/threads/t"],
  ["DELETE", "/threads/t"],
];

for (const [method, path, body] of ROUTES) {
  test(`${method} ${path} is answered 401 without a key, and with a wrong one`, async () => {
    const { server, model } = serverOf({});
    for (
      const [headers, error] of [
        [{}, "Missing bearer token"],
        [{ Authorization: `Basic ${ADA}` }, "Missing bearer token"],
        [{ Authorization: "Bearer" }, "Missing bearer token"],
        [{ Authorization: `Bearer ${ADA} ${BOB}` }, "Missing bearer token"],
        [{ Authorization: "Bearer wrong" }, "Invalid bearer token"],
        [{ Authorization: `Bearer ${ADA.slice(0, -1)}` }, "Invalid bearer token"],
      ] as const
    ) {
      const response = await ask(server, method, path, { key: null, body, headers });
      assertEquals(response.headers.get("WWW-Authenticate"), "Bearer");
      assertEquals(await read(response), { status: 401, body: { error } });
    }
    assertEquals(model.calls.length, 0);
  });

  test(`${method} ${path} of an app without keys is answered 401, wherever it is mounted`, async () => {
    const server = agentServer({ agent });
    const app = new Hono().route("/agent", server);
    const init = {
      method,
      headers: { "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    };
    for (const host of ["localhost", "127.0.0.1", "example.com"]) {
      assertEquals((await app.request(`http://${host}/agent${path}`, init)).status, 401, host);
      assertEquals((await server.request(`http://${host}${path}`, init)).status, 401, host);
    }
  });
}

test("GET /health is answered to anybody", async () => {
  assertEquals(await read(agentServer({ agent }).request("/health")), {
    status: 200,
    body: { status: "ok" },
  });
});

test("GET /info says what is served", async () => {
  const { server } = serverOf({ title: "Weather", description: "Knows the weather." });
  const { body } = await read(ask(server, "GET", "/info"));
  assertEquals(body, { title: "Weather", description: "Knows the weather." });
});

test("the app does not guard the routes beside it", async () => {
  const app = new Hono().route("/", agentServer({ agent })).get("/mine", (c) => c.text("mine"));
  assertEquals(await (await app.request("/mine")).text(), "mine");
});

test("a method that a route does not know is answered 405", async () => {
  const response = await ask(serverOf({}).server, "PUT", "/threads/t");
  assertEquals(response.status, 405);
  assertEquals(response.headers.get("Allow"), "GET, DELETE");
  await response.body?.cancel();
});

test("authenticate() says who asks; whoever it does not name is answered 401", async () => {
  const { server } = serverOf({
    script: twoCalls,
    agentOptions: { tools: add },
    authenticate: (c) => c.req.header("X-User") ?? null,
  });
  const as = (headers: Record<string, string>) =>
    ask(server, "POST", "/invoke", { key: null, body: { prompt: "p" }, headers });
  assertEquals((await as({})).status, 401);
  assertEquals((await as({ "X-User": "" })).status, 401);
  assertEquals((await as({ "X-User": "ada" })).status, 200);
});

test("each name that authenticate() gives is a principal of its own", async () => {
  const { server } = serverOf({
    script: [["ok"]],
    authenticate: (c) => Promise.resolve(c.req.header("X-User") ?? null),
  });
  const as = (user: string, method: string, path: string, body?: object) =>
    ask(server, method, path, { key: null, body, headers: { "X-User": user } });
  const { body } = await read(as("ada", "POST", "/invoke", { prompt: "p" }));
  const path = `/runs/${body.run_id}/stream`;
  assertEquals((await as("bob", "GET", path)).status, 404);
  const response = await as("ada", "GET", path);
  assertEquals(response.status, 200);
  await response.body?.cancel();
});

test("D6: two names whose hashes begin alike are two principals", async () => {
  // The first 48 bits of their SHA-256 are the same: 4ef04a7fe317.
  const [one, other] = ["user-6ec8d926db3a", "user-377414e94e17"];
  const { server } = serverOf({
    script: [oneQuestion[0]!],
    agentOptions: { tools: approve, checkpointer: new MemoryCheckpointer() },
    authenticate: (c) => c.req.header("X-User") ?? null,
  });
  const as = (user: string, method: string, path: string, body?: object) =>
    ask(server, method, path, { key: null, body, headers: { "X-User": user } });
  const { body } = await read(as(one, "POST", "/invoke", { prompt: "p", thread_id: "t" }));
  const { interrupt_id } = body.interrupt as { interrupt_id: string };
  const reply = { interrupt_id, response: "y", thread_id: "t" };
  for (
    const [method, path, sent] of [
      ["GET", "/threads/t"],
      ["GET", `/runs/${body.run_id}/stream`],
      ["DELETE", `/runs/${body.run_id}`],
      ["POST", "/resume", reply],
      ["POST", "/resume", { interrupt_id, response: "y" }],
    ] as const
  ) {
    assertEquals((await as(other, method, path, sent)).status, 404, `${method} ${path}`);
  }
  assertEquals((await as(one, "GET", "/threads/t")).status, 200);
});

test("D6: names that have no UTF-8 of their own are nobody's", async () => {
  for (const name of ["\ud800", "\udfff", "ada\ud83d"]) {
    const { server } = serverOf({ authenticate: () => name });
    assertEquals((await ask(server, "GET", "/info", { key: null })).status, 401);
  }
});

test("authenticate() that throws is answered 500, and nothing of it is told", async () => {
  const { server, errors } = serverOf({
    authenticate: () => Promise.reject(new Error("secret of the database")),
  });
  const { status, body } = await read(ask(server, "GET", "/info", { key: null }));
  assertEquals([status, body.error], [500, "internal error"]);
  assert(!JSON.stringify(body).includes("secret"));
  assertEquals(errors.length, 1);
});

test("keys are compared by their hashes, all of them, byte for byte", async () => {
  const digest = crypto.subtle.digest;
  let hashed = 0;
  crypto.subtle.digest = function (...args) {
    hashed++;
    return digest.apply(crypto.subtle, args);
  };
  try {
    const { server } = serverOf({});
    assertEquals((await ask(server, "GET", "/info", { key: "x".repeat(1000) })).status, 401);
    assertEquals(hashed, 3, "both keys, and what was given");
    assertEquals((await ask(server, "GET", "/info", { key: ADA })).status, 200);
    assertEquals((await ask(server, "GET", "/info", { key: BOB })).status, 200);
    assertEquals(hashed, 5, "each key once");
  } finally {
    crypto.subtle.digest = digest;
  }
});

test("agentServer() refuses keys that nobody could have meant, without naming them", () => {
  for (const apiKeys of [[""], [undefined], ["two words"], ["line\nend"], "key"]) {
    const error = assertThrows(
      () => agentServer({ agent, apiKeys: apiKeys as string[] }),
      TypeError,
    );
    assertMatch(error.message, /^agentServer\(\): "apiKeys" must /);
  }
  const error = assertThrows(() => agentServer({ agent, apiKeys: ["my secret"] }), TypeError);
  assert(!error.message.includes("secret"));
});

test("agentServer() refuses options that contradict each other, or are none", () => {
  const refused: [object, RegExp][] = [
    [{ apiKeys: [ADA], allowUnauthenticated: true }, /only one of/],
    [{ apiKeys: [ADA], authenticate: () => "ada" }, /only one of/],
    [{ onDisconnect: "cancel" }, /"onDisconnect" must be "continue" or "abort"/],
    [{ maxRuns: 0 }, /"maxRuns" must be/],
    [{ heartbeatMs: 1 }, /"heartbeatMs" must be/],
    [{ bus: {} }, /"bus" must be an event bus/],
    [{ apiKey: ADA }, /apiKey/],
    [{ agent: {} }, /"agent" must be an agent, got an object/],
  ];
  for (const [options, message] of refused) {
    const error = assertThrows(() => agentServer({ agent, ...options }), Error);
    assertMatch(error.message, message);
  }
});

const started: { hostname: string; port: number }[] = [];
const fakeServe = ({ hostname, port }: { hostname: string; port: number }) =>
  started.push({ hostname, port });

for (
  const hostname of [
    "0.0.0.0",
    "::",
    "192.168.0.7",
    "example.com",
    "localhost.evil.com",
    "127.evil",
  ]
) {
  test(`listen() on ${hostname} without a key throws before anything listens`, () => {
    const error = assertThrows(() =>
      agentServer({ agent }).listen({ hostname, serve: () => assert(false, "it listens") })
    );
    assertMatch((error as Error).message, /^Cannot listen on .*Give it "apiKeys"/);
    // Whoever was told whom to let in may listen anywhere.
    agentServer({ agent, apiKeys: [ADA] }).listen({ hostname, serve: fakeServe });
    agentServer({ agent, allowUnauthenticated: true }).listen({ hostname, serve: fakeServe });
  });
}

test("listen() listens on 127.0.0.1:8000 unless it is told otherwise", () => {
  started.length = 0;
  agentServer({ agent }).listen({ serve: fakeServe });
  assertEquals(started, [{ hostname: "127.0.0.1", port: 8000 }]);
});

test("listen() refuses what is no server, host name or port", () => {
  const server = agentServer({ agent });
  for (
    const options of [{}, { serve: 1 }, { serve: fakeServe, port: -1 }, {
      serve: fakeServe,
      hostname: "",
    }]
  ) {
    assertThrows(() => server.listen(options as { serve: typeof fakeServe }), TypeError);
  }
});

for (const kind of serverKinds) {
  test(`${kind.name}: listen() on the loopback interface answers this machine without a key`, async () => {
    const { url, close, app } = await local(kind);
    try {
      assertEquals((await ask(url, "GET", "/info", { key: null })).status, 200);
      // The same app, reached by another way, is as closed as before.
      assertEquals((await app.request("/info")).status, 401);
    } finally {
      await close();
    }
  });

  test(`${kind.name}: listen() without a key refuses what a proxy or another page sends`, async () => {
    const { url, close } = await local(kind);
    try {
      const status = async (headers: Record<string, string>) => {
        const response = await ask(url, "GET", "/info", { key: null, headers });
        await response.body?.cancel();
        return response.status;
      };
      assertEquals(await status({ "X-Forwarded-For": "203.0.113.7" }), 401);
      assertEquals(await status({ "Forwarded": "for=203.0.113.7" }), 401);
      assertEquals(await status({ "Origin": "https://evil.com" }), 403);
      assertEquals(await status({ "Origin": "null" }), 403);
    } finally {
      await close();
    }
  });
}

for (const host of ["evil.com", "localhost.evil.com", "127.0.0.1.evil.com", ""]) {
  test(`listen() without a key refuses the host ${JSON.stringify(host)}: DNS rebinding`, async () => {
    const app = agentServer({ agent });
    const fetch = app.listen({ serve: ({ fetch }) => fetch });
    const request = new Request("http://127.0.0.1/info", { headers: { Host: host } });
    assertEquals((await fetch(request)).status, 403);
  });
}

for (const [address, status] of [["127.0.0.1", 200], ["203.0.113.7", 403]] as const) {
  test(`listen() without a key answers ${status} where the server says the peer is ${address}`, async () => {
    const fetch = agentServer({ agent }).listen({ serve: ({ fetch }) => fetch });
    const request = new Request("http://127.0.0.1/info", { headers: { Host: "127.0.0.1" } });
    assertEquals((await fetch(request, { remoteAddr: { hostname: address } })).status, status);
  });
}

/** An app without keys behind a real server. */
async function local(
  kind: (typeof serverKinds)[number],
): Promise<TestServer & { app: ReturnType<typeof agentServer> }> {
  const app = agentServer({ agent });
  const server = await app.listen({ port: 0, serve: ({ fetch }) => kind.serve({ fetch }) });
  return { ...server, app };
}
