import type { ImportedRuns } from "../../core/bus/bus.ts";
import { count } from "../../view/words.ts";
import { readHeaders } from "../arguments.ts";
import { type Command, HEADER } from "../command.ts";
import { CliError, EXIT } from "../exit_code.ts";
import { jsonLine, say, write } from "../output.ts";
import { readRecording } from "../recording.ts";
import { readRoutes } from "../routes.ts";

/** `locus import`: stores recorded runs in a file or on a server. */
export const importCommand: Command = {
  usage: "import <recording> <url|file> [--run id] [--json]",
  summary: "Stores recorded runs in a file of sqliteBus(), or on a server that has one",
  about: [
    `<recording> is what \`locus record\` or \`locus export\` wrote, - for standard input, or a file of sqliteBus(), of which
--run names the run. <file> is made if there is none; a server must take events in.

Runs that are there already stay as they are, and what is skipped is said.`,
    "Ends with 4 if something was skipped.",
  ],
  words: [2, 2],
  options: {
    run: { about: "which run of a file of sqliteBus(); the newest unless given", value: "id" },
    json: { about: "what became of it as one line of JSON" },
    header: HEADER,
  },

  async run({ words: [recording = "", to = ""], flags, values }, signal) {
    let invalid = 0;
    const events = readRecording(recording, values.run?.at(-1) ?? null, ({ message }) => {
      if (invalid++ < MAX_SAID) say(`skipped ${message}`);
    });
    const done = /^https?:/.test(to)
      ? await send(readRoutes(to).import, events, readHeaders(values.header), signal)
      : await store(to, events, signal);
    const { imported, skipped, more = { imported: 0, skipped: 0 } } = done;
    invalid += done.invalid;
    if (flags.has("json")) await write(jsonLine({ ...done, invalid }));
    const stored = Object.entries(imported);
    const sum = stored.reduce((sum, [, events]) => sum + events, more.imported);
    const runs = more.imported > 0 ? "many runs" : count(stored.length, "run");
    say(`imported ${count(sum, "event")} of ${runs} into ${to}`);
    for (const [runId, events] of Object.entries(skipped)) {
      say(`skipped ${count(events, "event")} of ${runId}: that run is there already`);
    }
    if (more.skipped > 0) say(`skipped ${count(more.skipped, "event")} of further runs`);
    if (invalid > 0) say(`skipped ${count(invalid, "line")}: no events, or not allowed`);
    return invalid + Object.keys(skipped).length > 0 ? EXIT.incomplete : EXIT.done;
  },
};

// Lines that are named one by one.
const MAX_SAID = 10;

async function store(
  path: string,
  events: AsyncIterable<unknown>,
  signal: AbortSignal,
): Promise<ImportedRuns> {
  const { sqliteBus } = await import("../../transports/sqlite.ts");
  const bus = sqliteBus({ path, historyPerRun: Number.MAX_SAFE_INTEGER });
  try {
    return await bus.importRuns(until(signal, events));
  } finally {
    await bus.close();
  }
}

/** An import that is interrupted takes back what it has begun. */
async function* until(signal: AbortSignal, events: AsyncIterable<unknown>): AsyncGenerator {
  for await (const event of events) {
    signal.throwIfAborted();
    yield event;
  }
}

async function send(
  url: URL,
  events: AsyncIterable<unknown>,
  headers: Headers,
  signal: AbortSignal,
): Promise<ImportedRuns> {
  headers.set("Content-Type", "application/x-ndjson");
  const lines = events[Symbol.asyncIterator]();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await lines.next();
      if (done) controller.close();
      else controller.enqueue(new TextEncoder().encode(jsonLine(value)));
    },
  });
  const request: RequestInit & { duplex: "half" } = { headers, body, signal, duplex: "half" };
  const response = await fetch(url, { ...request, method: "POST" });
  const answer = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer as ImportedRuns;
  const why = Object(answer).error ?? `the server answered ${response.status}`;
  throw new CliError(`cannot import into ${url}: ${why}`);
}
