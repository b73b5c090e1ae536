/**
 * What two commits are compared by: few benches, each with what is ours and one peer, which no commit changes.
 *
 * @module
 */
import type { CaseName } from "../run/cases.ts";

/** A bench, as far as it is run. */
export interface ComparedCase {
  readonly name: CaseName;
  /** What is asked of it. */
  readonly label: string;
  readonly ours: readonly string[];
  /** Says how noisy the machine is: its ratio should be 1. None if it would take too long. */
  readonly control: string;
  /** None: all that there are. */
  readonly settings: readonly string[];
}

/** All of them, those that tell most first: a short form may not come to the last. */
export const comparedCases: readonly ComparedCase[] = [
  compared("publish", "publish", ["Locus, publish"], "EventEmitter"),
  compared("iterate", "for await", ["Locus, for await"], "events.on", [
    "S=100 B=1",
    "S=100 B=50",
  ]),
  compared("batches", "batches", ["Locus, batches"], "ReplaySubject(500)", ["S=100 B=50"]),
  compared("handlers", "handlers", ["Locus, on"], "ReplaySubject(500)", [
    "S=100 B=1",
    "S=100 B=50",
  ]),
  compared(
    "replay",
    "late reader",
    ["Locus, for await", "Locus, batches"],
    "ReadableStream, filled before",
  ),
  compared(
    "agent_loop",
    "agent turn",
    ["Locus, run", "Locus, run on a bus"],
    "(model and tools alone)",
  ),
  compared("viewers", "sse", ["locus"], "", ["one run, ten at a time", "a run each"]),
];

/** The arguments by which a bench leaves out what is not asked for. */
export function argumentsOf({ ours, control, settings }: ComparedCase): string[] {
  return [
    ...["--rounds=3", "--round-ms=40"],
    `--subjects=${[...ours, control].join("|")}`,
    `--settings=${settings.join("|")}`,
  ];
}

function compared(
  name: CaseName,
  label: string,
  ours: string[],
  control: string,
  settings: string[] = [],
): ComparedCase {
  return { name, label, ours, control, settings };
}
