import { EVENT_TYPE_RULE, isEventType, isRunId, RUN_ID_RULE } from "../../events/identifiers.ts";
import type { Appended, AppendOptions, RunWriter } from "./bus.ts";
import { type Captured, copyPayload } from "../copy_payload.ts";
import { summary } from "../describe.ts";
import type { BusErrorContext } from "./event_bus_options.ts";
import { LogEntry } from "../log/event_log.ts";
import { enterPublish, leavePublish, NESTED_TOO_OFTEN } from "./nesting.ts";
import { describe } from "../options.ts";
import { Producers, refusalOf } from "../log/producers.ts";
import { readAppend } from "./read_append.ts";
import type { Reporter } from "./reporter.ts";
import type { RunLog } from "../log/run_log.ts";
import type { RunStore } from "./run_store.ts";
import type { Sources } from "./sources.ts";

/** Takes events into the logs of a bus: checked, as copies, numbered. What it refuses is counted and reported. */
export class Publisher {
  readonly #sources: Sources;
  readonly #runs: RunStore;
  readonly #reporter: Reporter<BusErrorContext>;
  readonly #maxEventBytes: number;
  // Types that were found valid, so that a publish does not match a pattern each time.
  readonly #validTypes: Set<string> = new Set();
  rejected = 0;
  /** How many values were replaced. */
  placeholders = 0;

  constructor(sources: Sources, reporter: Reporter<BusErrorContext>, maxEventBytes: number) {
    this.#sources = sources;
    this.#runs = sources.runs;
    this.#reporter = reporter;
    this.#maxEventBytes = maxEventBytes;
  }

  publish(
    draft: { readonly run_id: string; readonly event_type: string; readonly data: unknown },
  ): void {
    if (!enterPublish()) return this.#reject(NESTED_TOO_OFTEN);
    try {
      const { run_id: runId, event_type: eventType, data } = draft;
      const captured = this.#capture(eventType, data);
      if (captured === null) return;
      const log = this.#logOf(runId);
      if (log !== null) this.#append(log, eventType, captured);
    } catch (error) {
      // Only a draft that is not an object, or whose getters throw, ends here.
      this.#reject(`the event cannot be read: ${summary(error)}`);
    } finally {
      leavePublish();
    }
  }

  writer(runId: string): RunWriter {
    let log: RunLog | null = null;
    return {
      write: (eventType, data) => {
        if (!enterPublish()) return this.#reject(NESTED_TOO_OFTEN);
        try {
          const captured = this.#capture(eventType, data);
          if (captured === null) return;
          // A run that was forgotten while it went on starts a new log.
          if (log === null || log.forgotten) log = this.#runs.open(runId);
          this.#append(log, eventType, captured);
        } finally {
          leavePublish();
        }
      },
    };
  }

  append(
    owner: string,
    runId: string,
    drafts: readonly unknown[],
    options: AppendOptions,
  ): Appended {
    const { events, producer } = readAppend(owner, runId, drafts, options, this.#maxEventBytes);
    const log = this.#runs.open(runId);
    const known = producer === null ? undefined : log.producers?.get(producer.id);
    const refusal = (producer && refusalOf(known, producer)) ?? (log.ended && "closed");
    if (refusal !== null || (producer === null && events.length === 0)) {
      this.#runs.forgetIfUnused(log);
      if (refusal === "fenced") options.onFenced?.(known!.epoch);
      return refusal ?? "stored";
    }
    if (producer !== null) this.#producersOf(log).set(producer.id, producer);
    for (const { eventType, captured } of events) this.#append(log, eventType, captured);
    return "stored";
  }

  claim(runId: string, producerId: string): number {
    return this.#producersOf(this.#runs.open(runId)).claim(producerId);
  }

  /**
   * The copy of a payload; null if its event is refused. Getters run while it is taken, and may do with the
   * bus what they like, so it comes before any log is looked up.
   */
  #capture(eventType: string, data: unknown): Captured | null {
    const types = this.#validTypes;
    if (!types.has(eventType)) {
      if (!isEventType(eventType)) {
        this.#reject(`event_type must be ${EVENT_TYPE_RULE}, got ${describe(eventType)}`);
        return null;
      }
      if (types.size >= MAX_REMEMBERED_TYPES) types.clear();
      types.add(eventType);
    }
    return copyPayload(data, this.#maxEventBytes);
  }

  /** The named producers of a run, which is held for them from now on. */
  #producersOf(log: RunLog): Producers {
    this.#runs.retain(log);
    return log.producers ??= new Producers();
  }

  #append(log: RunLog, eventType: string, { data, bytes, placeholders }: Captured): void {
    if (log.ended !== null) {
      // It may be one that was only opened to find out.
      this.#runs.forgetIfUnused(log);
      return this.#reject(`run "${log.name}" is closed`);
    }
    this.placeholders += placeholders;
    const order = ++this.#sources.order;
    const entry = new LogEntry(log, log.head + 1, eventType, order, Date.now(), data, bytes);
    this.#runs.append(log, entry);
    this.#sources.global?.append(entry);
    if (eventType === "run.started" || eventType === "run.completed") log.keep(entry);
  }

  /** The log of a run id from outside, or null if the id cannot name a run. */
  #logOf(runId: unknown): RunLog | null {
    const log = this.#runs.get(runId as string);
    if (log !== undefined) return log;
    if (isRunId(runId)) return this.#runs.open(runId);
    this.#reject(`run_id must be ${RUN_ID_RULE}, got ${describe(runId)}`);
    return null;
  }

  #reject(reason: string): void {
    this.rejected++;
    this.#reporter.report(new Error(`Cannot publish event: ${reason}`), { stage: "publish" });
  }
}

const MAX_REMEMBERED_TYPES = 1024;
