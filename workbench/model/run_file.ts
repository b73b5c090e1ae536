/**
 * The runs of a file: nothing more will come of any of them.
 *
 * @module
 */
import type { StreamEvent } from "../../src/events/stream_event.ts";
import { addToSummary, createRunSummary, isOver } from "../../src/view/run_summary.ts";
import { RunList } from "./run_list.ts";
import { RunLog } from "./run_log.ts";

/** What is in a file, by run. */
export class RunFile {
  readonly list = new RunList();
  readonly #runs = new Map<string, StreamEvent[]>();

  constructor(events: readonly StreamEvent[]) {
    for (const event of events) {
      const known = this.#runs.get(event.run_id);
      if (known !== undefined) known.push(event);
      // A gap in a stream of all runs is of none of them.
      else if (event.run_id !== "*") this.#runs.set(event.run_id, [event]);
    }
    const summaries = [...this.#runs].map(([runId, events]) => {
      const summary = createRunSummary(runId);
      for (const event of events) addToSummary(summary, event);
      return summary;
    });
    this.list.replace(summaries, true);
    // How those that were going on have ended, nobody will say.
    this.list.replace(summaries.filter(({ state }) => isOver(state)), true);
  }

  /** A run; empty if the file has none of that name. */
  open(runId: string): RunLog {
    const log = new RunLog(runId);
    for (const event of this.#runs.get(runId) ?? []) log.append(event);
    log.isLoaded = log.closed = true;
    return log;
  }
}
