import process from "node:process";
import { runs } from "../../client/mod.ts";
import type { RunSummary } from "../../view/run_summary.ts";
import { count, formatDuration } from "../../view/words.ts";
import { readArguments, readHeaders } from "../arguments.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { jsonLine, say, write } from "../output.ts";
import { readRoutes } from "../routes.ts";
import { stateOf } from "../screen/draw.ts";
import { paint, type Segment } from "../screen/paint.ts";
import { capabilitiesOf } from "../screen/terminal.ts";
import { fit, oneLine, textWidth } from "../screen/text.ts";

/** `locus runs`: lists the runs of a server. */
export const runsCommand: Command = {
  usage: 'runs <url> [--json] [--header "Name: value"]…',
  summary: "Lists the runs of a server, the latest first",
  help: `<url> is where the routes of Locus are mounted, such as http://localhost:8000/locus.

  --json      each run as one line of JSON
  --header    sent with the request; may be given several times`,

  async run(args, signal) {
    const { words: [url = ""], flags, values } = readArguments(args, {
      usage: this.usage,
      words: [1, 1],
      flags: ["json"],
      values: ["header"],
    });
    const routes = readRoutes(url);
    const list = await runs(routes.runs, { headers: readHeaders(values.header), signal });
    if (flags.has("json")) {
      for (const run of list) await write(jsonLine(run));
      return EXIT.done;
    }
    if (list.length === 0) say(`no runs at ${routes.place}`);
    const { live, width } = capabilitiesOf(process.stdout, process.env);
    for (const line of drawRuns(list, { width, colour: live, now: Date.now() })) {
      await write(`${line}\n`);
    }
    return EXIT.done;
  },
};

/** How to draw a list of runs. */
export interface DrawRunsOptions {
  readonly width: number;
  readonly colour: boolean;
  /** The time, in milliseconds since 1970. */
  readonly now: number;
}

/** Draws a list of runs, one a line; the columns on the right go first where there is no room. */
export function drawRuns(
  list: readonly RunSummary[],
  { width, colour, now }: DrawRunsOptions,
): string[] {
  const names = list.map((run) => oneLine(String(run.run_id)));
  const column = Math.min(
    40,
    Math.max(8, Math.floor(width / 3)),
    Math.max(0, ...names.map(textWidth)),
  );
  return list.map((run, index) => {
    const startedAt = timeOf(run.started_at);
    const [glyph, style, word] = stateOf({ summary: run, startedAt });
    const took = startedAt === null ? 0 : (timeOf(run.ended_at) ?? now) - startedAt;
    const age = startedAt === null ? "" : `${formatDuration(now - startedAt)} ago`;
    const segments: Segment[] = [
      [`${glyph} `, style],
      [fit(names[index]!, column), "bold"],
      [`  ${word.padEnd(7)}`, style],
      [formatDuration(took).padStart(9)],
      [age.padStart(14), "dim"],
      [count(numberOf(run.model_calls), "model call").padStart(16)],
      [count(numberOf(run.tool_calls), "tool").padStart(10)],
      [`${numberOf(run.total_tokens).toLocaleString("en-US")} tok`.padStart(13)],
    ];
    if (numberOf(run.errors) > 0) segments.push([`  ${count(run.errors, "error")}`, "failed"]);
    if (run.question !== null && run.question !== undefined) {
      segments.push([`  ${oneLine(String(run.question.question_preview))}`, "notice"]);
    }
    return paint(segments, width, colour);
  });
}

function numberOf(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

function timeOf(timestamp: unknown): number | null {
  const time = typeof timestamp === "string" ? Date.parse(timestamp) : NaN;
  return Number.isNaN(time) ? null : time;
}
