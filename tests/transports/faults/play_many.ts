/**
 * Plays schedules one after the other, for as long as it may take. The ordinary tests play the same ones each time, on
 * one runtime; random ones are asked for:
 *
 * - `LOCUS_FAULT_SECONDS`: how long, for each engine, instead of its own time. The schedules are others each time.
 * - `LOCUS_FAULT_SEED`: the seed that a failure printed: the one schedule. On an engine in memory it is played the same
 *   way each time; on others several times, because what happens first is up to the machine.
 *
 * @module
 */
import process from "node:process";
import { type SkipOptions, skipWhen } from "../../harness/support/requires.ts";
import { type Outcome, play } from "./play.ts";
import { type Schedule, scheduleOf } from "./schedule.ts";
import { inVirtualTime } from "./virtual_time.ts";
import type { Worlds } from "./world.ts";

/** How much is played, and how. */
export interface PlayManyOptions {
  readonly seconds: number;
  /** How many of the ordinary ones there are: they are the same on a fast machine. */
  readonly schedules: number;
  /** Seeds that found something, played before the ordinary ones. @default {[]} */
  readonly found?: readonly number[];
  /** Whether nothing but timers is waited for, so that nothing has to be waited for. @default {false} */
  readonly isVirtual?: boolean;
}

/** Options that skip a test of schedules where they are not played: what is tested is the same on all runtimes. */
export function isPlaying(): SkipOptions {
  const { LOCUS_FAULT_SECONDS, LOCUS_FAULT_SEED } = process.env;
  const isAsked = Boolean(LOCUS_FAULT_SECONDS || LOCUS_FAULT_SEED);
  return skipWhen(!isAsked && !("Deno" in globalThis), "Deno plays the schedules");
}

/** @throws {Error} If a reader missed something, or was told of it wrongly: with the seed, and what the reader saw. */
export async function playMany(
  name: string,
  createWorlds: () => Promise<Worlds>,
  { seconds, schedules, found = [], isVirtual = false }: PlayManyOptions,
): Promise<void> {
  const { LOCUS_FAULT_SEED: given, LOCUS_FAULT_SECONDS: limit } = process.env;
  const known = given || limit ? [] : found;
  const first = given ? Number(given) : limit ? Math.floor(Math.random() * 2 ** 30) : FIRST_SEED;
  const until = performance.now() + Number(limit || seconds) * 1_000;
  const worlds = await createWorlds();
  let played = 0;
  let delivered = 0;
  const most = given ? (isVirtual ? 1 : REPEATS) : limit ? Infinity : schedules + known.length;
  const isOver = () => played >= most || (!given && performance.now() > until);
  try {
    while (!isOver()) {
      const seed = known[played] ?? (given ? first : first + played - known.length);
      const schedule = scheduleOf(seed);
      const outcome = isVirtual
        ? await inVirtualTime(seed, () => play(schedule, worlds.create, VIRTUAL_LIMIT_MS))
        : await play(schedule, worlds.create, LIMIT_MS);
      played++;
      delivered += outcome.delivered;
      if (outcome.problems.length > 0) throw failure(name, seed, schedule, outcome);
    }
  } finally {
    await worlds.stop();
  }
  const last = given ? first : first + played - known.length - 1;
  const seeds = `seeds ${first} to ${last}`;
  console.log(`${name}: ${played} schedules (${seeds}), ${delivered} events delivered`);
  if (delivered === 0) throw new Error("Nothing was delivered");
}

const FIRST_SEED = 1;
const REPEATS = 50;
// How long readers may take until they have the last events: with the time to play, less than a file of tests may take.
const LIMIT_MS = 30_000;
const VIRTUAL_LIMIT_MS = 60_000;

function failure(name: string, seed: number, { bounds, steps }: Schedule, { problems }: Outcome) {
  const played = [bounds, ...steps].map((step) => JSON.stringify(step));
  return new Error([`LOCUS_FAULT_SEED=${seed} on ${name}`, ...played, ...problems].join("\n"));
}
