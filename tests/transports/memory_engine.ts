/**
 * An engine in memory that several buses share, as if each were a process of its own: everything takes a turn
 * or more, and can be made to fail. It does what the engines over a network have to do, so that what all of
 * them share is tested without one.
 *
 * @module
 */
import { Producers, refusalOf } from "../../src/core/log/producers.ts";
import { keptOf } from "../../src/transports/remote/kept_events.ts";
import type {
  Batch,
  Listener,
  News,
  Notice,
  Place,
  Reading,
  Store,
  Stored,
  StoredEvent,
  StoredRun,
} from "../../src/transports/remote/store.ts";
import { lossesBetween } from "../../src/transports/remote/store.ts";

interface Run {
  /** What its epoch begins with. */
  epoch: string;
  head: number;
  closed: boolean;
  events: StoredEvent[];
  /** Who stored here, and how far they have come. */
  producers: Producers;
  recency: number;
  started?: StoredEvent;
  completed?: StoredEvent;
}

/** How an engine behaves. */
export interface MemoryEngineOptions {
  historyPerRun?: number;
  maxRunsRetained?: number;
  /** How many notices can be told again. */
  maxOrder?: number;
  /** Whether the order has no name before something was stored. */
  beginsUnnamed?: boolean;
  /** Called before whatever a store does; what it throws is what the store fails with. */
  fail?: (what: string) => void;
  /** Called after a batch was stored, before its publisher is told. */
  failAfter?: (what: string) => void;
  /** Takes the time of a question, instead of a turn of the event loop. */
  turn?: () => Promise<void>;
  /** Called before a run is read. */
  beforeRead?: (runId: string) => Promise<void>;
  /** Called after a run was read; what was read arrives when it resolves. */
  delayRead?: (runId: string) => Promise<void>;
}

/** What the stores share. */
export class MemoryEngine {
  readonly options: MemoryEngineOptions;
  readonly runs = new Map<string, Run>();
  readonly stores = new Set<MemoryStore>();
  /** What the epochs of everything end with: another one after each start. */
  server = "S1";
  order = { epoch: newEpoch(), begin: 0, total: 0, notices: [] as Notice[] };
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
      run = {
        epoch: newEpoch(),
        head: 0,
        closed: false,
        events: [],
        producers: new Producers(),
        recency: 0,
      };
      this.runs.set(runId, run);
    }
    run.recency = ++this.#clock;
    this.#makeRoom();
    return run;
  }

  /** Forgets everything, and tells nobody. */
  flush(): void {
    this.runs.clear();
    this.forgetOrder();
  }

  /** Is started anew, with what it had. */
  restart(): void {
    this.server = `S${Number(this.server.slice(1)) + 1}`;
    for (const store of this.stores) store.reconnect();
  }

  /** Takes away what it knows of the order of everything. */
  forgetOrder(): void {
    // Behind all numbers that it had given.
    const begin = this.order.total + 1_000;
    this.order = { epoch: newEpoch(), begin, total: begin, notices: [] };
  }

  /** Takes a run away to make room, or only its events, and tells nobody. */
  evict(runId: string, what: "run" | "events"): void {
    if (what === "run") this.runs.delete(runId);
    else this.runs.get(runId)?.events.splice(0);
  }

  tell(notice: Notice): void {
    const { order } = this;
    const count = notice.last - notice.first + 1;
    const isOrdered = notice.kind === "changed" && count > 0;
    const span = { epoch: order.epoch, from: order.total, to: order.total + count };
    const told = isOrdered ? { ...notice, span } : notice;
    if (isOrdered) {
      order.total += count;
      order.notices.push(told);
      order.notices.splice(0, order.notices.length - (this.options.maxOrder ?? 1_000));
    }
    for (const store of this.stores) store.tell(told);
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
    this.tell(noticeOf(victim![0], "evicted", victim![1].epoch));
  }
}

/** One process's connection to the engine. */
export class MemoryStore implements Store {
  readonly orderStep = 1;
  readonly watched = new Set<string>();
  /** How many of the next questions fail. */
  failures = 0;
  /** How many of the next notices are lost, and nobody is told. */
  lose = 0;
  /** Whether all questions fail. */
  isSevered = false;
  readonly #engine: MemoryEngine;
  #listener: Listener | null = null;
  #watchesAll = false;
  // What one connection is asked is answered in order.
  #last: Promise<unknown> = Promise.resolve();
  #hears: "at once" | "late" | "nothing" = "at once";
  #late: Notice[] = [];

  constructor(engine: MemoryEngine) {
    this.#engine = engine;
  }

  listen(listener: Listener): void {
    this.#listener = listener;
  }

  append(runId: string, { producer, lost, events }: Batch): Promise<Stored> {
    return this.#ask("append", () => {
      const run = this.#engine.open(runId);
      const known = run.producers.get(producer.id);
      const refusal = refusalOf(known, producer);
      if (refusal !== null) return refusal === "fenced" ? { fenced: known!.epoch } : refusal;
      if (run.closed) return "closed";
      run.producers.set(producer.id, producer);
      const first = run.head + 1;
      run.head += lost;
      for (const { name, index, event } of keptOf(events)) {
        const kept = { ...event, seq: run.head + index + 1, order: 0 };
        if (name === "started") run.started ??= kept;
        else run.completed = kept;
      }
      let { total } = this.#engine.order;
      total += lost;
      for (const event of events) run.events.push({ ...event, seq: ++run.head, order: ++total });
      run.events.splice(0, run.events.length - (this.#engine.options.historyPerRun ?? 500));
      this.#engine.tell({ runId, kind: "changed", epoch: run.epoch, first, last: run.head });
      this.#engine.options.failAfter?.("append");
      return "stored";
    });
  }

  claim(runId: string, producerId: string): Promise<number> {
    return this.#ask("claim", () => this.#engine.open(runId).producers.claim(producerId));
  }

  async read(runId: string, after: number): Promise<Reading> {
    const { beforeRead, delayRead } = this.#engine.options;
    await beforeRead?.(runId);
    const reading = await this.#ask("read", () => {
      const place = this.#place();
      const run = this.#engine.runs.get(runId);
      if (run === undefined) return { page: null, place };
      const { epoch, head, closed, events } = run;
      const page = {
        epoch: epoch + this.#engine.server,
        head,
        closed,
        events: events.filter(({ seq }) => seq > after),
      };
      return { page, place };
    });
    await delayRead?.(runId);
    return reading;
  }

  close(runId: string): Promise<void> {
    return this.#ask("close", () => {
      const run = this.#engine.open(runId);
      run.closed = true;
      this.#engine.tell(noticeOf(runId, "changed", run.epoch));
    });
  }

  drop(runId: string): Promise<void> {
    return this.#ask("drop", () => {
      const run = this.#engine.runs.get(runId);
      if (run === undefined) return;
      if (run.closed || !this.#engine.isWatched(runId)) this.#engine.runs.delete(runId);
      run.events = [];
      run.started = run.completed = undefined;
      this.#engine.tell(noticeOf(runId, "dropped", run.epoch));
    });
  }

  runs(): Promise<StoredRun[]> {
    return this.#ask(
      "runs",
      () =>
        Array.from(this.#engine.runs, ([runId, { epoch, head, closed, started, completed }]) => ({
          runId,
          epoch: epoch + this.#engine.server,
          head,
          closed,
          started,
          completed,
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

  since(place: Place | null): Promise<News> {
    return this.#ask("since", () => {
      const { epoch, total, notices } = this.#engine.order;
      const now = this.#place();
      if (place === null || now.epoch === "") return { place: now, notices: [], losses: [] };
      const from = place.epoch.startsWith(epoch) ? place.order : 0;
      const known = notices.filter(({ span }) => span!.to > from);
      const begin = place.epoch === now.epoch ? from : known[0]?.span?.from ?? total;
      return { place: now, notices: known, losses: lossesBetween(begin, known, total) };
    });
  }

  end(): Promise<void> {
    this.#engine.stores.delete(this);
    return Promise.resolve();
  }

  tell(notice: Notice): void {
    if (!this.#watchesAll && !this.watched.has(notice.runId)) return;
    if (this.lose > 0) this.lose--;
    else if (this.#hears === "late") this.#late.push(notice);
    else if (this.#hears === "at once") queueMicrotask(() => this.#listener?.notice(notice));
  }

  /** From now on notices come late, or get lost. */
  hear(how: "late" | "nothing"): void {
    if (this.#hears !== "nothing") this.#hears = how;
  }

  /** Hears at once again; what comes late comes now. */
  mend(): void {
    const wasLost = this.#hears === "nothing";
    this.#hears = "at once";
    for (const notice of this.#late.splice(0)) this.#listener?.notice(notice);
    if (wasLost) this.reconnect();
  }

  /** As after a connection was lost and found again. */
  reconnect(): void {
    this.#late = [];
    this.#listener?.missed();
  }

  #place(): Place {
    const { epoch, begin, total } = this.#engine.order;
    const isUnnamed = total === begin && this.#engine.options.beginsUnnamed;
    return isUnnamed
      ? { epoch: "", order: 0 }
      : { epoch: epoch + this.#engine.server, order: total };
  }

  #ask<T>(what: string, act: () => T): Promise<T> {
    const answer = this.#last.then(this.#engine.options.turn ?? turn).then(() => {
      this.#engine.options.fail?.(what);
      if (this.isSevered || (this.failures > 0 && this.failures--)) {
        throw new Error("expected: the store is not reached");
      }
      return act();
    });
    this.#last = answer.catch(() => {});
    return answer;
  }
}

function newEpoch(): string {
  return crypto.randomUUID().slice(0, 8);
}

function noticeOf(runId: string, kind: Notice["kind"], epoch: string): Notice {
  return { runId, kind, epoch, first: 1, last: 0 };
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
