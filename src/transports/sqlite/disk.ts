import type { BusSettings } from "../../core/bus/event_bus_options.ts";
import type { Sources } from "../../core/bus/sources.ts";
import type { Reporter } from "../remote/reporter.ts";
import { closedError } from "../remote/waiting.ts";
import { Archive } from "./archive.ts";
import { reasonOf } from "./errors.ts";
import { OpenFile } from "./open_file.ts";
import type { Opened } from "./opening.ts";
import { Pending } from "./pending.ts";
import { createPolling } from "./polling.ts";
import { ReadingSearch } from "./reading_search.ts";
import { Readings } from "./readings.ts";
import { RunFile } from "./run_file.ts";
import { SearchIndex } from "./search_index.ts";
import { createStoring } from "./storing.ts";
import { createUpkeep } from "./upkeep.ts";
import type { NewEvent, Work } from "./work.ts";

/** The limits of a {@linkcode Disk} beside those of its bus, all given. */
export interface DiskLimits {
  readonly maxPendingEvents: number;
  readonly maxPendingBytes: number;
  readonly pollMs: number;
  readonly search: boolean;
  readonly retentionMs: number;
  readonly maxStoredBytes: number;
}

/** Who is told of what happens to a {@linkcode Disk}. */
export interface DiskListener {
  readonly reporter: Reporter;
  /** Events of a run that is closed were refused. */
  readonly onRefused: (runId: string, count: number) => void;
}

/**
 * The file with all that works on it: what waits to be stored and storing it, what is read of it here and elsewhere, and what
 * keeps it within its bounds.
 */
export class Disk {
  readonly file: RunFile;
  readonly archive: Archive;
  readonly #open: OpenFile;
  readonly #pending: Pending;
  readonly #readings: Readings;
  readonly #storing: ReturnType<typeof createStoring>;
  readonly #polling: ReturnType<typeof createPolling>;
  readonly #upkeep: ReturnType<typeof createUpkeep> | null;
  readonly #reporter: Reporter;
  #hasWritten = false;
  isClosed = false;
  /** How many runs went to make room. */
  evicted = 0;

  /** @param sources Where the readers of this process read. */
  constructor(
    reopen: () => Opened,
    sources: Sources,
    settings: BusSettings & DiskLimits,
    { reporter, onRefused }: DiskListener,
  ) {
    this.#reporter = reporter;
    const open = this.#open = new OpenFile(reopen);
    const { engine } = open;
    const opener = () => open.opener;
    const isRead = (runId: string) => this.#readings.isReading(runId);
    const onFailure = this.#onFailure;
    const { isReadOnly } = open;
    const index = settings.search && !isReadOnly ? new SearchIndex(engine) : null;
    const file = this.file = new RunFile(engine, {
      historyPerRun: settings.historyPerRun,
      maxRunsRetained: settings.maxRunsRetained,
      opener,
      isRead,
      epochOf: (runId) => this.#readings.epochOf(runId),
    }, (orders) => void index?.step(orders));
    const { maxEventBytes, maxQueueSize, maxBytes } = settings;
    const readings = this.#readings = new Readings(file, {
      sources,
      maxEventBytes,
      maxQueueSize,
      maxBytes,
      onFailure,
      isClosed: () => this.isClosed,
    });
    const search = isReadOnly ? new ReadingSearch(engine) : index;
    this.archive = new Archive(file, search, maxEventBytes, () => {
      if (this.isClosed) throw closedError();
    });
    const pending = this.#pending = new Pending(settings);
    this.#storing = createStoring({
      file,
      pending,
      readings,
      checkFile: () => this.#checkFile(),
      onRefused,
      onStored: (bytes, evicted) => {
        this.#upkeep?.stored(bytes);
        this.evicted += evicted;
      },
      onFailure,
    });
    const { retentionMs, maxStoredBytes } = settings;
    const upkeep = this.#upkeep = isReadOnly ? null : createUpkeep({
      engine,
      opener,
      retentionMs,
      maxStoredBytes,
      isRead,
      evict: (runId) => this.#tidy({ kind: "evict", runId, state: null }),
      undo: (runId, importing) => this.#tidy({ kind: "undo", runId, importing, state: null }),
      trim: (runId, count) => this.#tidy({ kind: "trim", runId, count, state: null }),
      onFailure,
    });
    this.#polling = createPolling({
      pollMs: engine.isOfObject ? 0 : settings.pollMs,
      isRead: () => readings.isRead,
      hasOthers: () => upkeep?.hasOthers() ?? true,
      hasWritten: () => this.#hasWritten,
      look: () => {
        this.#checkFile();
        file.look((before, now) => readings.follow(before, now));
      },
      onFailure,
    });
    for (const loss of open.losses) reporter.report(new Error(loss));
  }

  /** How many runs are kept; 0 if that cannot be read. */
  get runs(): number {
    try {
      return this.isClosed ? 0 : this.file.writer.count;
    } catch (error) {
      this.#onFailure(error);
      return 0;
    }
  }

  get bytesInMemory(): number {
    return this.#readings.bytes;
  }

  /** Why nothing is stored any more; null while it is. */
  get refusal(): string | null {
    if (this.isClosed) return "the bus was closed";
    return this.#open.isReadOnly ? "the file was opened to be read only" : null;
  }

  /** Leaves an event; false if it is lost. */
  add(runId: string, event: NewEvent): boolean {
    this.#hasWritten = true;
    const isLeft = this.#pending.add(runId, event);
    this.#storing.schedule();
    return isLeft;
  }

  hasRoom(bytes: number): boolean {
    return this.#pending.hasRoom(bytes);
  }

  /** Leaves anything; the caller has looked whether there is room. */
  push(work: Work): void {
    this.#hasWritten = true;
    this.#leave(work);
  }

  /** Somebody waits for what was left: the process is not done. */
  keepAlive(): void {
    this.#storing.keepAlive();
  }

  startReading(): void {
    if (!this.isClosed) this.#polling.start();
  }

  flushed(): Promise<void> {
    return this.#storing.flushed();
  }

  /** Stores what was left, now, as far as that succeeds at once. */
  flushNow(): void {
    if (!this.isClosed) this.#storing.flushNow();
  }

  /** Stores nothing more, and closes the file. How many events are lost. */
  end(): number {
    this.isClosed = true;
    this.#polling.end();
    this.#upkeep?.end();
    this.#storing.end();
    let lost = 0;
    for (const work of this.#pending.end()) {
      if (work.kind === "events") lost += work.events.length;
      if ("settle" in work) work.settle(closedError());
    }
    this.#readings.end("closed");
    try {
      this.#open.close();
    } catch (error) {
      this.#onFailure(error);
    }
    return lost;
  }

  /** Keeps the file within its bounds: not while it takes nothing, or that alone would fill what is pending. */
  #tidy(work: Work): void {
    if (!this.#storing.isFailing()) this.#leave(work);
  }

  #leave(work: Work): void {
    this.#pending.push(work);
    this.#storing.schedule();
  }

  #checkFile(): void {
    const { orders } = this.file.meta;
    if (!this.#open.renew()) return;
    this.file.restart();
    this.#readings.restart();
    this.#reporter.report(
      new Error(
        `The file was deleted or replaced while it was open: what was stored there, up to ${orders} events, is gone, and another file was opened`,
      ),
    );
  }

  readonly #onFailure = (error: unknown): void => {
    this.#reporter.reportFailure(new Error(`SQLite: ${reasonOf(error)}`, { cause: error }));
  };
}
