/**
 * One event at a time: `for await` over a bus, and over what else can be iterated.
 *
 * Method: S subscribers, each with a loop of its own, all on one publisher in one process. A burst of B
 * events is published, then awaited until every subscriber has taken all of it; making the events
 * is included. Figures are nanoseconds an event, all subscribers together, by the clock of
 * `support/stopwatch.ts`: median and minimum of 11 rounds of at least 100 ms, the contenders in turns, in
 * changing order. Each round has subscribers of its own, whose setting up is not timed, and begins with a
 * collection of garbage. Only our bus keeps a history meanwhile. Every subscriber checks that it
 * gets every event, once and in order.
 *
 * Run alone: `deno run -A bench/iterate.ts`, or the same file with `bun` or `node`.
 */
import { runCase } from "./support/case.ts";
import { eventsOn, locusIterator, pubSub, streams } from "./support/carriers.ts";
import { compareDelivery } from "./support/delivery.ts";

const loads = [1, 100].flatMap((subscribers) => [1, 50].map((burst) => ({ subscribers, burst })));

await runCase(
  "for await: ns an event, all S subscribers together, bursts of B",
  (effort) => compareDelivery([locusIterator, eventsOn, streams, pubSub], loads, effort),
);
