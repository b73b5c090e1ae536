import type { BusGap } from "../../events/catalogue/bus.ts";
import type { Envelope } from "../../events/stream_event.ts";
import type { SubscribeGlobalOptions, SubscribeOptions } from "./bus.ts";
import {
  checkAfter,
  checkEvents,
  checkFrom,
  checkRunId,
  checkRunIds,
  checkSignal,
} from "../checks.ts";
import type { BusErrorContext, BusSettings } from "./event_bus_options.ts";
import type { ListeningOptions } from "./listening.ts";
import { LogReader, type ReaderOptions } from "./log_reader.ts";
import { LogSubscription } from "./log_subscription.ts";
import { mergeRuns } from "./merge_runs.ts";
import { checkOptions, describe, isArray } from "../options.ts";
import { resumeAfter } from "../log/reader_start.ts";
import { type Reporter, toError } from "./reporter.ts";
import type { RunLog } from "../log/run_log.ts";
import { compileSelect } from "./select.ts";
import type { Sources } from "./sources.ts";
import type { StreamReader } from "../log/stream_reader.ts";

/** Opens the subscriptions of a bus. What its readers lost is counted and, of handlers, reported. */
export class Readers {
  readonly #sources: Sources;
  readonly #reporter: Reporter<BusErrorContext>;
  readonly #settings: BusSettings;
  /** How many events readers did not get because they lagged. */
  dropped = 0;

  constructor(sources: Sources, reporter: Reporter<BusErrorContext>, settings: BusSettings) {
    this.#sources = sources;
    this.#reporter = reporter;
    this.#settings = settings;
  }

  subscribe<T>(
    owner: string,
    runId: string | readonly string[],
    options: SubscribeOptions<object>,
  ): LogSubscription<T> {
    const sources = this.#sources;
    const runIds = isArray(runId) ? checkRunIds(owner, runId as readonly string[]) : null;
    if (runIds === null) checkRunId(owner, runId);
    checkOptions(owner, options, ["after", "from", "joining", "select", "signal", "events"]);
    const { after = null, from = "history", joining = [], signal } = options;
    checkAfter(owner, after, runIds === null ? "an event_id" : "a position");
    checkFrom(owner, from);
    if (!isArray(joining)) {
      throw new TypeError(`${owner}: "joining" must be a list of runs, got ${describe(joining)}`);
    }
    checkSignal(owner, signal);
    checkEvents(owner, options.events);
    return this.#read<T>(owner, options, (how) => {
      if (runIds !== null) return mergeRuns(sources, runIds, { ...how, after, from, joining });
      const startOf = (log: RunLog) =>
        after === null ? sources.startOf(log, from) : resumeAfter(log, after);
      return new LogReader(sources.oneRun(runId as string, startOf), how);
    });
  }

  subscribeGlobal<T>(owner: string, options: SubscribeGlobalOptions<object>): LogSubscription<T> {
    checkOptions(owner, options, ["after", "select", "signal", "events"]);
    const { after = null } = options;
    checkAfter(owner, after, "a position");
    checkSignal(owner, options.signal);
    checkEvents(owner, options.events);
    const { maxGlobalSubscribers } = this.#settings;
    const isFull = (this.#sources.global?.readers.subscriptions ?? 0) >= maxGlobalSubscribers;
    if (isFull) {
      this.#reporter.report(
        new Error(`Cannot subscribe: there are ${maxGlobalSubscribers} (maxGlobalSubscribers)`),
        { stage: "subscribe" },
      );
    }
    return this.#read<T>(
      owner,
      options,
      (how) => new LogReader(this.#sources.allRuns("subscriptions", after), how),
      isFull,
    );
  }

  /** How handlers read. */
  get listening(): ListeningOptions {
    return {
      maxLag: this.#settings.maxQueueSize,
      onDrop: this.#countDropped,
      onGap: this.#reportGap,
      onError: this.#reportHandler,
    };
  }

  #read<T>(
    owner: string,
    { select, signal }: SubscribeGlobalOptions,
    open: (how: ReaderOptions) => StreamReader<T>,
    isRejected = false,
  ): LogSubscription<T> {
    // Before anything is opened: what throws must leave nothing behind.
    const isSelected = compileSelect(owner, select);
    const reader = open({
      maxLag: this.#settings.maxQueueSize,
      matches: isSelected && (({ eventType }) => isSelected(eventType)),
      signal,
      onDrop: this.#countDropped,
    });
    const subscription = new LogSubscription(reader);
    if (isRejected) reader.release("rejected");
    return subscription;
  }

  readonly #countDropped = (count: number): void => {
    this.dropped += count;
  };

  readonly #reportGap = ({ run_id, data }: Envelope<"bus.gap", BusGap>): void => {
    this.#reporter.report(
      new Error(`A handler missed ${data.count} events of run "${run_id}": ${data.reason}`),
      { stage: "handler" },
    );
  };

  readonly #reportHandler = (error: unknown): void => {
    this.#reporter.report(toError(error, "A handler"), { stage: "handler" });
  };
}
