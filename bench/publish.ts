/**
 * Publishing where nobody reads, with the last 500 events kept.
 *
 * Method: a plain loop, 11 rounds of at least 100 ms for each contender, in turns, in changing order,
 * each after a collection of garbage, with a new publisher every 50,000 events: more than a run of an
 * agent has. Figures are nanoseconds an event by the clock of `support/stopwatch.ts`, the making of the
 * event included: median and minimum of the rounds.
 *
 * Neither mitata nor an endless loop: under both, V8 comes to a point where shifting an array, which is
 * how ReplaySubject and most histories forget, takes 2 µs for the rest of its life. That is real, but
 * no fair comparison.
 *
 * Ours makes an event's id and timestamp when it is first read, which is never here; the peers' events
 * have a number and `Date.now()` in those places, so that they do not pay for what ours puts off. The
 * lines "text id, ISO date, frozen" give them an event like ours: the price of the same product.
 * After each round every publisher is asked for its history: the last 500 events, in order.
 *
 * Run alone: `deno run -A bench/publish.ts`, or the same file with `bun` or `node`.
 */
import { type Effort, type Row, runCase, verify } from "./support/case.ts";
import { makeEvent } from "./support/event.ts";
import {
  emittery,
  eventEmitter,
  historyOnly,
  KEPT,
  locusPublish,
  locusRun,
  locusWriter,
  makeFullEvent,
  makeOnly,
  mittEmitter,
  nanoEvents,
  type Publisher,
  pubSub,
  replaySubject,
} from "./support/publishers.ts";
import { collectGarbage, compare, type Contender, keepAlive } from "./support/rounds.ts";
import { startStopwatch } from "./support/stopwatch.ts";

const EVENTS = 50_000;
const expected = String(Array.from({ length: KEPT }, (_, i) => EVENTS - KEPT + i));

/** What everybody pays for the time of an event. */
const clockOnly: Contender = {
  subject: "(only reading the clock)",
  run(events) {
    let latest = 0;
    const elapsed = startStopwatch();
    for (let n = 0; n < events; n++) latest = Math.max(latest, Date.now());
    const ms = elapsed();
    verify(latest > 0, () => "the clock stands still");
    return Promise.resolve(ms);
  },
};

await runCase("publish, nobody reads: ns an event", async (effort: Effort): Promise<Row[]> => {
  const contenders = [
    contender("Locus, publish", locusPublish),
    contender("Locus, writer", locusWriter),
    contender("Locus, run.emit", locusRun),
    clockOnly,
    contender("(only making the event, into a ring)", makeOnly),
    contender("(only a history array)", historyOnly),
    contender("EventEmitter", () => eventEmitter(makeEvent)),
    contender("EventEmitter, text id, ISO date, frozen", () => eventEmitter(makeFullEvent)),
    contender("mitt", mittEmitter),
    contender("nanoevents", nanoEvents),
    contender("ReplaySubject(500)", () => replaySubject(makeEvent)),
    contender("ReplaySubject(500), text id, ISO date, frozen", () => replaySubject(makeFullEvent)),
    contender("createPubSub", pubSub),
    // Its `emit` is a promise; a loop without pauses would pile them up.
    contender("emittery, awaited", emittery, "await"),
  ];
  const timings = await compare(contenders, effort, EVENTS);
  return Array.from(timings, ([subject, timing]) => ({
    subject,
    setting: "",
    figures: { ...timing },
  }));
});

function contender(subject: string, open: () => Publisher, wait: "await" | "" = ""): Contender {
  // A loop of its own for each, so that the compiler sees one callee, as in a program.
  const loop: (
    publish: (n: number) => unknown,
    events: number,
  ) => Promise<void> = new Function(
    "publish",
    "events",
    `return (async () => { for (let n = 0; n < events; n++) ${wait} publish(n); })();`,
  ) as typeof loop;
  return {
    subject,
    async run(events) {
      const publishers: Publisher[] = [];
      collectGarbage();
      const elapsed = startStopwatch();
      for (let i = 0; i < events / EVENTS; i++) {
        const publisher = open();
        publishers.push(publisher);
        await loop(publisher.publish, EVENTS);
      }
      const ms = elapsed();
      keepAlive(subject, publishers.at(-1));
      for (const { kept } of publishers) {
        verify(
          String(kept()) === expected,
          () => `${subject} did not keep the last ${KEPT} events`,
        );
      }
      return ms;
    },
  };
}
