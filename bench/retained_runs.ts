/**
 * What the number of runs that are held costs the one who publishes.
 *
 * Method: as in `stalled_readers.ts`. A bus holds 1, 200 or 10,000 runs (`maxRunsRetained` raised) of 16 events
 * each (`historyPerRun` lowered, or 10,000 runs would not fit), and all publishes go to one of them.
 * "new" begins a new run with every publish, which evicts the oldest. For information, not part of the
 * goal: "in turn" publishes to each run in turn, where the memory that is touched grows with the runs
 * whatever the algorithm.
 * After each round the bus must hold as many runs as it should, and have evicted the others.
 *
 * Run alone: `deno run -A bench/retained_runs.ts`, or the same file with `bun` or `node`.
 */
import { EventBus } from "@locus/core";
import { runCase, verify } from "./support/case.ts";
import { EVENT_TYPE, makePayload } from "./support/event.ts";
import { comparePublishTimes, type Stage } from "./support/publish_times.ts";

const COUNTS = [1, 200, 10_000];
const HISTORY = 16;

/** Names of runs, made before the clock starts. */
const names = Array.from({ length: 10_000 + 60_000 }, (_, i) => `run-${i}`);

await runCase(
  "publish beside retained runs: ns a publish",
  (effort) =>
    comparePublishTimes(
      [
        ...COUNTS.map((runs) =>
          [runs === 1 ? "1 run" : `${runs} runs`, () => withRuns(runs, () => 0)] as const
        ),
        ...COUNTS.slice(1).flatMap((runs) => [
          [`${runs} runs, in turn`, () => withRuns(runs, (n) => n % runs)] as const,
          [`${runs} runs, new`, () => withRuns(runs, (n) => runs + n)] as const,
        ]),
      ],
      effort,
    ),
);

function withRuns(runs: number, choose: (n: number) => number): Stage {
  const bus = new EventBus({ maxRunsRetained: runs, historyPerRun: HISTORY });
  const publish = (run: number, n: number) =>
    bus.publish({ run_id: names[run]!, event_type: EVENT_TYPE, data: makePayload(n) });
  for (let run = 0; run < runs; run++) {
    for (let n = 0; n < HISTORY; n++) publish(run, n);
  }
  return {
    bus,
    publish: (n) => publish(choose(n), n),
    verify(published) {
      const stats = bus.stats();
      const begun = new Set(Array.from({ length: published }, (_, n) => choose(n)));
      const evicted = [...begun].filter((run) => run >= runs).length;
      verify(stats.history_runs === runs, () => `${stats.history_runs} runs are held, not ${runs}`);
      verify(
        stats.evicted_runs_total === evicted,
        () => `${stats.evicted_runs_total} were evicted`,
      );
      verify(
        stats.published_events_total === runs * HISTORY + published,
        () => `${stats.rejected_events_total} events were rejected`,
      );
    },
  };
}
