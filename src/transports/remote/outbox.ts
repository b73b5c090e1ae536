import type { Producer } from "../../core/bus/bus.ts";
import { randomHex } from "../../core/random_hex.ts";
import { type Call, type Item, takeBatch } from "./outbox_items.ts";
import type { OutgoingEvent, Store, Stored } from "./store.ts";
import { persist } from "./retry.ts";

export interface OutboxOptions {
  readonly maxPendingEvents: number;
  readonly maxPendingChars: number;
  /**
   * Resolves when readers of this process that have come already will get what is stored from now on; null if
   * they do.
   */
  readonly ready: (runId: string) => Promise<unknown> | null;
  readonly onLost: (runId: string, count: number, why: string) => void;
  readonly onRefused: (runId: string, count: number) => void;
  readonly onFailure: (error: unknown) => void;
}

// Runs that something waits for at most, and those that lost events of which nothing could be said yet.
const MAX_RUNS = 10_000;

/**
 * What waits for the store. Publishing leaves it here and goes on; per run it is sent in order, a batch at a time, as
 * many runs at once as there are. What fails is sent again until it is stored: the outbox is a producer, whose batches
 * have numbers, by which the store knows one that it has already. What is refused for good is lost.
 *
 * When it is full, what comes is lost. Lost events are counted in the place where they would be: they are given
 * numbers, so that the readers of their run get a gap of exactly their count.
 */
export class Outbox {
  readonly #store: Store;
  readonly #options: OutboxOptions;
  readonly #queues: Map<string, Item[]> = new Map();
  // Of these, the ones that are not being sent yet, the one that was published to last at the end: it is the
  // last that the store is to forget.
  readonly #fresh: Map<string, Item[]> = new Map();
  // Lost events of runs that nothing waits for: they are said with the next event.
  readonly #owed: Map<string, number> = new Map();
  readonly #ended = new AbortController();
  readonly #waiters: Set<{ readonly runId: string | null; readonly resolve: () => void }> =
    new Set();
  // Made when it is needed: Workers have no random numbers while a module is evaluated.
  #id: string | undefined;
  #pendingEvents = 0;
  #pendingChars = 0;
  #number = 0;

  constructor(store: Store, options: OutboxOptions) {
    this.#store = store;
    this.#options = options;
  }

  get pending(): number {
    return this.#pendingEvents;
  }

  add(runId: string, event: OutgoingEvent): void {
    const chars = event.data.length;
    const queue = this.#isFull(chars) ? null : this.#open(runId);
    if (queue === null) return this.#lose(runId);
    const last = queue.at(-1);
    if (last?.kind === "events") last.events.push(event);
    else queue.push({ kind: "events", events: [event] });
    this.#pendingEvents++;
    this.#pendingChars += chars;
  }

  command(runId: string, kind: "close" | "drop"): void {
    const queue = this.#open(runId);
    if (queue === null) {
      this.#options.onFailure(new Error(`Cannot ${kind} run "${runId}": ${FULL}`));
    } else if (queue.at(-1)?.kind !== kind) queue.push({ kind });
  }

  /** Stores events after what was left before; rejects where it is not known that they are stored. */
  async append(
    runId: string,
    events: readonly OutgoingEvent[],
    producer: Required<Producer> | null,
    signal: AbortSignal | undefined,
  ): Promise<Stored> {
    // Its number is given when its turn comes, and stays the same when it is sent again.
    let own: Required<Producer> | null = null;
    const stored = await this.#call(runId, events, signal, () => {
      own ??= this.#nextProducer();
      return this.#store.append(runId, { producer: producer ?? own, lost: 0, events });
    });
    // The number is only this call's, so an earlier attempt stored it.
    return producer === null && stored === "duplicate" ? "stored" : stored;
  }

  /** Takes over from a producer, after what was left before. */
  claim(runId: string, producerId: string): Promise<number> {
    return this.#call(runId, [], undefined, () => this.#store.claim(runId, producerId));
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

  /** Asks the store when the turn comes, again until it answers. */
  #call<T>(
    runId: string,
    events: readonly OutgoingEvent[],
    signal: AbortSignal | undefined,
    ask: () => Promise<T>,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const chars = events.reduce((sum, { data }) => sum + data.length, 0);
      const queue = this.#isFull(chars) ? null : this.#open(runId);
      if (queue === null) return reject(new Error(`Cannot store in run "${runId}": ${FULL}`));
      const leave = () => {
        const index = queue.indexOf(call);
        // One that is being sent ends by its signal.
        if (index < 0) return;
        queue.splice(index, 1);
        call.settle(() => reject(signal!.reason));
      };
      const call: Call = {
        kind: "call",
        send: async ({ signal: ended, onFailure }) => {
          const either = new AbortController();
          const end = () => either.abort();
          for (const one of [ended, signal]) one?.addEventListener("abort", end);
          try {
            const answer = await persist(ask, { signal: either.signal, onFailure });
            if (answer !== undefined) call.settle(() => resolve(answer));
            else call.fail(signal?.aborted ? signal.reason : new Error(ENDED));
          } catch (error) {
            call.fail(error);
            throw error;
          } finally {
            for (const one of [ended, signal]) one?.removeEventListener("abort", end);
          }
        },
        fail: (error) => call.settle(() => reject(error)),
        settle: (tell) => {
          signal?.removeEventListener("abort", leave);
          this.#pendingEvents -= size;
          this.#pendingChars -= chars;
          tell();
        },
      };
      // What has no events takes room as well.
      const size = Math.max(1, events.length);
      this.#pendingEvents += size;
      this.#pendingChars += chars;
      signal?.addEventListener("abort", leave);
      queue.push(call);
    });
  }

  #nextProducer(): Required<Producer> {
    return { id: this.#id ??= randomHex(12), epoch: 0, seq: ++this.#number };
  }

  #isFull(chars: number): boolean {
    const { maxPendingEvents, maxPendingChars } = this.#options;
    return this.#pendingEvents >= maxPendingEvents || this.#pendingChars + chars > maxPendingChars;
  }

  #lose(runId: string): void {
    const queue = this.#open(runId);
    const last = queue?.at(-1);
    if (last?.kind === "lost") last.count++;
    else queue?.push({ kind: "lost", count: 1 });
    this.#options.onLost(runId, 1, FULL);
  }

  /** What waits for a run; null if there are too many of them. */
  #open(runId: string): Item[] | null {
    let queue = this.#queues.get(runId);
    if (queue === undefined) {
      if (this.#queues.size >= MAX_RUNS) return null;
      const owed = this.#owed.get(runId);
      this.#owed.delete(runId);
      queue = owed === undefined ? [] : [{ kind: "lost", count: owed }];
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
    const { signal } = this.#ended;
    let why = ENDED;
    try {
      while (queue.length > 0 && !signal.aborted) await this.#sendNext(runId, queue);
    } catch (error) {
      why = (error as Error).message;
      this.#options.onFailure(error);
    }
    this.#giveUp(runId, queue, why);
    this.#queues.delete(runId);
    this.#tellWaiters();
  }

  /** @throws {PermanentError} If it is refused for good. */
  async #sendNext(runId: string, queue: Item[]): Promise<void> {
    const store = this.#store;
    const options = { signal: this.#ended.signal, onFailure: this.#options.onFailure };
    const [item] = queue;
    if (item?.kind === "close" || item?.kind === "drop") {
      queue.shift();
      const { kind } = item;
      await persist(() => kind === "close" ? store.close(runId) : store.drop(runId), options);
      return;
    }
    if (item?.kind === "call") {
      queue.shift();
      return await item.send(options);
    }
    const { lost, events } = takeBatch(queue);
    const producer = this.#nextProducer();
    let stored: Stored | undefined;
    try {
      stored = await persist(() => store.append(runId, { producer, lost, events }), options);
    } finally {
      if (stored === undefined) {
        queue.unshift({ kind: "lost", count: lost }, { kind: "events", events });
      } else this.#forget(events);
    }
    if (stored === "closed") this.#options.onRefused(runId, events.length);
  }

  /** Nothing of what is left is sent: what can still be said of it is its number. */
  #giveUp(runId: string, queue: Item[], why: string): void {
    let count = 0;
    for (const item of queue.splice(0)) {
      if (item.kind === "lost") count += item.count;
      if (item.kind === "call") item.fail(new Error(why));
      if (item.kind !== "events") continue;
      count += item.events.length;
      this.#forget(item.events);
      this.#options.onLost(runId, item.events.length, why);
    }
    if (count > 0 && this.#owed.size < MAX_RUNS) this.#owed.set(runId, count);
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

const FULL = "too much waits for the store";
const ENDED = "the bus was closed before they were stored";
