import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { EventBus } from "@locus/core";
import { ClientError, followRun } from "@locus/core/client";
import { locus } from "@locus/core/hono";

const url = "http://localhost/runs/r/events";

/** Asks an app of this bus, without a network. */
function fetchFrom(bus: EventBus) {
  const app = locus({ bus, heartbeatMs: 10 });
  return async (url: string, init: RequestInit) => await app.request(new Request(url, init));
}

function publish(bus: EventBus, ...numbers: number[]): void {
  for (const n of numbers) bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
}

test("followRun() delivers a run live, over as many connections as it takes", async () => {
  const bus = new EventBus();
  publish(bus, 1, 2);
  const fetch = fetchFrom(bus);
  const cuts: (() => void)[] = [];
  const follow = followRun<{ "test.tick": { n: number } }>(url, {
    retry: () => 0,
    fetch: async (url, init) => {
      const { body, headers } = await fetch(url, init);
      // Not by a signal: in an edge runtime that is another class than the streams' own.
      const link = new TransformStream<Uint8Array, Uint8Array>({
        start: (link) => void cuts.push(() => link.error(new Error("The connection was cut"))),
      });
      return new Response(body!.pipeThrough(link), { headers });
    },
  });
  const numbers: number[] = [];
  for await (const event of follow) {
    if (event.event_type !== "test.tick") continue;
    numbers.push(event.data.n);
    if (event.data.n === 2) {
      cuts[0]!();
      publish(bus, 3);
      bus.closeStream("r");
    }
  }
  assertEquals(numbers, [1, 2, 3]);
  assertEquals([follow.state.ended, follow.state.reconnects], [{ reason: "closed" }, 1]);
});

test("followRun() gives the connection back when its reader leaves", async () => {
  const bus = new EventBus();
  publish(bus, 1);
  for await (const _ of followRun(url, { fetch: fetchFrom(bus) })) break;
  assertEquals(Object.keys(bus.stats().queue_depths), []);
});

test("followRun() ends when it is aborted, whoever waits", async () => {
  const abort = new AbortController();
  const follow = followRun(url, { fetch: fetchFrom(new EventBus()), signal: abort.signal });
  const next = follow.next();
  abort.abort();
  assertEquals(await next, { done: true, value: undefined });
  assertEquals(follow.state.ended, { reason: "aborted" });
});

test("followRun() fails at what is no event stream", async () => {
  const fetch = () => Promise.resolve(Response.json({}));
  await assertRejects(() => followRun(url, { fetch }).next(), ClientError, "application/json");
});
