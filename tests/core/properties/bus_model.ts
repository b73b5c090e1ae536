/**
 * What the bus is to do, in arrays: slow, plain, and written from its documentation. Nothing waits here; a
 * bus must have reached the state of the model whenever everything that waits for promises has happened.
 *
 * @module
 */
import {
  type ModelCursor,
  type ModelEntry,
  ModelHandler,
  ModelLog,
  ModelReader,
  type ModelStart,
  type Token,
} from "./model_log.ts";
import type { Bounds, HandlerKind, Via } from "./program.ts";

/**
 * Somebody who waits until the readers of a run have caught up. That a reader is done with the last event
 * that it took shows when it asks for the next: before, the wait may be over, afterwards it must be.
 */
export interface ModelDrain {
  readonly log: ModelLog | undefined;
  mayBeOver: boolean;
  mustBeOver: boolean;
}

/** The model of a bus. */
export class BusModel {
  readonly runs = new Map<string, ModelLog>();
  readonly readers: ModelReader[] = [];
  readonly handlers: ModelHandler[] = [];
  readonly drains: ModelDrain[] = [];
  readonly accepted: ModelEntry[] = [];
  /** The runs that were forgotten to stay within the bounds, and whether each was closed. */
  readonly forgotten = new Map<string, boolean>();
  all: ModelLog | null = null;
  rejected = 0;
  dropped = 0;
  evicted = 0;
  readonly #bounds: Bounds;
  #lives = 0;
  readonly #allRuns = ++this.#lives;
  #clock = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  publish(run: string, type: string, n: number, bytes: number): void {
    const log = this.runs.get(run) ?? this.#create(run);
    if (log.ended !== null) {
      this.rejected++;
      this.#forgetIfUnused(log);
      return;
    }
    const seq = log.entries.length + 1;
    const entry = { run, life: log.life, seq, type, n, bytes };
    this.accepted.push(entry);
    log.entries.push(entry);
    log.trim();
    this.#touch(log);
    this.#reclaim(log);
    const { all } = this;
    if (all === null) return;
    all.entries.push(entry);
    all.trim();
    while (all.bytes > this.#bounds.maxBytes && all.held.length > 1) all.evict(1);
  }

  close(run: string): void {
    const log = this.runs.get(run) ?? this.#create(run);
    if (log.ended !== null) return this.#forgetIfUnused(log);
    log.ended = "closed";
    this.#touch(log);
  }

  drop(run: string): void {
    const log = this.runs.get(run) ?? this.#create(run);
    if (log.ended === null && log.readers.length > 0) {
      log.clear();
      if (log.touched > 0) log.touched = ++this.#clock;
    } else {
      this.#forget(log);
      this.forgotten.delete(run);
    }
  }

  closeAll(): void {
    if (this.all !== null) this.all.ended = "closed";
    this.all = null;
  }

  subscribe(
    run: string,
    via: Via,
    matches: (type: string) => boolean,
    startOf: (log: ModelLog) => ModelStart,
  ): ModelReader {
    const log = this.runs.get(run) ?? this.#create(run);
    const { maxQueueSize } = this.#bounds;
    const reader = new ModelReader(via, log, startOf(log), maxQueueSize, matches);
    this.#join(log, reader);
    this.readers.push(reader);
    return reader;
  }

  subscribeAll(
    via: Via,
    matches: (type: string) => boolean,
    startOf: (log: ModelLog) => ModelStart = this.live,
  ): ModelReader {
    const { maxQueueSize, maxGlobalSubscribers } = this.#bounds;
    const log = this.all ??= this.#createAll();
    const reader = new ModelReader(via, log, startOf(log), maxQueueSize, matches);
    log.isResumable = true;
    const others = log.readers.filter((other) => other instanceof ModelReader);
    if (others.length >= maxGlobalSubscribers) {
      reader.ended = "rejected";
      this.#forgetAllIfUnused(log);
    } else log.readers.push(reader);
    this.readers.push(reader);
    return reader;
  }

  on(run: string | null, from: "history" | "live", concurrency: number, kind: HandlerKind): void {
    const log = run === null
      ? this.all ??= this.#createAll()
      : this.runs.get(run) ?? this.#create(run);
    const start = run !== null && from === "history" ? this.fromHistory(log) : this.live(log);
    const { maxQueueSize } = this.#bounds;
    const handler = new ModelHandler(concurrency, kind, log, start, maxQueueSize, () => true);
    this.#join(log, handler);
    this.handlers.push(handler);
  }

  drained(run: string): void {
    const log = this.runs.get(run);
    const isOver = (log?.readers ?? []).every(({ depth }) => depth === 0);
    this.drains.push({ log, mayBeOver: isOver, mustBeOver: isOver });
  }

  live(log: ModelLog): ModelStart {
    return { at: log.entries.length, recovery: "none" };
  }

  fromHistory(log: ModelLog): ModelStart {
    const at = Math.max(log.gone, log.entries.length - this.#bounds.historyPerRun);
    const announce = log.isContinued ? "new_epoch" : at === 0 ? null : "evicted";
    return { at, announce, recovery: "none" };
  }

  /** From the place `seq` of the life `life`; `null` where there never was such a place. */
  after(log: ModelLog, place: { life: number; seq: number } | null): ModelStart {
    const anew = { at: log.gone, recovery: "restarted" } as const;
    if (place === null) return { ...anew, announce: "unknown_cursor" };
    // Until the reader gets the gap, it still has the cursor that it came with.
    const restart = { ...anew, after: place };
    if (place.life !== log.life) return { ...restart, announce: "new_epoch" };
    // The end of a closed run has a place of its own: on the wire, its `bus.end` stands there.
    const head = log.entries.length;
    const last = log.ended === null ? head : head + 1;
    if (place.seq > last) return { ...restart, announce: "unknown_cursor" };
    return { at: Math.min(place.seq, head), recovery: place.seq < log.gone ? "gap" : "exact" };
  }

  leave(cursor: ModelCursor, how: NonNullable<ModelCursor["ended"]>): void {
    if (cursor.ended !== null) return;
    cursor.ended = how;
    const { log } = cursor;
    log.readers = log.readers.filter((other) => other !== cursor);
    if (log.name === "*") this.#forgetAllIfUnused(log);
    else if (log.readers.length === 0 && this.runs.get(log.name) === log) {
      log.trim();
      if (log.touched > 0) log.touched = ++this.#clock;
      this.#forgetIfUnused(log);
    }
  }

  #join(log: ModelLog, cursor: ModelCursor): void {
    log.readers.push(cursor);
    if (log.readers.length === 1 && log.touched > 0) log.touched = ++this.#clock;
  }

  #forgetIfUnused(log: ModelLog): void {
    if (log.touched === 0 && log.readers.length === 0) this.runs.delete(log.name);
  }

  /** Answers everything that can be answered, and calls every handler that can be called. */
  settle(): void {
    for (const reader of this.readers) this.#answer(reader);
    for (const handler of this.handlers) this.#call(handler);
    for (const drain of this.drains) {
      const readers = drain.log?.readers ?? [];
      const isTaken = readers.every(({ depth }) => depth === 0);
      const isAsked = readers.every((reader) =>
        !(reader instanceof ModelReader) || reader.asked > 0
      );
      drain.mayBeOver ||= isTaken;
      drain.mustBeOver ||= isTaken && isAsked;
    }
  }

  #answer(reader: ModelReader): void {
    while (reader.asked > 0) {
      const answer: Token[] = [];
      for (let taken = reader.take(); taken !== null; taken = reader.take()) {
        answer.push(taken.token);
        this.dropped += taken.dropped;
        if (reader.via !== "batches") break;
      }
      if (answer.length === 0) {
        if (!reader.atEnd) return;
        answer.push({ kind: "end" });
        if (reader.log.ended !== null) this.leave(reader, reader.log.ended);
      }
      reader.asked--;
      reader.answers.push(answer);
    }
  }

  #call(handler: ModelHandler): void {
    while (handler.running < handler.concurrency) {
      const taken = handler.take();
      if (taken === null) break;
      handler.calls.push(taken.token);
      this.dropped += taken.dropped;
      if (handler.kind === "async" && taken.token.kind === "event") handler.running++;
    }
    if (handler.running === 0 && handler.atEnd && handler.log.ended !== null) {
      this.leave(handler, handler.log.ended);
    }
  }

  #create(run: string): ModelLog {
    const { historyPerRun, maxQueueSize } = this.#bounds;
    const limitOf = (log: ModelLog) =>
      log.readers.length > 0 ? Math.max(historyPerRun, maxQueueSize) : historyPerRun;
    const log = new ModelLog(run, ++this.#lives, limitOf);
    log.isContinued = this.forgotten.has(run);
    if (this.forgotten.get(run)) log.ended = "closed";
    this.runs.set(run, log);
    return log;
  }

  #createAll(): ModelLog {
    // Its places are those of all that was ever taken, whether it was there or not.
    const log = new ModelLog("*", this.#allRuns, () => this.#bounds.maxQueueSize);
    log.entries.push(...this.accepted);
    log.gone = log.entries.length;
    return log;
  }

  #forgetAllIfUnused(log: ModelLog): void {
    if (log.readers.length === 0 && this.all === log && !log.isResumable) this.all = null;
  }

  get retained(): ModelLog[] {
    return [...this.runs.values()].filter(({ touched }) => touched > 0);
  }

  #touch(log: ModelLog): void {
    if (log.touched === 0 && this.retained.length >= this.#bounds.maxRunsRetained) {
      this.#evict(this.#victims()[0]!);
    }
    this.forgotten.delete(log.name);
    log.touched = ++this.#clock;
  }

  /** The runs in the order in which they have to go. */
  #victims(): ModelLog[] {
    const rank = ({ ended, readers, held }: ModelLog) => {
      const isOpen = ended === null ? 1 : 0;
      return readers.length === 0 ? isOpen : held.length > 0 ? 3 + isOpen : 2;
    };
    return this.retained.sort((a, b) => rank(a) - rank(b) || a.touched - b.touched);
  }

  #evict(log: ModelLog): void {
    this.evicted++;
    this.forgotten.set(log.name, log.ended !== null);
    this.#forget(log);
  }

  #forget(log: ModelLog): void {
    this.runs.delete(log.name);
    log.clear();
    log.ended ??= "evicted";
  }

  get bytes(): number {
    return this.retained.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #reclaim(current: ModelLog): void {
    const isOver = () => this.bytes > this.#bounds.maxBytes;
    while (isOver()) {
      const victim = this.#victims().find((log) => log !== current && log.readers.length === 0);
      if (victim === undefined) break;
      this.#evict(victim);
    }
    while (isOver() && current.held.length > 1) current.evict(1);
    for (const log of this.#victims()) {
      if (log === current || log.held.length === 0) continue;
      while (isOver() && log.held.length > 0) log.evict(1);
      if (log.held.length === 0) log.touched = ++this.#clock;
    }
  }
}
