import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "../../harness/support/property.ts";
import { LiveTail } from "../../../src/transports/nats/live_tail.ts";
import type { Message } from "../../../src/transports/nats/message.ts";
import { pageOf } from "../../../src/transports/nats/run_reading.ts";
import { check } from "../../core/properties/settings.ts";

type Step =
  | { readonly do: "publish"; readonly count: number; readonly lost: number }
  | { readonly do: "close" | "drop" | "begin anew" }
  /** So many messages are heard; one of them may be repeated. */
  | { readonly do: "hear"; readonly count: number; readonly isRepeated: boolean }
  | { readonly do: "reset" | "miss one" }
  /** Of the server, so many messages before its newest. */
  | {
    readonly do: "read";
    readonly after: number;
    readonly late: number;
    readonly isLast: boolean;
  };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant("publish" as const),
    count: fc.nat(3),
    lost: fc.constantFrom(0, 0, 0, 2),
  }),
  fc.record({ do: fc.constantFrom("close" as const, "drop" as const, "begin anew" as const) }),
  fc.record({ do: fc.constant("hear" as const), count: fc.nat(3), isRepeated: fc.boolean() }),
  fc.record({ do: fc.constantFrom("reset" as const, "miss one" as const) }),
  fc.record({
    do: fc.constant("read" as const),
    after: fc.nat(12),
    late: fc.constantFrom(0, 0, 1, 3),
    isLast: fc.boolean(),
  }),
);

const ORDER = { epoch: "s1", base: 0 };

/** All messages of a run; the one at index `i` has the number `i + 1`. */
class Stream {
  readonly messages: Message[] = [];
  #epochs = 1;

  add(kind: Message["kind"], count: number, lost: number): void {
    const state = this.messages.at(-1)?.state ??
      { epoch: "e1", head: 0, closed: false, dropped: 0, producers: [] };
    const head = state.head + lost + count;
    this.messages.push({
      seq: this.messages.length + 1,
      kind,
      before: state.head,
      state: {
        ...state,
        head,
        closed: state.closed || kind === "close",
        dropped: kind === "drop" ? head : state.dropped,
      },
      events: Array.from({ length: count }, (_, i) => ({
        seq: head - count + 1 + i,
        type: "t",
        time: 0,
        data: "{}",
      })),
      chars: 100,
    });
  }

  beginAnew(): void {
    const epoch = `e${++this.#epochs}`;
    const state = { epoch, head: 1, closed: false, dropped: 0, producers: [] };
    const events = [{ seq: 1, type: "t", time: 0, data: "{}" }];
    const seq = this.messages.length + 1;
    this.messages.push({ seq, kind: "events", before: 0, state, events, chars: 100 });
  }

  /** What a reader should be told who knows the messages up to a number. */
  page(seq: number, after: number) {
    const known = this.messages.slice(0, seq);
    const epoch = known.at(-1)?.state.epoch;
    return pageOf(known.filter(({ state }) => state.epoch === epoch), after, Infinity, ORDER);
  }
}

test("LiveTail tells what the stream holds, or that it does not know", async () => {
  await check(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const stream = new Stream();
    const tail = new LiveTail();
    let heard = 0;
    const hear = (seq: number) => tail.add(stream.messages[seq - 1]!, seq);
    for (const taken of steps) {
      switch (taken.do) {
        case "publish":
          stream.add("events", taken.count, taken.lost);
          break;
        case "close":
        case "drop":
          stream.add(taken.do, 0, 0);
          break;
        case "begin anew":
          stream.beginAnew();
          break;
        case "hear":
          for (let i = 0; i < taken.count && heard < stream.messages.length; i++) {
            // Whether or not it was read before: whoever waits was not told.
            const added = hear(++heard);
            if (added !== "doubt") assertEquals(added, "new");
            if (taken.isRepeated) assertEquals(hear(heard), "known");
          }
          break;
        case "reset":
          // What was not heard until then never will be.
          heard = stream.messages.length;
          tail.reset();
          break;
        case "miss one":
          heard = Math.min(heard + 1, stream.messages.length);
          break;
        case "read": {
          const told = tail.page(taken.after, taken.isLast, ORDER);
          if (told !== undefined) {
            assertEquals(told, stream.page(tail.seq, taken.after));
            break;
          }
          // What was there once is not unknown.
          const { length } = stream.messages;
          const newest = Math.min(length, Math.max(1, length - taken.late));
          const held = stream.messages.slice(0, newest);
          const epoch = held.at(-1)?.state.epoch;
          const messages = held.filter(({ state }) => state.epoch === epoch);
          const settled = tail.settle(newest === 0 ? null : { messages, seq: newest });
          if (settled === null) {
            assert(taken.late > 0, "The newest was read, and still something is missing");
            break;
          }
          const all = Math.max(newest, tail.seq);
          assertEquals(
            pageOf(settled, taken.after, Infinity, ORDER),
            stream.page(all, taken.after),
          );
        }
      }
    }
  }));
});

test("LiveTail goes on from what was heard while the server was asked", () => {
  const stream = new Stream();
  for (let i = 0; i < 4; i++) stream.add("events", 2, 0);
  const tail = new LiveTail();
  for (const seq of [2, 3, 4]) tail.add(stream.messages[seq - 1]!, seq);
  const settled = tail.settle({ messages: stream.messages.slice(0, 2), seq: 2 })!;
  assertEquals(pageOf(settled, 0, Infinity, ORDER), stream.page(4, 0));
  assertEquals(tail.page(8, true, ORDER), stream.page(4, 8));
});

test("LiveTail does not go on when something is missing between", () => {
  const stream = new Stream();
  for (let i = 0; i < 4; i++) stream.add("events", 2, 0);
  const tail = new LiveTail();
  tail.add(stream.messages[3]!, 4);
  assertEquals(tail.settle({ messages: stream.messages.slice(0, 2), seq: 2 }), null);
});

test("LiveTail holds so much, and then asks the server", () => {
  const stream = new Stream();
  stream.add("events", 1, 0);
  const tail = new LiveTail();
  tail.begin(stream.messages[0]!, 1);
  for (let seq = 2; seq <= 10; seq++) {
    stream.add("events", 1, 0);
    tail.add({ ...stream.messages[seq - 1]!, chars: 1024 * 1024 }, seq);
  }
  assertEquals(tail.page(0, true, ORDER), undefined);
});
