import type { Bus, EventSelect } from "../../core/bus.ts";
import { describe } from "../../core/options.ts";
import { type EventReader, readEvents } from "../../consumers/read_events.ts";
import { parseEventId } from "../../events/identifiers.ts";
import type { StreamEvent } from "../../events/stream_event.ts";
import type { RunSurroundings } from "./run_spans.ts";
import { RunTrace, type TraceSettings } from "./run_trace.ts";

/** What {@linkcode RunTraces} is made with. */
export interface RunTracesOptions {
  readonly settings: TraceSettings;
  readonly surroundings: (runId: string) => RunSurroundings;
  readonly select: EventSelect | undefined;
  readonly maxRuns: number;
  readonly onError: (error: Error) => void;
}

/** A run that is being read. */
interface TracedRun {
  readonly runId: string;
  /** Null before its first event. */
  trace: RunTrace | null;
  readonly reader: EventReader;
  /** The `event_id` of the latest event that was read. */
  cursor: string;
  /** When that was, by the number of events read in all. */
  recency: number;
  /** Whether its trace was ended to make room: it reads no more. */
  isLeft: boolean;
}

/**
 * Follows all runs of a bus. The global stream only tells that there is a run; each is read by itself, because
 * only then is its end known, and what it said before it was noticed.
 */
export class RunTraces {
  /** Resolves when everything is read and all spans are ended. */
  readonly done: Promise<void>;
  readonly #bus: Bus;
  readonly #options: RunTracesOptions;
  readonly #runs = new Map<string, TracedRun>();
  /** Up to where runs were read that are read no more: the global stream may lag behind. Oldest first. */
  readonly #past = new Map<string, string>();
  readonly #reading = new Set<Promise<void>>();
  readonly #global: EventReader;
  #clock = 0;

  constructor(bus: Bus, options: RunTracesOptions) {
    this.#bus = bus;
    this.#options = options;
    this.#global = readEvents(bus.subscribeGlobal(), {
      onEvents: (events) => events.forEach(this.#notice),
    });
    this.done = this.#end();
  }

  /** Ends when everything that was published before is read. */
  stop(): void {
    this.#global.stop();
  }

  async #end(): Promise<void> {
    try {
      const how = await this.#global.done;
      if (how === "rejected") throw new Error("The bus has too many global subscribers already");
    } catch (error) {
      this.#report(error);
    }
    for (const { reader } of this.#runs.values()) reader.stop();
    while (this.#reading.size > 0) await Promise.all(this.#reading);
  }

  readonly #notice = (event: StreamEvent): void => {
    const { event_id: eventId, run_id: runId } = event;
    if (event.event_type === "bus.gap" || this.#runs.has(runId)) return;
    const past = this.#past.get(runId);
    if (past !== undefined && isUpTo(eventId, past)) return;
    if (this.#runs.size >= this.#options.maxRuns) this.#makeRoom();
    try {
      this.#follow(runId, past ?? null);
    } catch (error) {
      this.#report(error);
    }
  };

  #follow(runId: string, after: string | null): void {
    const subscription = this.#bus.subscribe(runId, { after, select: this.#options.select });
    const reader = readEvents(subscription, {
      onEvents: (events) => {
        for (const event of events) this.#add(run, event);
      },
    });
    const run: TracedRun = {
      runId,
      trace: null,
      reader,
      cursor: after ?? subscription.cursor,
      recency: ++this.#clock,
      isLeft: false,
    };
    this.#runs.set(runId, run);
    const reading = reader.done.then(() => {}, (error) => this.#report(error))
      .then(() => {
        this.#leave(run, subscription.cursor);
        this.#reading.delete(reading);
      });
    this.#reading.add(reading);
  }

  #add(run: TracedRun, event: StreamEvent): void {
    if (run.isLeft) return;
    run.recency = ++this.#clock;
    run.cursor = event.event_id;
    try {
      const { settings, surroundings } = this.#options;
      run.trace ??= new RunTrace(run.runId, settings, surroundings(run.runId), event);
      run.trace.add(event);
    } catch (error) {
      // A tracer, or a callback of the user, that throws.
      this.#report(error);
    }
  }

  /** Ends the trace of the run that was quiet for longest. */
  #makeRoom(): void {
    let quiet: TracedRun | undefined;
    for (const run of this.#runs.values()) {
      if (quiet === undefined || run.recency < quiet.recency) quiet = run;
    }
    if (quiet === undefined) return;
    this.#leave(quiet, quiet.cursor);
    quiet.reader.stop();
  }

  #leave(run: TracedRun, cursor: string): void {
    if (run.isLeft) return;
    run.isLeft = true;
    this.#runs.delete(run.runId);
    this.#past.delete(run.runId);
    this.#past.set(run.runId, cursor);
    if (this.#past.size > MAX_PAST) this.#past.delete(this.#past.keys().next().value!);
    try {
      run.trace?.end();
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error: unknown): void {
    try {
      this.#options.onError(error instanceof Error ? error : new Error(describe(error)));
    } catch {
      // Nobody is left to tell.
    }
  }
}

const MAX_PAST = 10_000;

/** Whether an event is not later than another of the same incarnation of the run's log. */
function isUpTo(eventId: string, lastId: string): boolean {
  const [event, last] = [parseEventId(eventId), parseEventId(lastId)];
  return event !== null && last !== null && event.epoch === last.epoch && event.seq <= last.seq;
}
