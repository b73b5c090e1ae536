import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "../harness/support/property.ts";
import { ClientError, type ClientErrorCode, followRun } from "@locus/core/client";
import {
  atOnce,
  end,
  outline,
  pieces,
  readToEnd,
  scripted,
  stream,
  tick,
  ticks,
  toBytes,
  wire,
} from "./_support.ts";

const url = "http://localhost/runs/r/events";
const maxBlockLength = 1_000;
const huge = wire({ ...tick(2), data: { text: "x".repeat(maxBlockLength) } });

/** A block that a client can't use, and what it is reported as; null is ignored, as the specification says. */
const odd: Record<string, [text: string, code: ClientErrorCode | null]> = {
  "an id with SOH": ["id: a\x01b\n\n", "bad_id"],
  "an id with an escape sequence": ["id: \x1b[2J\n\n", "bad_id"],
  "an id with DEL": ["id: a\x7f\n\n", "bad_id"],
  "an id that is too long": [`id: ${"x".repeat(257)}\n\n`, "bad_id"],
  "an id with NUL": ["id: a\0b\n\n", null],
  "a retry that is no number": ["retry: soon\nretry: -1\nretry: 1e3\nretry: 1.5\n\n", null],
  "a retry of four hundred digits": [`retry: ${"9".repeat(400)}\n\n`, null],
  "an unknown field": ["ID: x\nfoo: bar\n\n", null],
  "a message without a type": [ticks(2).replace("event: test.tick\n", ""), "bad_event"],
  "a message of another type": [ticks(2).replace("event: test.tick", "event: other"), "bad_event"],
  "a message of a type that EventSource uses": [
    ticks(2).replaceAll("test.tick", "error"),
    "bad_event",
  ],
  "a message that is no JSON": ["event: test.tick\ndata: {\n\n", "bad_event"],
  "a message without data": ["event: test.tick\ndata\n\n", "bad_event"],
  "a message that is null": ["event: test.tick\ndata: null\n\n", "bad_event"],
  "a message that is a list": [
    `event: test.tick\ndata: [${JSON.stringify(tick(2))}]\n\n`,
    "bad_event",
  ],
  "an event whose data is a text": [ticks(2).replace('{"n":2}', '"two"'), "bad_event"],
  "an event whose id is a number": [ticks(2).replace('"e-2"', "2"), "bad_event"],
  "an event whose id has no sequence": [ticks(2).replaceAll("e-2", "e"), "bad_event"],
  "an event whose run id has control characters": [
    ticks(2).replace('"r"', '"\\u001b[2J"'),
    "bad_event",
  ],
  "an event that is too long": [huge, "too_long"],
  "an event that is too long, with CRLF": [huge.replaceAll("\n", "\r\n"), "too_long"],
  "an event that is too long, over many lines": [
    `event: test.tick\n${`data: ${"x".repeat(50)}\n`.repeat(30)}\n`,
    "too_long",
  ],
  "a gap whose count is a text": [gap('"7"'), null],
  "a gap whose count is negative": [gap("-7"), null],
  "a gap whose count is beyond all numbers": [gap("1e999"), null],
};

function gap(count: string): string {
  const data = { from_seq: 1, to_seq: 1, count: 0, reason: "lagged" };
  return wire({ ...tick(1), event_type: "bus.gap", data }).replace('"count":0', `"count":${count}`);
}

for (const [what, [text, code]] of Object.entries(odd)) {
  for (const length of [Infinity, 1, 7, 64]) {
    test(`D13: followRun() goes on after ${what}, in pieces of ${length}`, async () => {
      const told: ClientErrorCode[] = [];
      const { fetch, asked } = scripted(
        pieces(toBytes(wire(tick(1)) + text + wire(tick(3))), length),
        stream(wire(tick(4)) + end(4)),
      );
      const follow = followRun(url, {
        ...atOnce,
        fetch,
        maxBlockLength,
        onError: (error) => void told.push(error.code),
      });
      const events = (await readToEnd(follow)).filter(({ event_type }) => event_type !== "bus.gap");
      assertEquals(outline(events), [1, 3, 4, "end"]);
      assertEquals(told, code === null ? [] : [code]);
      assertEquals(follow.state.missedEvents, 0);
      assertEquals(asked[1]!.headers.get("Last-Event-ID"), "e-3");
      const isMessage = code === "bad_event" || code === "too_long";
      assertEquals(follow.state.invalidEvents, isMessage ? 1 : 0);
    });
  }
}

test("D13: a refused id leaves the place where it was", async () => {
  const { fetch, asked } = scripted(
    stream(ticks(1) + ticks(2).replace("id: e-2", "id: \x01")),
    stream(wire(tick(2), tick(3)) + end(3)),
  );
  const told: string[] = [];
  const follow = followRun(url, {
    ...atOnce,
    fetch,
    onError: ({ message }) => void told.push(message),
  });
  // The event behind the id is delivered once, although the server sends it again.
  assertEquals(outline(await readToEnd(follow)), [1, 2, 3, "end"]);
  assertEquals(asked[1]!.headers.get("Last-Event-ID"), "e-1");
  assertEquals(told, [
    `Cannot follow ${url}: the server sent an id that cannot be sent back: it must have at most 256 ` +
    'characters, without control characters, got "\\u0001"',
  ]);
});

test("D13: whatever a server sends, what comes after it is delivered", async () => {
  const line = fc.oneof(
    fc.constantFrom(
      "id",
      "data",
      "event",
      "retry",
      ":",
      "",
      "id: \x02",
      "event: bus.gap",
      "data: {}",
    ),
    fc.tuple(
      fc.constantFrom("id", "data", "event", "retry", "", "x"),
      fc.string({ unit: "binary", maxLength: 20 }),
    ).map(([field, value]) => `${field}: ${value}`),
    fc.integer({ min: 990, max: 1_100 }).map((length) => `data: ${"x".repeat(length)}`),
  );
  const noise = fc.array(fc.tuple(line, fc.constantFrom("\n", "\r", "\r\n", "\n\n")), {
    maxLength: 12,
  }).map((lines) => lines.map(([text, lineEnd]) => text + lineEnd).join(""));
  await fc.assert(
    fc.asyncProperty(noise, fc.integer({ min: 1, max: 200 }), async (noise, length) => {
      const { fetch, asked } = scripted(
        pieces(toBytes(`${ticks(1)}${noise}\n\n${ticks(2)}`), length),
        stream(end(2)),
      );
      const follow = followRun(url, { ...atOnce, fetch, maxBlockLength, onError() {} });
      assertEquals(outline(await readToEnd(follow)), [1, 2, "end"]);
      // A header that the runtime refuses would have failed here.
      assert(new Headers(asked[1]!.headers).get("Last-Event-ID") === "e-2");
    }),
    { numRuns: 200 },
  );
});

test("D13: onError ends the iteration by throwing", async () => {
  const { fetch } = scripted(stream(`${ticks(1)}data: {\n\n${ticks(2)}`));
  const follow = followRun(url, {
    fetch,
    onError(error) {
      throw error;
    },
  });
  await follow.next();
  const error = await assertRejects(() => follow.next(), ClientError, "a message is not JSON");
  assertEquals([error.code, follow.state.ended], ["bad_event", { reason: "failed", error }]);
});

test("D13: without onError the console hears of it, at most once a second", async () => {
  const printed: unknown[][] = [];
  const { error } = console;
  console.error = (...args) => void printed.push(args);
  try {
    const { fetch } = scripted(stream("data: {\n\n".repeat(50) + end(0)));
    assertEquals(outline(await readToEnd(followRun(url, { fetch }))), ["end"]);
  } finally {
    console.error = error;
  }
  assertEquals(printed, [[`Locus: Cannot follow ${url}: a message is not JSON`]]);
});

for (const after of ["a\x01", "\x7f", "\n", "x".repeat(257)]) {
  test(`D13: followRun() refuses to resume after ${JSON.stringify(after).slice(0, 9)}`, () => {
    assertThrows(() => followRun(url, { after }), TypeError, '"after" must have at most 256');
  });
}

for (const waitMs of [Infinity, 2 ** 31, 1e300]) {
  test(`D13: a wait of ${waitMs} ms is no wait of nothing`, async () => {
    const { fetch, asked } = scripted(new TypeError("down"));
    const follow = followRun(url, { fetch, retry: () => waitMs });
    const next = follow.next();
    for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setTimeout(resolve, 1));
    assertEquals([asked.length, follow.state.phase], [1, "waiting"]);
    await follow.return();
    await next;
  });
}
