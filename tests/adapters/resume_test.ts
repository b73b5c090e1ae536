import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { EventBus, runContext } from "@locus/core";
import { Agent, InterruptError, tool } from "@locus/core/agent";
import { locus, type LocusOptions, type ResumeRequest } from "@locus/core/hono";
import { requires } from "../harness/support/requires.ts";
import { ScriptedModel, toolCall } from "../harness/support/scripted_model.ts";
import { until } from "../harness/support/until.ts";

interface Fixture {
  requests: ResumeRequest[];
  post(body: unknown, headers?: HeadersInit, run?: string): Promise<Response>;
}

function createFixture(options: LocusOptions = {}): Fixture {
  const requests: ResumeRequest[] = [];
  const app = locus({
    authorize: () => true,
    onResume: (_c, request) => void requests.push(request),
    ...options,
  });
  return {
    requests,
    post: async (body, headers = {}, run = "r") =>
      await app.request(`/runs/${run}/resume`, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...headers },
        body: JSON.stringify(body),
      }),
  };
}

const answer = { interrupt_id: "int_1", response: { approved: true } };

test("POST /runs/:run_id/resume hands the answer on", async () => {
  const { post, requests } = createFixture();
  const response = await post(answer);
  assertEquals([response.status, await response.json()], [202, {
    run_id: "r",
    interrupt_id: "int_1",
  }]);
  assertEquals(requests, [{ runId: "r", interruptId: "int_1", response: { approved: true } }]);
});

test(
  "An agent that waits for a person goes on with the answer",
  await requires("async-context"),
  async () => {
    const bus = new EventBus();
    const book = tool({
      name: "book",
      execute: (_, { interrupt }) => `booked: ${interrupt({ question: "Really?" })}`,
    });
    const model = new ScriptedModel([toolCall("c1", "book", {})], ["Have a good trip."]);
    const agent = new Agent({ model, tools: [book] });
    const app = locus({
      bus,
      authorize: () => true,
      onResume(_c, { runId, interruptId, response }) {
        try {
          const run = runContext({ runId, bus }, () => agent.resume(response, { interruptId }));
          void Array.fromAsync(run);
        } catch (error) {
          if (error instanceof InterruptError) return false;
          throw error;
        }
      },
    });
    const summary = async () => (await (await app.request("/runs")).json()).runs[0];
    const reply = async (interruptId: string) =>
      await app.request("/runs/trip/resume", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ interrupt_id: interruptId, response: "yes" }),
      });
    await runContext({ runId: "trip", bus }, () => agent.invoke("Book it"));
    const waiting = await summary();
    assertEquals([waiting.state, waiting.question.question_preview], ["waiting", "Really?"]);
    assertEquals((await reply(waiting.question.interrupt_id)).status, 202);
    await until("the agent is done", async () => (await summary()).state === "done");
    assertEquals(model.calls.length, 2);
    // Nobody waits for it any more.
    assertEquals((await reply(waiting.question.interrupt_id)).status, 409);
  },
);

for (const response of [null, false, 0, "", [], "yes"]) {
  test(`POST /runs/:run_id/resume takes ${JSON.stringify(response)} for an answer`, async () => {
    const { post, requests } = createFixture();
    assertEquals((await post({ interrupt_id: "i", response })).status, 202);
    assertEquals(requests[0]!.response, response);
  });
}

test("POST /runs/:run_id/resume does not exist without onResume", async () => {
  const { post } = createFixture({ onResume: undefined });
  assertEquals((await post(answer)).status, 404);
});

test("POST /runs/:run_id/resume is 404 for who may not have to do with the run", async () => {
  const { post, requests } = createFixture({ authorize: (_c, runId) => runId === "mine" });
  const response = await post(answer, {}, "r");
  assertEquals([response.status, await response.json()], [404, { error: "Not found" }]);
  assertEquals((await post(answer, {}, "mine")).status, 202);
  assertEquals(requests.map(({ runId }) => runId), ["mine"]);
});

test("POST /runs/:run_id/resume is 409 where nobody waits for the answer", async () => {
  for (const onResume of [() => false, () => Promise.resolve(false)]) {
    const response = await createFixture({ onResume }).post(answer);
    assertEquals(response.status, 409);
    assertEquals(await response.json(), { error: "Nobody waits for this answer" });
  }
});

test("POST /runs/:run_id/resume takes one answer at a time", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let calls = 0;
  const { post } = createFixture({ onResume: () => ++calls === 1 ? promise : undefined });
  const first = post(answer);
  const second = await post(answer);
  assertEquals([second.status, calls], [409, 1]);
  assertEquals((await post({ ...answer, interrupt_id: "int_2" })).status, 202);
  resolve();
  assertEquals((await first).status, 202);
  assertEquals((await post(answer)).status, 202);
});

test("POST /runs/:run_id/resume that fails tells the client nothing but an id", async () => {
  const errors: unknown[] = [];
  const { post } = createFixture({
    onError: (error) => void errors.push(error),
    onResume() {
      throw new Error("swordfish");
    },
  });
  const response = await post(answer);
  assertEquals(response.status, 500);
  assertEquals((await response.text()).includes("swordfish"), false);
  assertEquals(errors.map(String), ["Error: swordfish"]);
  // The next one is not in the way of it.
  assertEquals((await post(answer)).status, 500);
});

for (
  const [what, body, status] of [
    ["no object", 7, 400],
    ["null", null, 400],
    ["no question", { response: 1 }, 400],
    ["an empty question", { interrupt_id: "", response: 1 }, 400],
    ["a question that is no text", { interrupt_id: 7, response: 1 }, 400],
    ["a question that is too long", { interrupt_id: "x".repeat(257), response: 1 }, 400],
    ["no answer", { interrupt_id: "i" }, 400],
    ["a large answer", { interrupt_id: "i", response: "x".repeat(1024 * 1024) }, 413],
  ] as const
) {
  test(`POST /runs/:run_id/resume answers ${what} with ${status}`, async () => {
    const { post, requests } = createFixture();
    const response = await post(body);
    assertEquals(response.status, status);
    assertEquals(typeof (await response.json()).error, "string");
    assertEquals(requests, []);
  });
}

for (
  const [what, headers, status] of [
    ["a form of another page", { "Content-Type": "text/plain", Origin: "https://evil.com" }, 403],
    ["a form", { "Content-Type": "text/plain" }, 403],
    ["a script of another page", { Origin: "https://evil.com" }, 403],
    ["a page without an origin", { Origin: "null" }, 403],
    ["another page, as the browser says", { "Sec-Fetch-Site": "cross-site" }, 403],
    ["a neighbouring page", { "Sec-Fetch-Site": "same-site" }, 403],
    ["a page that is allowed", { Origin: "https://good.example" }, 202],
    [
      "a page that is allowed",
      { Origin: "https://good.example", "Sec-Fetch-Site": "cross-site" },
      202,
    ],
    ["its own page", { Origin: "http://localhost", "Sec-Fetch-Site": "same-origin" }, 202],
    // A proxy in between may have another name for this server.
    [
      "its own page behind a proxy",
      { Origin: "https://example.com", "Sec-Fetch-Site": "same-origin" },
      202,
    ],
    ["its own page in an old browser", { Origin: "http://localhost" }, 202],
    ["no browser", {}, 202],
  ] as const
) {
  const named = Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join(", ");
  test(`POST /runs/:run_id/resume answers ${what} with ${status} (${named})`, async () => {
    const { post, requests } = createFixture({ allowedOrigins: ["https://good.example"] });
    assertEquals((await post(answer, headers)).status, status);
    assertEquals(requests.length, status === 202 ? 1 : 0);
  });
}

test("GET /runs/:run_id/resume is 405", async () => {
  const app = locus({ local: true, onResume() {} });
  const response = await app.request("/runs/r/resume");
  assertEquals([response.status, response.headers.get("Allow")], [405, "POST"]);
  assertEquals(await response.json(), { error: "Only POST is answered here" });
});
