import process from "node:process";
import { findRuns } from "../../client/mod.ts";
import { readArguments, readHeaders } from "../arguments.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { jsonLine, say, write } from "../output.ts";
import { openPlace } from "../place.ts";
import { readQuery } from "../run_query.ts";
import { drawRuns } from "../screen/draw_runs.ts";
import { capabilitiesOf } from "../screen/terminal.ts";

/** `locus runs`: lists the runs of a server. */
export const runsCommand: Command = {
  usage: "runs <url|file> [--search words] [--state failed] [--since 12h] [--json] …",
  summary: "Lists the runs of a server or a file: those that wait for a person, then the latest",
  help: `<url> is where the routes of Locus are mounted, such as http://localhost:8000/locus;
<file> is one that sqliteBus() writes.

  --state     only runs that are so: running, interrupted, waiting, done, stopped, cancelled, failed, ended
  --tag       only runs with this tag, as name=value; may be given several times
  --since     only runs to which something happened then or later: 12h, 2d, or a time such as 2026-05-01T18:00
  --until     only runs that began before
  --limit     how many; 100 unless given
  --before    goes on where another list ended
  --search    only runs in whose texts all of these words occur, if the server keeps an archive (a file does)
  --json      each run as one line of JSON
  --header    sent with the request; may be given several times`,

  async run(args, signal) {
    const { words: [url = ""], flags, values } = readArguments(args, {
      usage: this.usage,
      words: [1, 1],
      flags: ["json"],
      values: ["header", "search", "state", "tag", "since", "until", "limit", "before"],
    });
    const routes = await openPlace(url);
    const { runs: list, next } = await findRuns(routes.runs, {
      ...readQuery(values),
      headers: readHeaders(values.header),
      fetch: routes.fetch,
      signal,
    });
    if (next !== null) say(`there are more: --before ${next}`);
    if (flags.has("json")) {
      for (const run of list) await write(jsonLine(run));
      return EXIT.done;
    }
    const search = values.search?.at(-1);
    const which = search === undefined ? "" : ` with ${JSON.stringify(search)}`;
    if (list.length === 0) say(`no runs${which} at ${routes.place}`);
    const { live, width } = capabilitiesOf(process.stdout, process.env);
    for (const line of drawRuns(list, { width, colour: live, now: Date.now() })) {
      await write(`${line}\n`);
    }
    return EXIT.done;
  },
};
