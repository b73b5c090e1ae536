import type { Events } from "../../events/own_events.ts";
import type { EventDraft, NoEvents, StreamEvent } from "../../events/stream_event.ts";
import type {
  Appended,
  AppendingBus,
  AppendOptions,
  BusStats,
  DrainedOptions,
  HistoryOptions,
  Off,
  OnOptions,
  RunInfo,
  RunWriter,
  SubscribeGlobalOptions,
  SubscribeOptions,
  Subscription,
  WaitForOptions,
} from "./bus.ts";
import { checkRunId } from "../checks.ts";
import { drained } from "./drained.ts";
import { type BusErrorContext, type EventBusOptions, readBusOptions } from "./event_bus_options.ts";
import { listen, waitFor } from "./listening.ts";
import { newestEntries } from "../log/newest_entries.ts";
import { Publisher } from "./publisher.ts";
import { Reporter } from "./reporter.ts";
import type { RunStore } from "./run_store.ts";
import { type EventSelector, readHistory, type SelectedEvent } from "./selector.ts";
import { Sources } from "./sources.ts";
import { thenableList } from "./thenable_list.ts";
import { Readers } from "./readers.ts";

/**
 * The logs of a bus: for a bus over a network, which has it serve the readers of its process. Not for users: no door
 * exports it.
 */
// deno-lint-ignore no-explicit-any
export let sourcesOf: (bus: EventBus<any>) => Sources;

/**
 * The bus of one process: a log per run, a position in it per reader.
 *
 * - **Publishing** is synchronous, never throws and never waits, whatever the readers do.
 * - **Reading** starts with the history and goes on live; there is no seam between them. A reader that
 *   was overtaken gets a `bus.gap` event in place of what it missed, with the exact count.
 * - **Closing** a run ends its readers after its last event. A late reader gets the history, then the
 *   end. Events published to a closed run are refused and reported.
 * - **Bounds:** everything that is held has one; see {@linkcode EventBusOptions}. Over the limit of
 *   runs or bytes, closed runs go first, then idle ones, least recently published first; a run that is
 *   being read goes last, and its readers are told.
 *
 * @example Read a run
 * ```ts
 * import { EventBus } from "@locus/core";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * bus.publish({ run_id: "r1", event_type: "shop.paid", data: { order: 7 } });
 * bus.closeStream("r1");
 *
 * const seen = [];
 * for await (const event of bus.subscribe("r1")) seen.push(event.data);
 * assertEquals(seen, [{ order: 7 }]);
 * ```
 */
export class EventBus<E extends object = NoEvents> implements AppendingBus<E> {
  /** The event types that this bus was made for, beside the catalogue; they type it. */
  readonly events?: Events<E>;
  /** Whether its runs publish content, where they do not say. */
  readonly content?: boolean;
  /** Size of one payload at most. */
  readonly maxEventBytes: number;
  readonly #sources: Sources;
  readonly #runs: RunStore;
  readonly #publisher: Publisher;
  readonly #readers: Readers;

  /**
   * Makes a bus of its own, beside the default one.
   *
   * @throws {TypeError} If an option is unknown or of the wrong type.
   * @throws {RangeError} If a bound is not a whole number of at least 1.
   */
  constructor(options: EventBusOptions<E> = {}) {
    const settings = readBusOptions("EventBus", options);
    this.events = options.events;
    this.content = settings.content;
    this.maxEventBytes = settings.maxEventBytes;
    this.#sources = new Sources(settings);
    this.#runs = this.#sources.runs;
    const reporter = new Reporter<BusErrorContext>(settings.onError);
    this.#publisher = new Publisher(this.#sources, reporter, this.maxEventBytes);
    this.#readers = new Readers(this.#sources, reporter, settings);
  }

  /**
   * Stores an event and tells the run's readers. What cannot be accepted (a bad run id or type, a run
   * that is closed) is counted and reported to `onError`; what cannot be serialised is replaced by a
   * marked placeholder.
   */
  publish<T extends string>(draft: EventDraft<T, E>): void {
    this.#publisher.publish(draft);
  }

  /**
   * Publishes to one run without naming it each time.
   *
   * @throws {TypeError} If `runId` cannot name a run.
   */
  writer(runId: string): RunWriter {
    checkRunId("EventBus.writer()", runId);
    return this.#publisher.writer(runId);
  }

  /**
   * Stores events of one run, all or none; a call that is repeated with the same `producer` stores nothing.
   *
   * @throws {TypeError} If the run, an event or an option is not valid, as a rejection.
   * @throws {RangeError} If `epoch` or `seq` is not a whole number of at least 0, as a rejection.
   *
   * @example Repeat a call whose outcome is not known
   * ```ts
   * import { EventBus } from "@locus/core";
   * import { assertEquals } from "@std/assert";
   *
   * const bus = new EventBus();
   * const paid = { run_id: "r1", event_type: "shop.paid", data: { order: 7 } };
   * const producer = { id: "till", epoch: await bus.claim("r1", "till"), seq: 0 };
   *
   * assertEquals(await bus.append("r1", [paid], { producer }), "stored");
   * assertEquals(await bus.append("r1", [paid], { producer }), "duplicate");
   * assertEquals(bus.history().length, 1);
   *
   * await bus.claim("r1", "till"); // somebody else takes over
   * assertEquals(await bus.append("r1", [paid], { producer: { ...producer, seq: 1 } }), "fenced");
   * ```
   */
  // deno-lint-ignore require-await
  async append<T extends string>(
    runId: string,
    drafts: readonly EventDraft<T, E>[],
    options: AppendOptions = {},
  ): Promise<Appended> {
    return this.#publisher.append("EventBus.append()", runId, drafts, options);
  }

  /**
   * Takes over from whoever used this producer's name in the run: the next epoch, behind which all are fenced.
   *
   * @throws {TypeError} If `runId` or `producerId` is not valid, as a rejection.
   */
  // deno-lint-ignore require-await
  async claim(runId: string, producerId: string): Promise<number> {
    const owner = "EventBus.claim()";
    checkRunId(owner, runId);
    checkRunId(owner, producerId, "producerId");
    return this.#publisher.claim(runId, producerId);
  }

  /**
   * Reads one run: first what the history holds, then live.
   *
   * - **Unknown run:** waits for its first event.
   * - **Resuming** (`after`): everything later, or first a `bus.gap` that says what is missing. A cursor
   *   of another incarnation of the run, or one it never had, starts anew and says so.
   * - **End:** when the run is closed, the signal aborts, the reader leaves, or the bus forgets the run;
   *   {@linkcode Subscription.ended} tells which.
   *
   * - **Several runs** (up to 100) are read as one, in the order in which the bus took the events; each has gaps of its
   *   own. The cursor is a position of the bus. A gap after it says what is missing of its run at most: whoever knows
   *   its last event of that run counts from there. The subscription ends with the last of the runs; if the bus
   *   forgets an open one, it ends at once, as `evicted`, so that you can come back with the cursor.
   *
   * @throws {TypeError} If `runId` or an option is not valid.
   */
  subscribe<F extends object = NoEvents>(
    runId: string | readonly string[],
    options: SubscribeOptions<F> = {},
  ): Subscription<StreamEvent<E & F>> {
    return this.#readers.subscribe<StreamEvent<E & F>>("EventBus.subscribe()", runId, options);
  }

  /**
   * Reads all runs: from now on, or from where another reader stopped.
   *
   * - **Resuming** (`after`): the bus keeps the last `maxQueueSize` events of all runs while somebody reads them, and for
   *   a minute after the last reader has left. What came later than the position and is not among them is announced by
   *   a `bus.gap` of the run `*`, whose numbers are those of the bus's order. A position of another bus starts anew.
   * - **Limit:** over `maxGlobalSubscribers` the subscription ends at once, as `rejected`.
   *
   * @throws {TypeError} If an option is not valid.
   */
  subscribeGlobal<F extends object = NoEvents>(
    options: SubscribeGlobalOptions<F> = {},
  ): Subscription<StreamEvent<E & F>> {
    return this.#readers.subscribeGlobal<StreamEvent<E & F>>("EventBus.subscribeGlobal()", options);
  }

  /**
   * Calls `handler` with every event that is selected, of one run or of all.
   *
   * - **Order:** calls start in the order of the events; at most `concurrency` are unfinished at a time.
   * - **Context:** the handler runs in the async context of this call, whoever publishes.
   * - **Errors:** what the handler throws, or rejects with, goes to the bus's `onError`; the handler stays.
   * - **Slow handler:** over `maxQueueSize` pending events, the oldest are skipped, and `onGap` is told.
   * - **End:** with the returned undo, the signal, or the end of the run.
   *
   * @throws {TypeError} If the selector or an option is not valid.
   * @throws {RangeError} If `concurrency` is not a whole number of at least 1.
   *
   * @example Count failed tools
   * ```ts
   * import { EventBus } from "@locus/core";
   * import { assertEquals } from "@std/assert";
   *
   * const bus = new EventBus();
   * let failed = 0;
   * {
   *   using _off = bus.on("agent.tool.completed", (event) => {
   *     if (!event.data.success) failed++;
   *   });
   *   bus.publish({
   *     run_id: "r1",
   *     event_type: "agent.tool.completed",
   *     data: {
   *       tool_name: "search",
   *       span_id: "c1",
   *       success: false,
   *       duration_ms: 3,
   *       output_preview: "",
   *       error: "Error: no index",
   *     },
   *   });
   *   await Promise.resolve();
   * }
   * assertEquals(failed, 1);
   * ```
   */
  on<const P extends string>(
    selector: EventSelector<P, E>,
    handler: (event: SelectedEvent<P, E>) => unknown,
    options: OnOptions = {},
  ): Off {
    return listen(this.#sources, this.#readers.listening, selector, handler, options);
  }

  /**
   * Waits for the next event that is selected; the past does not count.
   *
   * Rejects with a `TimeoutError` after `timeoutMs`, with the signal's reason when that aborts, and with an
   * `Error` when the run is closed first.
   *
   * @throws {TypeError} If the selector or an option is not valid.
   * @throws {RangeError} If `timeoutMs` is not a number from 0 to 2147483647.
   */
  waitFor<const P extends string>(
    selector: EventSelector<P, E>,
    options: WaitForOptions = {},
  ): Promise<SelectedEvent<P, E>> {
    return waitFor(this.#sources, selector, options);
  }

  /**
   * The events that are held and selected, of one run or of all, newest first: at once, as an array. It can be
   * awaited, too, as that of every bus.
   *
   * @throws {TypeError} If the selector or an option is not valid.
   * @throws {RangeError} If `limit` is not a whole number of at least 0.
   */
  history<const P extends string>(
    selector: EventSelector<P, E> = {},
    options: HistoryOptions = {},
  ): SelectedEvent<P, E>[] & PromiseLike<SelectedEvent<P, E>[]> {
    const { run, matches, limit } = readHistory("EventBus.history()", selector, options);
    const logs = run === undefined ? this.#runs.values() : [this.#runs.get(run)];
    const found = newestEntries(logs, matches, limit);
    return thenableList(found.map(({ event }) => event as SelectedEvent<P, E>));
  }

  /** The runs whose history is held, in no order: at once, as an array that can be awaited, too. */
  runs(): RunInfo[] & PromiseLike<RunInfo[]> {
    return thenableList(
      this.#runs.retainedLogs().map((log) => ({
        run_id: log.name,
        closed: log.ended !== null,
        cursor: log.idAt(log.head),
        ...log.started && { started: log.started },
        ...log.completed && { completed: log.completed },
      })),
    );
  }

  /**
   * Resolves when every reader of a run has taken what was published, and every handler is done with it: for a
   * producer that wants to pace itself by its readers. Nobody else waits.
   *
   * Rejects with a `TimeoutError` after `timeoutMs`, and with the signal's reason when that aborts.
   *
   * @throws {TypeError} If `runId` or an option is not valid.
   * @throws {RangeError} If `timeoutMs` is not a number from 0 to 2147483647.
   */
  drained(runId: string, options: DrainedOptions = {}): Promise<void> {
    return drained((runId) => this.#runs.get(runId), runId, options);
  }

  /**
   * Ends a run, also one that nobody has published to. Idempotent.
   *
   * @throws {TypeError} If `runId` cannot name a run.
   */
  closeStream(runId: string): void {
    checkRunId("EventBus.closeStream()", runId);
    this.#runs.close(this.#runs.open(runId));
  }

  /**
   * Forgets a run's history, and that it was closed. Readers of a run that is still open are told of
   * what they had not taken, and go on.
   *
   * @throws {TypeError} If `runId` cannot name a run.
   */
  dropHistory(runId: string): void {
    checkRunId("EventBus.dropHistory()", runId);
    this.#runs.drop(this.#runs.open(runId));
  }

  /** Ends every global subscription and every handler of all runs; new ones may come. */
  closeGlobal(): void {
    this.#sources.endGlobal("closed");
  }

  /** Counters, as of now. */
  stats(): BusStats {
    let activeRuns = 0;
    const queueDepths: Record<string, number[]> = Object.create(null);
    for (const log of this.#runs.values()) {
      if (log.readers.size === 0) continue;
      activeRuns++;
      queueDepths[log.name] = Array.from(log.readers, (reader) => reader.depth);
    }
    return {
      active_runs: activeRuns,
      global_subscribers: this.#sources.global?.readers.subscriptions ?? 0,
      history_runs: this.#runs.retained,
      dropped_events_total: this.#readers.dropped,
      queue_depths: queueDepths,
      published_events_total: this.#sources.order,
      rejected_events_total: this.#publisher.rejected,
      placeholders_total: this.#publisher.placeholders,
      evicted_runs_total: this.#runs.evicted,
      retained_bytes: this.#runs.bytes,
    };
  }

  static {
    sourcesOf = (bus) => bus.#sources;
  }
}
