/**
 * `bench/RESULTS.md` and its pictures, as measured.
 *
 * @module
 */
import { arch, cpus, release, totalmem, type } from "node:os";
import { root } from "../../tests/harness/run/paths.ts";
import { manifest } from "../../tests/harness/repo/manifests.ts";
import { type CaseResult, figureNames } from "../support/case.ts";
import { pageCases } from "./page_cases.ts";
import { pagePictures, type Picture } from "./page_pictures.ts";
import { judge, medianResult, type Runs, wantedText } from "./summary.ts";
import type { ReadyRuntime } from "./runtimes.ts";

const peers = ["better-sse", "hono", "@hono/node-server", "mitt", "rxjs", "mitata"];

/** How the figures came about. */
export interface Conditions {
  readonly runtimes: readonly ReadyRuntime[];
  /** How many processes at a time wanted a processor when it began. */
  readonly load: number;
  readonly minutes: number;
  /** Cases that came to no result in a run. */
  readonly failed?: readonly string[];
}

/** Writes the page and its pictures. */
export async function writeResults(runs: Runs, conditions: Conditions): Promise<void> {
  const pictures = pagePictures(runs);
  const folder = `${root}docs/benchmarks`;
  await Deno.mkdir(folder, { recursive: true });
  for (const { file, svg } of pictures) await Deno.writeTextFile(`${folder}/${file}`, svg);
  await Deno.writeTextFile(`${root}bench/RESULTS.md`, pageOf(runs, conditions, pictures));
}

/** The page: goals, pictures, and every figure. */
export function pageOf(runs: Runs, conditions: Conditions, pictures: readonly Picture[]): string {
  const sections = [
    INTRODUCTION,
    goalTable(runs),
    ...pictures.map(({ file, title, text }) =>
      `## ${title}\n\n${text}\n\n![${title}](../docs/benchmarks/${file})`
    ),
    conditionList(runs, conditions),
    ...caseTables(runs),
  ];
  return `${sections.join("\n\n")}\n`;
}

const INTRODUCTION = `# Results

<!-- Written by \`deno task bench:results\`: change the command, not the page. -->

How fast Locus is beside its peers, and how far its goals are met. Figures of different runs or machines say nothing about each
other; ratios within one run do. More cases, such as graphs, bridges and retrieval, are printed by \`deno task bench\`; many servers
and clients are compared in [sse](sse/RESULTS.md), Redis and NATS in [transports](transports/RESULTS.md).`;

function conditionList(runs: Runs, { runtimes, load, minutes, failed = [] }: Conditions): string {
  const { dependencies = {}, devDependencies = {} } = manifest("package.json");
  const versions = { ...dependencies, ...devDependencies };
  const counts = runtimes.map(({ name }) =>
    Math.min(
      3,
      ...pageCases.flatMap((caseName) => {
        const count = runs.get(name)!.filter((run) => run.has(caseName)).length;
        return count === 0 ? [] : [count];
      }),
    )
  );
  const isShared = load > cpus().length / 2;
  return [
    "## Conditions",
    "",
    `- Command: \`deno task bench:results\`, ${
      new Date().toISOString().slice(0, 10)
    }, ${minutes} minutes.`,
    machineLine(),
    ...(isShared
      ? [
        `- **Measured on a shared machine:** its load was ${
          load.toFixed(1)
        } when the command began. Figures are too high, and ` +
        "ratios noisy; a quiet machine says more.",
      ]
      : [`- The machine's load was ${load.toFixed(1)} when the command began.`]),
    ...(failed.length > 0 ? [`- **Without a result in a run:** ${failed.join(", ")}.`] : []),
    `- Runtimes: ${runtimes.map(({ name, version }) => `${name} ${version}`).join(", ")}.`,
    `- Packages: ${peers.map((name) => `${name} ${versions[name]}`).join(", ")}.`,
    `- Figures are medians of at least ${
      Math.min(...counts)
    } of three runs, each case in a process of its own. How a case measures stands at ` +
    "the top of its file.",
  ].join("\n");
}

/** The machine, as a line of a list. */
export function machineLine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `- Machine: ${cpus().length} cores of ${cpu?.model.trim()}, ${memory} GiB, ` +
    `${type()} ${release()} ${arch()}.`;
}

function goalTable(runs: Runs): string {
  const names = [...runs.keys()];
  const judged = judge(runs).filter(({ verdicts }) => verdicts.length > 0);
  const rows = judged.map(({ goal, verdicts }) => {
    const cells = names.map((name) => {
      const verdict = verdicts.find(({ runtime }) => runtime === name);
      if (verdict === undefined) return "–";
      return verdict.isMet ? verdict.text : `**${verdict.text}**`;
    });
    const isMet = verdicts.every(({ isMet }) => isMet);
    return [goal.goal, goal.text, wantedText(goal), ...cells, isMet ? "" : goal.why ?? ""];
  });
  const all = judged.flatMap(({ verdicts }) => verdicts);
  const met = all.filter(({ isMet }) => isMet).length;
  const head = ["goal", "what", "wanted", ...names, "why it is missed"];
  return `## Goals\n\n${met} of ${all.length} are met. In bold: missed, and by how much.\n\n${
    markdownTable(head, rows)
  }`;
}

function caseTables(runs: Runs): string[] {
  return pageCases.flatMap((name) => {
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

/** A table of Markdown. */
export function markdownTable(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
