/**
 * All runs that the page knows: what the server listed, kept up to date by the events that arrive.
 *
 * @module
 */
import { parseEventId } from "../../src/events/identifiers.ts";
import type { StreamEvent } from "../../src/events/stream_event.ts";
import { runState } from "./run_words.ts";
import { addToSummary, createRunSummary, type RunSummary } from "../../src/view/run_summary.ts";

/** The runs of the list, in its order. */
export class RunList {
  readonly #runs = new Map<string, RunSummary>();
  readonly #forgotten = new Set<string>();
  /** Runs with missed events: their numbers are too low until the server is asked. */
  readonly #inexact = new Set<string>();
  /** The latest live events: the server's answer is a little older than they are. */
  #recent: StreamEvent[] = [];
  #order: RunSummary[] | null = null;

  /**
   * Takes the server's word for its runs. If it named all that it has, those that it does not name any more
   * stay, marked as forgotten.
   */
  replace(summaries: readonly RunSummary[], isComplete: boolean): void {
    const listed = new Set<string>();
    const renewed = new Set<string>();
    for (const summary of summaries) {
      const { run_id: runId } = summary;
      listed.add(runId);
      this.#forgotten.delete(runId);
      const known = this.#runs.get(runId);
      if (known !== undefined && !this.#inexact.has(runId) && isNewer(known, summary)) continue;
      this.#runs.set(runId, { ...summary });
      this.#inexact.delete(runId);
      renewed.add(runId);
    }
    for (const event of this.#recent) if (renewed.has(event.run_id)) this.#fold(event);
    if (isComplete) {
      for (const runId of this.#runs.keys()) if (!listed.has(runId)) this.#forgotten.add(runId);
    }
    this.#order = null;
    this.#limit();
  }

  /**
   * Folds a live event into its run.
   *
   * @returns Whether the run's numbers are right; if not, the server has to be asked again.
   */
  add(event: StreamEvent): boolean {
    if (this.#recent.push(event) > 2 * MAX_RECENT) this.#recent = this.#recent.slice(-MAX_RECENT);
    if (this.#forgotten.delete(event.run_id)) this.#order = null;
    this.#fold(event);
    this.#limit();
    return !this.#inexact.has(event.run_id);
  }

  /** What is known of a run. */
  get(runId: string): RunSummary | undefined {
    return this.#runs.get(runId);
  }

  /** Whether the server has forgotten the run since. */
  isForgotten(runId: string): boolean {
    return this.#forgotten.has(runId);
  }

  /** How many there are. */
  get size(): number {
    return this.#runs.size;
  }

  /** Whether any of them goes on. */
  get hasRunning(): boolean {
    return this.ordered().some(({ state, run_id: runId }) =>
      state === "running" && !this.#forgotten.has(runId)
    );
  }

  /** Whether the run waits or goes on, as far as the server knows. */
  isOpen(run: RunSummary): boolean {
    const state = runState(run);
    return (state === "running" || state === "waiting") && !this.isForgotten(run.run_id);
  }

  /** Those that wait for a person first, because they wait for nothing else; then those that go on; each the newest first. */
  ordered(): readonly RunSummary[] {
    const rank = (run: RunSummary) => !this.isOpen(run) ? 2 : run.state === "waiting" ? 0 : 1;
    return this.#order ??= [...this.#runs.values()].sort((a, b) =>
      rank(a) - rank(b) || compare(b.started_at ?? "~", a.started_at ?? "~") ||
      compare(a.run_id, b.run_id)
    );
  }

  #fold(event: StreamEvent): void {
    const { run_id: runId } = event;
    const place = parseEventId(event.event_id);
    if (place === null) return;
    const known = this.#runs.get(runId);
    const last = known?.last_event_id ? parseEventId(known.last_event_id) : null;
    const isSameLog = last !== null && place.epoch === last.epoch;
    if (isSameLog && place.seq <= last.seq) return;
    // A new run, or one with a new log.
    const summary = known !== undefined && (isSameLog || last === null)
      ? known
      : createRunSummary(runId);
    const { state, interrupted } = summary;
    // Somebody writes to it again.
    delete summary.interrupted;
    addToSummary(summary, event);
    const expected = isSameLog ? last.seq + 1 : 1;
    if (place.seq !== expected && event.event_type !== "bus.gap") this.#inexact.add(runId);
    if (summary !== known) this.#runs.set(runId, summary);
    if (summary !== known || state !== summary.state || interrupted) this.#order = null;
  }

  #limit(): void {
    if (this.#runs.size <= MAX_RUNS) return;
    for (const { run_id: runId } of this.ordered().slice(MAX_RUNS - MAX_RUNS / 10)) {
      this.#runs.delete(runId);
      this.#forgotten.delete(runId);
      this.#inexact.delete(runId);
    }
    this.#order = null;
  }
}

/** More than a server lists; a page that stays open for weeks must not grow for weeks. */
const MAX_RUNS = 2_000;
const MAX_RECENT = 2_000;

/** Whether what is known counts events that the other does not. */
function isNewer(known: RunSummary, other: RunSummary): boolean {
  const [own, theirs] = [known, other].map(({ last_event_id: id }) => id ? parseEventId(id) : null);
  return own != null && theirs != null && own.epoch === theirs.epoch && own.seq > theirs.seq;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
