import { setTimeout as delay } from "node:timers/promises";
import process from "node:process";
import { type FollowedRun, runs } from "../../client/mod.ts";
import { RunPicture } from "../../view/run_picture.ts";
import { addToSummary, createRunSummary } from "../../view/run_summary.ts";
import { count } from "../../view/words.ts";
import { readHeaders } from "../arguments.ts";
import { awaitRun } from "../absent_run.ts";
import { type Command, HEADER } from "../command.ts";
import { EXIT, UsageError } from "../exit_code.ts";
import { follow } from "../follow.ts";
import { jsonLine, say, write } from "../output.ts";
import { openPlace, type Place } from "../place.ts";
import { checkRunId } from "../routes.ts";
import { plainEvent } from "../screen/plain.ts";
import { showRun } from "../screen/show_run.ts";
import { capabilitiesOf } from "../screen/terminal.ts";
import { oneLine } from "../screen/text.ts";

/** `locus tail`: draws a run while it happens. */
export const tailCommand: Command = {
  usage: 'tail <url|file> [run] [--all] [--json] [--header "Name: value"]…',
  summary: "Draws a run while it happens",
  about: [
    `<url> is where the routes of Locus are mounted, such as http://localhost:8000/locus, or the address of a
run; <file> is one that sqliteBus() writes. Without a run it is the one in which something happened last; if there
is none, the first that comes.`,
    "Ends with 3 if the run failed.",
  ],
  words: [1, 2],
  options: {
    all: { about: "every run, as lines, from now on" },
    json: { about: "the events as they are, one a line (NDJSON)" },
    header: HEADER,
  },

  async run({ words: [url = "", run], flags, values }, signal) {
    const routes = await openPlace(url);
    const target = { routes, fetch: routes.fetch, headers: readHeaders(values.header), signal };
    const named = run === undefined ? routes.runId : checkRunId(run);
    if (flags.has("all")) {
      if (named !== null) throw new UsageError("--all takes no run");
      const followed = follow(routes.all, target);
      return flags.has("json") ? await printJson(followed) : await printAll(followed);
    }
    const runId = named ?? await newestRun(target);
    if (runId === null) return EXIT.done;
    if (!flags.has("json")) return await draw(runId, target);
    const followed: FollowedRun = follow(routes.events(runId), {
      ...target,
      onState: awaitRun(runId, { ...target, state: () => followed.state, say }),
    });
    return await printJson(followed, runId);
  },
};

/** Where to follow runs. */
interface Target {
  readonly routes: Place;
  readonly fetch: Place["fetch"];
  readonly headers: Headers;
  readonly signal: AbortSignal;
}

async function draw(runId: string, { routes, ...settings }: Target): Promise<number> {
  const display = showRun({ name: runId, source: routes.place });
  const awaited = awaitRun(runId, {
    routes,
    ...settings,
    state: () => followed.state,
    say: (sentence) => display.hint(sentence),
  });
  let followed: FollowedRun;
  try {
    followed = follow(routes.events(runId), {
      ...settings,
      onState(state) {
        display.connection(state);
        awaited(state);
      },
    });
    for await (const event of followed) display.event(event);
    // The run was over before, and the server has only said so.
    const { ended, invalidEvents } = followed.state;
    if (ended?.reason === "nothing_left") display.picture.close();
    if (invalidEvents > 0) display.note(`${count(invalidEvents, "message")} could not be read`);
  } finally {
    display.close();
  }
  return display.picture.summary.state === "failed" ? EXIT.runFailed : EXIT.done;
}

/** The events as they are; of one run, its end decides about the exit code. */
async function printJson(followed: FollowedRun, runId?: string): Promise<number> {
  const summary = runId === undefined ? null : createRunSummary(runId);
  for await (const event of followed) {
    if (summary !== null) addToSummary(summary, event);
    await write(jsonLine(event));
  }
  return summary?.state === "failed" ? EXIT.runFailed : EXIT.done;
}

/** The events of all runs as lines; the oldest runs are forgotten when there are too many to remember. */
async function printAll(followed: FollowedRun): Promise<number> {
  const { width } = capabilitiesOf(process.stdout, process.env);
  const pictures = new Map<string, RunPicture>();
  for await (const event of followed) {
    const { run_id: runId } = event;
    // Of all runs, lines are shown: none needs what went in and came out.
    const limits = { maxRows: 100, maxContentBytes: 1 };
    const picture = pictures.get(runId) ?? new RunPicture(runId, limits);
    pictures.delete(runId);
    if (event.event_type !== "bus.end") pictures.set(runId, picture);
    const [oldest] = pictures.keys();
    if (pictures.size > MAX_RUNS && oldest !== undefined) pictures.delete(oldest);
    const name = oneLine(runId).slice(0, 24).padEnd(12);
    for (const line of plainEvent(picture, event, width - name.length - 1)) {
      await write(`${name} ${line}\n`);
    }
  }
  return EXIT.done;
}

/** The run in which something happened last; waits for the first. Null if the signal is aborted. */
async function newestRun({ routes, ...settings }: Target): Promise<string | null> {
  for (let asked = 0;; asked++) {
    const { signal } = settings;
    if (signal.aborted) return null;
    const [newest] = await runs(routes.runs, { ...settings, limit: 1 });
    if (newest !== undefined) return newest.run_id;
    if (asked === 0) say(`no runs at ${routes.place} yet; waiting for the first`);
    await delay(POLL_MS, undefined, { signal }).catch(() => {});
  }
}

const MAX_RUNS = 200;
const POLL_MS = 1_000;
