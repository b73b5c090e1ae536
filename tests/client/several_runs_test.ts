/** Several runs, followed over one connection. */
import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { EventBus } from "@locus/core";
import { followRun, followRuns } from "@locus/core/client";
import { locus } from "@locus/core/hono";
import { until } from "../harness/support/until.ts";
import { readNext } from "./_support.ts";

const url = "http://localhost/events";

function publish(bus: EventBus, runId: string, ...numbers: number[]): void {
  for (const n of numbers) bus.publish({ run_id: runId, event_type: "test.tick", data: { n } });
}

/** A server whose connections can be cut. */
function serve(bus: EventBus) {
  const app = locus({ bus, authorize: () => true, heartbeatMs: 10 });
  const asked: { search: string; after: string | null }[] = [];
  let cut = () => {};
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const { pathname, search } = new URL(url);
    asked.push({ search, after: new Headers(init.headers).get("Last-Event-ID") });
    const { body, headers } = await app.request(pathname + search, init);
    const line = new TransformStream<Uint8Array, Uint8Array>({
      start(controller) {
        cut = () => controller.error(new Error("cut"));
      },
    });
    return new Response(body!.pipeThrough(line), { headers });
  };
  return { asked, fetch, cut: () => cut() };
}

/** Lets a stream up to its first event through, and ends. */
function firstEvent(): TransformStream<Uint8Array, Uint8Array> {
  let text = "";
  return new TransformStream({
    transform(bytes, controller) {
      text += new TextDecoder().decode(bytes);
      const end = text.indexOf("\n\n", text.indexOf("event: test.tick"));
      if (!text.includes("event: test.tick") || end < 0) return;
      controller.enqueue(new TextEncoder().encode(text.slice(0, end + 2)));
      controller.terminate();
    },
  });
}

test("D5: followRuns() follows several runs over one connection, to the end of the last", async () => {
  const bus = new EventBus();
  publish(bus, "a", 1);
  publish(bus, "b", 2);
  bus.closeStream("a");
  const { fetch, asked } = serve(bus);
  const follow = followRuns(url, ["a", "b"], { fetch, select: "test.*" });
  const seen = await readNext(follow, 3);
  publish(bus, "b", 3);
  bus.closeStream("b");
  for await (const event of follow) seen.push(event as typeof seen[number]);
  assertEquals(seen.map(({ run_id, event_type, data }) => [run_id, data.n ?? event_type]), [
    ["a", 1],
    ["b", 2],
    ["a", "bus.end"],
    ["b", 3],
    ["b", "bus.end"],
  ]);
  assertEquals(follow.state.ended, { reason: "closed" });
  assertEquals(asked.map(({ search }) => search), ["?select=test.*&run=a&run=b"]);
});

test("D5: followRuns() comes back with one position, and delivers each event once", async () => {
  const bus = new EventBus();
  publish(bus, "a", 1);
  publish(bus, "b", 2);
  const { fetch, asked, cut } = serve(bus);
  const follow = followRuns(url, ["a", "b"], { fetch, retry: () => 0 });
  await readNext(follow, 2);
  cut();
  publish(bus, "b", 3);
  publish(bus, "a", 4);
  const events = await readNext(follow, 2);
  assertEquals(events.map(({ run_id, data }) => [run_id, data.n]), [["b", 3], ["a", 4]]);
  assertEquals(asked.map(({ after }) => after?.split("-")[1]), [undefined, "2"]);
  const { missedEvents, duplicates, restarts } = follow.state;
  assertEquals([missedEvents, duplicates, restarts], [0, 0, 0]);
  await follow.return();
});

test("D5: followRuns() counts of a gap what it had not got", async () => {
  const bus = new EventBus({ historyPerRun: 3 });
  publish(bus, "a", 1, 2);
  const { fetch, cut } = serve(bus);
  const follow = followRuns(url, ["a", "b"], { fetch, retry: () => 0 });
  await readNext(follow, 2);
  cut();
  publish(bus, "a", 3, 4, 5, 6, 7, 8);
  const [gap, ...events] = await readNext(follow, 4);
  assertEquals([gap!.run_id, gap!.data.from_seq, gap!.data.to_seq], ["a", 1, 5]);
  assertEquals(events.map(({ data }) => data.n), [6, 7, 8]);
  assertEquals(follow.state.missedEvents, 3);
  await follow.return();
});

test("followRuns() reads a run that joins from its beginning, and the others on", async () => {
  const bus = new EventBus();
  publish(bus, "a", 1);
  publish(bus, "c", 2, 3);
  const { fetch, asked, cut } = serve(bus);
  const first = followRuns(url, ["a"], { fetch, retry: () => 0 });
  await readNext(first, 1);
  await until("the position is that of the bus", () => first.state.lastEventId !== null);
  publish(bus, "a", 4);
  const [seen] = await readNext(first, 1);
  assertEquals(seen!.data.n, 4);
  await first.return();
  const { lastEventId: after } = first.state;
  publish(bus, "c", 5);

  // The first connection breaks in the middle of the history of the run that joins.
  let connections = 0;
  const breaking = async (url: string, init: RequestInit) => {
    const response = await fetch(url, init);
    return ++connections > 1 ? response : new Response(
      response.body!.pipeThrough(firstEvent()),
      { headers: response.headers },
    );
  };
  const options = { fetch: breaking, after, joining: ["c"], retry: () => 0 };
  const follow = followRuns(url, ["a", "c"], options);
  const events = await readNext(follow, 3);
  cut();
  publish(bus, "a", 6);
  events.push(...await readNext(follow, 1));
  assertEquals(events.map(({ run_id, data }) => [run_id, data.n]), [
    ["c", 2],
    ["c", 3],
    ["c", 5],
    ["a", 6],
  ]);
  assertEquals(asked.map(({ search }) => search), [
    "?run=a",
    "?run=a&run=c&new=c",
    "?run=a&run=c&new=c",
    "?run=a&run=c",
  ]);
  assertEquals([follow.state.missedEvents, follow.state.restarts], [0, 0]);
  await follow.return();
});

for (const [what, runIds] of [["a run", ["a"]], ["several runs", ["a", "b"]]] as const) {
  test(`onCaughtUp is called when ${what} are up to date, once a connection, and is no event`, async () => {
    const bus = new EventBus();
    publish(bus, "a", 1, 2);
    const { fetch, cut } = serve(bus);
    const seen: unknown[] = [];
    const options = {
      fetch,
      retry: () => 0,
      onCaughtUp() {
        seen.push("caught up");
        throw new Error("which is dropped");
      },
    };
    const follow = runIds.length > 1
      ? followRuns(url, runIds, options)
      : followRun("http://localhost/runs/a/events", options);
    const reading = (async () => {
      for await (const { event_type, data } of follow) {
        seen.push(event_type === "bus.end" ? "end" : (data as { n: number }).n);
        if (seen.at(-1) === 4) break;
      }
    })();
    await until("it is up to date", () => seen.length === 3);
    publish(bus, "a", 3);
    await until("the event has come", () => seen.length === 4);
    cut();
    await until("it is up to date again", () => seen.length === 5);
    publish(bus, "a", 4);
    await reading;
    assertEquals(seen, [1, 2, "caught up", 3, "caught up", 4]);
    const { duplicates, invalidEvents, events } = follow.state;
    assertEquals([duplicates, invalidEvents, events], [0, 0, 4]);
  });
}

test("followRuns() rejects lists that are none", () => {
  assertThrows(() => followRuns(url, "a" as never), TypeError, "expected a list of runs");
  assertThrows(() => followRuns(url, []), RangeError, "followRuns(): expected 1 to 100 runs");
  assertThrows(() => followRuns(url, ["a b"]), TypeError, "followRuns(): run_id must be");
  for (const joining of ["a", ["b"], null]) {
    assertThrows(
      () => followRuns(url, ["a"], { joining: joining as never }),
      TypeError,
      'followRuns(): "joining" must be a list of these runs',
    );
  }
  assertThrows(
    () => followRun(url, { joining: ["a"] } as never),
    TypeError,
    'followRun(): unknown option "joining"',
  );
});
