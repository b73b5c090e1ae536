import { formatEventId } from "../../events/identifiers.ts";
import { setBackgroundTimer } from "../../runtime/background_timer.ts";
import type { StartFrom, SubscriptionEnd } from "./bus.ts";
import type { BusSettings } from "./event_bus_options.ts";
import type { EventLog } from "../log/event_log.ts";
import { GlobalLog } from "../log/global_log.ts";
import type { Reader, Reading } from "../log/log_position.ts";
import { randomHex } from "../random_hex.ts";
import { type ReaderStart, resumeAfter, startFromHistory, startLive } from "../log/reader_start.ts";
import type { RunLog } from "../log/run_log.ts";
import { RunStore } from "./run_store.ts";

/** What a subscription reads: one run, or all of them. */
export interface Source<L extends EventLog = EventLog> {
  readonly log: L;
  readonly start: ReaderStart;
  join(reader: Reader): void;
  leave(reader: Reader): void;
}

/** Makes another source of one of a run; `start` says where a reader starts in a log. */
export type WrapRun = (source: Source<RunLog>, start: (log: RunLog) => ReaderStart) => Source;

/** Makes another source of one of all runs, for a reader that comes with a position, or with none. */
export type WrapAllRuns = (source: Source<GlobalLog>, after: string | null) => Source;

/** The logs of a bus, as its readers find them. */
export class Sources {
  readonly runs: RunStore;
  /** The log of all runs; null unless it has a reader, or had one recently. */
  global: GlobalLog | null = null;
  /** How many events the bus has taken: the order of the newest. */
  order = 0;
  /** Whether the epoch is the one that the events have: a bus over a network has to ask for it. */
  isOrderKnown = true;
  /** Where the readers of one run read, and those of all runs. */
  wrapRun: WrapRun = (source) => source;
  wrapAllRuns: WrapAllRuns = (source) => source;
  createGlobal: (...args: ConstructorParameters<typeof GlobalLog>) => GlobalLog = (...args) =>
    new GlobalLog(...args);
  /**
   * Up to which order everything is known of what these read, without one of them. If that is less than `wanted`, they
   * are woken when it is more.
   */
  completeTo: (readers: readonly Reading[], without?: Reading, wanted?: number) => number = () =>
    this.order;
  #epoch: string | undefined;
  readonly #options: BusSettings;
  // Keeps the log of all runs from being given up.
  #keepGlobal: () => void = () => {};

  constructor(options: BusSettings) {
    this.#options = options;
    this.runs = new RunStore(options);
  }

  /** Fills the log of all runs, for a reader that comes with a position, where earlier events can still be had. */
  fill: (log: GlobalLog, after: string) => void = () => {};

  get epoch(): string {
    // Not before it is asked for: Workers have no random numbers while a module is evaluated.
    return this.#epoch ??= randomHex(12);
  }

  set epoch(epoch: string) {
    this.#epoch = epoch;
  }

  positionAt(order: number): string {
    return formatEventId(this.epoch, order);
  }

  startOf(log: RunLog, from: StartFrom): ReaderStart {
    if (from === "live") return startLive(log);
    return from === "history"
      ? startFromHistory(log, this.#options.historyPerRun)
      : startFromHistory(log, -from, true);
  }

  oneRun(runId: string, start: (log: RunLog) => ReaderStart): Source {
    const { runs } = this;
    const log = runs.open(runId);
    return this.wrapRun({
      log,
      start: start(log),
      join: (reader) => runs.addReader(log, reader),
      leave: (reader) => runs.removeReader(log, reader),
    }, start);
  }

  allRuns(kind: keyof GlobalLog["readers"], after: string | null = null): Source {
    let log = this.global;
    if (log === null) {
      log = this.global = this.createGlobal(this.#options, this.epoch, this.order);
      if (after !== null) this.fill(log, after);
    }
    return this.wrapAllRuns({
      log,
      start: after === null ? startLive(log) : resumeAfter(log, after),
      join: () => {
        this.#keepGlobal();
        log.readers[kind]++;
        log.isResumable ||= kind === "subscriptions";
      },
      leave: () => {
        const { readers } = log;
        readers[kind]--;
        if (this.global !== log || readers.subscriptions + readers.handlers > 0) return;
        if (!log.isResumable) return this.endGlobal("evicted");
        // A reader that comes back soon resumes where it was. One timer, however many come and go.
        this.#keepGlobal();
        this.#keepGlobal = setBackgroundTimer(() => this.endGlobal("evicted"), KEPT_MS);
      },
    }, after);
  }

  /** Gives up the log of all runs; a new one may begin. */
  endGlobal(how: Exclude<SubscriptionEnd, "cancelled">): void {
    const log = this.global;
    if (log === null) return;
    this.#keepGlobal();
    this.global = null;
    log.end(how);
  }
}

/** How long the log of all runs is kept after its last reader has left. */
const KEPT_MS = 60_000;
