import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { EventBus } from "@locus/core";
import { type FollowedRun, followRun } from "@locus/core/client";
import { locus, type LocusOptions } from "@locus/core/hono";
import { eventStreamResponse } from "@locus/core/sse";
import { until } from "../harness/support/until.ts";
import { atOnce, outline, publish, readNext, stream, toBytes } from "./_support.ts";

const url = "http://localhost/events";
const heartbeatMs = 10;

/** Serves all runs; what `change` makes of the first answer is what the client gets. */
function serveAll(bus: EventBus, options: LocusOptions, change: (first: Response) => Response) {
  const app = locus({ bus, heartbeatMs, authorize: () => true, ...options });
  const asked: Headers[] = [];
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    asked.push(new Headers(init.headers));
    const response = await app.request(new URL(url).pathname + new URL(url).search, init);
    return asked.length === 1 ? change(response) : response;
  };
  return { asked, fetch };
}

/** The same answer, which ends after so many bytes. */
function cutAfter(response: Response, length: number): Response {
  const reader = response.body!.getReader();
  let left = length;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (left > 0) {
        const { value } = await reader.read();
        controller.enqueue(value!.subarray(0, left));
        left -= value!.length;
      }
      if (left > 0) return;
      await reader.cancel();
      controller.close();
    },
  }, { highWaterMark: 0 });
  return new Response(body, { headers: response.headers });
}

/** Waits until the first connection is over, publishes, and reads what the second one brings. */
async function missOne(follow: FollowedRun, bus: EventBus, lost: () => boolean): Promise<unknown> {
  const next = readNext(follow, 1);
  await until("the first connection is over", lost);
  publish(bus, 1);
  const [event] = await next;
  await follow.return();
  return event;
}

async function openingOf(bus: EventBus): Promise<number> {
  const response = await locus({ bus, authorize: () => true }).request("/events");
  const reader = response.body!.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return value!.length;
}

test("D1: a stream of all runs that breaks before the first event goes on, wherever it broke", async () => {
  const whole = await openingOf(new EventBus());
  for (const length of [0, 1, 10, whole - 2, whole - 1, whole]) {
    const bus = new EventBus();
    const { fetch } = serveAll(bus, {}, (response) => cutAfter(response, length));
    let isLost = false;
    const follow = followRun(url, {
      fetch,
      retry() {
        isLost = true;
        publish(bus, 0);
        return 0;
      },
    });
    assertEquals(outline(await readNext(follow, 1)), [0], `cut after ${length} bytes`);
    assertEquals([isLost, follow.state.restarts, follow.state.missedEvents], [true, 0, 0]);
    publish(bus, 1);
    assertEquals(outline(await readNext(follow, 1)), [1]);
    await follow.return();
  }
});

test("D1: a stream that the server itself ends before the first event goes on", async () => {
  const bus = new EventBus();
  const { fetch, asked } = serveAll(bus, { maxLifetimeMs: 15 }, (response) => response);
  const follow = followRun(url, { ...atOnce, fetch });
  const event = await missOne(follow, bus, () => asked.length > 1);
  assertEquals((event as { event_type: string }).event_type, "test.tick");
});

test("D1: a selection that matched nothing goes on", async () => {
  const bus = new EventBus();
  const { fetch } = serveAll(bus, {}, (response) => cutAfter(response, 200));
  let published = 0;
  const follow = followRun(url, {
    fetch,
    select: "test.*",
    retry() {
      published++;
      publish(bus, 1);
      return 0;
    },
  });
  const next = readNext(follow, 1);
  await until("it is connected", () => follow.state.phase === "live");
  for (let n = 0; n < 5; n++) bus.publish({ run_id: "r", event_type: "other.tick", data: {} });
  const [event] = await next;
  assertEquals([event!.event_type, published], ["test.tick", 1]);
  await follow.return();
});

test("D1: a run that is followed from now on resumes where it began", async () => {
  const bus = new EventBus();
  publish(bus, 1, 2);
  let connections = 0;
  const follow = followRun(url, {
    retry() {
      publish(bus, 3);
      return 0;
    },
    fetch: (_url, { headers }) => {
      const after = new Headers(headers).get("Last-Event-ID");
      const response = eventStreamResponse(bus.subscribe("r", { from: "live", after }));
      return Promise.resolve(connections++ === 0 ? cutAfter(response, 0) : response);
    },
  });
  assertEquals(outline(await readNext(follow, 1)), [3]);
  await follow.return();
});

test("D1: a run that has not begun is waited for without a gap", async () => {
  const bus = new EventBus();
  const app = locus({ bus, heartbeatMs, maxLifetimeMs: 15 });
  let connections = 0;
  const follow = followRun("http://localhost/runs/r/events", {
    ...atOnce,
    fetch: async (_url, init) => {
      connections++;
      return await app.request("/runs/r/events", init);
    },
  });
  const next = readNext(follow, 1);
  await until("it came back some times", () => connections > 3);
  publish(bus, 1);
  assertEquals(outline(await next), [1]);
  await follow.return();
});

test("D1: a server may give a place without an event", async () => {
  const asked: (string | null)[] = [];
  const answers = [stream("id: here\n\n"), stream(toBytes(""))];
  const follow = followRun(url, {
    retry: ({ failures }) => failures < 2 ? 0 : null,
    fetch: (_url, { headers }) => {
      asked.push(new Headers(headers).get("Last-Event-ID"));
      return Promise.resolve(answers.shift()!);
    },
  });
  await follow.next().catch(() => {});
  assertEquals(asked, [null, "here"]);
});

test("D1: what a stream of all runs has missed is counted where the server has given up its log", async () => {
  const bus = new EventBus();
  const { fetch } = serveAll(bus, {}, (response) => cutAfter(response, 0));
  const follow = followRun(url, {
    fetch,
    retry() {
      publish(bus, 1, 2);
      bus.closeGlobal();
      publish(bus, 3);
      return 0;
    },
  });
  const [gap] = await readNext(follow, 1);
  assertEquals([gap!.event_type, gap!.run_id, gap!.data.count], ["bus.gap", "*", 3]);
  assertEquals([follow.state.restarts, follow.state.missedEvents], [0, 3]);
  await follow.return();
});
