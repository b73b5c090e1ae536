import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { encodeEvent, encodeFrame, type SseFrame, type WireEvent } from "@locus/core/sse";
import { createParser } from "eventsource-parser";
import { judge } from "../harness/support/event_source.ts";

function eventOf(fields: Partial<WireEvent> = {}): WireEvent {
  return {
    event_id: "k3v9-1",
    run_id: "r1",
    event_type: "shop.paid",
    timestamp: "2026-01-31T12:00:00.000Z",
    data: {},
    ...fields,
  };
}

/** What a parser makes of a frame. */
function dispatchedOf(frame: SseFrame): { id?: string; event?: string; data: string }[] {
  const messages: { id?: string; event?: string; data: string }[] = [];
  const parser = createParser({
    onEvent: (message) => void messages.push(message),
    onError(error) {
      throw error;
    },
  });
  parser.feed(new TextDecoder().decode(encodeFrame(frame)));
  return messages;
}

test("encodeEvent() writes the id, the type and the whole event", () => {
  const event = eventOf({ data: { order: 7 } });
  assertEquals(
    new TextDecoder().decode(encodeEvent(event)),
    "id: k3v9-1\nevent: shop.paid\n" +
      'data: {"event_id":"k3v9-1","run_id":"r1","event_type":"shop.paid",' +
      '"timestamp":"2026-01-31T12:00:00.000Z","data":{"order":7}}\n\n',
  );
});

test("encodeEvent() encodes an event once, however many read it", () => {
  const event = eventOf();
  assertStrictEquals(encodeEvent(event), encodeEvent(event));
});

test("encodeEvent() encodes anew what a reader has transferred away", () => {
  const event = eventOf();
  const text = new TextDecoder().decode(encodeEvent(event));
  structuredClone(encodeEvent(event), { transfer: [encodeEvent(event).buffer] });
  assertEquals(new TextDecoder().decode(encodeEvent(event)), text);
});

for (
  const [name, text] of Object.entries({
    "CR": "a\rb",
    "LF": "a\nb",
    "CR LF": "a\r\nb",
    "a line feed at the end": "a\n",
    "nothing": "",
    "U+2028 and U+0085": "a\u2028b\u0085c",
    "NUL": "a\0b",
    "a lone surrogate": "a\ud800b",
    "a field of its own": "x\n\nevent: forged\ndata: {}\n\n",
    "a space in front": " a",
    "a byte order mark": "\ufeffa",
    "four-byte characters": "🦉🦉",
  })
) {
  test(`encodeEvent() carries a payload with ${name} unchanged, as one event`, () => {
    const { dispatched } = judge(encodeEvent(eventOf({ data: { text } })));
    assertEquals(dispatched.map(({ event }) => event.data.text), [text]);
  });
}

const unsafe = {
  event_id: ["control characters", "\r", "\n", "\0", "\x01", "\x1b[2J", "\x7f"],
  event_type: ["line ends and NUL", "\r", "\n", "\0"],
} as const;

for (const [key, [what, ...characters]] of Object.entries(unsafe)) {
  for (const character of characters) {
    test(`D13: encodeEvent() refuses an ${key} with ${JSON.stringify(character)}`, () => {
      assertThrows(
        () => encodeEvent(eventOf({ [key]: `a${character}data: forged` })),
        TypeError,
        `"${key}" must be a string without ${what}`,
      );
    });
  }
}

test("encodeEvent() carries a run id with line ends as data, where it does no harm", () => {
  const { dispatched } = judge(encodeEvent(eventOf({ run_id: "a\r\ndata: forged\n\n" })));
  assertEquals(dispatched.map(({ event }) => event.run_id), ["a\r\ndata: forged\n\n"]);
});

test("encodeFrame() keeps the lines of its data, whichever way they end", () => {
  for (const [data, expected] of [["a\rb\nc\r\nd", "a\nb\nc\nd"], ["a\n", "a\n"], ["", ""]]) {
    assertEquals(dispatchedOf({ data }), [{ id: undefined, event: undefined, data: expected! }]);
  }
});

test("encodeFrame() without data dispatches nothing", () => {
  assertEquals(dispatchedOf({ id: "7", event: "note", retry: 1000, comment: "hello" }), []);
});

test("encodeFrame() never lets a comment out of its lines", () => {
  const bytes = encodeFrame({ comment: "a\ndata: forged\r\revent: forged" });
  const { dispatched, comments } = judge(bytes);
  assertEquals(dispatched, []);
  assertEquals(comments, ["a", "data: forged", "", "event: forged"]);
});

test("encodeFrame() writes a retry of whole milliseconds", () => {
  assertEquals(judge(encodeFrame({ retry: 2500 })).retries, [2500]);
});

for (const retry of [NaN, Infinity, -1, 1.5, 1e300, "1\ndata: forged"]) {
  test(`encodeFrame() refuses a retry of ${JSON.stringify(retry) ?? retry} (${typeof retry})`, () => {
    assertThrows(
      () => encodeFrame({ retry: retry as number }),
      RangeError,
      '"retry" must be a whole number of at least 0',
    );
  });
}

test("encodeFrame() refuses an id or event that is not one field", () => {
  for (const key of ["id", "event"] as const) {
    for (const value of ["a\nb", "a\rb", "a\0b", "\n\ndata: forged"]) {
      assertThrows(() => encodeFrame({ [key]: value }), TypeError, `"${key}" must be`);
    }
  }
});

test("The encoder's messages show no more than the start of a value", () => {
  const error = assertThrows(() => encodeFrame({ id: "\n" + "x".repeat(10_000) }), TypeError);
  assert(error.message.length < 200);
});
