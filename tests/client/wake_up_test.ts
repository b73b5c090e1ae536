import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { type FollowedRun, followRun } from "@locus/core/client";
import { installFakeClock } from "../harness/support/fake_clock.ts";
import { turn, until } from "../harness/support/until.ts";
import { type FakePage, installFakePage } from "./_page.ts";
import {
  type Answer,
  end,
  outline,
  readNext,
  readToEnd,
  scripted,
  stream,
  ticks,
} from "./_support.ts";

const url = "http://localhost/runs/r/events";
const inAnHour = { retry: () => 3_600_000 };

/** An answer that brings events and then nothing. */
function quiet(text = ""): Answer {
  return () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(text)),
    });
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  };
}

/** Registers a test in something that looks like a page. */
function testPage(name: string, run: (page: FakePage) => Promise<void>): void {
  test(name, async () => {
    const page = installFakePage();
    try {
      await run(page);
    } finally {
      page.restore();
    }
  });
}

async function waitsForAttempt(follow: FollowedRun): Promise<void> {
  await until("it waits", () => follow.state.phase === "waiting");
}

test("D4: retryNow() ends the wait for the next attempt", async () => {
  const { fetch, asked } = scripted(new TypeError("down"), stream(end(0)));
  const follow = followRun(url, { fetch, ...inAnHour });
  const events = readToEnd(follow);
  await waitsForAttempt(follow);
  assertEquals([asked.length, follow.state.waitMs], [1, 3_600_000]);
  follow.retryNow();
  assertEquals(outline(await events), ["end"]);
  assertEquals(asked.length, 2);
});

test("D4: retryNow() needs no follower to be called on", async () => {
  const { fetch } = scripted(new TypeError("down"), stream(end(0)));
  const follow = followRun(url, { fetch, ...inAnHour });
  const { retryNow } = follow;
  const events = readToEnd(follow);
  await waitsForAttempt(follow);
  retryNow();
  assertEquals(outline(await events), ["end"]);
});

test("D4: retryNow() changes nothing unless there is a wait", async () => {
  const { fetch, asked } = scripted(quiet(ticks(1)));
  const follow = followRun(url, { fetch, ...inAnHour });
  follow.retryNow();
  assertEquals([follow.state.phase, asked.length], ["idle", 0]);
  const next = follow.next();
  follow.retryNow();
  await next;
  const waiting = follow.next();
  await turn();
  follow.retryNow();
  await turn();
  assertEquals([follow.state.phase, asked.length], ["live", 1]);
  await follow.return();
  follow.retryNow();
  assertEquals([await waiting, follow.state.phase], [{ done: true, value: undefined }, "ended"]);
});

test("D4: retryNow() is for one wait, and not for the one after it", async () => {
  const { fetch, asked } = scripted(new TypeError("down"), new TypeError("down"));
  const follow = followRun(url, { fetch, ...inAnHour });
  const next = follow.next();
  await waitsForAttempt(follow);
  follow.retryNow();
  await until("it waits again", () => follow.state.failures === 2);
  await turn();
  assertEquals([asked.length, follow.state.phase], [2, "waiting"]);
  await follow.return();
  await next;
});

const wakes: Record<string, (page: FakePage) => void> = {
  "comes back online": (page) => page.goOnline(),
  "is shown again": (page) => {
    page.show("hidden");
    page.show("visible");
  },
};

for (const [what, wake] of Object.entries(wakes)) {
  testPage(`D4: a page that ${what} does not wait for the next attempt`, async (page) => {
    const { fetch } = scripted(new TypeError("down"), stream(end(0)));
    const follow = followRun(url, { fetch, ...inAnHour });
    const events = readToEnd(follow);
    await waitsForAttempt(follow);
    wake(page);
    assertEquals(outline(await events), ["end"]);
    assertEquals(page.listeners, 0);
  });

  for (const phase of ["live", "connecting"]) {
    testPage(
      `D4: a page that slept and ${what} gives up a connection that was ${phase}`,
      async (page) => {
        const clock = installFakeClock();
        try {
          const answer = phase === "live" ? quiet(ticks(1)) : () => new Promise<Response>(() => {});
          const { fetch, asked } = scripted(answer, stream(ticks(1, 2), end(2)));
          const follow = followRun(url, { fetch, ...inAnHour });
          const events = readToEnd(follow);
          await clock.run(Promise.resolve());
          assertEquals([follow.state.phase, asked.length], [phase, 1]);
          clock.sleep(31_000);
          wake(page);
          assertEquals(outline(await clock.run(events)), [1, 2, "end"]);
          assertEquals([asked.length, clock.now], [2, 31_000]);
        } finally {
          clock.restore();
        }
      },
    );
  }

  testPage(`D4: a page that ${what} keeps a connection that lives`, async (page) => {
    const { fetch, asked } = scripted(quiet(ticks(1)));
    const follow = followRun(url, { fetch, ...inAnHour });
    await readNext(follow, 1);
    const next = follow.next();
    await turn();
    wake(page);
    await turn();
    assertEquals([follow.state.phase, asked.length], ["live", 1]);
    await follow.return();
    await next;
  });
}

testPage("D4: a page that is hidden keeps its pace", async (page) => {
  const { fetch, asked } = scripted(new TypeError("down"));
  const follow = followRun(url, { fetch, ...inAnHour });
  const next = follow.next();
  await waitsForAttempt(follow);
  page.show("hidden");
  await turn();
  assertEquals([asked.length, follow.state.phase], [1, "waiting"]);
  await follow.return();
  await next;
});

testPage("D4: a follower listens to the page only while it waits for something", async (page) => {
  const { fetch } = scripted(quiet(ticks(1)));
  const follow = followRun(url, { fetch, ...inAnHour });
  assertEquals(page.listeners, 0);
  await readNext(follow, 1);
  assertEquals(page.listeners, 0);
  const next = follow.next();
  await turn();
  assertEquals(page.listeners, 2);
  await follow.return();
  await next;
  assertEquals(page.listeners, 0);
});
