import { writeFile } from "node:fs/promises";
import { createTarget, refusal } from "../../client/request.ts";
import type { StreamEvent } from "../../events/stream_event.ts";
import { count } from "../../view/words.ts";
import { eventLines, withEnd } from "../../workbench/run_file.ts";
import { redactedEvents, runPage } from "../../workbench/run_page.ts";
import { readHeaders } from "../arguments.ts";
import { type Command, HEADER } from "../command.ts";
import { CliError, EXIT, UsageError } from "../exit_code.ts";
import { say, write } from "../output.ts";
import { readRecording } from "../recording.ts";
import { checkRunId, readRoutes } from "../routes.ts";

/** `locus export`: a run as a file that can be passed on. */
export const exportCommand: Command = {
  usage: "export <url|file> [run] [--html run.html]",
  summary:
    "Writes what is known of a run, without secrets: as a page that needs no server, or as lines",
  about: [
    `<url> is where the routes of Locus are mounted, such as http://localhost:8000/locus, or the address of a
run; <file> is one that sqliteBus() writes, a recording, or a page that was exported; - is standard input. A run that
goes on is exported as far as it has got.`,
    "Ends with 4 if events are missing.",
  ],
  words: [1, 2],
  options: {
    html: {
      about:
        "writes the workbench with this run into one HTML file; - is standard output. Without it,\n" +
        "the events are printed as lines of JSON",
      value: "file",
    },
    header: HEADER,
  },

  async run({ words: [place = "", run], values }, signal) {
    const runId = run === undefined ? null : checkRunId(run);
    const events = /^https?:/.test(place)
      ? await askServer(place, runId, readHeaders(values.header), signal)
      : await readFile(place, runId);
    if (events.length === 0) {
      throw new CliError(`${place} has no events${runId === null ? "" : ` of ${runId}`}`);
    }
    // It is large, and no other command needs it.
    const { defaultRedactor } = await import("../../redaction/default_redactor.ts");
    const redactor = defaultRedactor();
    const html = values.html?.at(-1);
    const text = html === undefined
      ? eventLines(redactedEvents(events, redactor))
      : await runPage(events, { redactor });
    if (html === undefined || html === "-") await write(text);
    else await save(html, text);
    const missing = events.reduce(
      (sum, { event_type, data }) => sum + (event_type === "bus.gap" ? Number(data.count) || 0 : 0),
      0,
    );
    const where = html === undefined || html === "-" ? "" : ` to ${html}`;
    say(
      `exported ${count(events.length, "event")}${where}` +
        (missing > 0 ? `; ${count(missing, "event")} missing` : ""),
    );
    return missing > 0 ? EXIT.incomplete : EXIT.done;
  },
};

/** What a server holds of a run. */
async function askServer(
  place: string,
  named: string | null,
  headers: Headers,
  signal: AbortSignal,
): Promise<readonly StreamEvent[]> {
  const routes = readRoutes(place);
  const runId = named ?? routes.runId;
  if (runId === null) throw new UsageError(`usage: locus ${exportCommand.usage}`);
  const target = createTarget("locus export", "cannot export", routes.history(runId), { headers });
  const answer = await target.send({ headers: { Accept: "application/json" } }, signal);
  if (!answer.ok) throw refusal(target, answer);
  const { events, closed } = await answer.json() as { events: StreamEvent[]; closed: boolean };
  return closed ? withEnd(events) : events;
}

async function readFile(file: string, runId: string | null): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const event of readRecording(file, runId)) {
    if (runId === null || event.run_id === runId) events.push(event);
  }
  return events;
}

async function save(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new CliError(`cannot write ${file}: ${(error as Error).message}`);
  }
}
