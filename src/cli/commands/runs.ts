import process from "node:process";
import { findRuns } from "../../client/mod.ts";
import { readHeaders } from "../arguments.ts";
import { type Command, HEADER } from "../command.ts";
import { LISTED_STATES } from "../../events/run_state.ts";
import { EXIT } from "../exit_code.ts";
import { jsonLine, say, write } from "../output.ts";
import { openPlace } from "../place.ts";
import { readQuery } from "../run_query.ts";
import { drawRuns } from "../screen/draw_runs.ts";
import { capabilitiesOf } from "../screen/terminal.ts";

/** `locus runs`: lists the runs of a server. */
export const runsCommand: Command = {
  usage: "runs <url|file> [--search words] [--state failed] [--since 12h] [--json] …",
  summary: "Lists the runs of a server or a file: first what needs a person",
  about: [
    `<url> is where the routes of Locus are mounted, such as http://localhost:8000/locus;
<file> is one that sqliteBus() writes. Runs that wait for a person stand first, then those that failed, then those
that run; the rest by time.`,
  ],
  words: [1, 1],
  options: {
    state: {
      about: `only runs that are so: ${LISTED_STATES.join(", ")}`,
      value: "state",
      choices: LISTED_STATES,
    },
    tag: {
      about: "only runs with this tag; may be given several times",
      value: "name=value",
    },
    model: {
      about: "only runs that used a model whose name begins so",
      value: "name",
    },
    since: {
      about: "only runs to which something happened then or later: 12h, 2d, or a time such as\n" +
        "2026-05-01T18:00",
      value: "time",
    },
    until: { about: "only runs that began before", value: "time" },
    limit: { about: "how many; 100 unless given", value: "n" },
    before: { about: "goes on where another list ended", value: "cursor" },
    search: {
      about: "only runs in whose texts all of these words occur, if the server keeps an archive\n" +
        "(a file does)",
      value: "words",
    },
    json: { about: "each run as one line of JSON, the latest first" },
    header: HEADER,
  },

  async run({ words: [url = ""], flags, values }, signal) {
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
