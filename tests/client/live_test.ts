import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { type Context, Hono } from "hono";
import { EventBus, type EventBusOptions } from "@locus/core";
import {
  ClientError,
  type FollowFailure,
  type FollowOptions,
  followRun,
  type FollowState,
} from "@locus/core/client";
import { locus } from "@locus/core/hono";
import { serve, type TestServer } from "../harness/support/serve.ts";
import { until } from "../harness/support/until.ts";
import { atOnce, layLine, type Line, outline, publish, readNext, readToEnd } from "./_support.ts";

interface Fixture {
  bus: EventBus;
  line: Line;
  /** Of the run `r`. */
  url: string;
  /** The requests for it, as the server got them. */
  asked: Context["req"][];
  /** Stops the server, and starts one on another bus. */
  restart(bus: EventBus): Promise<void>;
  stop(): Promise<void>;
}

/** Registers a test with a real server, behind a line that can be cut. */
function testLive(
  name: string,
  run: (fixture: Fixture) => Promise<void>,
  options: EventBusOptions = {},
): void {
  test(name, async () => {
    const bus = new EventBus(options);
    const asked: Context["req"][] = [];
    const start = (bus: EventBus): Promise<TestServer> => {
      const app = new Hono();
      app.use("/locus/runs/*", async (c, next) => {
        asked.push(c.req);
        await next();
      });
      app.get("/moved", (c) => c.redirect("/locus/runs/r/events", 307));
      return serve(app.route("/locus", locus({ bus, heartbeatMs: 50, authorize: () => true })));
    };
    let server: TestServer | null = await start(bus);
    const line = await layLine(server.url);
    const stop = async () => {
      line.leadTo(null);
      line.cut();
      await server?.close();
      server = null;
    };
    try {
      await run({
        bus,
        line,
        asked,
        url: `${line.url}/locus/runs/r/events`,
        stop,
        async restart(bus) {
          await stop();
          server = await start(bus);
          line.leadTo(server.url);
        },
      });
    } finally {
      await line.close();
      await stop();
    }
  });
}

function isRead(bus: EventBus): boolean {
  return Object.keys(bus.stats().queue_depths).length > 0;
}

testLive("followRun() delivers a run live, then its end", async ({ bus, url }) => {
  const follow = followRun(url);
  publish(bus, 1);
  assertEquals(outline(await readNext(follow, 1)), [1]);
  publish(bus, 2, 3);
  assertEquals(outline(await readNext(follow, 2)), [2, 3]);
  bus.closeStream("r");
  assertEquals(outline(await readToEnd(follow)), ["end"]);
  assertEquals(follow.state.ended, { reason: "closed" });
  await until("the connection is given back", () => !isRead(bus));
});

testLive("followRun() resumes after the last event when it is cut off", async (fixture) => {
  const { bus, line, url, asked } = fixture;
  const follow = followRun(url, atOnce);
  publish(bus, 1, 2);
  await readNext(follow, 2);
  const last = follow.state.lastEventId;
  line.cut();
  publish(bus, 3);
  bus.closeStream("r");
  assertEquals(outline(await readToEnd(follow)), [3, "end"]);
  assertEquals(asked.map((request) => request.header("Last-Event-ID")), [undefined, last!]);
  assertEquals(follow.state.reconnects, 1);
});

testLive("followRun() survives that the server is killed and comes back", async (fixture) => {
  const { bus, url, restart, stop } = fixture;
  const phases: string[] = [];
  const follow = followRun(url, {
    retry: () => 5,
    onState: ({ phase, cause }) => void phases.push(cause === null ? phase : `${phase}!`),
  });
  publish(bus, 1);
  await readNext(follow, 1);
  await stop();
  const next = readToEnd(follow);
  await until("it tried in vain", () => follow.state.failures >= 3);
  publish(bus, 2);
  await restart(bus);
  bus.closeStream("r");
  assertEquals(outline(await next), [2, "end"]);
  assertEquals([...phases.slice(0, 4), ...phases.slice(-2)], [
    "connecting",
    "live",
    "waiting!",
    "connecting!",
    "live",
    "ended",
  ]);
});

testLive("followRun() tells that a server lost the run, and starts anew", async (fixture) => {
  const { bus, url, restart } = fixture;
  const follow = followRun(url, atOnce);
  publish(bus, 1, 2);
  await readNext(follow, 2);
  const fresh = new EventBus();
  publish(fresh, 10, 11);
  fresh.closeStream("r");
  await restart(fresh);
  assertEquals(outline(await readToEnd(follow)), ["gap:new_epoch 1-0", 10, 11, "end"]);
  assertEquals([follow.state.restarts, follow.state.missedEvents], [1, 0]);
});

testLive("followRun() passes gaps on and adds them up", async ({ bus, line, url }) => {
  const follow = followRun(url, atOnce);
  publish(bus, 1);
  await readNext(follow, 1);
  line.cut();
  await until("the server noticed", () => !isRead(bus));
  publish(bus, 2, 3, 4, 5);
  bus.closeStream("r");
  assertEquals(outline(await readToEnd(follow)), ["gap:evicted 2-3", 4, 5, "end"]);
  assertEquals(follow.state.missedEvents, 2);
}, { historyPerRun: 2 });

testLive("followRun() delivers each event once, wherever the line is cut", async (fixture) => {
  const { bus, line, url } = fixture;
  publish(bus, ...Array.from({ length: 30 }, (_, n) => n));
  bus.closeStream("r");
  // In the head, in the opening, in the first event, and in the middle of some others.
  line.cutAfter(1, 100, 350, 500, 600, 700, 1_000, 1_111, 1_500, 2_000, 3_001);
  const follow = followRun(url, atOnce);
  const events = outline(await readToEnd(follow));
  // Cut right before bus.end, it is answered 204.
  const end = follow.state.ended?.reason === "closed" ? ["end"] : [];
  assertEquals(events, [...Array.from({ length: 30 }, (_, n) => n), ...end]);
  assertEquals(follow.state.events, events.length);
});

testLive("followRun() is answered 204 at the end of a closed run", async ({ bus, url }) => {
  publish(bus, 1);
  bus.closeStream("r");
  const [event] = await readToEnd(followRun(url));
  const follow = followRun(url, { after: event!.event_id });
  assertEquals(await readToEnd(follow), []);
  assertEquals(follow.state.ended, { reason: "nothing_left" });
});

testLive("followRun() moves on over what it did not select", async ({ bus, line, url, asked }) => {
  const follow = followRun(url, { ...atOnce, select: "test.*" });
  publish(bus, 1);
  const [first] = await readNext(follow, 1);
  for (let n = 0; n < 5; n++) bus.publish({ run_id: "r", event_type: "other.tick", data: {} });
  const next = readToEnd(follow);
  await until("a heartbeat told how far it is", () => {
    return follow.state.lastEventId === first!.event_id.replace(/-1$/, "-6");
  });
  line.cut();
  await until("it came back", () => asked.length === 2);
  publish(bus, 2);
  bus.closeStream("r");
  assertEquals(outline(await next), [2, "end"]);
});

testLive("followRun() follows a redirect", async ({ bus, line }) => {
  publish(bus, 1);
  bus.closeStream("r");
  assertEquals(outline(await readToEnd(followRun(`${line.url}/moved`))), [1, "end"]);
});

testLive("followRun() fails at what the server refuses", async ({ line }) => {
  const follow = followRun(`${line.url}/locus/runs/..%00/events`);
  const error = await assertRejects(() => follow.next(), ClientError, "the server answered 400");
  assertEquals(error.status, 400);
});

testLive(
  "followRun() follows all runs, and misses nothing when the line is cut",
  async (fixture) => {
    const { bus, line, url } = fixture;
    const follow = followRun(`${line.url}/locus/events`, atOnce);
    const first = readNext(follow, 2);
    await until("it is connected", () => follow.state.phase === "live");
    publish(bus, 1);
    bus.publish({ run_id: "r2", event_type: "test.tick", data: { n: 1 } });
    assertEquals((await first).map(({ run_id }) => run_id), ["r", "r2"]);
    line.cut();
    publish(bus, 2);
    assertEquals(outline(await readNext(follow, 1)), [2]);
    assertEquals(url.length > 0 && follow.state.restarts, 0);
    await follow.return();
  },
);

testLive("followRun() waits while a server has too many readers", async ({ bus, line }) => {
  const url = `${line.url}/locus/events`;
  const first = followRun(url);
  const leaving = first.next();
  await until("the first is connected", () => first.state.phase === "live");
  const causes: ClientError[] = [];
  const retry = ({ cause }: FollowFailure) => {
    causes.push(cause);
    return 5;
  };
  const second = followRun(url, { retry });
  const next = second.next();
  await until("the second is refused", () => causes.length > 0);
  const [{ code, status, retryAfterMs } = causes[0]!] = causes;
  assertEquals([code, status, retryAfterMs! >= 1_000], ["refused", 503, true]);
  await first.return();
  await leaving;
  await until("the second is connected", () => second.state.phase === "live");
  publish(bus, 1);
  assertEquals((await next).value?.run_id, "r");
  await second.return();
}, { maxGlobalSubscribers: 1 });

testLive(
  "D3: a proxy that cuts every quiet connection makes no failures in a row",
  async (fixture) => {
    const { bus, line, url, asked } = fixture;
    const failures: number[] = [];
    const retry = (failure: FollowFailure) => {
      failures.push(failure.failures);
      return 0;
    };
    const follow = followRun(url, { retry });
    const events = readToEnd(follow);
    for (let cuts = 0; cuts < 5; cuts++) {
      await until("a heartbeat came", () => {
        const { phase, failures } = follow.state;
        return phase === "live" && asked.length === cuts + 1 && (cuts === 0 || failures === 0);
      });
      await until("it is read", () => isRead(bus));
      line.cut();
    }
    bus.closeStream("r");
    await events;
    assertEquals(failures, [1, 1, 1, 1, 1]);
  },
);

const ways: Record<string, (url: string) => Promise<FollowState>> = {
  "break": async (url) => {
    const follow = followRun(url);
    for await (const _ of follow) break;
    return follow.state;
  },
  "a throw in the loop": async (url) => {
    const follow = followRun(url);
    const read = async () => {
      for await (const _ of follow) throw new Error("enough");
    };
    await assertRejects(read, Error, "enough");
    return follow.state;
  },
  "return() while somebody waits": async (url) => {
    const follow = followRun(url);
    await follow.next();
    const waiting = follow.next();
    await follow.return();
    assertEquals(await waiting, { done: true, value: undefined });
    return follow.state;
  },
  "the cancelling of a stream made of it": async (url) => {
    const follow = followRun(url);
    const reader = streamOf(follow).getReader();
    await reader.read();
    await reader.cancel();
    return follow.state;
  },
};

for (const [way, leave] of Object.entries(ways)) {
  testLive(`followRun() closes the connection on ${way}`, async ({ bus, line, url }) => {
    publish(bus, 1);
    const state = await leave(url);
    assertEquals([state.phase, state.ended], ["ended", { reason: "left" }]);
    await until("the server has no reader", () => !isRead(bus));
    await until("the line is free", () => line.open === 0);
  });
}

testLive("followRun() ends without an error when its signal is aborted", async (fixture) => {
  const { bus, url } = fixture;
  const abort = new AbortController();
  const follow = followRun(url, { signal: abort.signal });
  publish(bus, 1);
  const events = readToEnd(follow);
  await until("it was delivered", () => follow.state.events === 1);
  abort.abort();
  assertEquals(outline(await events), [1]);
  assertEquals(follow.state.ended, { reason: "aborted" });
  await until("the server has no reader", () => !isRead(bus));
});

testLive("followRun() can be aborted while it waits to come back", async ({ url, stop }) => {
  await stop();
  const abort = new AbortController();
  const follow = followRun(url, { signal: abort.signal, retry: () => 3_600_000 });
  const events = readToEnd(follow);
  await until("it waits", () => follow.state.phase === "waiting");
  assertEquals([follow.state.waitMs, follow.state.cause?.code], [3_600_000, "unreachable"]);
  abort.abort();
  assertEquals(await events, []);
});

testLive("followRun() asks nobody when its signal is aborted already", async ({ url, asked }) => {
  const follow = followRun(url, { signal: AbortSignal.abort() });
  assertEquals(await readToEnd(follow), []);
  assertEquals([asked.length, follow.state.ended], [0, { reason: "aborted" }]);
});

testLive("followRun() gives a place from which another goes on", async ({ bus, url }) => {
  publish(bus, 1, 2, 3);
  bus.closeStream("r");
  const first = followRun(url);
  await readNext(first, 2);
  await first.return();
  const options: FollowOptions = { after: first.state.lastEventId };
  assertEquals(outline(await readToEnd(followRun(url, options))), [3, "end"]);
});

testLive("followRun() serves callers that do not wait for each other in turn", async (fixture) => {
  const { bus, url } = fixture;
  publish(bus, 1, 2);
  bus.closeStream("r");
  const follow = followRun(url);
  const results = await Promise.all([1, 2, 3, 4, 5].map(() => follow.next()));
  assertEquals(results.map(({ done }) => done === true), [false, false, false, true, true]);
  const events = results.flatMap(({ value }) => value === undefined ? [] : [value.event_type]);
  assertEquals(events as string[], ["test.tick", "test.tick", "bus.end"]);
});

testLive("a status line that throws does not disturb the following", async ({ bus, url }) => {
  publish(bus, 1);
  bus.closeStream("r");
  const onState = () => {
    throw new Error("broken line");
  };
  assertEquals(outline(await readToEnd(followRun(url, { onState }))), [1, "end"]);
});

testLive("fifty followers that come and go leave nothing behind", async ({ bus, url, line }) => {
  publish(bus, 1);
  const abort = new AbortController();
  await Promise.all(Array.from({ length: 50 }, async (_, index) => {
    const follow = followRun(url, { signal: abort.signal });
    await readNext(follow, 1);
    if (index % 2 === 0) await follow.return();
    else await Promise.all([readToEnd(follow), Promise.resolve().then(() => abort.abort())]);
  }));
  await until("the server has no reader", () => !isRead(bus));
  await until("the line is free", () => line.open === 0);
});

/** What `ReadableStream.from()` does, which not every runtime has. */
function streamOf<T>(iterable: AsyncIterable<T>): ReadableStream<T> {
  const iterator = iterable[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => void iterator.return?.(),
  });
}
