import process from "node:process";
import { runs } from "../../client/mod.ts";
import { readArguments, readHeaders } from "../arguments.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { jsonLine, say, write } from "../output.ts";
import { openPlace } from "../place.ts";
import { drawRuns } from "../screen/draw_runs.ts";
import { capabilitiesOf } from "../screen/terminal.ts";

/** `locus runs`: lists the runs of a server. */
export const runsCommand: Command = {
  usage: 'runs <url|file> [--search words] [--json] [--header "Name: value"]…',
  summary: "Lists the runs of a server or a file: those that wait for a person, then the latest",
  help: `<url> is where the routes of Locus are mounted, such as http://localhost:8000/locus;
<file> is one that sqliteBus() writes.

  --search    only runs in whose texts all of these words occur, if the server keeps an archive (a file does)
  --json      each run as one line of JSON
  --header    sent with the request; may be given several times`,

  async run(args, signal) {
    const { words: [url = ""], flags, values } = readArguments(args, {
      usage: this.usage,
      words: [1, 1],
      flags: ["json"],
      values: ["header", "search"],
    });
    const routes = await openPlace(url);
    const search = values.search?.at(-1);
    const list = await runs(routes.runs, {
      headers: readHeaders(values.header),
      fetch: routes.fetch,
      search,
      signal,
    });
    if (flags.has("json")) {
      for (const run of list) await write(jsonLine(run));
      return EXIT.done;
    }
    const which = search === undefined ? "" : ` with ${JSON.stringify(search)}`;
    if (list.length === 0) say(`no runs${which} at ${routes.place}`);
    const { live, width } = capabilitiesOf(process.stdout, process.env);
    for (const line of drawRuns(list, { width, colour: live, now: Date.now() })) {
      await write(`${line}\n`);
    }
    return EXIT.done;
  },
};
