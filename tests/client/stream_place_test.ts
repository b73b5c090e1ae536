import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { EventBus } from "@locus/core";
import { answerInterrupt, followRun } from "@locus/core/client";
import type { StreamEvent } from "@locus/core/events";
import { locus } from "@locus/core/hono";
import { locksFor, takePlace } from "../../src/client/stream_place.ts";
import { type FakeClock, installFakeClock } from "../harness/support/fake_clock.ts";
import { FakeLocks } from "./_locks.ts";
import { installFakePage } from "./_page.ts";
import { stream } from "./_support.ts";

const host = "http://localhost";

/** Registers a test whose clock stands still. */
function testAtRest(
  name: string,
  run: (locks: FakeLocks, clock: FakeClock) => void | Promise<void>,
): void {
  test(name, async () => {
    const clock = installFakeClock();
    try {
      await run(new FakeLocks(), clock);
    } finally {
      clock.restore();
    }
  });
}

/** Somebody who takes a place, and what became of it. */
function visitor(locks: FakeLocks, on = host) {
  const abort = new AbortController();
  const state = { waited: false, lost: false, holds: false };
  const place = takePlace(locks, on, {
    signal: abort.signal,
    onWait: () => void (state.waited = true),
    onLost: () => Object.assign(state, { lost: true, holds: false }),
  });
  place.then(() => void (state.holds = true), () => {});
  return { abort, state, place };
}

testAtRest("D5: five streams have a place at once, and wait for nothing", async (locks, clock) => {
  const five = Array.from({ length: 5 }, () => visitor(locks));
  await clock.run(Promise.all(five.map(({ place }) => place)));
  assertEquals([clock.now, clock.pending, locks.held.length], [0, 0, 5]);
});

testAtRest("D5: another host has places of its own", async (locks, clock) => {
  const many = Array.from({ length: 10 }, (_, n) => visitor(locks, `http://localhost:${n % 2}`));
  await clock.run(Promise.all(many.map(({ place }) => place)));
  assertEquals([clock.now, locks.held.length], [0, 10]);
});

testAtRest(
  "D5: a sixth stream says that it waits, and gets the first free place",
  async (locks, clock) => {
    const five = Array.from({ length: 5 }, () => visitor(locks));
    const [leave] = await clock.run(Promise.all(five.map(({ place }) => place)));
    const sixth = visitor(locks);
    await clock.pass(300);
    assertEquals(sixth.state, { waited: true, lost: false, holds: false });
    leave!();
    await clock.run(sixth.place);
    assert(clock.now < 1_000, `waited ${clock.now} ms`);
    assertEquals([five.some(({ state }) => state.lost), locks.held.length], [false, 5]);
  },
);

testAtRest(
  "D5: where no place becomes free, one changes hands after a while",
  async (locks, clock) => {
    const five = Array.from({ length: 5 }, () => visitor(locks));
    await clock.run(Promise.all(five.map(({ place }) => place)));
    const [sixth, seventh] = [visitor(locks), visitor(locks)];
    await clock.run(sixth.place);
    assertEquals([Math.round(clock.now / 1000), sixth.state.holds], [3, true]);
    assertEquals(seventh.state, { waited: true, lost: false, holds: false });
    await clock.run(seventh.place);
    assertEquals([Math.round(clock.now / 1000), locks.steals, locks.held.length], [6, 2, 5]);
  },
);

testAtRest("D5: who leaves the queue is not waited for", async (locks, clock) => {
  const five = Array.from({ length: 5 }, () => visitor(locks));
  await clock.run(Promise.all(five.map(({ place }) => place)));
  const rest = Array.from({ length: 3 }, () => visitor(locks));
  await clock.run(Promise.resolve());
  rest[0]!.abort.abort();
  rest[1]!.abort.abort();
  await assertRejects(() => rest[0]!.place);
  await assertRejects(() => rest[1]!.place);
  await clock.run(rest[2]!.place);
  assertEquals([Math.round(clock.now / 1000), locks.waiting], [3, 0]);
});

/** A server with some runs, in each of which one event has happened. */
function serve(...runs: string[]) {
  const bus = new EventBus();
  const answers: unknown[] = [];
  const app = locus({
    bus,
    authorize: () => true,
    onResume: (_c, { response }) => void answers.push(response),
  });
  const state = { most: 0 };
  const publish = (run: string, n: number) =>
    bus.publish({ run_id: run, event_type: "test.tick", data: { n } });
  for (const run of runs) publish(run, 1);
  const fetch = async (url: string, init: RequestInit) => {
    const response = await app.request(new URL(url).pathname, init);
    state.most = Math.max(state.most, bus.stats().active_runs);
    return response;
  };
  return { bus, answers, state, fetch, publish };
}

function numberOf({ value }: IteratorResult<StreamEvent, undefined>): unknown {
  return (value?.data as { n: number } | undefined)?.n;
}

/** Registers a test of followers in a page with locks. */
function testBrowser(
  name: string,
  run: (locks: FakeLocks, clock: FakeClock) => void | Promise<void>,
): void {
  testAtRest(name, async (locks, clock) => {
    const page = installFakePage();
    const own = Object.getOwnPropertyDescriptor(globalThis, "navigator");
    Object.defineProperty(globalThis, "navigator", { value: { locks }, configurable: true });
    try {
      await run(locks, clock);
    } finally {
      if (own === undefined) Reflect.deleteProperty(globalThis, "navigator");
      else Object.defineProperty(globalThis, "navigator", own);
      page.restore();
    }
  });
}

testBrowser("D5: seven followers all get everything, in turn", async (locks, clock) => {
  const runs = [..."abcdefg"];
  const { bus, answers, state, fetch, publish } = serve(...runs);
  const told: string[][] = runs.map(() => []);
  const follows = runs.map((run, index) =>
    followRun(`${host}/runs/${run}/events`, {
      fetch,
      onState: ({ phase, cause, failures, waitMs }) =>
        void (phase === "waiting" && told[index]!.push(`${cause?.code} ${failures} ${waitMs}`)),
    })
  );
  const first = follows.map(async (follow) => numberOf(await follow.next()));
  assertEquals(await clock.run(Promise.all(first.slice(0, 5))), [1, 1, 1, 1, 1]);
  await clock.pass(300);
  assertEquals(told, [[], [], [], [], [], ["crowded 0 null"], ["crowded 0 null"]]);
  assertEquals(follows.slice(5).map(({ state }) => state.phase), ["waiting", "waiting"]);

  const url = `${host}/runs/a/resume`;
  await answerInterrupt(url, { interruptId: "i", response: "yes" }, { fetch });
  assertEquals(answers, ["yes"]);

  for (const run of runs) publish(run, 2);
  const second = follows.map((follow) => follow.next().then(numberOf));
  assertEquals(await clock.run(Promise.all(first)), Array(7).fill(1));
  assertEquals(await clock.run(Promise.all(second)), Array(7).fill(2));
  assert(clock.now < 30_000, `it took ${clock.now} ms`);
  assertEquals(state.most, 5);
  // It is nobody's failure.
  assertEquals(follows.map(({ state }) => state.failures), Array(7).fill(0));
  for (const follow of follows) await follow.return();
  await clock.run(Promise.resolve());
  assertEquals([bus.stats().active_runs, locks.held.length], [0, 0]);
});

testBrowser("D5: a follower that nobody reads gives its place to another", async (_, clock) => {
  const runs = [..."abcdef"];
  const { bus, fetch, publish } = serve(...runs);
  const follows = runs.map((run) => followRun(`${host}/runs/${run}/events`, { fetch }));
  const idle = follows.slice(0, 5);
  await clock.run(Promise.all(idle.map((follow) => follow.next())));
  assertEquals(numberOf(await clock.run(follows[5]!.next())), 1);
  assertEquals(bus.stats().active_runs, 5);
  // Whoever lost its place resumes when it is read again.
  for (const run of runs) publish(run, 2);
  const rest = await clock.run(Promise.all(idle.map((follow) => follow.next())));
  assertEquals(rest.map(numberOf), [2, 2, 2, 2, 2]);
  for (const follow of follows) await follow.return();
});

testBrowser("D5: a place is given back, however a follower ends", async (locks, clock) => {
  const answers: (() => Response)[] = [
    () => stream(":\n\n"),
    () => new Response(null, { status: 204 }),
    () => new Response(null, { status: 404 }),
    () => Response.json({}),
    () => {
      throw new TypeError("down");
    },
  ];
  for (const answer of answers) {
    const fetch = () => Promise.resolve().then(answer);
    await clock.run(followRun(host, { fetch, retry: () => null }).next()).catch(() => {});
    await clock.run(Promise.resolve());
    assertEquals(locks.held, []);
  }
});

testBrowser("D5: a follower that is left while it waits leaves the queue", async (locks, clock) => {
  const { fetch } = serve("a");
  const follows = Array.from({ length: 6 }, () => followRun(`${host}/runs/a/events`, { fetch }));
  await clock.run(Promise.all(follows.slice(0, 5).map((follow) => follow.next())));
  const sixth = follows[5]!.next();
  await clock.pass(300);
  assertEquals(follows[5]!.state.phase, "waiting");
  await follows[5]!.return();
  assertEquals(await clock.run(sixth), { done: true, value: undefined });
  for (const follow of follows) await follow.return();
  await clock.run(Promise.resolve());
  assertEquals([locks.held, locks.waiting], [[], 0]);
});

testBrowser("D5: a document that may have no locks does without", async (locks, clock) => {
  locks.request = () => Promise.reject(new DOMException("Access denied", "SecurityError"));
  const { fetch } = serve("a");
  const follow = followRun(`${host}/runs/a/events`, { fetch });
  assertEquals(numberOf(await clock.run(follow.next())), 1);
  await follow.return();
});

testBrowser(
  "D5: encrypted hosts are shared only where the page's own speaks HTTP/1.1",
  (locks) => {
    assertEquals(locksFor(new URL("http://a.example")), locks);
    assertEquals(locksFor(new URL("https://a.example")), null);
    const { getEntriesByType } = performance;
    const own = Object.getOwnPropertyDescriptor(globalThis, "location");
    const location = { origin: "https://a.example" };
    Object.defineProperty(globalThis, "location", { value: location, configurable: true });
    try {
      for (
        const [protocol, expected] of [["h2", null], ["h3", null], ["http/1.1", locks]] as const
      ) {
        const entries = [{ nextHopProtocol: protocol }];
        Object.assign(performance, { getEntriesByType: () => entries });
        assertEquals(locksFor(new URL("https://a.example/x")), expected, protocol);
        assertEquals(locksFor(new URL("https://b.example/x")), null, protocol);
      }
    } finally {
      Object.assign(performance, { getEntriesByType });
      if (own === undefined) Reflect.deleteProperty(globalThis, "location");
      else Object.defineProperty(globalThis, "location", own);
    }
  },
);

test("D5: where there is no page, nothing is shared", () => {
  assertEquals(locksFor(new URL("http://localhost")), null);
});
