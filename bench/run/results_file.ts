/**
 * `bench/RESULTS.md`: notes by hand, then what was measured.
 *
 * @module
 */
import { arch, cpus, release, totalmem, type } from "node:os";
import { root } from "../../tests/harness/run/paths.ts";
import { manifest } from "../../tests/harness/repo/manifests.ts";
import { type CaseResult, figureNames } from "../support/case.ts";
import { caseNames } from "./cases.ts";
import { judge, medianResult, type Runs, wantedText } from "./summary.ts";
import type { ReadyRuntime } from "./runtimes.ts";

const path = `${root}bench/RESULTS.md`;
const mark = "<!-- Below: written by `deno task bench -- --write`. Above: by hand, and kept. -->";
const peers = ["mitt", "nanoevents", "rxjs", "@graphql-yoga/subscription", "emittery", "mitata"];

/** Writes the file anew from its mark on. */
export async function writeResults(
  runs: Runs,
  runtimes: readonly ReadyRuntime[],
  count: number,
): Promise<void> {
  const [notes] = (await readIfThere()).split(mark);
  const sections = [mark, conditions(runtimes, count), goalTable(runs), ...caseTables(runs)];
  await Deno.writeTextFile(path, `${notes!.trimEnd()}\n\n${sections.join("\n\n")}\n`);
}

async function readIfThere(): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "# Results\n";
    throw error;
  }
}

function conditions(runtimes: readonly ReadyRuntime[], count: number): string {
  const { devDependencies = {} } = manifest("package.json");
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return [
    "## Conditions",
    "",
    `- Command: \`deno task bench -- --write --runs ${count}\`, ${
      new Date().toISOString().slice(0, 10)
    }.`,
    `- Machine: ${cpus().length} cores of ${cpu?.model.trim()}, ${memory} GiB, ` +
    `${type()} ${release()} ${arch()}.`,
    `- Runtimes: ${runtimes.map(({ name, version }) => `${name} ${version}`).join(", ")}.`,
    `- Packages: ${peers.map((name) => `${name} ${devDependencies[name]}`).join(", ")}.`,
    `- Figures are medians of ${count} ${
      count === 1 ? "run" : "runs"
    }, each in a process of its own. How a case measures stands ` +
    "at the top of its file.",
  ].join("\n");
}

function goalTable(runs: Runs): string {
  const names = [...runs.keys()];
  const rows = judge(runs).map(({ goal, verdicts }) => {
    const cells = names.map((name) => {
      const verdict = verdicts.find(({ runtime }) => runtime === name);
      if (verdict === undefined) return "–";
      return verdict.isMet ? verdict.text : `**${verdict.text}**`;
    });
    return [goal.goal, goal.text, wantedText(goal), ...cells];
  });
  const head = ["goal", "what", "wanted", ...names];
  return `## Goals\n\nIn bold: not met.\n\n${markdownTable(head, rows)}`;
}

function caseTables(runs: Runs): string[] {
  return caseNames.flatMap((name) => {
    const results = Array.from(
      runs,
      ([runtime, own]) => [runtime, medianResult(own, name)] as const,
    )
      .filter((entry): entry is [typeof entry[0], CaseResult] => entry[1] !== undefined);
    const [, first] = results[0] ?? [];
    if (first === undefined) return [];
    const figures = figureNames(results.flatMap(([, { rows }]) => rows));
    const rows = first.rows.map(({ subject, setting }, i) => [
      setting,
      subject,
      ...results.map(([, { rows }]) =>
        figures.map((key) => format(rows[i]?.figures[key])).join(" / ")
      ),
    ]);
    const head = ["", figures.join(" / "), ...results.map(([runtime]) => runtime)];
    return [`## ${name}\n\n${first.title}.\n\n${markdownTable(head, rows)}`];
  });
}

function format(value: number | undefined): string {
  if (value === undefined) return "–";
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}

function markdownTable(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
