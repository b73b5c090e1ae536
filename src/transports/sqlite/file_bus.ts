import type {
  ArchiveBus,
  BusStats,
  FindRunsOptions,
  FoundRuns,
  HistoryOptions,
  ImportedRuns,
  RunInfo,
} from "../../core/bus/bus.ts";
import { sourcesOf } from "../../core/bus/event_bus.ts";
import type { ReadAppend } from "../../core/bus/read_append.ts";
import { checkRunId } from "../../core/checks.ts";
import type { Captured } from "../../core/copy_payload.ts";
import type { NoEvents, StreamEvent } from "../../events/stream_event.ts";
import { onExit } from "../../runtime/machine.ts";
import type { Stored } from "../remote/store.ts";
import { StoredBus, type StoredBusSettings } from "../remote/stored_bus.ts";
import { within } from "../remote/waiting.ts";
import { Calls, FULL } from "./calls.ts";
import { exportRun, importRuns } from "./carry_runs.ts";
import { Disk, type DiskLimits } from "./disk.ts";
import type { Opened } from "./opening.ts";
import type { RunRow } from "./run_state.ts";
import type { SqliteBus } from "./sqlite_bus.ts";
import type { NewEvent } from "./work.ts";

/**
 * A bus whose runs are in an SQLite file.
 *
 * - **Publishing** leaves the event in memory and returns. It is stored in the next turn of the event loop, together
 *   with everything else that was published in this one, and gets its number.
 * - **Reading** goes through the ordinary bus of this process, whose logs are those of the file.
 */
export class FileBus<E extends object = NoEvents> extends StoredBus<E>
  implements SqliteBus<E>, ArchiveBus<E> {
  readonly #disk: Disk;
  readonly #calls: Calls;
  readonly #removeExit: () => void;

  constructor(reopen: () => Opened, settings: StoredBusSettings<E> & DiskLimits) {
    super(settings);
    this.#disk = new Disk(reopen, sourcesOf(this.local), settings, {
      reporter: this.reporter,
      onRefused: (runId, count) => this.refuse(runId, count),
    });
    this.#calls = new Calls(this.#disk);
    this.#removeExit = onExit(() => this.flushNow());
  }

  protected override get refusal(): string | null {
    return this.#disk.refusal;
  }

  protected override take(runId: string, type: string, captured: Captured): void {
    if (!this.#disk.add(runId, newEvent(type, captured, Date.now()))) this.lose(runId, 1, FULL);
  }

  protected override async store(
    runId: string,
    { events: read, producer }: ReadAppend,
    signal: AbortSignal | undefined,
  ): Promise<Stored> {
    const time = Date.now();
    const events = read.map(({ eventType, captured }) => newEvent(eventType, captured, time));
    const { answer, fencedBy } = await this.#calls.append(runId, events, producer, signal);
    return answer === "fenced" ? { fenced: fencedBy } : answer!;
  }

  protected override async takeOver(runId: string, producerId: string): Promise<number> {
    return (await this.#calls.claim(runId, producerId)).answer!;
  }

  protected override startReading(): void {
    this.#disk.startReading();
  }

  protected override find(selector: unknown, options: HistoryOptions): Promise<StreamEvent[]> {
    return this.#disk.archive.history(selector, options);
  }

  // deno-lint-ignore require-await
  override async runs(): Promise<RunInfo[]> {
    return this.#disk.archive.runs();
  }

  get canSearch(): boolean {
    return this.#disk.archive.canSearch;
  }

  findRuns(options: FindRunsOptions = {}): Promise<FoundRuns> {
    return this.#disk.archive.findRuns(options);
  }

  exportRun(runId: string): AsyncIterable<StreamEvent> {
    checkRunId("SqliteBus.exportRun()", runId);
    const subscribe = () => this.local.subscribe(runId) as AsyncIterable<StreamEvent>;
    return exportRun(() => this.#find(runId), subscribe);
  }

  #find(runId: string): RunRow | undefined {
    return this.#disk.isClosed ? undefined : this.#disk.file.writer.find(runId);
  }

  async importRuns(values: Iterable<unknown> | AsyncIterable<unknown>): Promise<ImportedRuns> {
    // What an import has left that was killed is dropped first.
    await this.flushed();
    const importing = 1 + Math.floor(Math.random() * 2 ** 48);
    try {
      return await importRuns(values, {
        maxEventBytes: this.maxEventBytes,
        isKnown: (runId) => this.#find(runId) !== undefined,
        store: async (runId, after, lost, events) => {
          const head = await this.#calls.import(importing, runId, after, lost, events);
          if (head !== null) this.published += events.length;
          return head;
        },
        close: (runId) => this.closeStream(runId),
        finish: (runId, kind) => this.#disk.push({ kind, runId, importing, state: null }),
      });
    } finally {
      await this.flushed();
    }
  }

  protected override delivered(): Promise<void> {
    return this.flushed();
  }

  protected override command(runId: string, kind: "close" | "drop"): void {
    const disk = this.#disk;
    if (disk.hasRoom(0)) return disk.push({ kind, runId, state: null });
    this.reporter.report(new Error(`Cannot ${kind} run "${runId}": ${FULL}`));
  }

  override stats(): BusStats {
    const { runs, evicted, bytesInMemory } = this.#disk;
    return {
      ...super.stats(),
      history_runs: runs,
      evicted_runs_total: evicted,
      retained_bytes: bytesInMemory,
    };
  }

  override flushed(): Promise<void> {
    return this.#disk.flushed();
  }

  flushNow(): void {
    this.#disk.flushNow();
  }

  override async end(timeoutMs: number): Promise<void> {
    if (this.#disk.isClosed) return;
    this.flushNow();
    await within(timeoutMs, this.flushed());
    if (this.#disk.isClosed) return;
    this.#removeExit();
    const lost = this.#disk.end();
    if (lost === 0) return;
    this.lost += lost;
    const what = `Lost ${lost} events: the bus was closed before they were stored`;
    this.reporter.report(new Error(what));
  }
}

function newEvent(type: string, captured: Captured, time: number): NewEvent {
  return { type, time, captured, seq: 0, order: 0 };
}
