import type { CoordinationEventType } from "../events/catalogue/coordination.ts";
import type { Off } from "../core/bus/bus.ts";
import { checkSignal, checkTimeout } from "../core/checks.ts";
import { enterPublish, leavePublish, NESTED_TOO_OFTEN } from "../core/bus/nesting.ts";
import { checkCount, checkOptions, describe } from "../core/options.ts";
import { Reporter, toError } from "../core/bus/reporter.ts";
import { currentRun } from "../core/run/run_context.ts";
import { settleOnce } from "../core/settle_once.ts";
import { Snapshot } from "../runtime/async_context.ts";
import { dropRejection } from "../runtime/promise_like.ts";
import { type AcceptedEvent, acceptEvent } from "./accept_event.ts";
import {
  type CoordinationBusOptions,
  type CoordinationErrorContext,
  readOptions,
} from "./coordination_bus_options.ts";
import type { CoordinationDraft, CoordinationEvent } from "./coordination_event.ts";
import type {
  CoordinationHistoryQuery,
  CoordinationStats,
  CoordinationSubscription,
  CoordinationWait,
} from "./contract.ts";
import { EventHistory } from "./event_history.ts";
import { checkEventType, checkId, compileFilter, type EventMatch } from "./filter.ts";
import { HandlerLimit, type HandlerTask } from "./handler_limit.ts";
import { PendingPublishes } from "./pending_publishes.ts";
import { type CoordinationPublisher, createPublisher } from "./publisher.ts";

/**
 * Typed events between streams that work together: the publisher knows when every handler is done.
 *
 * - **Matching:** a handler gets an event if its type is listed and every id that is named is equal.
 *   Handlers that are subscribed during a publish do not get that event.
 * - **Waiting:** {@linkcode publish} resolves when every handler that matches has finished. It never
 *   rejects: what handlers throw goes only to `onError`.
 * - **Limit:** at most `maxConcurrentHandlers` handler calls run at a time, whatever is published. A publish
 *   from within a handler cannot block: beside free places it has one of its own, in which its handlers run one
 *   after another. It is known by its async context; where there is none (browsers), every publish while a
 *   handler runs has one. A handler that waits for a publish of other code, through a queue for
 *   example, waits for a free place.
 * - **Context:** a handler runs in the async context in which it was subscribed, not in that of the publisher.
 * - **Bounds:** everything that is held has one; see {@linkcode CoordinationBusOptions}.
 *
 * @example One stream waits for another
 * ```ts
 * import { CoordinationBus } from "@locus/core/coordination";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new CoordinationBus();
 * const webhook = bus.stream("webhook").execution("e1");
 * using _off = bus.subscribe({
 *   types: ["execution_started"],
 *   handler: (event) => bus.stream("worker").publish("goal_achieved", { of: event.execution_id }),
 * });
 *
 * const goal = bus.waitFor({ type: "goal_achieved", stream: "worker", timeoutMs: 1_000 });
 * await webhook.publish("execution_started", { input: { order: 7 } });
 * assertEquals((await goal)?.data, { of: "e1" });
 * ```
 */
export class CoordinationBus {
  readonly #options: Required<CoordinationBusOptions>;
  readonly #history: EventHistory;
  readonly #limit: HandlerLimit;
  readonly #subscriptions: Set<Subscription> = new Set();
  readonly #waits: Set<Wait> = new Set();
  readonly #pending: PendingPublishes;
  readonly #reporter: Reporter<CoordinationErrorContext>;

  /**
   * Makes a bus. Streams that share it get each other's events.
   *
   * @throws {TypeError} If an option is unknown or of the wrong type.
   * @throws {RangeError} If a bound is not a whole number of at least 1.
   */
  constructor(options: CoordinationBusOptions = {}) {
    this.#options = readOptions(options);
    const { maxHistory, maxBytes, maxPendingPublishes, maxConcurrentHandlers } = this.#options;
    this.#history = new EventHistory(maxHistory, maxBytes);
    this.#pending = new PendingPublishes(maxPendingPublishes, maxBytes);
    this.#limit = new HandlerLimit(maxConcurrentHandlers);
    this.#reporter = new Reporter(this.#options.onError);
  }

  /**
   * Calls `handler` with every event that matches, from now on, until the returned undo is called. After
   * that no call begins; those that run go on.
   *
   * A handler keeps its place until it has finished: give what it waits for a timeout.
   *
   * @throws {TypeError} If an option is not valid.
   * @throws {RangeError} If there are `maxSubscriptions` already.
   */
  subscribe<const T extends CoordinationEventType = CoordinationEventType>(
    subscription: CoordinationSubscription<T>,
  ): Off {
    const owner = "CoordinationBus.subscribe()";
    checkOptions(owner, subscription, ["types", ...FILTER_KEYS, "handler"]);
    const { types, handler } = subscription;
    if (typeof handler !== "function") {
      throw new TypeError(`${owner}: "handler" must be a function, got ${describe(handler)}`);
    }
    const matches = compileFilter(owner, types, subscription);
    this.#checkRoom(owner);
    const entry: Subscription = {
      matches,
      handler: handler as (event: CoordinationEvent) => unknown,
      snapshot: new Snapshot(),
    };
    this.#subscriptions.add(entry);
    const off = () => void this.#subscriptions.delete(entry);
    return Object.assign(off, { [Symbol.dispose]: off });
  }

  /**
   * Publishes an event, and resolves when every handler that matches has finished; at once if there is
   * none. Handlers begin in the order in which they were subscribed, after the caller is done.
   *
   * It never rejects. What cannot be accepted (an unknown type, a bad id, more unfinished publishes than the
   * bounds allow) is reported to `onError` and not delivered; what cannot be serialised is replaced by a
   * marked placeholder.
   */
  publish(draft: CoordinationDraft): Promise<void> {
    return this.#publish(() => draft);
  }

  /**
   * Publishes for one stream without naming it each time.
   *
   * @throws {TypeError} If `streamId` is not valid.
   */
  stream(streamId: string): CoordinationPublisher {
    checkId("CoordinationBus.stream()", "stream id", streamId);
    return createPublisher((read) => this.#publish(read), { stream_id: streamId });
  }

  /**
   * Waits for the next event that matches; the past does not count. It takes no place of a handler.
   *
   * Rejects only with the signal's reason, when that aborts.
   *
   * @returns The event, or null if it did not come in time.
   * @throws {TypeError} If an option is not valid.
   * @throws {RangeError} If `timeoutMs` is not a number from 0 to 2147483647, or there are `maxSubscriptions`
   * already.
   */
  waitFor<const T extends CoordinationEventType>(
    wait: CoordinationWait<T>,
  ): Promise<CoordinationEvent<T> | null> {
    const owner = "CoordinationBus.waitFor()";
    checkOptions(owner, wait, ["type", ...FILTER_KEYS, "timeoutMs", "signal"]);
    const { type, timeoutMs, signal } = wait;
    checkTimeout(owner, timeoutMs);
    checkSignal(owner, signal);
    checkEventType(owner, type);
    const matches = compileFilter(owner, [type], wait);
    this.#checkRoom(owner);
    return settleOnce<CoordinationEvent<T> | null>({ signal }, () => "", ({ resolve }) => {
      if (timeoutMs === 0) return void resolve(null);
      const entry: Wait = { matches, resolve: resolve as (event: CoordinationEvent) => void };
      this.#waits.add(entry);
      const timer = timeoutMs === undefined ? undefined : setTimeout(resolve, timeoutMs, null);
      return () => {
        this.#waits.delete(entry);
        clearTimeout(timer);
      };
    });
  }

  /**
   * The events that the history holds and that match, newest first.
   *
   * @throws {TypeError} If an option is not valid.
   * @throws {RangeError} If `limit` is not a whole number of at least 0.
   */
  getHistory<const T extends CoordinationEventType = CoordinationEventType>(
    query: CoordinationHistoryQuery<T> = {},
  ): CoordinationEvent<T>[] {
    const owner = "CoordinationBus.getHistory()";
    checkOptions(owner, query, ["type", ...FILTER_KEYS, "correlation", "limit"]);
    const { type, limit = 100 } = query;
    checkCount(owner, "limit", limit, 0);
    const matches = compileFilter(owner, type === undefined ? undefined : [type], query);
    const found: CoordinationEvent[] = [];
    for (const event of this.#history.newestFirst()) {
      if (found.length >= limit) break;
      if (matches(event)) found.push(event);
    }
    return found as CoordinationEvent<T>[];
  }

  /** Counters, as of now. */
  getStats(): CoordinationStats {
    const eventsByType: CoordinationStats["events_by_type"] = {};
    for (const { type } of this.#history.newestFirst()) {
      eventsByType[type] = (eventsByType[type] ?? 0) + 1;
    }
    return {
      total_events: this.#history.size,
      subscriptions: this.#subscriptions.size + this.#waits.size,
      events_by_type: eventsByType,
    };
  }

  #publish(read: () => CoordinationDraft): Promise<void> {
    if (!enterPublish()) {
      this.#report(new RangeError(`Cannot publish event: ${NESTED_TOO_OFTEN}`), "publish", null);
      return Promise.resolve();
    }
    try {
      return this.#accept(read);
    } finally {
      leavePublish();
    }
  }

  #accept(read: () => CoordinationDraft): Promise<void> {
    let accepted: AcceptedEvent;
    let tasks: HandlerTask[];
    try {
      accepted = acceptEvent(read(), this.#options.maxEventBytes);
      tasks = this.#tasksFor(accepted.event);
      if (tasks.length > 0) this.#pending.checkRoom();
    } catch (error) {
      this.#report(error, "publish", null);
      return Promise.resolve();
    }
    const { event, bytes } = accepted;
    this.#history.add(accepted);
    this.#mirror(event);
    for (const wait of this.#waits) if (wait.matches(event)) wait.resolve(event);
    if (tasks.length === 0) return Promise.resolve();
    return this.#pending.hold(bytes, this.#limit.run(tasks));
  }

  #tasksFor(event: CoordinationEvent): HandlerTask[] {
    const tasks: HandlerTask[] = [];
    for (const subscription of this.#subscriptions) {
      if (!subscription.matches(event)) continue;
      tasks.push(async (enter) => {
        if (!this.#subscriptions.has(subscription)) return;
        const { handler, snapshot } = subscription;
        try {
          await snapshot.run(() => enter(() => handler(event)));
        } catch (error) {
          this.#report(error, "handler", event);
        }
      });
    }
    return tasks;
  }

  #mirror(event: CoordinationEvent): void {
    const { mirror } = this.#options;
    if (mirror === false) return;
    const report = (error: unknown) => this.#report(error, "mirror", event);
    try {
      const run = mirror === true ? currentRun() : mirror;
      // A run of somebody's own may take its time.
      const emitted: unknown = run?.emit(event.type, event.data);
      dropRejection(emitted, report);
    } catch (error) {
      // No async context, and a run is active: guessing that it is this one's would be wrong.
      report(error);
    }
  }

  #checkRoom(owner: string): void {
    const { maxSubscriptions } = this.#options;
    if (this.#subscriptions.size + this.#waits.size < maxSubscriptions) return;
    throw new RangeError(
      `${owner}: there are ${maxSubscriptions} subscriptions and waits already (maxSubscriptions)`,
    );
  }

  #report(
    error: unknown,
    stage: CoordinationErrorContext["stage"],
    event: CoordinationEvent | null,
  ): void {
    this.#reporter.report(toError(error, "It"), { stage, event });
  }
}

interface Subscription {
  readonly matches: EventMatch;
  readonly handler: (event: CoordinationEvent) => unknown;
  /** The async context of the one who subscribed. */
  readonly snapshot: Snapshot;
}

interface Wait {
  readonly matches: EventMatch;
  resolve(event: CoordinationEvent): void;
}

const FILTER_KEYS = ["stream", "node", "execution"];
