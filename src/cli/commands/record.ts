import { readHeaders } from "../arguments.ts";
import type { FollowedRun } from "../../client/mod.ts";
import { awaitRun } from "../absent_run.ts";
import { type Command, HEADER } from "../command.ts";
import { EXIT, UsageError } from "../exit_code.ts";
import { follow } from "../follow.ts";
import { jsonLine, say, write } from "../output.ts";
import { openPlace } from "../place.ts";
import { checkRunId } from "../routes.ts";
import { count } from "../../view/words.ts";

/** `locus record`: writes a run as NDJSON until it is over. */
export const recordCommand: Command = {
  usage: 'record <url|file> <run> [--header "Name: value"]… > run.ndjson',
  summary: "Writes a run as lines of JSON until it is over",
  about: [
    `<url> is where the routes of Locus are mounted, such as http://localhost:8000/locus, or the address of a
run; <file> is one that sqliteBus() writes. Every event is one line, as it came over the wire; \`locus replay\` shows it again.`,
    "Ends with 4 if events are missing.",
  ],
  words: [1, 2],
  options: { header: HEADER },

  async run({ words: [url = "", run], values }, signal) {
    const routes = await openPlace(url);
    const runId = run === undefined ? routes.runId : checkRunId(run);
    if (runId === null) throw new UsageError(`usage: locus ${this.usage}`);
    const settings = { fetch: routes.fetch, headers: readHeaders(values.header), signal };
    const followed: FollowedRun = follow(routes.events(runId), {
      ...settings,
      onState: awaitRun(runId, { routes, ...settings, state: () => followed.state, say }),
    });
    let events = 0;
    for await (const event of followed) {
      await write(jsonLine(event));
      if (!event.event_type.startsWith("bus.")) events++;
    }
    const { missedEvents, invalidEvents, restarts, ended } = followed.state;
    const missing = missedEvents + invalidEvents;
    const isWhole = ended?.reason === "closed" || ended?.reason === "nothing_left";
    say(
      `recorded ${count(events, "event")} of ${runId}` +
        (missing > 0 ? `; ${count(missing, "event")} missing` : "") +
        (restarts > 0 ? "; the server did not go on from what had arrived" : "") +
        (isWhole ? "" : "; the run was not over"),
    );
    return missing + restarts > 0 ? EXIT.incomplete : EXIT.done;
  },
};
