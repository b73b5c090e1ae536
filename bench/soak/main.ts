/**
 * `deno task soak`: 200 runs and 1000 viewers that come and go, on a bus in memory and on one over Redis at the same
 * time, with a fault every minute. An hour, or as many minutes as `--minutes` says.
 *
 * Every viewer checks that it gets consecutive events, or is told which it misses; memory has to be flat once it has
 * settled. Writes bench/soak/REPORT.md, and exits with 1 if something was lost without a word or memory grew.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { root } from "../../tests/harness/run/paths.ts";
import { requires } from "../../tests/harness/support/requires.ts";

import { OptionError, positiveInteger } from "../run/options.ts";
import { engines } from "./engines.ts";
import { growthOf, type Sample, takeSample } from "./memory.ts";
import { reportOf } from "./report.ts";
import { type Soak, startSoak } from "./soak.ts";

const RUNS = 200;
const VIEWERS = 1000;
// So many that runs are over after a minute, and visits sooner: then as much goes as comes.
const EVENTS_PER_SECOND = 120;
const VISIT_MS = 40_000;
const SAMPLES = 36;

if (import.meta.main) {
  try {
    Deno.exit(await main(minutesOf(Deno.args)));
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    console.error(error.message);
    Deno.exit(2);
  }
}

async function main(minutes: number): Promise<number> {
  const { skip } = await requires("redis-server");
  const names = Object.keys(engines).filter((name) => name !== "Redis" || skip === false);
  const share = (amount: number) => Math.ceil(amount / names.length);
  // Bounds that are reached within the time of warming up.
  const bounds = { maxRunsRetained: Math.ceil(1.2 * share(RUNS)), historyPerRun: 10 };
  const started = performance.now();
  const soaks = new Map<string, Soak>();
  for (const name of names) {
    soaks.set(
      name,
      await startSoak(await engines[name]!(bounds), {
        runs: share(RUNS),
        viewers: share(VIEWERS),
        eventsPerSecond: share(EVENTS_PER_SECOND),
        // In short soaks, each fault happens once all the same.
        faultEveryMs: Math.min(60_000, minutes * 60_000 / 8),
        awayMs: 2_000,
        visitMs: VISIT_MS,
        patienceMs: 30_000,
      }),
    );
  }
  const samples: Sample[] = [];
  for (let i = 1; i <= SAMPLES; i++) {
    await delay(Math.max(0, started + i * minutes * 60_000 / SAMPLES - performance.now()));
    samples.push(takeSample(started));
    if (i % 6 === 0) printProgress(soaks, samples.at(-1)!);
  }
  await Promise.all([...soaks.values()].map((soak) => soak.stop()));
  const growth = growthOf(samples);
  const skipped = skip === false ? [] : [`Redis: ${skip}`];
  const report = reportOf({
    minutes,
    runs: share(RUNS) * names.length,
    viewers: share(VIEWERS) * names.length,
    soaks,
    samples,
    growth,
    skipped,
  });
  await Deno.writeTextFile(`${root}bench/soak/REPORT.md`, report);
  console.log(report);
  const isGood = growth.isFlat &&
    [...soaks.values()].every(({ seen }) => seen.problems.length === 0 && seen.delivered > 0);
  return isGood ? 0 : 1;
}

function printProgress(soaks: ReadonlyMap<string, Soak>, { ms, heap }: Sample): void {
  const parts = Array.from(
    soaks,
    ([name, { seen }]) =>
      `${name}: ${seen.visits} visits, ${seen.delivered} events, ${seen.problems.length} problems`,
  );
  console.log(
    `${(ms / 60_000).toFixed(1)} min, ${(heap / 1e6).toFixed(1)} MB; ${parts.join("; ")}`,
  );
}

function minutesOf(args: readonly string[]): number {
  let minutes = 60;
  const rest = args.filter((arg) => arg !== "--");
  while (rest.length > 0) {
    const [name = "", inline] = rest.shift()?.split(/=(.*)/s) ?? [];
    if (name !== "--minutes") {
      throw new OptionError(`${name} is not an option: deno task soak [--minutes 60]`);
    }
    minutes = positiveInteger(name, inline ?? rest.shift() ?? "");
  }
  return minutes;
}
