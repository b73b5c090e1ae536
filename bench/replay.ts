/**
 * A late reader of a run that is over: 500 events from the history.
 *
 * Method: 500 events are published once, and the run is closed. Then late readers come, one after the
 * other; each reads everything to the end, and what is timed is subscribing, reading and the end.
 * Figures are nanoseconds an event by the clock of `support/stopwatch.ts`: median and minimum of 11
 * rounds of at least 100 ms, the contenders in turns, in changing order. The streams are filled before
 * the clock starts, because only reading shall count; "filled and read" is the price for a late reader
 * who needs a stream of his own. Our first reader makes the ids and timestamps of the events, which later
 * ones find; "first reader" is his price. Every reader checks that it gets all events in order.
 *
 * Run alone: `deno run -A bench/replay.ts`, or the same file with `bun` or `node`.
 */
import { EventBus } from "@locus/core";
import { ReplaySubject } from "rxjs";
import { type Effort, type Row, runCase, verify } from "./support/case.ts";
import {
  EVENT_TYPE,
  makeEvent,
  makePayload,
  type Payload,
  type PeerEvent,
  RUN_ID,
} from "./support/event.ts";
import { collectGarbage, compare, type Contender } from "./support/rounds.ts";
import { startStopwatch } from "./support/stopwatch.ts";

const EVENTS = 500;
const peerEvents = Array.from({ length: EVENTS }, (_, n) => makeEvent(n));
const bus = closedRun();
const subject = new ReplaySubject<PeerEvent>(EVENTS);
for (const event of peerEvents) subject.next(event);
subject.complete();

async function compareReaders(effort: Effort): Promise<Row[]> {
  const contenders = [
    reader("Locus, for await", () => bus, async (bus, log) => {
      for await (const event of bus.subscribe(RUN_ID)) log.take(event);
    }),
    reader("Locus, batches", () => bus, async (bus, log) => {
      for await (const events of bus.subscribe(RUN_ID).batches()) {
        for (const event of events) log.take(event);
      }
    }),
    reader("Locus, batches, first reader", closedRun, async (bus, log) => {
      for await (const events of bus.subscribe(RUN_ID).batches()) {
        for (const event of events) log.take(event);
      }
    }),
    reader("Locus, on from history", () => bus, (bus, log) =>
      new Promise<void>((resolve) => {
        bus.on("*", (event) => {
          log.take(event);
          if (log.isFull) resolve();
        }, { run: RUN_ID, from: "history" });
      })),
    reader("ReplaySubject(500)", () => subject, (subject, log) => {
      subject.subscribe((event) => log.take(event));
    }),
    reader("ReadableStream, filled before", filledStream, async (stream, log) => {
      for await (const event of stream) log.take(event);
    }),
    reader("ReadableStream, filled and read", () => peerEvents, async (_, log) => {
      for await (const event of filledStream()) log.take(event);
    }),
  ];
  const timings = await compare(contenders, effort, EVENTS);
  return Array.from(timings, ([subject, timing]) => ({
    subject,
    setting: "",
    figures: { ...timing },
  }));
}

/** What one reader has read. */
class Reading {
  taken = 0;

  get isFull(): boolean {
    return this.taken === EVENTS;
  }

  take({ data }: { readonly data: unknown }): void {
    const { n } = data as Payload;
    if (n !== this.taken) throw new Error(`event ${n} came in place of ${this.taken}`);
    this.taken++;
  }
}

/** A contender that gives each of its readers a source of its own, which is not timed. */
function reader<Source>(
  subject: string,
  prepare: () => Source,
  read: (source: Source, reading: Reading) => Promise<void> | void,
): Contender {
  return {
    subject,
    async run(events) {
      const sources = Array.from({ length: events / EVENTS }, prepare);
      const readings = sources.map(() => new Reading());
      collectGarbage();
      const elapsed = startStopwatch();
      for (let i = 0; i < sources.length; i++) {
        const result = read(sources[i]!, readings[i]!);
        if (result !== undefined) await result;
      }
      const ms = elapsed();
      verify(readings.every(({ isFull }) => isFull), () => `${subject} lost events`);
      return ms;
    },
  };
}

function closedRun(): EventBus {
  const bus = new EventBus();
  for (let n = 0; n < EVENTS; n++) {
    bus.publish({ run_id: RUN_ID, event_type: EVENT_TYPE, data: makePayload(n) });
  }
  bus.closeStream(RUN_ID);
  return bus;
}

function filledStream(): ReadableStream<PeerEvent> {
  return new ReadableStream({
    start(controller) {
      for (const event of peerEvents) controller.enqueue(event);
      controller.close();
    },
  });
}

await runCase("replay of 500 to a late reader: ns an event", compareReaders);
