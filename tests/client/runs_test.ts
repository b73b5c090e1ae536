import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { EventBus } from "@locus/core";
import {
  answerInterrupt,
  type AnswerOptions,
  ClientError,
  findRuns,
  type InterruptAnswer,
  runs,
  type RunsOptions,
} from "@locus/core/client";
import { locus } from "@locus/core/hono";
import { serve } from "../harness/support/serve.ts";
import { type Answer, scripted } from "./_support.ts";

const url = "https://example.com/locus/runs";
const list = { runs: [{ run_id: "b", state: "running" }, { run_id: "a", state: "done" }] };

test("runs() answers the list as the server has it", async () => {
  const { fetch, asked } = scripted(Response.json(list));
  const found = await runs(`${url}?team=7`, { fetch, limit: 2, headers: { "X-User": "ada" } });
  assertEquals(found.map(({ run_id, state }) => [run_id, state]), [["b", "running"], [
    "a",
    "done",
  ]]);
  const [{ url: given, headers } = asked[0]!] = asked;
  assertEquals(given, `${url}?team=7&limit=2`);
  assertEquals([headers.get("X-User"), headers.get("Accept")], ["ada", "application/json"]);
});

test("findRuns() asks for a page of an archive, and answers what was found", async () => {
  const match = { event_id: "e-1", run_id: "b", event_type: "shop.said", timestamp: "", data: {} };
  const { fetch, asked } = scripted(
    Response.json({ ...list, next: "12", matches: { b: match } }),
    Response.json({ ...list, next: 7, matches: [] }),
  );
  const page = await findRuns(url, {
    fetch,
    search: "order 7",
    prefix: "o",
    closed: false,
    state: "interrupted",
    tags: { team: "a=b", n: "1" },
    model: "gpt",
    since: "2026-01-01",
    until: "2026-02-01",
    limit: 2,
    before: "40",
  });
  const query =
    "limit=2&search=order+7&prefix=o&closed=false&state=interrupted&model=gpt&since=2026-01-01" +
    "&until=2026-02-01&before=40&tag=team%3Da%3Db&tag=n%3D1";
  assertEquals(asked[0]!.url, `${url}?${query}`);
  assertEquals([page.next, page.matches.b], ["12", match]);
  const { next, matches } = await findRuns(url, { fetch, before: null });
  assertEquals([asked[1]!.url, next, matches], [url, null, {}]);
});

const failures: Record<string, [Answer, code: string, message: string]> = {
  "a refusal": [new Response("no", { status: 404 }), "refused", "the server answered 404"],
  "no answer": [new TypeError("down"), "unreachable", "there was no answer"],
  "no JSON": [new Response("<html>"), "bad_answer", "the answer is not JSON"],
  "another list": [Response.json({ runs: [{}] }), "bad_answer", "the answer is not a list of runs"],
  "no list": [Response.json([]), "bad_answer", "the answer is not a list of runs"],
  "null": [Response.json(null), "bad_answer", "the answer is not a list of runs"],
  "a run id that cannot be": [
    Response.json({ runs: [{ run_id: "\x1b[2J", state: "done" }] }),
    "bad_answer",
    "the answer is not a list of runs",
  ],
  "an answer that breaks off": [() => new Response(breaking()), "cut_off", "the connection broke"],
  "an answer without end": [() => new Response(endless()), "too_long", "more than 8388608 bytes"],
};

for (const [what, [answer, code, message]] of Object.entries(failures)) {
  test(`runs() fails at ${what}`, async () => {
    const { fetch } = scripted(answer);
    const error = await assertRejects(() => runs(url, { fetch }), ClientError, message);
    assertEquals(error.code, code);
    assert(error.message.startsWith("Cannot list runs at https://example.com/locus/runs: "));
  });
}

for (const answer of [() => new Promise<Response>(() => {}), new Response(new ReadableStream())]) {
  test(`runs() fails when ${answer instanceof Response ? "the end of " : ""}the answer does not come`, async () => {
    const { fetch, asked } = scripted(answer);
    const error = await assertRejects(() => runs(url, { fetch, timeoutMs: 10 }), ClientError);
    assertEquals(error.code, "silent");
    assert(asked[0]!.signal.aborted);
  });
}

test("runs() rejects with the signal's reason", async () => {
  const abort = new AbortController();
  const { fetch } = scripted(() => new Promise<Response>(() => {}));
  const listing = runs(url, { fetch, signal: abort.signal });
  const reason = new Error("enough");
  abort.abort(reason);
  assertStrictEquals(await listing.catch((error) => error), reason);
  assertStrictEquals(
    await runs(url, { fetch, signal: abort.signal }).catch((error) => error),
    reason,
  );
});

test("runs() and answerInterrupt() talk to a server of ours", async () => {
  const bus = new EventBus();
  bus.publish({
    run_id: "order-42",
    event_type: "agent.interrupt",
    data: { interrupt_id: "int_1", question_preview: "Sure?", options: null },
  });
  bus.publish({ run_id: "other", event_type: "test.tick", data: {} });
  const answers: unknown[] = [];
  const app = locus({
    bus,
    authorize: (c) => c.req.header("X-User") === "ada",
    onResume: (_c, { runId, interruptId, response }) => {
      if (answers.length > 0) return false;
      answers.push([runId, interruptId, response]);
    },
  });
  const server = await serve(app);
  try {
    const options = { headers: { "X-User": "ada" } };
    const [waiting, ...rest] = (await runs(`${server.url}/runs`, options)).filter(({ state }) =>
      state === "waiting"
    );
    assertEquals([waiting?.run_id, rest.length], ["order-42", 0]);
    assertEquals((await runs(`${server.url}/runs`, { ...options, limit: 1 })).length, 1);
    const interruptId = waiting!.question!.interrupt_id;
    const resume = `${server.url}/runs/order-42/resume`;
    await answerInterrupt(resume, { interruptId, response: { approved: true } }, options);
    assertEquals(answers, [["order-42", "int_1", { approved: true }]]);
    const again = await answerInterrupt(resume, { interruptId, response: "yes" }, options)
      .catch((error) => error);
    assertEquals([again.status, await runs(`${server.url}/runs`)], [409, []]);
  } finally {
    await server.close();
  }
});

test("answerInterrupt() posts the answer as JSON", async () => {
  const sent: RequestInit[] = [];
  await answerInterrupt(`${url}/r/resume`, { interruptId: "int_1", response: "yes" }, {
    fetch: (_url, init) => {
      sent.push(init);
      return Promise.resolve(Response.json({}, { status: 202 }));
    },
  });
  const [{ method, body, headers } = sent[0]!] = sent;
  assertEquals([method, JSON.parse(String(body))], [
    "POST",
    { interrupt_id: "int_1", response: "yes" },
  ]);
  assertEquals(new Headers(headers).get("Content-Type"), "application/json");
});

test("answerInterrupt() fails when the server refuses", async () => {
  const { fetch } = scripted(Response.json({ error: "taken" }, { status: 409 }));
  const answer = { interruptId: "int_1", response: "yes" };
  const error = await assertRejects(
    () => answerInterrupt(`${url}/r/resume`, answer, { fetch }),
    ClientError,
    "Cannot answer at https://example.com/locus/runs/r/resume: the server answered 409",
  );
  assertEquals([error.code, error.status], ["refused", 409]);
});

test("runs() and answerInterrupt() refuse bad options", async () => {
  for (
    const [options, errorClass, message] of [
      [{ limit: 0 }, RangeError, '"limit" must be'],
      [{ timeoutMs: -1 }, RangeError, '"timeoutMs" must be'],
      [{ after: "x" }, TypeError, 'unknown option "after"'],
    ] as const
  ) {
    await assertRejects(() => runs(url, options as RunsOptions), errorClass, message);
  }
  await assertRejects(
    () => answerInterrupt(url, { interruptId: 1, response: "" } as never as InterruptAnswer),
    TypeError,
    '"interruptId" must be a string, got 1',
  );
  await assertRejects(
    () => answerInterrupt(url, { interruptId: "i", response: "" }, { limit: 1 } as AnswerOptions),
    TypeError,
    'unknown option "limit"',
  );
});

function breaking(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: (controller) => controller.error(new TypeError("connection reset")),
  });
}

function endless(): ReadableStream<Uint8Array> {
  const piece = new Uint8Array(65_536).fill(32);
  return new ReadableStream({ pull: (controller) => controller.enqueue(piece) });
}
