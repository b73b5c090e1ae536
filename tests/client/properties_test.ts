import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "../harness/support/property.ts";
import { EventBus } from "@locus/core";
import { followRun } from "@locus/core/client";
import { locus } from "@locus/core/hono";
import { type AnyEvent, readAll } from "../harness/support/read.ts";
import { turn } from "../harness/support/until.ts";
import { atOnce, pieces, publish, readToEnd } from "./_support.ts";

const url = "http://localhost/runs/r/events";

interface Fault {
  /** After how many bytes of its answer a connection is cut, as part of the whole. */
  at: number;
  /** The bytes of one piece. */
  length: number;
  /** Whether the server does not hear where to go on, and sends everything again. */
  forgets: boolean;
  /** Whether the connection fails rather than ends. */
  breaks: boolean;
}

const fault: fc.Arbitrary<Fault> = fc.record({
  // Not a double: most of those are next to nothing.
  at: fc.integer({ min: 0, max: 1000 }).map((part) => part / 1000),
  length: fc.constantFrom(1, 2, 3, 7, 64, 1000),
  forgets: fc.boolean(),
  breaks: fc.boolean(),
});

/** Serves run `r` of a bus that changes while connections fail, one fault each; the rest go well. */
function faultyServer(bus: EventBus, faults: Fault[], onConnection: () => void) {
  const rest = faults.values();
  const app = locus({ bus });
  return async (_url: string, init: RequestInit): Promise<Response> => {
    const { value: fault } = rest.next();
    const headers = new Headers(init.headers);
    if (fault?.forgets) headers.delete("Last-Event-ID");
    onConnection();
    if (!fault) bus.closeStream("r");
    const response = await app.request("/runs/r/events", { headers, signal: init.signal });
    if (!fault || response.status !== 200) return response;
    return broken(await held(response), fault);
  };
}

/** What a server sends before it waits. */
async function held(response: Response): Promise<Uint8Array> {
  const reader = response.body!.getReader();
  const { value: opening } = await reader.read();
  const first = await Promise.race([
    reader.read(),
    turn().then(() => null),
  ]);
  void reader.cancel();
  return new Uint8Array([...opening!, ...(first?.value ?? [])]);
}

function broken(bytes: Uint8Array, { at, length, breaks }: Fault): Response {
  const whole = pieces(bytes.subarray(0, Math.round(bytes.length * at)), length);
  if (!breaks) return whole;
  const reader = whole.body!.getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await reader.read();
      if (done) controller.error(new TypeError("connection reset"));
      else controller.enqueue(value);
    },
  }, { highWaterMark: 0 });
  return new Response(body, { headers: whole.headers });
}

test("Wherever connections are cut, each event is delivered once, in order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fault, { maxLength: 8 }),
      fc.array(fc.nat({ max: 4 }), { maxLength: 8 }),
      async (faults, published) => {
        const bus = new EventBus();
        const rest = published.values();
        let n = 0;
        const fetch = faultyServer(bus, faults, () => {
          for (let left = rest.next().value ?? 0; left > 0; left--) publish(bus, ++n);
        });
        const followed = await readToEnd(followRun(url, { ...atOnce, fetch }));
        const events = followed.filter(({ event_type }) => event_type !== "bus.end");
        assertEquals(events, await readAll(bus.subscribe("r")));
        assert(followed.length - events.length <= 1, "the end comes once at most");
      },
    ),
    { numRuns: 300 },
  );
});

test("With a small history, events and gaps add up to what was published", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fault, { maxLength: 8 }),
      fc.array(fc.nat({ max: 9 }), { maxLength: 8 }),
      async (faults, published) => {
        const bus = new EventBus({ historyPerRun: 3 });
        const rest = published.values();
        let n = 0;
        const fetch = faultyServer(
          bus,
          faults.map((fault) => ({ ...fault, forgets: false })),
          () => {
            for (let left = rest.next().value ?? 0; left > 0; left--) publish(bus, ++n);
          },
        );
        const follow = followRun(url, { ...atOnce, fetch });
        const events = await readToEnd(follow);
        const numbers = events.filter(isTick).map(({ data }) => data.n as number);
        assertEquals(numbers, [...new Set(numbers)].sort((a, b) => a - b));
        assertEquals(numbers.length + follow.state.missedEvents, n);
      },
    ),
    { numRuns: 300 },
  );
});

test("Two servers with a log each: nothing of either is delivered twice", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat({ max: 1 }), fault), { maxLength: 10 }),
      async (connections) => {
        const buses = [new EventBus(), new EventBus()] as const;
        for (const bus of buses) {
          publish(bus, 1, 2, 3);
          bus.closeStream("r");
        }
        const rest = connections.values();
        const fetch = async (_url: string, init: RequestInit) => {
          const { value: [index, fault] = [0, null] } = rest.next();
          const app = locus({ bus: buses[index]! });
          const response = await app.request("/runs/r/events", { headers: init.headers });
          if (fault === null || response.status !== 200) return response;
          return broken(new Uint8Array(await response.arrayBuffer()), fault);
        };
        const events = await readToEnd(followRun(url, { ...atOnce, fetch }));
        const ids = events.filter(isTick).map(({ event_id }) => event_id);
        assertEquals(ids.length, new Set(ids).size);
      },
    ),
    { numRuns: 300 },
  );
});

function isTick({ event_type }: AnyEvent): boolean {
  return event_type === "test.tick";
}
