/**
 * Push: `on`, beside the emitters.
 *
 * Method: as in `iterate.ts`. The peers call back before their `publish` returns, without isolation of
 * errors and in the publisher's context, and are not awaited; emittery calls back later. Ours calls
 * later too, in the subscriber's own context, where an error of one handler is nobody else's.
 *
 * Run alone: `deno run -A bench/handlers.ts`, or the same file with `bun` or `node`.
 */
import { runCase } from "./support/case.ts";
import {
  emittery,
  eventEmitter,
  locusHandlers,
  locusSelectingHandlers,
  mittEmitter,
  nanoEvents,
  replaySubject,
} from "./support/carriers.ts";
import { compareDelivery } from "./support/delivery.ts";

const loads = [1, 100].flatMap((subscribers) => [1, 50].map((burst) => ({ subscribers, burst })));
const carriers = [
  locusHandlers,
  locusSelectingHandlers,
  replaySubject,
  eventEmitter,
  mittEmitter,
  nanoEvents,
  emittery,
];

await runCase(
  "handlers: ns an event, all S subscribers together, bursts of B",
  (effort) => compareDelivery(carriers, loads, effort),
);
