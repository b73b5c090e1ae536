import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { watchPermit } from "../../src/sse/access_recheck.ts";
import { type VirtualClock, withVirtualClock } from "../harness/support/virtual_clock.ts";

interface Watched {
  clock: VirtualClock;
  /** When it was asked, and what came of it. */
  log: string[];
  stop: () => void;
}

async function watching(
  everyMs: number,
  renew: () => boolean | Promise<boolean>,
  fn: (watched: Watched) => Promise<void>,
): Promise<void> {
  await withVirtualClock(async (clock) => {
    const log: string[] = [];
    const say = (what: string) => log.push(`${performance.now()} ${what}`);
    const stop = watchPermit({
      everyMs,
      renew() {
        say("asked");
        return renew();
      },
    }, {
      onDenied() {
        say("denied");
        stop();
      },
      onFailure() {
        say("failed");
        stop();
      },
    });
    await fn({ clock, log, stop });
  });
}

test("D12: a permit is renewed at its own interval", async () => {
  await watching(7_000, () => true, async ({ clock, log }) => {
    await clock.advance(21_000);
    assertEquals(log, ["7000 asked", "14000 asked", "21000 asked"]);
  });
});

test("D12: a permit that is denied ends at once", async () => {
  await watching(3_000, () => false, async ({ clock, log }) => {
    await clock.advance(60_000);
    assertEquals([log, clock.waiting], [["3000 asked", "3000 denied"], 0]);
  });
});

test("D12: a permit whose renewal never answers ends after 5 seconds", async () => {
  for (const everyMs of [10, 1_000, 12_000]) {
    await watching(everyMs, () => new Promise(() => {}), async ({ clock, log }) => {
      await clock.advance(60_000);
      assertEquals(log, [`${everyMs} asked`, `${everyMs + 5_000} denied`]);
      assertEquals(clock.waiting, 0);
    });
  }
});

test("D12: a renewal that takes longer than the interval is followed by the next at once", async () => {
  const slowly = () => new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 1_500));
  await watching(1_000, slowly, async ({ clock, log }) => {
    await clock.advance(5_000);
    assertEquals(log, ["1000 asked", "2500 asked", "4000 asked"]);
  });
});

test("D12: a permit for ever is not asked about, whatever timers can take", async () => {
  for (const everyMs of [Infinity, 2 ** 40]) {
    await watching(everyMs, () => true, async ({ clock, log, stop }) => {
      await clock.advance(2 ** 33);
      assertEquals([log, clock.waiting], [[], 1]);
      stop();
      assertEquals(clock.waiting, 0);
    });
  }
});
