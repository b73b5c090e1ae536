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
export function createStoring(
  { file, pending, readings, checkFile, onRefused, onStored, onFailure }: StoringOptions,
) {
  const waiters = new Set<() => void>();
  let isDue = false;
  let isOver = false;
  let failures = 0;
  // Until it is tried again. A process that is done need not wait for a disk, unless somebody waits for that.
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAwaited = false;
  const isDone = () => isOver || pending.isEmpty;
  return {
    schedule,
    keepAlive,
    isFailing: (): boolean => failures > 0,
    flushed(): Promise<void> {
      if (isDone()) return Promise.resolve();
      keepAlive();
      return new Promise((resolve) => void waiters.add(resolve));
    },
    /** Stores what was left, now, as far as that succeeds at once. */
    flushNow(): void {
      while (!pending.isEmpty && store(true));
    },
    end(): void {
      isOver = true;
      clearTimeout(timer);
      tellWaiters();
    },
  };

  function schedule(): void {
    if (isDue || isOver) return;
    isDue = true;
    const next = () => {
      isDue = false;
      store();
    };
    if (failures === 0) return void nextTurn().then(next);
    timer = setTimeout(next, backoffMs(failures));
    if (!isAwaited) (timer as { unref?(): unknown }).unref?.();
  }

  /** Somebody waits for what was left: the process is not done. */
  function keepAlive(): void {
    isAwaited = true;
    (timer as { ref?(): unknown } | undefined)?.ref?.();
  }

  function store(isNow = false): boolean {
    if (isOver || (pending.isEmpty && !file.writer.hasTrash)) return true;
    try {
      checkFile();
      file.commit(pending.take(), (before, now) => readings.follow(before, now));
    } catch (error) {
      failures++;
      onFailure(error);
      if (!isNow) schedule();
      return false;
    }
    failures = 0;
    const works = pending.done();
    const { forgotten, evicted } = file.writer;
    for (const work of works) tell(work, forgotten);
    for (const state of forgotten) readings.tellGone(state);
    onStored(works.reduce((sum, work) => sum + bytesOf(work), 0), evicted);
    if (!pending.isEmpty || file.writer.hasTrash) schedule();
    tellWaiters();
    return true;
  }

  function tell(work: Work, forgotten: readonly RunState[]): void {
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

  function tellWaiters(): void {
    if (!isDone()) return;
    isAwaited = false;
    for (const resolve of waiters) resolve();
    waiters.clear();
  }
}
