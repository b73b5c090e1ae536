/**
 * What `bench/RESULTS.md` is made of: the cases that its goals and pictures need, as far as they need them, so that all of it
 * takes minutes.
 *
 * @module
 */
import type { CaseName } from "./cases.ts";

/** The cases, with the subjects and settings that are measured; none: all. */
const needed: Partial<Record<CaseName, { subjects?: string[]; settings?: string[] }>> = {
  viewers: {},
  token_to_screen: {},
  publish: {
    subjects: [
      "Locus, publish",
      "(only reading the clock)",
      "EventEmitter",
      "mitt",
      "ReplaySubject(500)",
    ],
  },
  iterate: {
    subjects: ["Locus, for await", "events.on", "ReadableStream each"],
    settings: ["S=100 B=1", "S=100 B=50"],
  },
  batches: {
    subjects: ["Locus, batches", "ReplaySubject(500)", "ReadableStream each"],
    settings: ["S=100 B=50"],
  },
  handlers: {
    subjects: ["Locus, on", "ReplaySubject(500)", "EventEmitter"],
    settings: ["S=100 B=1", "S=100 B=50"],
  },
  replay: {
    subjects: [
      "Locus, for await",
      "Locus, batches",
      "ReplaySubject(500)",
      "ReadableStream, filled before",
    ],
  },
  retained_runs: { subjects: ["1 run", "10000 runs", "200 runs, new", "10000 runs, new"] },
  stalled_readers: {},
  agent_loop: { subjects: ["Locus, run", "Locus, run on a bus", "(model and tools alone)"] },
  emit_off: {},
  size: {},
};

/** Their names, in the order in which they are run. */
export const pageCases = Object.keys(needed) as CaseName[];

/** The arguments that leave out the rest of a case, and make it short. */
export function shortArguments(name: CaseName): string[] {
  const { subjects = [], settings = [] } = needed[name] ?? {};
  return [
    ...["--rounds=5", "--round-ms=40"],
    `--subjects=${subjects.join("|")}`,
    `--settings=${settings.join("|")}`,
  ];
}
