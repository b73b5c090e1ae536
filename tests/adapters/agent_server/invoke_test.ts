import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Agent, any, maxIterations, toolCalled } from "@locus/core/agent";
import { agentServer, type ServedAgent } from "@locus/core/agent-server";
import { ScriptedModel } from "../../harness/support/scripted_model.ts";
import { ADA, add, approve, ask, oneQuestion, post, read, serverOf, twoCalls } from "./_support.ts";

test("POST /invoke answers with what the run came to", async () => {
  const { server } = serverOf({ script: twoCalls, agentOptions: { tools: add } });
  const { status, body } = await read(post(server, "/invoke", { prompt: "add" }));
  const { run_id: runId, duration_ms: durationMs, ...rest } = body;
  assertEquals(status, 200);
  assertMatch(runId as string, /^[0-9a-f]{32}$/);
  assert(typeof durationMs === "number");
  assertEquals(rest, {
    message: "3 and 7",
    success: true,
    stop_reason: "complete",
    iterations: 2,
    tool_calls: 2,
    interrupt: null,
    thread_id: null,
  });
});

test("whatever runs as an agent does can be served", async () => {
  const agent = new Agent({ model: new ScriptedModel(["ok"]), streaming: false });
  const served: ServedAgent = {
    run: (prompt, options) => agent.run(prompt, options),
    resume: (response, options) => agent.resume(response, options),
  };
  const server = agentServer({ agent: served, allowUnauthenticated: true });
  assertEquals((await read(post(server, "/invoke", { prompt: "p" }))).body.message, "ok");
  assertEquals((await read(ask(server, "GET", "/threads/t"))).status, 404);
});

test("Iterations are turns, and a termination's own reason is a success where it is one", async () => {
  const { server } = serverOf({
    script: twoCalls,
    agentOptions: { tools: add, termination: any(maxIterations(8), toolCalled("add")) },
  });
  const { body } = await read(post(server, "/invoke", { prompt: "add" }));
  assertEquals([body.stop_reason, body.success], ["terminal_tool", true]);
  assertEquals([body.iterations, body.tool_calls], [1, 2]);
});

test("POST /invoke answers with the question of a run that waits for a person", async () => {
  const { server } = serverOf({ script: oneQuestion, agentOptions: { tools: approve } });
  const { status, body } = await read(post(server, "/invoke", { prompt: "p" }));
  const { interrupt_id: id, ...question } = body.interrupt as Record<string, unknown>;
  assertEquals([status, body.stop_reason, body.success], [200, "interrupted", false]);
  assertEquals(body.message, "ok?");
  assertEquals(question, { question: "ok?", options: ["y", "n"], metadata: {} });
  assert(typeof id === "string");
});

test("POST /invoke hands the metadata on to the run", async () => {
  const { server, model } = serverOf({
    script: [["ok"]],
    agentOptions: { systemPrompt: ({ metadata }) => `You work for ${metadata.tenant}` },
  });
  await read(post(server, "/invoke", { prompt: "p", metadata: { tenant: "t1" } }));
  assertEquals(model.calls[0]!.prompt[0], {
    role: "system",
    content: "You work for t1",
  });
});

test("an agent that fails is answered 500 with a correlation id, and nothing of the cause", async () => {
  const cause = new Error("secret sk-live-123 at /srv/agent");
  const { server, errors } = serverOf({ script: [cause] });
  const response = await post(server, "/invoke", { prompt: "p" });
  const text = await response.text();
  const body = JSON.parse(text);
  assertEquals([response.status, body.error], [500, "internal error"]);
  assertEquals(errors, [{ error: cause, stage: "run", correlationId: body.correlation_id }]);
  assert(!/secret|sk-live|srv/.test(text + JSON.stringify([...response.headers])));
});

test("an onError() that throws does no harm", async () => {
  const { server } = serverOf({
    script: [new Error("model"), ["fine"]],
    onError: () => {
      throw new Error("reporter");
    },
  });
  assertEquals((await post(server, "/invoke", { prompt: "p" })).status, 500);
  assertEquals((await post(server, "/invoke", { prompt: "p" })).status, 200);
});

const badBodies: [path: string, body: unknown, status: number, named: RegExp][] = [
  ["/invoke", {}, 422, /^"prompt" must be a string, not empty, got undefined$/],
  ["/invoke", { prompt: 7 }, 422, /^"prompt" must .* got 7$/],
  ["/invoke", { prompt: "" }, 422, /^"prompt" /],
  ["/stream", { prompt: "p", metadata: [] }, 422, /^"metadata" must be an object, got an array$/],
  ["/stream", { prompt: "p", thread_id: "a/b" }, 422, /^"thread_id" must be /],
  ["/stream", { prompt: "p", thread_id: "x".repeat(200) }, 422, /^"thread_id" must be /],
  ["/invoke", { prompt: "p", thread_id: "t" }, 422, /^"thread_id": this agent keeps no threads$/],
  ["/invoke", { prompt: "p", threadId: "t" }, 422, /^There is no field "threadId"; .*thread_id/],
  ["/resume", { response: "y" }, 422, /^"interrupt_id" must be a string/],
  ["/resume", { interrupt_id: "i" }, 422, /^"response" must be the answer/],
  ["/resume", { interrupt_id: "i", response: 1, stream: "yes" }, 422, /^"stream" must be true or/],
  ["/invoke", [], 422, /^The body must be a JSON object$/],
  ["/invoke", "{", 422, /JSON/],
  ["/invoke", "", 422, /JSON/],
  ["/invoke", `{"prompt":${"[".repeat(100_000)}`, 422, /nested/],
  ["/invoke", { prompt: "x".repeat(2 ** 20) }, 413, /1048576 bytes/],
];
for (const [path, body, status, named] of badBodies) {
  const shown = JSON.stringify(body).slice(0, 40);
  test(`POST ${path} of ${shown} is answered ${status}, naming what is wrong`, async () => {
    const { server, model } = serverOf({});
    const answer = await read(post(server, path, body));
    assertEquals(answer.status, status);
    assertMatch(answer.body.error as string, named);
    assertEquals(model.calls.length, 0);
  });
}

for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""]) {
  test(`a body of the type ${JSON.stringify(type)} is answered 415: a form could send it`, async () => {
    const { server } = serverOf({});
    const answer = await ask(server, "POST", "/invoke", {
      body: { prompt: "p" },
      headers: { "Content-Type": type },
    });
    assertEquals(answer.status, 415);
  });
}

test("a body that is longer than it says is not read on", async () => {
  const { server } = serverOf({ maxBodyBytes: 1000 });
  let pulled = 0;
  const body = new ReadableStream({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(500).fill(32));
    },
  }, { highWaterMark: 0 });
  const headers = { "Authorization": `Bearer ${ADA}`, "Content-Type": "application/json" };
  const init: RequestInit & { duplex: "half" } = { method: "POST", headers, body, duplex: "half" };
  const response = await server.request("/invoke", init);
  assertEquals(response.status, 413);
  assert(pulled < 10, `${pulled} pieces were read`);
});

test("names of the prototype in a body are names like any other", async () => {
  const { server } = serverOf({ script: [["ok"]] });
  const body = '{"prompt":"p","metadata":{"__proto__":{"polluted":1},"constructor":1}}';
  assertEquals((await post(server, "/invoke", body)).status, 200);
  assertEquals(({} as Record<string, unknown>).polluted, undefined);
});
