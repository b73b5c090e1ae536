import type { ImportedRuns } from "../../core/bus/bus.ts";
import { copyPayload } from "../../core/copy_payload.ts";
import { toTimestamp } from "../../core/timestamp.ts";
import {
  formatEventId,
  isControlEventType,
  isEventType,
  isRunId,
  parseEventId,
} from "../../events/identifiers.ts";
import type { StreamEvent } from "../../events/stream_event.ts";
import type { RunRow } from "./run_state.ts";
import type { NewEvent } from "./work.ts";

export interface ImportOptions {
  readonly maxEventBytes: number;
  readonly isKnown: (runId: string) => boolean;
  /**
   * Stores events after so many that are missing before them, if the run stands at `after`: there is none if that is 0. Where
   * it stands then; null if somebody else has the run.
   */
  readonly store: (
    runId: string,
    after: number,
    lost: number,
    events: NewEvent[],
  ) => Promise<number | null>;
  readonly close: (runId: string) => void;
  /** No more of a run comes that is not closed: what was stored is the `whole`, or it is to be forgotten (`undo`). */
  readonly finish: (runId: string, how: "whole" | "undo") => void;
}

/** What is to be stored of a run next. */
interface Waiting {
  lost: number;
  readonly events: NewEvent[];
  isOver: boolean;
}

/**
 * Stores recorded runs. What the recording says to be missing is missing here as well. If it breaks off, what was stored of runs
 * whose end had not come is taken back: then it can be imported again.
 */
export async function importRuns(
  values: Iterable<unknown> | AsyncIterable<unknown>,
  options: ImportOptions,
): Promise<ImportedRuns> {
  const runs = new RunImport(options);
  try {
    for await (const value of values) {
      runs.add(value);
      if (runs.isDue) await runs.flush();
    }
    await runs.flush();
    runs.finish("whole");
  } catch (error) {
    runs.finish("undo");
    throw error;
  }
  return runs.result;
}

class RunImport {
  readonly result: ImportedRuns = {
    imported: Object.create(null),
    skipped: Object.create(null),
    invalid: 0,
  };
  readonly #options: ImportOptions;
  readonly #named = { imported: 0, skipped: 0 };
  // Where the runs stand, the one that was stored longest ago first; null for those of which no more is taken.
  readonly #heads: Map<string, number | null> = new Map();
  #waiting: Map<string, Waiting[]> = new Map();
  #bytes = 0;

  constructor(options: ImportOptions) {
    this.#options = options;
  }

  get isDue(): boolean {
    return this.#bytes >= BYTES_AT_ONCE;
  }

  add(value: unknown): void {
    const { run_id: runId, event_type: type, timestamp, data } = Object(value);
    const isControl = isControlEventType(type);
    // Other control events are about a connection.
    if (isControl && type !== "bus.gap" && type !== "bus.end") return;
    const time = typeof timestamp === "string" ? Date.parse(timestamp) : NaN;
    if (!isRunId(runId) || !(isControl || (isEventType(type) && !Number.isNaN(time)))) {
      this.result.invalid++;
      return;
    }
    const run = this.#take(runId);
    if (run === null) return this.#count("skipped", runId, isControl ? 0 : 1);
    this.#bytes += EVENT_BYTES;
    if (type === "bus.end") run.isOver = true;
    else if (type === "bus.gap") {
      const { count } = Object(data);
      if (!Number.isSafeInteger(count) || count <= 0) return;
      if (run.events.length === 0) run.lost += count;
      else this.#waiting.get(runId)!.push({ lost: count, events: [], isOver: false });
    } else {
      const captured = copyPayload(data, this.#options.maxEventBytes);
      run.events.push({ type, time, captured, seq: 0, order: 0 });
      this.#bytes += captured.bytes;
    }
  }

  /** Stores all that waits, in few transactions, because each takes about as long. */
  async flush(): Promise<void> {
    const runs = [...this.#waiting];
    this.#waiting = new Map();
    this.#bytes = 0;
    const stored = await Promise.allSettled(runs.map((run) => this.#store(...run)));
    for (const { status, reason } of stored as PromiseRejectedResult[]) {
      if (status === "rejected") throw reason;
    }
    this.finish("whole", MAX_RUNS);
  }

  /** … of all runs but so many. */
  finish(how: "whole" | "undo", but = 0): void {
    for (const [runId, head] of this.#heads) {
      if (this.#heads.size <= but) return;
      this.#heads.delete(runId);
      if (head !== null && head > 0) this.#options.finish(runId, how);
    }
  }

  /** What is to be stored of a run next; null if nothing is. */
  #take(runId: string): Waiting | null {
    if (!this.#heads.has(runId)) this.#heads.set(runId, this.#options.isKnown(runId) ? null : 0);
    if (this.#heads.get(runId) === null) return null;
    const parts = this.#waiting.get(runId) ?? [{ lost: 0, events: [], isOver: false }];
    this.#waiting.set(runId, parts);
    const last = parts.at(-1)!;
    return last.isOver ? null : last;
  }

  async #store(runId: string, parts: readonly Waiting[]): Promise<void> {
    for (const { lost, events, isOver } of parts) {
      const before = this.#heads.get(runId) ?? null;
      const head = before === null ? null : await this.#options.store(runId, before, lost, events);
      this.#count(head === null ? "skipped" : "imported", runId, events.length);
      if (isOver && head !== null) this.#options.close(runId);
      this.#heads.delete(runId);
      this.#heads.set(runId, isOver ? null : head);
    }
  }

  #count(what: "imported" | "skipped", runId: string, events: number): void {
    const counts = this.result[what];
    if (counts[runId] !== undefined) counts[runId] += events;
    else if (this.#named[what]++ < MAX_NAMED) counts[runId] = events;
    else (this.result.more ??= { imported: 0, skipped: 0 })[what] += events;
  }
}

/** The events of a run up to where it stands, without waiting for others; and its end, if it is closed. */
export async function* exportRun(
  find: () => RunRow | undefined,
  subscribe: () => AsyncIterable<StreamEvent>,
): AsyncGenerator<StreamEvent, void, undefined> {
  const row = find();
  if (row === undefined) return;
  const { run_id, epoch, head, closed } = row;
  let last: StreamEvent | null = null;
  if (head > 0) {
    for await (const event of subscribe()) {
      yield last = event;
      if ((parseEventId(event.event_id)?.seq ?? head) >= head) break;
    }
  }
  if (closed === 0) return;
  yield {
    event_id: formatEventId(epoch, head + 1),
    run_id,
    event_type: "bus.end",
    timestamp: last?.timestamp ?? toTimestamp(Date.now()),
    data: { last_event_id: last?.event_id ?? null },
  };
}

// Runs that an answer names, of each kind.
const MAX_NAMED = 1_000;
// Runs whose place is remembered: what comes of another one that was begun is skipped, as its run is there.
const MAX_RUNS = 10_000;
const BYTES_AT_ONCE = 1024 * 1024;
// What an event takes beside its payload, about.
const EVENT_BYTES = 2_000;
