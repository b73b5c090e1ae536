import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "../harness/support/property.ts";
import { followRun } from "@locus/core/client";
import { backoffMs } from "../../src/client/backoff.ts";
import { parseRetryAfter } from "../../src/core/retry_after.ts";
import { installFakeClock } from "../harness/support/fake_clock.ts";
import { end, readToEnd, stream, ticks, toBytes, wire } from "./_support.ts";

test("backoffMs() doubles its bound with every failure, up to 30 seconds", () => {
  const bounds = [1, 2, 3, 4, 5, 6, 7, 1000].map((failures) => backoffMs(failures, null, 0.9999));
  assertEquals(bounds.map((ms) => Math.ceil(ms / 1000)), [1, 2, 4, 8, 16, 30, 30, 30]);
});

test("backoffMs() is full jitter: from nothing to its bound", () => {
  assertEquals(backoffMs(5, null, 0), 0);
  assertEquals(backoffMs(5, null, 0.5), 8_000);
});

test("backoffMs() never comes back before the server asks for it, nor spreads without bound", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 31 }),
      fc.option(fc.nat({ max: 3_600_000 })),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failures, askedMs, random) => {
        const ms = backoffMs(failures, askedMs, random);
        assert(ms >= (askedMs ?? 0) && ms < (askedMs ?? 0) + 30_000);
      },
    ),
  );
});

test("Readers that are cut off together come back over a second at least", () => {
  const waits = Array.from({ length: 500 }, () => backoffMs(1, 3_000, Math.random()));
  assert(Math.max(...waits) - Math.min(...waits) > 800);
});

test("parseRetryAfter() reads seconds and dates, and nothing else", () => {
  const now = Date.UTC(2026, 0, 31, 12, 0, 0);
  const cases: [string | null, number | null][] = [
    ["120", 120],
    [" 3 ", 3],
    ["0", 0],
    ["-1", 0],
    ["Sat, 31 Jan 2026 12:00:30 GMT", 30],
    ["Sat, 31 Jan 2026 11:00:00 GMT", 0],
    ["soon", null],
    ["", null],
    [null, null],
  ];
  for (const [value, seconds] of cases) assertEquals(parseRetryAfter(value, now), seconds, value!);
});

const url = "http://localhost/runs/r/events";
const opening = ": recovery exact\nretry: 2000\nid: e-1\n\n";
const restart = wire({
  event_id: "e-0",
  run_id: "*",
  event_type: "bus.gap",
  timestamp: "2026-01-31T12:00:00.000Z",
  data: { from_seq: 1, to_seq: 0, count: 0, reason: "unknown_cursor" },
});

/** What becomes of one attempt. Every connection is cut in the end. */
interface Attempt {
  answer: () => Response;
  /** Whether something was received that shows a server which is well. */
  isHealthy: boolean;
  /** How long the server asks to be left alone, from now on or for once. */
  asks?: number;
  asksOnce?: number;
}

const after = (text: string) => () => stream(text);
const refused = (headers?: HeadersInit) => () => new Response(null, { status: 503, headers });

const attempts: Record<string, Attempt> = {
  "there is no answer": { answer: () => fail(), isHealthy: false },
  "the server is busy": { answer: refused(), isHealthy: false },
  "the server says when": {
    answer: refused({ "Retry-After": "7" }),
    isHealthy: false,
    asksOnce: 7_000,
  },
  "nothing is received": { answer: after(""), isHealthy: false },
  "nothing is received for 20 seconds": { answer: () => late(20_000, ""), isHealthy: false },
  "only the opening is received": { answer: after(opening), isHealthy: false, asks: 2_000 },
  "delivery starts anew": { answer: after(opening + restart), isHealthy: false, asks: 2_000 },
  "what is known comes again": { answer: after(ticks(1)), isHealthy: false },
  "the stream is cut in its first block": {
    answer: after(ticks(1).slice(0, -9)),
    isHealthy: false,
  },
  "a heartbeat is received": { answer: after(`${opening}:\n\n`), isHealthy: true, asks: 2_000 },
  "a heartbeat is all": { answer: after(":\n\n"), isHealthy: true },
  "a heartbeat is received late": { answer: () => late(20_000, ":\n\n"), isHealthy: true },
  "an event is received": { answer: () => stream(ticks(++sent)), isHealthy: true },
  "a gap is received": { answer: () => stream(lost(++sent)), isHealthy: true },
};

// Events have to be new ones; the first is known to all.
let sent = 1;

function lost(n: number): string {
  return ticks(n).replaceAll("test.tick", "bus.gap")
    .replace(`{"n":${n}}`, `{"from_seq":${n},"to_seq":${n},"count":1,"reason":"lagged"}`);
}

function fail(): never {
  throw new TypeError("connection refused");
}

/** A stream that brings something after a while, and ends. */
function late(ms: number, text: string): Response {
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, ms));
      if (text !== "") controller.enqueue(toBytes(text));
      controller.close();
    },
  }, { highWaterMark: 0 });
  return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
}

/** How long a follower waits after each attempt, by the clock. */
async function waitsAfter(
  script: readonly Attempt[],
): Promise<{ failures: number[]; waits: number[] }> {
  const clock = installFakeClock();
  sent = 1;
  const failures: number[] = [];
  const waits: number[] = [];
  let failedAt = 0;
  const rest = [{ answer: after(ticks(1)) }, ...script].values();
  const follow = followRun(url, {
    onState({ phase, failures: count }) {
      if (phase !== "waiting") return;
      failures.push(count);
      failedAt = clock.now;
    },
    fetch: () => {
      waits.push(clock.now - failedAt);
      const { value: attempt } = rest.next();
      return Promise.resolve().then(() =>
        attempt === undefined ? stream(end(sent)) : attempt.answer()
      );
    },
  });
  try {
    await clock.run(readToEnd(follow));
    assertEquals(clock.pending, 0, "no timer is left");
  } finally {
    clock.restore();
  }
  // The first connection was no wait, and the script's own first attempt followed a good one.
  return { failures: failures.slice(1), waits: waits.slice(2) };
}

/** What the rules say: every failure doubles what is waited at most, unless the server has shown that it is well. */
function expected(script: readonly Attempt[]): { failures: number; from: number; to: number }[] {
  let failures = 1;
  let asked = 0;
  return script.map(({ isHealthy, asks, asksOnce }) => {
    failures = isHealthy ? 1 : failures + 1;
    asked = asks ?? asked;
    const from = asksOnce ?? asked;
    return { failures, from, to: from + Math.min(1_000 * 2 ** (failures - 1), 30_000) };
  });
}

async function checkWaits(script: readonly Attempt[]): Promise<void> {
  const { failures, waits } = await waitsAfter(script);
  const rules = expected(script);
  assertEquals(failures, rules.map(({ failures }) => failures));
  rules.forEach(({ from, to }, index) => {
    const waited = waits[index]!;
    assert(waited >= from && waited <= to, `waited ${waited} ms, expected ${from} to ${to}`);
  });
}

for (const [what, attempt] of Object.entries(attempts)) {
  test(`D3: waits ${attempt.isHealthy ? "stay short" : "grow"} if ${what}, time and again`, async () => {
    await checkWaits(Array<Attempt>(8).fill(attempt));
  });
}

test("D3: health is what was received, in any order of good and bad connections", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...Object.values(attempts)), { maxLength: 12 }),
      checkWaits,
    ),
    { numRuns: 40 },
  );
});
