import { nextTurn } from "../../runtime/next_turn.ts";
import { backoffMs } from "../remote/retry.ts";
import type { Pending } from "./pending.ts";
import type { Readings } from "./readings.ts";
import type { RunFile } from "./run_file.ts";
import type { RunState } from "./run_state.ts";
import { bytesOf, sizeOf, type Work } from "./work.ts";

export interface StoringOptions {
  readonly file: RunFile;
  readonly pending: Pending;
  readonly readings: Readings;
  /** Called before anything is stored: whether the file is still there. */
  readonly checkFile: () => void;
  /** Events of a run that is closed were refused. */
  readonly onRefused: (runId: string, count: number) => void;
  /** So many bytes of payloads were stored, and so many runs were forgotten to make room. */
  readonly onStored: (bytes: number, evicted: number) => void;
  /** The file could not be written; it is tried again. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Stores what is pending: what was left in one turn of the event loop is one transaction, in the next. Only when it is
 * committed are readers told, so nobody has seen what is lost when a process dies. What fails is tried again, as it is.
 */
export class Storing {
  readonly #options: StoringOptions;
  readonly #waiters: Set<() => void> = new Set();
  #isDue = false;
  #isOver = false;
  #failures = 0;
  // Until it is tried again. A process that is done need not wait for a disk, unless somebody waits for that.
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAwaited = false;

  constructor(options: StoringOptions) {
    this.#options = options;
  }

  get isFailing(): boolean {
    return this.#failures > 0;
  }

  schedule(): void {
    if (this.#isDue || this.#isOver) return;
    this.#isDue = true;
    const store = () => {
      this.#isDue = false;
      this.#store();
    };
    if (this.#failures === 0) return void nextTurn().then(store);
    this.#timer = setTimeout(store, backoffMs(this.#failures));
    if (!this.#isAwaited) (this.#timer as { unref?(): unknown }).unref?.();
  }

  /** Somebody waits for what was left: the process is not done. */
  keepAlive(): void {
    this.#isAwaited = true;
    (this.#timer as { ref?(): unknown } | undefined)?.ref?.();
  }

  flushed(): Promise<void> {
    if (this.#isDone) return Promise.resolve();
    this.keepAlive();
    return new Promise((resolve) => void this.#waiters.add(resolve));
  }

  /** Stores what was left, now, as far as that succeeds at once. */
  flushNow(): void {
    while (!this.#options.pending.isEmpty && this.#store(true));
  }

  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#tellWaiters();
  }

  get #isDone(): boolean {
    return this.#isOver || this.#options.pending.isEmpty;
  }

  #store(isNow = false): boolean {
    const { file, pending, readings, checkFile, onStored, onFailure } = this.#options;
    if (this.#isOver || (pending.isEmpty && !file.writer.hasTrash)) return true;
    try {
      checkFile();
      file.commit(pending.take(), (before, now) => readings.follow(before, now));
    } catch (error) {
      this.#failures++;
      onFailure(error);
      if (!isNow) this.schedule();
      return false;
    }
    this.#failures = 0;
    const works = pending.done();
    const { forgotten, evicted } = file.writer;
    for (const work of works) this.#tell(work, forgotten);
    for (const state of forgotten) readings.tellGone(state);
    onStored(works.reduce((sum, work) => sum + bytesOf(work), 0), evicted);
    if (!pending.isEmpty || file.writer.hasTrash) this.schedule();
    this.#tellWaiters();
    return true;
  }

  #tell(work: Work, forgotten: readonly RunState[]): void {
    const { readings, onRefused } = this.#options;
    const { state } = work;
    switch (work.kind) {
      case "events":
        if (state === null) onRefused(work.runId, sizeOf(work));
        else readings.tell(state, work.events);
        return;
      case "lost":
        if (state !== null) readings.tellLost(state, work);
        return;
      case "close":
        return readings.tellClosed(state!);
      case "drop":
      case "evict":
        if (state !== null && !forgotten.includes(state)) {
          readings.tellDropped(state);
        }
        return;
      case "trim":
        if (state !== null) readings.tell(state, []);
        return;
      case "append":
        if (state !== null) {
          if (work.recorded?.lost.count) readings.tellLost(state, work.recorded.lost);
          readings.tell(state, work.events);
        }
        return work.settle();
      case "claim":
        return work.settle();
    }
  }

  #tellWaiters(): void {
    if (!this.#isDone) return;
    this.#isAwaited = false;
    for (const resolve of this.#waiters) resolve();
    this.#waiters.clear();
  }
}
