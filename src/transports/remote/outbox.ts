import type { OutgoingEvent, Store, Stored } from "./store.ts";
import { backoffMs, pause } from "./retry.ts";

/** The bounds and ears of an {@linkcode Outbox}. */
export interface OutboxOptions {
  /** Events that wait for the store at most. */
  readonly maxPendingEvents: number;
  /** Characters of payloads that wait at most. */
  readonly maxPendingChars: number;
  /**
   * Resolves when readers of this process that have come already will get what is stored from now on; null if
   * they do.
   */
  readonly ready: (runId: string) => Promise<unknown> | null;
  /** Told of events that were lost because the outbox was full. */
  readonly onLost: (runId: string, count: number) => void;
  /** Told of events that the store refused, because the run is closed. */
  readonly onRefused: (runId: string, count: number) => void;
  /** Told of every failure to reach the store. */
  readonly onFailure: (error: unknown) => void;
}

type Item =
  | { readonly kind: "events"; readonly events: OutgoingEvent[]; chars: number }
  | { readonly kind: "lost"; count: number }
  | { readonly kind: "close" | "drop" };

/**
 * What waits for the store. Whoever publishes leaves it here and goes on; per run it is sent in order, a batch
 * at a time, as many runs at once as there are. What fails is sent again until it is stored: each batch has a
 * number, by which the store knows one that it has already.
 *
 * When it is full, what comes is lost, and counted: the events that follow take the numbers of the lost ones
 * with them, so that readers get a gap of exactly their count.
 */
export class Outbox {
  readonly #store: Store;
  readonly #options: OutboxOptions;
  readonly #queues: Map<string, Item[]> = new Map();
  // Of these, the ones that are not being sent yet, the one that was published to last at the end: it is the
  // last that the store shall forget.
  readonly #fresh: Map<string, Item[]> = new Map();
  readonly #ended = new AbortController();
  readonly #waiters: Set<{ readonly runId: string | null; readonly resolve: () => void }> =
    new Set();
  #pendingEvents = 0;
  #pendingChars = 0;
  #number = 0;

  constructor(store: Store, options: OutboxOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Events that are not stored yet. */
  get pending(): number {
    return this.#pendingEvents;
  }

  /** Leaves an event. */
  add(runId: string, event: OutgoingEvent): void {
    const { maxPendingEvents, maxPendingChars } = this.#options;
    const chars = event.data.length;
    const isFull = this.#pendingEvents >= maxPendingEvents ||
      this.#pendingChars + chars > maxPendingChars;
    if (isFull || this.#ended.signal.aborted) return this.#lose(runId);
    const queue = this.#open(runId);
    const last = queue.at(-1);
    if (last?.kind === "events") {
      last.events.push(event);
      last.chars += chars;
    } else queue.push({ kind: "events", events: [event], chars });
    this.#pendingEvents++;
    this.#pendingChars += chars;
  }

  /** Closes or drops the run, after what was left before. */
  command(runId: string, kind: "close" | "drop"): void {
    if (this.#queues.size >= this.#options.maxPendingEvents && !this.#queues.has(runId)) return;
    const queue = this.#open(runId);
    if (queue.at(-1)?.kind !== kind) queue.push({ kind });
  }

  /** Resolves when everything that was left for a run, or for all, is stored, refused or lost. */
  flushed(runId: string | null): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.add({ runId, resolve });
      this.#tellWaiters();
    });
  }

  /** Sends nothing more; what waits is lost. */
  end(): void {
    this.#ended.abort();
  }

  #lose(runId: string): void {
    this.#options.onLost(runId, 1);
    // Of a run that is not known here nothing can be said later, without a bound on how many there are.
    const queue = this.#queues.get(runId);
    if (queue === undefined) return;
    const last = queue.at(-1);
    if (last?.kind === "lost") last.count++;
    else queue.push({ kind: "lost", count: 1 });
  }

  #open(runId: string): Item[] {
    let queue = this.#queues.get(runId);
    if (queue === undefined) {
      queue = [];
      this.#queues.set(runId, queue);
      // A burst is one batch.
      if (this.#fresh.size === 0) queueMicrotask(() => this.#sendFresh());
      this.#fresh.set(runId, queue);
    } else if (this.#fresh.delete(runId)) this.#fresh.set(runId, queue);
    return queue;
  }

  #sendFresh(): void {
    const fresh = [...this.#fresh];
    this.#fresh.clear();
    for (const [runId, queue] of fresh) void this.#drain(runId, queue);
  }

  async #drain(runId: string, queue: Item[]): Promise<void> {
    const ready = this.#options.ready(runId);
    if (ready !== null) await ready;
    while (queue.length > 0 && !this.#ended.signal.aborted) await this.#sendNext(runId, queue);
    if (this.#ended.signal.aborted) this.#discard(runId, queue);
    this.#queues.delete(runId);
    this.#tellWaiters();
  }

  async #sendNext(runId: string, queue: Item[]): Promise<void> {
    const [item] = queue;
    if (item?.kind === "close" || item?.kind === "drop") {
      queue.shift();
      const { kind } = item;
      await this.#untilDone(() =>
        kind === "close" ? this.#store.close(runId) : this.#store.drop(runId)
      );
      return;
    }
    const { lost, events } = takeBatch(queue);
    const number = ++this.#number;
    const stored = await this.#untilDone(() => this.#store.append(runId, { number, lost, events }));
    if (stored === "closed") this.#options.onRefused(runId, events.length);
    if (stored === undefined) this.#options.onLost(runId, events.length);
    this.#forget(events);
  }

  /** Tries until it succeeds; undefined if the outbox was ended before. */
  async #untilDone<T extends Stored | void>(attempt: () => Promise<T>): Promise<T | undefined> {
    const { signal } = this.#ended;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        return await attempt();
      } catch (error) {
        if (!signal.aborted) this.#options.onFailure(error);
        await pause(backoffMs(failures), signal);
      }
    }
  }

  #discard(runId: string, queue: Item[]): void {
    for (const item of queue.splice(0)) {
      if (item.kind !== "events") continue;
      this.#options.onLost(runId, item.events.length);
      this.#forget(item.events);
    }
  }

  #forget(events: readonly OutgoingEvent[]): void {
    this.#pendingEvents -= events.length;
    for (const { data } of events) this.#pendingChars -= data.length;
  }

  #tellWaiters(): void {
    for (const waiter of this.#waiters) {
      const isOver = waiter.runId === null
        ? this.#queues.size === 0
        : !this.#queues.has(waiter.runId);
      if (!isOver) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }
}

// What one command to the store carries at most.
const MAX_BATCH_EVENTS = 256;
const MAX_BATCH_CHARS = 1024 * 1024;

/** Takes what was lost first, and then events, up to the next command or loss. */
function takeBatch(queue: Item[]): { lost: number; events: OutgoingEvent[] } {
  let lost = 0;
  if (queue[0]?.kind === "lost") {
    lost = queue[0].count;
    queue.shift();
  }
  const [item] = queue;
  if (item?.kind !== "events") return { lost, events: [] };
  let count = 0;
  let chars = 0;
  while (count < Math.min(item.events.length, MAX_BATCH_EVENTS)) {
    chars += item.events[count]!.data.length;
    if (count > 0 && chars > MAX_BATCH_CHARS) break;
    count++;
  }
  const events = item.events.splice(0, count);
  if (item.events.length === 0) queue.shift();
  return { lost, events };
}
