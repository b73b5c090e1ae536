import { test } from "node:test";
import { assertEquals } from "@std/assert";
import fc from "../harness/support/property.ts";
import { EventBus } from "@locus/core";
import { encodeEvent, fromSse, type WireEvent } from "@locus/core/sse";
import { createFeed } from "../../src/sse/feed.ts";
import { judge } from "../harness/support/event_source.ts";
import { readAll } from "../harness/support/read.ts";

// Texts that could end a line, a field or a block, or break a character over two pieces.
const hostileText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom("\r", "\n", "\0", ":", " ", "d", "\ufeff", "\u2028", "🦉") }),
  fc.constantFrom("\n\ndata: forged\n\n", "\r\rid: forged\r\r", "__proto__", "constructor"),
);

const payload = fc.dictionary(
  hostileText,
  fc.oneof(hostileText, fc.double(), fc.boolean(), fc.constant(null), fc.array(hostileText)),
);

const eventType = fc.constantFrom("test.a", "x:y-z", "A", "message", "toString", "__proto__");

/** Events as a bus makes them of any payload. */
async function publishAll(drafts: [string, Record<string, unknown>][]): Promise<WireEvent[]> {
  const bus = new EventBus();
  for (const [type, data] of drafts) {
    bus.publish<string>({ run_id: "r", event_type: type, data });
  }
  bus.closeStream("r");
  return await readAll(bus.subscribe("r"));
}

function cut(bytes: Uint8Array<ArrayBuffer>, lengths: number[]): ReadableStream<Uint8Array> {
  let turn = 0;
  let offset = 0;
  return new ReadableStream({
    pull(controller) {
      if (offset >= bytes.length) return controller.close();
      const length = lengths[turn++ % lengths.length]!;
      controller.enqueue(bytes.subarray(offset, offset += length));
    },
  });
}

test("Decoding what was encoded, in any pieces, gives the same events", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(eventType, payload), { minLength: 1, maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      async (drafts, lengths) => {
        const events = await publishAll(drafts);
        const bytes = new Uint8Array(await new Blob(events.map(encodeEvent)).arrayBuffer());
        const decoded: unknown[] = [];
        for await (const event of cut(bytes, lengths).pipeThrough(fromSse())) decoded.push(event);
        assertEquals(decoded, JSON.parse(JSON.stringify(events)));
      },
    ),
    { numRuns: 500 },
  );
});

test("One event in is exactly one dispatch out, by the independent parser", async () => {
  await fc.assert(
    fc.asyncProperty(eventType, payload, async (type, data) => {
      const [event] = await publishAll([[type, data]]);
      const { dispatched, comments, retries, ids } = judge(encodeEvent(event!));
      assertEquals(dispatched.length, 1);
      assertEquals([comments, retries], [[], []]);
      assertEquals(ids, [event!.event_id]);
      assertEquals(dispatched[0]!.type, type);
    }),
    { numRuns: 500 },
  );
});

test("No id and no type, whatever they are, make more than one dispatch", () => {
  fc.assert(
    fc.property(hostileText, hostileText, hostileText, (id, type, text) => {
      const event = {
        event_id: id,
        run_id: text,
        event_type: type,
        timestamp: text,
        data: { text },
      };
      let bytes;
      try {
        bytes = encodeEvent(event);
      } catch (error) {
        // deno-lint-ignore no-control-regex
        const isUnsafe = /[\0-\x08\x0a-\x1f\x7f]/.test(id) || /[\r\n\0]/.test(type);
        assertEquals(isUnsafe, true, String(error));
        return;
      }
      const { dispatched } = judge(bytes);
      assertEquals(dispatched.length, 1);
      assertEquals(dispatched[0]!.event, JSON.parse(JSON.stringify(event)));
    }),
    { numRuns: 1000 },
  );
});

test("D13: blocks that are too long are skipped, and no others, however they arrive", () => {
  const lineEnd = fc.constantFrom("\n", "\r", "\r\n");
  const lines = (data: string, isLong: boolean) => ({ data, isLong });
  const block = fc.oneof(
    fc.integer({ min: 0, max: 50 }).map((length) => lines("s".repeat(length), false)),
    fc.integer({ min: 200, max: 500 }).map((length) => lines("l".repeat(length), true)),
    fc.integer({ min: 5, max: 12 }).map((count) =>
      lines(Array(count).fill("m".repeat(40)).join("\n"), true)
    ),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(block, lineEnd, fc.constantFrom("", ":\n", "x\n", "\n\r\n"))),
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }),
      (blocks, lengths) => {
        const told: string[] = [];
        const feed = createFeed("test", 100, {
          onMessage: ({ data }) => void told.push(data),
          onTooLong: () => void told.push("too long"),
        });
        const text = blocks.map(([{ data }, lineEnd, before]) =>
          before + data.split("\n").map((line) => `data:${line}${lineEnd}`).join("") + lineEnd
        ).join("");
        const bytes = new TextEncoder().encode(text);
        for (let offset = 0, turn = 0; offset < bytes.length;) {
          feed(bytes.subarray(offset, offset += lengths[turn++ % lengths.length]!));
        }
        assertEquals(told, blocks.map(([{ data, isLong }]) => isLong ? "too long" : data));
      },
    ),
    { numRuns: 1000 },
  );
});
