import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Pace } from "../../src/cli/pace.ts";

/** What a pace waits for until each of these times, on a clock that only waiting moves. */
async function waitsFor(speed: number, times: (number | null)[]): Promise<number[]> {
  const waits: number[] = [];
  const realNow = performance.now;
  let now = 0;
  performance.now = () => now;
  try {
    const pace = new Pace(speed, (ms) => {
      waits.push(ms);
      now += ms;
      return Promise.resolve();
    });
    for (const time of times) await pace.until(time, new AbortController().signal);
  } finally {
    performance.now = realNow;
  }
  return waits;
}

const START = Date.parse("2026-01-31T12:00:00Z");

test("Pace takes the time that the run took, divided by the speed", async () => {
  assertEquals(await waitsFor(60, [START, START + 60_000, START + 240_000]), [1_000, 3_000]);
  assertEquals(await waitsFor(1, [START, START + 500]), [500]);
});

test("Pace waits for nothing that is due, or that has no time", async () => {
  assertEquals(await waitsFor(1, [null, START, null, START, START - 5_000]), []);
});

test("Pace waits for weeks in pieces that a timer can hold", async () => {
  const day = 86_400_000;
  assertEquals(await waitsFor(1, [START, START + 2.5 * day]), [day, day, day / 2]);
});
