/**
 * All that is pending at once: `batches()`, beside a callback and an event at a time.
 *
 * Method: as in `iterate.ts`. A batch is taken apart by its reader, so that every event is looked at
 * by every subscriber in all contenders alike.
 *
 * Run alone: `deno run -A bench/batches.ts`, or the same file with `bun` or `node`.
 */
import { runCase } from "./support/case.ts";
import { locusBatches, locusIterator, replaySubject, streams } from "./support/carriers.ts";
import { compareDelivery } from "./support/delivery.ts";

const loads = [1, 100].flatMap((subscribers) => [1, 50].map((burst) => ({ subscribers, burst })));

await runCase(
  "batches: ns an event, all S subscribers together, bursts of B",
  (effort) => compareDelivery([locusBatches, locusIterator, replaySubject, streams], loads, effort),
);
