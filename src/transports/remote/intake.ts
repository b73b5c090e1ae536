import type { BusStats, RunWriter } from "../../core/bus/bus.ts";
import { enterPublish, leavePublish, NESTED_TOO_OFTEN } from "../../core/bus/nesting.ts";
import { checkRunId } from "../../core/checks.ts";
import { type Captured, copyPayload } from "../../core/copy_payload.ts";
import { describe } from "../../core/options.ts";
import { EVENT_TYPE_RULE, isEventType, isRunId, RUN_ID_RULE } from "../../events/identifiers.ts";
import type { Reporter } from "./reporter.ts";

/** What an {@linkcode Intake} needs of its bus. */
export interface IntakeOptions {
  readonly maxEventBytes: number;
  readonly reporter: Reporter;
  /** Why nothing is taken; null while it is. */
  readonly refusal: () => string | null;
  /** Takes an event that was read. */
  readonly take: (runId: string, type: string, captured: Captured) => void;
}

/** Where what is published comes in: it is read, checked, copied and counted, before somebody stores it. */
export class Intake {
  published = 0;
  placeholders = 0;
  lost = 0;
  #rejected = 0;
  readonly #options: IntakeOptions;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  publish(draft: { readonly run_id: string; readonly event_type: string; readonly data: unknown }) {
    this.#accept(() => {
      const { run_id: runId, event_type: type, data } = draft;
      if (!isRunId(runId)) {
        return this.reject(`run_id must be ${RUN_ID_RULE}, got ${describe(runId)}`);
      }
      this.#send(runId, type, data);
    });
  }

  writer(runId: string): RunWriter {
    checkRunId("Bus.writer()", runId);
    return { write: (type, data) => this.#accept(() => this.#send(runId, type, data)) };
  }

  /** Events of `append()` were stored. */
  stored(events: readonly { readonly captured: Captured }[]): void {
    this.published += events.length;
    for (const { captured } of events) this.placeholders += captured.placeholders;
  }

  /** Events that were taken found their run closed. */
  refused(runId: string, count: number): void {
    this.published -= count;
    this.reject(`run "${runId}" is closed`, count);
  }

  /** The counters of the readers here, with those of what was published here. */
  addTo(local: BusStats): BusStats {
    return {
      ...local,
      published_events_total: this.published,
      rejected_events_total: this.#rejected,
      placeholders_total: this.placeholders,
      dropped_events_total: local.dropped_events_total + this.lost,
    };
  }

  reject(reason: string, count = 1): void {
    this.#rejected += count;
    this.#options.reporter.report(new Error(`Cannot publish event: ${reason}`));
  }

  /** Reads the caller's event; its getters may publish in turn. */
  #accept(read: () => void): void {
    if (!enterPublish()) return this.reject(NESTED_TOO_OFTEN);
    try {
      read();
    } catch (error) {
      this.reject(`the event cannot be read: ${describe(error)}`);
    } finally {
      leavePublish();
    }
  }

  #send(runId: string, type: unknown, data: unknown): void {
    const { maxEventBytes, refusal, take } = this.#options;
    const why = refusal();
    if (why !== null) return this.reject(why);
    if (!isEventType(type)) {
      return this.reject(`event_type must be ${EVENT_TYPE_RULE}, got ${describe(type)}`);
    }
    const captured = copyPayload(data, maxEventBytes);
    this.placeholders += captured.placeholders;
    this.published++;
    take(runId, type, captured);
  }
}
