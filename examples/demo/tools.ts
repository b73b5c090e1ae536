/**
 * The demo's tools: they really read this repository. What they return is text whose first line sums
 * it up, for the reader of the screen and for the model alike.
 *
 * @module
 */
import { emit } from "@locus/core";
import { type Tool, tool, type ToolContext } from "@locus/core/agent";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { Repository } from "./repository.ts";
import { count } from "@locus/core/view";

/** Options of {@linkcode createTools}. */
export interface ToolsOptions {
  /**
   * Slows down calls that read many files, so that a person can watch: time a file takes at least, in
   * milliseconds. @default {0}
   */
  paceMs?: number;
}

/** Tools that read the folder `root`. */
export function createTools(root: string, { paceMs = 0 }: ToolsOptions = {}): Tool[] {
  const repository = new Repository(root);
  return [
    listFiles(repository),
    readFile(repository),
    search(repository, paceMs),
    countLines(repository, paceMs),
  ];
}

function listFiles(repository: Repository): Tool {
  return tool({
    name: "list_files",
    description: "Lists the text files under a folder with their sizes in bytes.",
    parameters: z.object({ path: z.string().default(".") }),
    async execute({ path }, context) {
      sayWhat(context, path);
      const files = await repository.list(path, context.signal);
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      return report(
        `${count(files.length, "file")}, ${Math.ceil(bytes / 1000).toLocaleString("en-US")} kB`,
        files.map((file) => `${file.path}  ${file.bytes}`),
      );
    },
  });
}

function readFile(repository: Repository): Tool {
  return tool({
    name: "read_file",
    description: `Reads a text file, at most ${MAX_LINES} lines at once.`,
    parameters: z.object({ path: z.string(), first_line: z.number().int().min(1).default(1) }),
    async execute({ path, first_line: first }, context) {
      sayWhat(context, first === 1 ? path : `${path}:${first}`);
      const lines = linesOf(await repository.read(path, context.signal));
      const shown = lines.slice(first - 1, first - 1 + MAX_LINES);
      const all = count(lines.length, "line");
      const summary = shown.length === lines.length ? all : `${shown.length} of ${all}`;
      return [summary, ...shown].join("\n");
    },
  });
}

function search(repository: Repository, paceMs: number): Tool {
  return tool({
    name: "search",
    description: "Finds the lines that contain a text. One without capitals matches any case.",
    parameters: z.object({ text: z.string().min(2), path: z.string().default(".") }),
    async execute({ text, path }, context) {
      sayWhat(context, path === "." ? `"${text}"` : `"${text}" in ${path}`);
      const anyCase = text === text.toLowerCase();
      const matches: string[] = [];
      const files = new Set<string>();
      for await (const [file, lines] of readAll(repository, path, context, paceMs)) {
        lines.forEach((line, index) => {
          if (!(anyCase ? line.toLowerCase() : line).includes(text)) return;
          files.add(file);
          matches.push(`${file}:${index + 1}: ${line.trim().slice(0, 160)}`);
        });
      }
      return report(`${count(matches.length, "line")} in ${count(files.size, "file")}`, matches);
    },
  });
}

function countLines(repository: Repository, paceMs: number): Tool {
  return tool({
    name: "count_lines",
    description: "Counts the lines of every text file under a folder, the largest first.",
    parameters: z.object({ path: z.string().default(".") }),
    async execute({ path }, context) {
      sayWhat(context, path);
      const sizes: [lines: number, file: string][] = [];
      for await (const [file, lines] of readAll(repository, path, context, paceMs)) {
        sizes.push([lines.length, file]);
      }
      sizes.sort(([a], [b]) => b - a);
      const total = sizes.reduce((sum, [lines]) => sum + lines, 0);
      return report(
        `${count(total, "line")} in ${count(sizes.length, "file")}`,
        sizes.map(([lines, file]) => `${lines}  ${file}`),
      );
    },
  });
}

async function* readAll(
  repository: Repository,
  path: string,
  { signal }: ToolContext,
  paceMs: number,
): AsyncGenerator<[path: string, lines: string[]]> {
  const files = await repository.list(path, signal);
  const pace = Math.min(paceMs, MAX_PACE_MS / files.length);
  const start = performance.now();
  for (const [index, file] of files.entries()) {
    yield [file.path, linesOf(await repository.read(file.path, signal))];
    const early = start + (index + 1) * pace - performance.now();
    if (early >= 1) await delay(early, undefined, { signal });
  }
}

/**
 * `agent.tool.started` publishes only the names of the arguments, because their values may be private.
 * What may be seen of them is for the tool to say, in an event of its own.
 */
function sayWhat({ toolCallId }: ToolContext, subject: string): void {
  emit("demo.tool.subject", { span_id: toolCallId, subject });
}

function report(summary: string, lines: readonly string[]): string {
  const rest = lines.length - MAX_LINES;
  const more = rest > 0 ? [`(${rest} more)`] : [];
  return [summary, ...lines.slice(0, MAX_LINES), ...more].join("\n");
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

const MAX_LINES = 400;
/** However many files there are, a call is not slowed down to more than this. */
const MAX_PACE_MS = 900;
