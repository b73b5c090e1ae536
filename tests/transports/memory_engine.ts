/**
 * An engine in memory that several buses share, as if each were a process of its own: everything takes a turn
 * or more, and can be made to fail. It does what the engines over a network have to do, so that what all of
 * them share is tested without one.
 *
 * @module
 */
import type {
  Batch,
  Listener,
  Notice,
  Page,
  Store,
  Stored,
  StoredEvent,
  StoredRun,
} from "../../src/transports/remote/store.ts";

interface Run {
  epoch: string;
  head: number;
  closed: boolean;
  events: StoredEvent[];
  /** The newest batch of each publisher. */
  batches: Map<MemoryStore, number>;
  recency: number;
}

/** How an engine behaves. */
export interface MemoryEngineOptions {
  historyPerRun?: number;
  maxRunsRetained?: number;
  /** Called before whatever a store does; what it throws is what the store fails with. */
  fail?: (what: string) => void;
  /** Called after a batch was stored, before its publisher is told. */
  failAfter?: (what: string) => void;
  /** Called after a run was read; what was read arrives when it resolves. */
  delayRead?: () => Promise<void>;
}

/** What the stores share. */
export class MemoryEngine {
  readonly options: MemoryEngineOptions;
  readonly runs = new Map<string, Run>();
  readonly stores = new Set<MemoryStore>();
  #clock = 0;

  constructor(options: MemoryEngineOptions = {}) {
    this.options = options;
  }

  store(): MemoryStore {
    const store = new MemoryStore(this);
    this.stores.add(store);
    return store;
  }

  open(runId: string): Run {
    let run = this.runs.get(runId);
    if (run === undefined) {
      const epoch = crypto.randomUUID().slice(0, 8);
      run = { epoch, head: 0, closed: false, events: [], batches: new Map(), recency: 0 };
      this.runs.set(runId, run);
    }
    run.recency = ++this.#clock;
    this.#makeRoom();
    return run;
  }

  /** Forgets everything, and tells nobody. */
  flush(): void {
    this.runs.clear();
  }

  tell(notice: Notice): void {
    for (const store of this.stores) store.tell(notice);
  }

  isWatched(runId: string): boolean {
    return [...this.stores].some((store) => store.watched.has(runId));
  }

  #makeRoom(): void {
    if (this.runs.size <= (this.options.maxRunsRetained ?? 200)) return;
    const rank = ([id, { closed }]: [string, Run]) =>
      (this.isWatched(id) ? 2 : 0) + (closed ? 0 : 1);
    const [victim] = [...this.runs].sort((a, b) =>
      rank(a) - rank(b) || a[1].recency - b[1].recency
    );
    this.runs.delete(victim![0]);
    this.tell({ runId: victim![0], kind: "evicted", first: 0 });
  }
}

/** One process's connection to the engine. */
export class MemoryStore implements Store {
  readonly watched = new Set<string>();
  readonly #engine: MemoryEngine;
  #listener: Listener | null = null;
  #watchesAll = false;
  // What one connection is asked is answered in order.
  #last: Promise<unknown> = Promise.resolve();

  constructor(engine: MemoryEngine) {
    this.#engine = engine;
  }

  listen(listener: Listener): void {
    this.#listener = listener;
  }

  append(runId: string, { number, lost, events }: Batch): Promise<Stored> {
    return this.#ask("append", () => {
      const run = this.#engine.open(runId);
      if (run.closed) return "closed";
      if ((run.batches.get(this) ?? 0) >= number) return { head: run.head };
      run.batches.set(this, number);
      run.head += lost;
      const first = run.head + 1;
      for (const event of events) run.events.push({ ...event, seq: ++run.head });
      run.events.splice(0, run.events.length - (this.#engine.options.historyPerRun ?? 500));
      this.#engine.tell({ runId, kind: "changed", first });
      this.#engine.options.failAfter?.("append");
      return { head: run.head };
    });
  }

  async read(runId: string, after: number, limit = Infinity): Promise<Page | null> {
    const page = await this.#ask("read", () => {
      const run = this.#engine.runs.get(runId);
      if (run === undefined) return null;
      const { epoch, head, closed, events } = run;
      return { epoch, head, closed, events: events.filter(({ seq }) => seq > after).slice(-limit) };
    });
    await this.#engine.options.delayRead?.();
    return page;
  }

  close(runId: string): Promise<void> {
    return this.#ask("close", () => {
      this.#engine.open(runId).closed = true;
      this.#engine.tell({ runId, kind: "changed", first: 0 });
    });
  }

  drop(runId: string): Promise<void> {
    return this.#ask("drop", () => {
      const run = this.#engine.runs.get(runId);
      if (run === undefined) return;
      if (run.closed || !this.#engine.isWatched(runId)) this.#engine.runs.delete(runId);
      run.events = [];
      this.#engine.tell({ runId, kind: "dropped", first: 0 });
    });
  }

  runs(): Promise<StoredRun[]> {
    return this.#ask(
      "runs",
      () =>
        Array.from(this.#engine.runs, ([runId, { epoch, head, closed }]) => ({
          runId,
          epoch,
          head,
          closed,
        })),
    );
  }

  watch(runId: string): Promise<void> {
    return this.#ask("watch", () => void this.watched.add(runId));
  }

  unwatch(runId: string): void {
    this.watched.delete(runId);
  }

  watchAll(): Promise<void> {
    return this.#ask("watchAll", () => void (this.#watchesAll = true));
  }

  unwatchAll(): void {
    this.#watchesAll = false;
  }

  end(): Promise<void> {
    this.#engine.stores.delete(this);
    return Promise.resolve();
  }

  tell(notice: Notice): void {
    if (!this.#watchesAll && !this.watched.has(notice.runId)) return;
    queueMicrotask(() => this.#listener?.notice(notice));
  }

  /** As after a connection was lost and found again. */
  reconnect(): void {
    this.#listener?.missed();
  }

  #ask<T>(what: string, act: () => T): Promise<T> {
    const answer = this.#last.then(() => turn()).then(() => {
      this.#engine.options.fail?.(what);
      return act();
    });
    this.#last = answer.catch(() => {});
    return answer;
  }
}

function turn(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    resolve();
  };
  port2.postMessage(null);
  return promise;
}
