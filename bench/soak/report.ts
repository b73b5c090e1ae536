/**
 * What a soak found, as a page.
 *
 * @module
 */
import { machineLine, markdownTable } from "../run/results_file.ts";
import type { Growth, Sample } from "./memory.ts";
import type { Soak } from "./soak.ts";

/** A soak that is over. */
export interface Soaked {
  readonly minutes: number;
  readonly runs: number;
  readonly viewers: number;
  readonly soaks: ReadonlyMap<string, Soak>;
  readonly samples: readonly Sample[];
  readonly growth: Growth;
  /** Engines that were not there, with the reason. */
  readonly skipped: readonly string[];
}

/** The page. */
export function reportOf(
  { minutes, runs, viewers, soaks, samples, growth, skipped }: Soaked,
): string {
  const names = [...soaks.keys()];
  const lost = [...soaks].flatMap(([name, { seen }]) =>
    seen.problems.map((problem) => `${name}: ${problem}`)
  );
  const length = minutes === 60 ? "An hour" : `${minutes} minutes, not the hour of the full soak`;
  const row = (what: string, of: (soak: Soak) => number) => [
    what,
    ...[...soaks.values()].map((soak) => of(soak).toLocaleString("en")),
  ];
  const faults = [...soaks].flatMap(([name, soak]) =>
    Array.from(soak.faults, ([fault, count]) => [name, fault, String(count)])
  );
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  const shown = samples.filter((_, i) => (i + 1) % Math.ceil(samples.length / 12) === 0);
  return [
    "# Soak",
    "",
    `${length}: ${runs} runs alive at any time and ${viewers} viewers that come and go over HTTP, ` +
    `shared by ${names.join(" and ")}, with faults. Server and viewers are one process.`,
    "",
    `- Command: \`deno task soak --minutes ${minutes}\`, ${
      new Date().toISOString().slice(0, 10)
    }, Deno ${Deno.version.deno}.`,
    machineLine(),
    ...skipped.map((reason) => `- Skipped: ${reason}.`),
    "",
    lost.length === 0
      ? "**Nothing was lost without a word:** every viewer got consecutive events, or was told which it missed."
      : "**Lost without a word:**\n\n" + lost.map((problem) => `- ${problem}`).join("\n"),
    "",
    `**Memory ${growth.isFlat ? "is flat" : "grew"}:** after the first third, ${
      (growth.slope / 1e3).toFixed(1)
    } kB a minute by the median slope, which makes ${mb(growth.grown)} in all; allowed were ${
      mb(growth.allowed)
    }.${minutes < 60 && !growth.isFlat ? TOO_SHORT : ""}`,
    "",
    markdownTable(["", ...names], [
      row("runs begun", ({ traffic }) => traffic.begun),
      row("events published", ({ traffic }) => traffic.events),
      row("visits", ({ seen }) => seen.visits),
      row("events delivered", ({ seen }) => seen.delivered),
      row("connections opened again", ({ seen }) => seen.reconnects),
      row("events announced as missing", ({ seen }) => seen.gaps),
      row("viewers told that a run begins anew", ({ seen }) => seen.epochs),
      row("problems", ({ seen }) => seen.problems.length),
    ]),
    "",
    markdownTable(["engine", "fault", "times"], faults),
    "",
    markdownTable(
      ["minute", "heap after a collection", "resident"],
      shown.map(({ ms, heap, rss }) => [(ms / 60_000).toFixed(1), mb(heap), mb(rss)]),
    ),
    "",
  ].join("\n");
}

const TOO_SHORT =
  " So short a soak does not tell a leak from viewers and histories that still fill up.";
