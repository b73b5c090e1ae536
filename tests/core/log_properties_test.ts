/**
 * Random interleavings of publishing, reading, leaving, closing and forgetting, against a model that is
 * an array. What every reader gets must be contiguous, and delivered events and gaps must add up.
 */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { EventBus, type StreamEvent, type Subscription } from "@locus/core";
import type { AnyEvent } from "../support/read.ts";

type Op =
  | { op: "publish"; count: number }
  | { op: "subscribe"; from: "history" | "live" }
  | { op: "resume"; reader: number }
  | { op: "read"; reader: number; count: number }
  | { op: "cancel"; reader: number }
  | { op: "tick" }
  | { op: "close" };

const ops: fc.Arbitrary<Op[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        op: fc.constant("publish" as const),
        count: fc.integer({ min: 1, max: 9 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        op: fc.constant("subscribe" as const),
        from: fc.constantFrom("history" as const, "live" as const),
      }),
    },
    { weight: 2, arbitrary: fc.record({ op: fc.constant("resume" as const), reader: fc.nat(9) }) },
    {
      weight: 6,
      arbitrary: fc.record({
        op: fc.constant("read" as const),
        reader: fc.nat(9),
        count: fc.integer({ min: 1, max: 6 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ op: fc.constant("cancel" as const), reader: fc.nat(9) }) },
    { weight: 3, arbitrary: fc.constant({ op: "tick" as const }) },
    { weight: 1, arbitrary: fc.constant({ op: "close" as const }) },
  ),
  { minLength: 5, maxLength: 100 },
);

/** A subscription, what it delivered, and where it started. */
class Reader {
  readonly subscription: Subscription<StreamEvent>;
  readonly events: AnyEvent[] = [];
  /** Sequence of the last event that it is not owed. */
  readonly start: number;
  readonly #iterator: AsyncIterator<StreamEvent>;
  readonly #pending: Promise<void>[] = [];
  done = false;

  constructor(subscription: Subscription<StreamEvent>, start: number) {
    this.subscription = subscription;
    this.start = start;
    this.#iterator = subscription[Symbol.asyncIterator]();
  }

  read(count: number): void {
    for (let i = 0; i < count; i++) {
      this.#pending.push(
        this.#iterator.next().then(({ value, done }) => {
          if (done) this.done = true;
          else this.events.push(value as AnyEvent);
        }),
      );
    }
  }

  async drain(): Promise<void> {
    await Promise.all(this.#pending);
    while (!this.done) {
      this.read(1);
      await this.#pending.at(-1);
    }
  }

  async cancel(): Promise<void> {
    await this.#iterator.return?.();
    await Promise.all(this.#pending);
  }

  /** The sequence reached, after checking that nothing is missing, doubled or out of order. */
  check(): number {
    let last = this.start;
    for (const { event_id, event_type, data } of this.events) {
      const seq = Number(event_id.split("-")[1]);
      if (event_type === "bus.gap") {
        assertEquals(data.from_seq, last + 1, "a gap begins where delivery stopped");
        assertEquals(data.count, (data.to_seq as number) - last, "a gap counts exactly");
        assertEquals(seq, data.to_seq);
        assert((data.count as number) > 0);
      } else {
        assertEquals(seq, last + 1, "no event is missing, doubled or out of order");
        assertEquals(data.n, seq, "it is the event that was published");
      }
      last = seq;
    }
    return last;
  }
}

async function run(commands: Op[], historyPerRun: number, maxQueueSize: number): Promise<void> {
  const bus = new EventBus({ historyPerRun, maxQueueSize, onError() {} });
  const readers: Reader[] = [];
  let published = 0;
  let closed = false;
  const publish = () => {
    bus.publish({ run_id: "r", event_type: "test.tick", data: { n: published + 1 } });
    if (!closed) published++;
  };
  // A run that nobody has published to is forgotten with its last reader, and its epoch with it.
  publish();
  const pick = (index: number) => readers[index % Math.max(1, readers.length)];
  for (const command of commands) {
    switch (command.op) {
      case "publish":
        for (let i = 0; i < command.count; i++) publish();
        break;
      case "subscribe": {
        const subscription = bus.subscribe("r", { from: command.from });
        readers.push(new Reader(subscription, command.from === "live" ? published : 0));
        break;
      }
      case "resume": {
        const other = pick(command.reader);
        if (other === undefined) break;
        const after = other.subscription.cursor;
        const subscription = bus.subscribe("r", { after });
        assert(subscription.recovery !== "restarted", "a cursor of this log is known");
        readers.push(new Reader(subscription, Number(after.split("-")[1])));
        break;
      }
      case "read":
        pick(command.reader)?.read(command.count);
        break;
      case "cancel":
        await pick(command.reader)?.cancel();
        break;
      case "tick":
        await new Promise<void>((resolve) => queueMicrotask(resolve));
        break;
      case "close":
        bus.closeStream("r");
        closed = true;
    }
    for (const depth of bus.stats().queue_depths.r ?? []) {
      assert(depth <= Math.max(historyPerRun, maxQueueSize), `pending ${depth}`);
    }
  }
  bus.closeStream("r");
  await Promise.all(readers.map((reader) => reader.drain()));
  for (const reader of readers) {
    const reached = reader.check();
    if (reader.subscription.ended === "closed") {
      assertEquals(reached, published, "delivered events and gaps add up to all that came");
    }
  }
  assertEquals(bus.stats().active_runs, 0, "every reader is freed");
}

test("Every reader gets a contiguous stream: events and gaps add up, under any interleaving", async () => {
  await fc.assert(
    fc.asyncProperty(ops, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), run),
    { numRuns: 1000 },
  );
});
