import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { followRun, runs } from "@locus/core/client";
import { watchTimers } from "../core/bus/leaks/timers.ts";
import { ListenerCount } from "../core/properties/listener_count.ts";
import { turn, until } from "../harness/support/until.ts";
import {
  type Answer,
  atOnce,
  end,
  readNext,
  readToEnd,
  scripted,
  stream,
  ticks,
  toBytes,
} from "./_support.ts";

const url = "http://localhost/runs/r/events";

/** An answer that goes on, and whether it was let go of. */
function ongoing(text = "", init: ResponseInit = {}) {
  const state = { cancelled: false };
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => void (text && controller.enqueue(toBytes(text))),
    cancel: () => void (state.cancelled = true),
  });
  const headers = { "Content-Type": "text/event-stream" };
  return { state, response: new Response(body, { headers, ...init }) };
}

const ways: Record<string, (signal: AbortSignal) => Promise<unknown>> = {
  "reads to the end": (signal) => {
    const { fetch } = scripted(stream(ticks(1), end(1)));
    return readToEnd(followRun(url, { fetch, signal }));
  },
  "reads over many connections": (signal) => {
    const answers: Answer[] = [stream(ticks(1)), new TypeError("down"), stream(end(1))];
    return readToEnd(followRun(url, { fetch: scripted(...answers).fetch, signal, ...atOnce }));
  },
  "leaves": async (signal) => {
    const follow = followRun(url, { fetch: scripted(ongoing(ticks(1)).response).fetch, signal });
    await readNext(follow, 1);
    await follow.return();
  },
  "leaves while it waits to come back": async (signal) => {
    const fetch = scripted(new TypeError("down")).fetch;
    const follow = followRun(url, { fetch, signal, retry: () => 3_600_000 });
    const next = follow.next();
    await until("it waits", () => follow.state.phase === "waiting");
    await follow.return();
    await next;
  },
  "fails": (signal) => {
    const { fetch } = scripted(new Response(null, { status: 404 }));
    return followRun(url, { fetch, signal }).next().catch(() => {});
  },
  "is never read": (signal) => Promise.resolve(followRun(url, { signal })),
  "lists runs": (signal) => {
    const { fetch } = scripted(Response.json({ runs: [] }));
    return runs(url, { fetch, signal });
  },
};

for (const [way, come] of Object.entries(ways)) {
  test(`Whoever ${way} leaves no timer and no listener behind`, async () => {
    const listeners = new ListenerCount();
    const { signal } = listeners.createAbort();
    const timers = watchTimers();
    try {
      await come(signal);
    } finally {
      timers.stop();
    }
    assertEquals([timers.pending, listeners.total], [0, 0]);
  });
}

test("followRun() lets go of an answer that it does not read", async () => {
  for (const status of [200, 404, 503]) {
    const { state, response } = ongoing("<html>", {
      status,
      headers: { "Content-Type": "text/html" },
    });
    const follow = followRun(url, { fetch: scripted(response).fetch, retry: () => null });
    await follow.next().catch(() => {});
    assertEquals(state.cancelled, true, `status ${status}`);
  }
});

test("followRun() lets go of a connection that it gives up", async () => {
  const { state, response } = ongoing("data: {}\n\n");
  const onError = (error: Error) => {
    throw error;
  };
  await followRun(url, { fetch: scripted(response).fetch, onError }).next().catch(() => {});
  assertEquals(state.cancelled, true);
});

test("followRun() lets go of an answer that comes too late", async () => {
  const { state, response } = ongoing();
  const { promise, resolve } = Promise.withResolvers<Response>();
  const { fetch, asked } = scripted(() => promise);
  const follow = followRun(url, { fetch });
  const next = follow.next();
  await until("it asked", () => asked.length === 1);
  await follow.return();
  assertEquals(await next, { done: true, value: undefined });
  assertEquals(asked[0]!.signal.aborted, true);
  resolve(response);
  await until("the answer is let go of", () => state.cancelled);
});

test("followRun() lets go of an answer that comes at the moment when it is left", async () => {
  // Between the answer and its being read there are some turns of promises; each is a moment to leave in.
  for (let turns = 0; turns < 30; turns++) {
    const { state, response } = ongoing();
    const { fetch } = scripted(() => {
      void leaveAfter(turns);
      return response;
    });
    const follow = followRun(url, { fetch });
    const leaveAfter = async (turns: number) => {
      for (let turn = 0; turn < turns; turn++) await null;
      await follow.return();
    };
    assertEquals(await follow.next(), { done: true, value: undefined });
    await until(`the answer is let go of after ${turns} turns`, () => state.cancelled);
  }
});

test("runs() lets go of an answer that comes at the moment when it is aborted", async () => {
  for (let turns = 0; turns < 30; turns++) {
    const { state, response } = ongoing("{");
    const abort = new AbortController();
    const abortAfter = async (turns: number) => {
      for (let turn = 0; turn < turns; turn++) await null;
      abort.abort();
    };
    const { fetch } = scripted(() => {
      void abortAfter(turns);
      return response;
    });
    const error = await runs(url, { fetch, signal: abort.signal }).catch((error) => error);
    assertEquals(error.name, "AbortError");
    await until(`the answer is let go of after ${turns} turns`, () => state.cancelled);
  }
});

test("followRun() sends no request when it was left while the headers were made", async () => {
  const { promise, resolve } = Promise.withResolvers<HeadersInit>();
  const { fetch, asked } = scripted();
  const follow = followRun(url, { fetch, headers: () => promise });
  const next = follow.next();
  await until("it connects", () => follow.state.phase === "connecting");
  await follow.return();
  resolve({});
  await next;
  await turn();
  assertEquals(asked, []);
});

test("runs() lets go of an answer that is too long", async () => {
  const state = { cancelled: false };
  const piece = new Uint8Array(1024 * 1024).fill(32);
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(piece),
    cancel: () => void (state.cancelled = true),
  });
  await runs(url, { fetch: scripted(new Response(body)).fetch }).catch(() => {});
  assertEquals(state.cancelled, true);
});
