import { EventBus } from "../../core/bus/event_bus.ts";
import type { StreamEvent } from "../../events/stream_event.ts";
import { eventTime } from "../../view/event_time.ts";
import { count } from "../../view/words.ts";
import { readPositive } from "../arguments.ts";
import type { Command } from "../command.ts";
import { CliError, EXIT, UsageError } from "../exit_code.ts";
import { didYouMean } from "../../core/nearest.ts";
import { say } from "../output.ts";
import { Pace } from "../pace.ts";
import { readRecording } from "../recording.ts";
import { checkRunId } from "../routes.ts";
import { type RunDisplay, showRun } from "../screen/show_run.ts";
import { type LocalServer, serveLocally } from "../serve.ts";

/** `locus replay`: shows a recorded run again. */
export const replayCommand: Command = {
  usage: "replay <file> [run] [--speed 4] [--serve [--port 8000]]",
  summary: "Shows a recorded run again, or serves it",
  about: [
    `<file> is what \`locus record\` or \`locus tail --json\` wrote; - is standard input. If there are several
runs in it, the first is shown, or the one that is named. Of a file that sqliteBus() writes, it is the newest.`,
    "Ends with 3 if the run failed.",
  ],
  words: [1, 2],
  options: {
    speed: { about: "how many times as fast as it was; 1 unless given", value: "n" },
    serve: {
      about: "publish it anew and serve it on this machine, with the workbench, until Ctrl-C;\n" +
        "ids and times are those of now",
    },
    port: { about: "where to; any free port unless given", value: "n" },
  },

  async run({ words: [file = "", run], flags, values }, signal) {
    const runId = run === undefined ? null : checkRunId(run);
    const pace = new Pace(readPositive("speed", values.speed, 1));
    if (flags.has("serve")) {
      const port = values.port === undefined ? 0 : readPositive("port", values.port, 0);
      if (!Number.isInteger(port) || port > 65_535) {
        throw new UsageError("--port must be at most 65535");
      }
      return await serve(file, runId, { pace, port, signal });
    }
    if (values.port !== undefined) throw new UsageError("--port goes with --serve");
    return await show(file, runId, { pace, signal });
  },
};

interface Play {
  readonly pace: Pace;
  readonly signal: AbortSignal;
}

async function show(file: string, runId: string | null, { pace, signal }: Play): Promise<number> {
  let display: RunDisplay | null = null;
  let others = 0;
  const names = new Set<string>();
  try {
    for await (const event of readRecording(file, runId)) {
      // A gap in a stream of all runs is of no run.
      if (event.run_id === "*") continue;
      runId ??= event.run_id;
      if (event.run_id !== runId) {
        others++;
        if (names.size < MAX_NAMES) names.add(event.run_id);
        continue;
      }
      await pace.until(eventTime(event), signal);
      if (signal.aborted) return EXIT.done;
      display ??= showRun({ name: runId, source: file, verb: "replaying", now: pace.now });
      display.event(event);
    }
    // The recording may end before the run did.
    display?.picture.close();
  } finally {
    display?.close();
  }
  if (display === null) {
    const which = runId === null ? "" : ` of ${runId}${didYouMean(runId, names)}`;
    throw new CliError(`${file} has no events${which}`);
  }
  if (others > 0) say(`${count(others, "event")} of other runs not shown`);
  return display.picture.summary.state === "failed" ? EXIT.runFailed : EXIT.done;
}

async function serve(
  file: string,
  runId: string | null,
  { pace, port, signal }: Play & { readonly port: number },
): Promise<number> {
  const bus = new EventBus({
    historyPerRun: MAX_EVENTS,
    maxQueueSize: MAX_EVENTS,
    maxEventBytes: MAX_EVENT_BYTES,
  });
  // What only this command needs is loaded only by it.
  const { locus } = await import("../../adapters/hono.ts");
  const app = locus({ bus, local: true, workbench: true });
  let server: LocalServer;
  try {
    server = await serveLocally((request) => app.fetch(request), port);
  } catch (error) {
    throw new CliError(`cannot listen on port ${port}: ${(error as Error).message}`);
  }
  try {
    say(`serving ${file} at ${server.url}/ · Ctrl-C ends it`);
    let [events, missing] = [0, 0];
    for await (const event of readRecording(file, runId)) {
      if (runId !== null && event.run_id !== runId) continue;
      await pace.until(eventTime(event), signal);
      if (signal.aborted) return EXIT.done;
      if (event.event_type === "bus.gap") missing += Number(event.data.count) || 0;
      if (publish(bus, event)) events++;
    }
    say(
      `all ${count(events, "event")} published` +
        (missing > 0 ? `; ${count(missing, "event")} missing from the recording` : ""),
    );
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve());
    });
    return EXIT.done;
  } finally {
    await server.close();
  }
}

/** Publishes an event again, with a new id and timestamp. */
function publish(bus: EventBus, event: StreamEvent): boolean {
  const { event_type: type, run_id: runId, data } = event;
  if (type === "bus.end") bus.closeStream(runId);
  if (type.startsWith("bus.")) return false;
  bus.publish({ run_id: runId, event_type: type as string, data });
  return true;
}

const MAX_NAMES = 1_000;
const MAX_EVENTS = 200_000;
const MAX_EVENT_BYTES = 1024 * 1024;
