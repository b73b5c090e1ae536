import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { backoffMs } from "../../src/client/backoff.ts";
import { parseRetryAfter } from "../../src/core/retry_after.ts";

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
