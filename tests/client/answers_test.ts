import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ClientError, type FollowFailure, type FollowOptions, followRun } from "@locus/core/client";
import { parseStreamEvent } from "@locus/core/schemas";
import { encodeFrame } from "@locus/core/sse";
import { until } from "../harness/support/until.ts";
import {
  atOnce,
  end,
  outline,
  readNext,
  readToEnd,
  scripted,
  stream,
  tick,
  ticks,
  wire,
} from "./_support.ts";

const url = "http://localhost/runs/r/events";

/** What is waited for after the answers, one number each; then the run is over. */
async function waits(...answers: (Response | Error)[]): Promise<FollowFailure[]> {
  const failures: FollowFailure[] = [];
  const { fetch } = scripted(...answers, stream(end(0)));
  const retry = (failure: FollowFailure) => {
    failures.push(failure);
    return 0;
  };
  await readToEnd(followRun(url, { fetch, retry }));
  return failures;
}

for (const status of [408, 425, 429, 500, 502, 503, 504]) {
  test(`followRun() comes back after status ${status}`, async () => {
    const [failure] = await waits(new Response("busy", { status }));
    assertEquals([failure?.cause.code, failure?.cause.status], ["refused", status]);
  });
}

for (const status of [400, 401, 403, 404, 405, 410, 413, 201, 206, 304]) {
  test(`followRun() fails at status ${status}`, async () => {
    const body = status === 304 ? null : "no";
    const { fetch, asked } = scripted(new Response(body, { status }));
    const follow = followRun(`${url}?key=secret`, {
      fetch,
      headers: { Authorization: "Bearer secret" },
    });
    const error = await assertRejects(() => follow.next(), ClientError);
    assertEquals([error.code, error.status], ["refused", status]);
    assertEquals(error.message, `Cannot follow ${url}: the server answered ${status}`);
    assertEquals(follow.state.ended, { reason: "failed", error });
    assertEquals(follow.state.cause, error);
    assertEquals(asked.length, 1);
  });
}

test("followRun() waits as long as Retry-After says in seconds, and some more", async () => {
  const headers = { "Retry-After": "7" };
  const [{ waitMs } = { waitMs: 0 }] = await waits(new Response(null, { status: 503, headers }));
  assert(waitMs >= 7_000 && waitMs < 8_000, String(waitMs));
});

test("followRun() waits until the date that Retry-After says, and some more", async () => {
  const headers = { "Retry-After": new Date(Date.now() + 20_000).toUTCString() };
  const [{ waitMs } = { waitMs: 0 }] = await waits(new Response(null, { status: 429, headers }));
  assert(waitMs > 15_000 && waitMs < 21_000, String(waitMs));
});

for (const value of ["", "soon", "-5"]) {
  test(`followRun() waits by its own measure if Retry-After is ${JSON.stringify(value)}`, async () => {
    const headers = { "Retry-After": value };
    const [{ waitMs } = { waitMs: -1 }] = await waits(new Response(null, { status: 503, headers }));
    assert(waitMs >= 0 && waitMs < 1_000, String(waitMs));
  });
}

test("followRun() waits as long as the stream's retry says, and some more", async () => {
  const [{ waitMs } = { waitMs: 0 }] = await waits(stream("retry: 4000\n\n"));
  assert(waitMs >= 4_000 && waitMs < 5_000, String(waitMs));
});

test("followRun() prefers Retry-After to the stream's retry", async () => {
  const headers = { "Retry-After": "2" };
  const [, second] = await waits(
    stream("retry: 60000\n\n"),
    new Response(null, { status: 503, headers }),
  );
  assert(second!.waitMs >= 2_000 && second!.waitMs < 4_000, String(second!.waitMs));
});

test("followRun() never waits longer than an hour and a bit for a server's sake", async () => {
  const [{ waitMs } = { waitMs: 0 }] = await waits(stream("retry: 99999999999999\n\n"));
  assert(waitMs >= 3_600_000 && waitMs < 3_601_000, String(waitMs));
});

test("followRun() counts failures in a row, until an event is delivered", async () => {
  const failures: number[] = [];
  const { fetch } = scripted(
    new TypeError("down"),
    new Response(null, { status: 503 }),
    stream(),
    stream(ticks(1)),
    stream(ticks(1)),
    stream(ticks(2), end(2)),
  );
  const retry = (failure: FollowFailure) => {
    failures.push(failure.failures);
    return 0;
  };
  assertEquals(outline(await readToEnd(followRun(url, { fetch, retry }))), [1, 2, "end"]);
  // The fifth repeats what is known, and is no progress.
  assertEquals(failures, [1, 2, 3, 1, 2]);
});

test("followRun() tells at every change how it stands", async () => {
  const told: unknown[] = [];
  const { fetch } = scripted(stream(ticks(1)), new TypeError("down"), stream(end(1)));
  const follow = followRun(url, {
    fetch,
    retry: ({ failures }) => failures,
    onState: ({ phase, cause, waitMs, failures, reconnects, events, ended }) =>
      void told.push([
        `${phase} ${cause?.code} ${waitMs}`,
        [failures, reconnects, events],
        ended?.reason,
      ]),
  });
  await readToEnd(follow);
  assertEquals(told, [
    ["connecting undefined null", [0, 0, 0], undefined],
    ["live undefined null", [0, 0, 0], undefined],
    ["waiting cut_off 1", [1, 0, 1], undefined],
    ["connecting cut_off null", [1, 0, 1], undefined],
    ["waiting unreachable 2", [2, 0, 1], undefined],
    ["connecting unreachable null", [2, 0, 1], undefined],
    ["live undefined null", [2, 1, 1], undefined],
    ["ended undefined null", [0, 1, 2], "closed"],
  ]);
});

test("followRun() gives up when retry says so, and throws the cause", async () => {
  const down = new TypeError("connection refused");
  const { fetch } = scripted(down, down, down);
  const retry = ({ failures, waitMs }: FollowFailure) => failures < 3 ? waitMs * 0 : null;
  const follow = followRun(url, { fetch, retry });
  const error = await assertRejects(() => follow.next(), ClientError);
  assertEquals([error.code, error.cause], ["unreachable", down]);
  assertEquals(follow.state.phase, "ended");
  assertEquals(await follow.next(), { done: true, value: undefined });
});

for (const value of [-1, NaN, "1", undefined]) {
  test(`followRun() fails if retry returns ${String(value)}`, async () => {
    const { fetch } = scripted(new TypeError("down"));
    const follow = followRun(url, { fetch, retry: () => value as number });
    await assertRejects(() => follow.next(), TypeError, '"retry" must return milliseconds or null');
  });
}

test("followRun() says that a stream ended before the run did", async () => {
  const follow = followRun(url, { fetch: scripted(stream(ticks(1))).fetch, retry: () => null });
  assertEquals(outline(await readNext(follow, 1)), [1]);
  const error = await assertRejects(() => follow.next(), ClientError, "ended before the run did");
  assertEquals(error.code, "cut_off");
});

test("followRun() ends without an event at 204", async () => {
  const { fetch } = scripted(stream(ticks(1)), new Response(null, { status: 204 }));
  const follow = followRun(url, { fetch, ...atOnce });
  assertEquals(outline(await readToEnd(follow)), [1]);
  assertEquals(follow.state.ended, { reason: "nothing_left" });
});

for (
  const type of [
    "text/event-stream",
    "text/event-stream;",
    "text/event-stream;charset=windows-1252",
    "TEXT/EVENT-STREAM; charset=utf-8",
  ]
) {
  test(`followRun() reads a stream of type ${type}`, async () => {
    const response = stream(end(0));
    response.headers.set("Content-Type", type);
    assertEquals(
      outline(await readToEnd(followRun(url, { fetch: scripted(response).fetch }))),
      ["end"],
    );
  });
}

for (const type of ["text/event-streamx", "x bogus", "text/html", "application/json"]) {
  test(`followRun() fails at an answer of type ${type}`, async () => {
    const response = stream(end(0));
    response.headers.set("Content-Type", type);
    const follow = followRun(url, { fetch: scripted(response).fetch });
    const error = await assertRejects(
      () => follow.next(),
      ClientError,
      `expected text/event-stream, got "${type}"`,
    );
    assertEquals(error.code, "bad_answer");
  });
}

test("followRun() comes back after bus.error, and tells its id", async () => {
  const failed = encodeFrame({
    event: "bus.error",
    data: JSON.stringify({
      ...tick(0),
      event_id: "5f0c",
      event_type: "bus.error",
      data: { correlation_id: "5f0c1b2a-77" },
    }),
  });
  const causes: FollowFailure[] = [];
  const { fetch, asked } = scripted(stream(ticks(1), failed), stream(ticks(2), end(2)));
  const retry = (failure: FollowFailure) => {
    causes.push(failure);
    return 0;
  };
  assertEquals(outline(await readToEnd(followRun(url, { fetch, retry }))), [1, 2, "end"]);
  assertEquals(causes.map(({ cause }) => [cause.code, cause.correlationId]), [
    ["server_failed", "5f0c1b2a-77"],
  ]);
  assertEquals(asked[1]!.headers.get("Last-Event-ID"), "e-1");
});

test("followRun() validates what it is given a schema for, and lets other types pass", async () => {
  const skill = { skill_name: "s", has_resources: false, instructions_length: 1 };
  const known = (n: number, data: object) => ({
    ...tick(n),
    event_type: "skills.activated",
    data,
  });
  const text = wire(
    tick(1),
    known(2, skill),
    known(3, { ...skill, instructions_length: "long" }),
    known(4, { ...skill, of_a_newer_version: 1 }),
  ) + end(4);
  const told: string[] = [];
  const follow = followRun(url, {
    fetch: scripted(stream(text)).fetch,
    validate: parseStreamEvent,
    onError: ({ message }) => void told.push(message),
  });
  const types = (await readToEnd(follow)).map(({ event_id }) => event_id);
  assertEquals(types, ["e-1", "e-2", "e-4", "e-5"]);
  assertEquals(told, [
    'Cannot read event: "data.instructions_length" must be a number, got "long"',
  ]);
});

test("followRun() reads payloads with dangerous keys as plain data", async () => {
  const text = ticks(1).replace('"n":1', '"n":1,"__proto__":{"polluted":true}');
  const [event] = await readToEnd(
    followRun(url, { fetch: scripted(stream(text + end(1))).fetch }),
  );
  assertEquals(Object.keys(event!.data), ["n", "__proto__"]);
  assertEquals(({} as { polluted?: boolean }).polluted, undefined);
});

test("followRun() gives up a connection on which nothing comes, and comes back", async () => {
  const silent = () =>
    new Response(new ReadableStream(), { headers: { "Content-Type": "text/event-stream" } });
  const codes: string[] = [];
  const { fetch, asked } = scripted(silent(), stream(ticks(1), end(1)));
  const retry = ({ cause }: FollowFailure) => {
    codes.push(cause.code);
    return 0;
  };
  const follow = followRun(url, { fetch, retry, idleTimeoutMs: 20 });
  assertEquals(outline(await readToEnd(follow)), [1, "end"]);
  assertEquals(codes, ["silent"]);
  assert(asked[0]!.signal.aborted, "the connection was closed");
});

test("followRun() gives up a request that is not answered, and comes back", async () => {
  const { fetch, asked } = scripted(() => new Promise<Response>(() => {}), stream(end(0)));
  const follow = followRun(url, { fetch, ...atOnce, idleTimeoutMs: 20 });
  assertEquals(outline(await readToEnd(follow)), ["end"]);
  assert(asked[0]!.signal.aborted);
});

test("followRun() takes comments for a sign of life", async () => {
  let left = 13;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      controller.enqueue(new TextEncoder().encode(left-- > 0 ? ":\n\n" : end(0)));
    },
  }, { highWaterMark: 0 });
  const { fetch, asked } = scripted(
    new Response(body, { headers: { "Content-Type": "text/event-stream" } }),
  );
  assertEquals(outline(await readToEnd(followRun(url, { fetch, idleTimeoutMs: 600 }))), ["end"]);
  assertEquals(asked.length, 1);
});

test("followRun() asks for headers before every connection", async () => {
  let token = 0;
  const { fetch, asked } = scripted(stream(ticks(1)), stream(ticks(2), end(2)));
  const headers = () => Promise.resolve({ Authorization: `Bearer ${++token}` });
  await readToEnd(followRun(url, { fetch, headers, ...atOnce }));
  assertEquals(asked.map(({ headers }) => headers.get("Authorization")), ["Bearer 1", "Bearer 2"]);
});

test("followRun() comes back when the headers could not be made", async () => {
  let attempts = 0;
  const { fetch } = scripted(stream(end(0)));
  const headers = () => {
    if (++attempts === 1) throw new Error("no network");
    return {};
  };
  assertEquals(outline(await readToEnd(followRun(url, { fetch, headers, ...atOnce }))), ["end"]);
  assertEquals(attempts, 2);
});

test("followRun() asks for what was selected, after what is known", async () => {
  const { fetch, asked } = scripted(stream(end(0)));
  await readToEnd(
    followRun(`${url}?token=t`, { fetch, select: ["agent.*", "shop.paid"], after: "e-3" }),
  );
  const [{ url: given, headers } = asked[0]!] = asked;
  assertEquals(
    Object.fromEntries(new URL(given).searchParams),
    { token: "t", select: "agent.*,shop.paid" },
  );
  assertEquals(
    [headers.get("Accept"), headers.get("Last-Event-ID")],
    ["text/event-stream", "e-3"],
  );
});

test("followRun() asks past every cache, and leaves cookies to the runtime unless told", async () => {
  const { fetch, asked } = scripted(stream(end(0)), stream(end(0)));
  await readToEnd(followRun(url, { fetch }));
  await readToEnd(followRun(url, { fetch, credentials: "include" }));
  assertEquals(asked.map(({ init }) => init.cache), ["no-store", "no-store"]);
  assertEquals(asked.map(({ init }) => "credentials" in init), [false, true]);
  assertEquals(asked[1]!.init.credentials, "include");
});

test("followRun() remembers what it had of more than one run", async () => {
  const other = (n: number) => ({ ...tick(n), run_id: "r2" });
  const { fetch } = scripted(
    stream(wire(tick(1), other(1), tick(2))),
    stream(wire(other(1), tick(2), tick(1), other(2)), end(2)),
  );
  const events = await readToEnd(followRun(url, { fetch, ...atOnce }));
  assertEquals(events.map(({ run_id, data }) => `${run_id} ${data.n ?? "end"}`), [
    "r 1",
    "r2 1",
    "r 2",
    "r2 2",
    "r end",
  ]);
});

test("followRun() never shows what may be a secret", () => {
  const bad: [string, FollowOptions][] = [
    ["http://name:hunter2@localhost/", {}],
    ["ftp://localhost/hunter2", {}],
    [url, { headers: { Authorization: "hunter2\nx" } }],
  ];
  for (const [url, options] of bad) {
    const error = assertThrows(() => followRun(url, options), TypeError, "followRun(): ");
    assert(!shown(error).includes("hunter2"), error.message);
  }
});

/** All that a log would show of an error. */
function shown(error: Error): string {
  return `${error.message} ${error.cause}`;
}

test("followRun() refuses bad options", () => {
  const bad = [
    [{ after: 7 }, TypeError, '"after" must be an event_id or null, got 7'],
    [{ select: "no way" }, TypeError, '"select" must be'],
    [{ fetch: 1 }, TypeError, '"fetch" must be a function'],
    [{ signal: {} }, TypeError, '"signal" must be an AbortSignal'],
    [{ validate: 1 }, TypeError, '"validate" must be a function'],
    [{ onError: 1 }, TypeError, '"onError" must be a function'],
    [{ onState: 1 }, TypeError, '"onState" must be a function'],
    [{ retry: 3 }, TypeError, '"retry" must be a function'],
    [{ idleTimeoutMs: 0 }, RangeError, '"idleTimeoutMs" must be'],
    [{ maxBlockLength: 0.5 }, RangeError, '"maxBlockLength" must be'],
    [{ lastEventId: "x" }, TypeError, 'unknown option "lastEventId"'],
  ] as const;
  for (const [options, errorClass, message] of bad) {
    assertThrows(() => followRun(url, options as FollowOptions), errorClass, message);
  }
});

test("followRun() has asked nobody before an event is asked for", async () => {
  const { fetch, asked } = scripted();
  const follow = followRun(url, { fetch });
  await until("a turn has passed", () => true);
  assertEquals([asked.length, follow.state.phase], [0, "idle"]);
});
