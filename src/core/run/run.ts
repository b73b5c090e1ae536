import type { EventName, EventPayload, NoEvents } from "../../events/stream_event.ts";
import type { Bus } from "../bus/bus.ts";

/** How a run ended, or that it waits. */
export type RunOutcome = "ok" | "error" | "cancelled" | "waiting";

/** A run that is being watched: its id, and a way to publish to it from anywhere. */
export interface Run<E extends object = NoEvents> {
  /** The run's id; every event carries it as `run_id`. */
  readonly id: string;
  /** The bus that this run is published to. */
  readonly bus: Bus<E>;
  /** The span that this handle is inside of; null at the top of the run. */
  readonly spanId: string | null;
  /**
   * Whether the content of what goes in and comes out is published as well, as `span.content`. Ask before you build
   * any. What is nearest counts: the run, the run around it, the bus, the process (`LOCUS_CAPTURE_CONTENT=true`).
   */
  readonly content: boolean;
  /** The same run, as seen from inside a span. */
  inSpan(spanId: string): Run<E>;
  /**
   * Publishes to this run, where no context reaches: callbacks, other threads' messages, browsers.
   * Never throws and never waits.
   */
  emit<T extends string>(eventType: EventName<T, E>, data: EventPayload<T, E>): void;
  /**
   * Keeps the run open until `work` is settled, too. If it fails, so does the run, and the error is reported.
   *
   * This and the next two are for runs that `withRun()` or `startRun()` ends. Any other run stays open anyway.
   */
  waitUntil(work: PromiseLike<unknown>): void;
  /** Calls `fn` once when the run is over, before `run.completed`: the last moment to close what is open in it. */
  onEnd(fn: () => void): void;
  /**
   * Says how the run ended, where nothing is thrown. The last call counts, and what is thrown goes before it.
   *
   * @param error What it failed with: an error, or a text that may be shown.
   * @throws {TypeError} If `outcome` is not one of the four, in a run that `withRun()` or `startRun()` ends.
   */
  setOutcome(outcome: RunOutcome, error?: unknown): void;
}

/** Any run, whatever its event types: what takes a run and publishes only events of the catalogue. */
// deno-lint-ignore no-explicit-any
export type AnyRun = Run<any>;
