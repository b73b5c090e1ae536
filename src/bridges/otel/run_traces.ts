import type { Bus, EventSelect } from "../../core/bus/bus.ts";
import { describe } from "../../core/options.ts";
import { type EventReader, readEvents } from "../../consumers/read_events.ts";
import { parseEventId } from "../../events/identifiers.ts";
import type { StreamEvent } from "../../events/stream_event.ts";
import { addEntry } from "../../core/run/entries.ts";
import { eventTime } from "../../view/event_time.ts";
import { enterLiveSpan } from "./live_spans.ts";
import { RunSpans, type RunSurroundings } from "./run_spans.ts";
import { type BegunRun, RunTrace, type TraceSettings } from "./run_trace.ts";
import { dropRejection } from "../../runtime/promise_like.ts";
import { isError } from "../../runtime/realm.ts";

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
  /** Runs in which work was entered before their first event was read. Oldest first. */
  readonly #begun = new Map<string, BegunRun>();
  readonly #reading = new Set<Promise<void>>();
  readonly #removeEntry: () => void;
  readonly #global: EventReader;
  #clock = 0;

  constructor(bus: Bus, options: RunTracesOptions) {
    this.#bus = bus;
    this.#options = options;
    this.#global = readEvents(bus.subscribeGlobal(), {
      onEvents: (events) => events.forEach(this.#notice),
    });
    this.#removeEntry = addEntry((run, enter) =>
      run.bus === bus ? enterLiveSpan(run, this.#spansOf, enter, this.#report) : enter()
    );
    this.done = this.#end();
  }

  /** Ends when everything that was published before is read. */
  stop(): void {
    this.#removeEntry();
    this.#global.stop();
  }

  async #end(): Promise<void> {
    try {
      const how = await this.#global.done;
      if (how === "rejected") throw new Error("The bus has too many global subscribers already");
    } catch (error) {
      this.#report(error);
    }
    this.#removeEntry();
    for (const { reader } of this.#runs.values()) reader.stop();
    while (this.#reading.size > 0) await Promise.all(this.#reading);
    for (const runId of this.#begun.keys()) this.#giveUp(runId);
  }

  /** The spans of a run in which work is entered; null if it is not traced any more. */
  readonly #spansOf = (runId: string): RunSpans | null => {
    const trace = this.#runs.get(runId)?.trace;
    if (trace) return trace.spans;
    if (this.#past.has(runId)) return null;
    let begun = this.#begun.get(runId);
    if (begun === undefined) {
      begun = this.#begin(runId, Date.now());
      this.#begun.set(runId, begun);
      if (this.#begun.size > this.#options.maxRuns) this.#giveUp(this.#begun.keys().next().value!);
    }
    return begun.spans;
  };

  #begin(runId: string, at: number): BegunRun {
    const { settings } = this.#options;
    const surroundings = this.#options.surroundings(runId);
    return { surroundings, spans: new RunSpans(runId, settings, surroundings, at) };
  }

  /** Ends the trace of a run if no event of it was read. */
  #giveUp(runId: string): void {
    const begun = this.#begun.get(runId);
    this.#begun.delete(runId);
    try {
      begun?.spans.end(Date.now());
    } catch (error) {
      this.#report(error);
    }
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
      run.trace ??= this.#trace(run.runId, event);
      run.trace.add(event);
    } catch (error) {
      // A tracer, or a callback of the user, that throws.
      this.#report(error);
    }
  }

  #trace(runId: string, first: StreamEvent): RunTrace {
    const begun = this.#begun.get(runId) ?? this.#begin(runId, eventTime(first) ?? Date.now());
    this.#begun.delete(runId);
    return new RunTrace(runId, this.#options.settings, begun, first);
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
    this.#giveUp(run.runId);
    try {
      run.trace?.end();
    } catch (error) {
      this.#report(error);
    }
  }

  readonly #report = (error: unknown): void => {
    try {
      dropRejection(this.#options.onError(isError(error) ? error : new Error(describe(error))));
    } catch {
      // An error of `onError` has no place to go.
    }
  };
}

const MAX_PAST = 10_000;

/** Whether an event is not later than another of the same incarnation of the run's log. */
function isUpTo(eventId: string, lastId: string): boolean {
  const [event, last] = [parseEventId(eventId), parseEventId(lastId)];
  return event !== null && last !== null && event.epoch === last.epoch && event.seq <= last.seq;
}
