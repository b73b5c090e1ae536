/** What a run has to do with the checkpointer. */

import { abortable, deadline } from "@std/async";
import { describe } from "../../core/options.ts";
import type { MemoryCheckpointSaved } from "../../events/catalogue/memory.ts";
import type { Checkpointer, Snapshot } from "../../memory/checkpointer.ts";
import { InterruptError } from "../errors.ts";
import { report } from "../report.ts";
import type { PausedRun, RunHandle } from "../run_handle.ts";
import { holdThread } from "./busy_threads.ts";
import { restorePaused, type StoredPause } from "./restore.ts";
import { fromSnapshot, type Saved, toSnapshot } from "./snapshot.ts";
import type { StoredRun } from "./stored_run.ts";

/** The checkpoints of one run. What fails while saving is reported, and the run goes on. */
export class RunCheckpoints {
  readonly #run: RunHandle;
  readonly #store: Checkpointer;
  readonly #threadId: string | null;
  #release: (() => void) | null = null;
  /** Whether the run's state is the thread's latest: what is saved before would wipe the thread out. */
  #isCurrent = false;
  /** Settles when everything that was to be saved is. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(run: RunHandle, store: Checkpointer, threadId: string | null) {
    this.#run = run;
    this.#store = store;
    this.#threadId = threadId;
  }

  /**
   * Begins with what the thread holds, for a new prompt; null if that is nothing.
   *
   * @throws {ThreadBusyError} If another run of this process has the thread.
   * @throws {CheckpointError} If the thread cannot be read.
   */
  async open(): Promise<StoredRun | null> {
    if (this.#threadId === null) return null;
    this.#release = holdThread(this.#store, this.#threadId);
    const stored = await this.#load(this.#threadId);
    this.#isCurrent = true;
    if (stored !== null) this.#tellLoaded(this.#threadId, stored);
    return stored;
  }

  /** Holds the thread for a run that waited in memory, because it could not be saved. */
  reopen(): void {
    if (this.#threadId === null) return;
    this.#release = holdThread(this.#store, this.#threadId);
    this.#isCurrent = true;
  }

  /**
   * Takes the question out of the thread, so that it is answered once.
   *
   * Whoever deletes its checkpoint has it. That decides between all who share this checkpointer; between
   * processes it is as safe as the store's own `delete()`.
   *
   * @param interruptId Which question; undefined for whatever is asked.
   * @throws {InterruptError} If it is not asked, or was answered, or this agent cannot go on with it.
   */
  async claim(interruptId: string | undefined): Promise<PausedRun> {
    const threadId = this.#threadId!;
    this.#release = holdThread(this.#store, threadId);
    const stored = checkPending(threadId, await this.#load(threadId), interruptId);
    const paused = await restorePaused(this.#run, stored);
    this.#run.signal.throwIfAborted();
    const { interrupt_id: id } = paused.batch.question;
    if (!(await this.#store.delete(threadId, id))) throw answered(threadId, id);
    this.#run.paused.forget(id);
    this.#isCurrent = true;
    // A new prompt on a thread whose run broke off shall find what was done up to here.
    const { batch, progress } = paused;
    const state = { ...paused.state, pending_interrupt: null };
    await this.#save(threadId, { state, progress, batch, answered: true }, {});
    this.#tellLoaded(threadId, stored);
    return paused;
  }

  /** Saves after every so many turns. */
  async saveTurn(): Promise<void> {
    const { state, progress, config, signal } = this.#run;
    const every = config.checkpointEveryNIterations;
    if (every === 0 || state.iteration % every !== 0) return;
    const threadId = this.#threadId ?? state.run_id;
    await this.#save(threadId, { state, progress }, { trigger: "every_n_iterations", signal });
  }

  /** Saves a run that waits for a person, and lets go of the thread. @returns Whether it is saved. */
  async savePaused(paused: PausedRun): Promise<boolean> {
    if (this.#threadId === null) return false;
    const checkpointId = paused.batch.question.interrupt_id;
    const saved = await this.#save(this.#threadId, paused, { trigger: "final", checkpointId });
    this.#isCurrent = false;
    this.release();
    return saved;
  }

  /** Saves what the run came to, and lets go of the thread. */
  async close(): Promise<void> {
    const { state, progress } = this.#run;
    if (this.#isCurrent && this.#threadId !== null) {
      await this.#save(this.#threadId, { state, progress }, { trigger: "final" });
    }
    this.release();
  }

  /** Lets go of the thread. */
  release(): void {
    this.#release?.();
  }

  async #load(threadId: string): Promise<StoredRun | null> {
    const { signal } = this.#run;
    const loading: Promise<Snapshot | null> = this.#store.load(threadId);
    const snapshot: Snapshot | null = await abortable(loading, signal);
    return snapshot === null ? null : fromSnapshot(snapshot, threadId);
  }

  async #save(
    threadId: string,
    saved: Saved,
    { trigger, checkpointId, signal }: {
      trigger?: MemoryCheckpointSaved["trigger"];
      checkpointId?: string;
      signal?: AbortSignal;
    },
  ): Promise<boolean> {
    const { iteration } = saved.state;
    // One after the other: an earlier one that is slow must not end up as the newest.
    const saving = this.#last.then(() =>
      this.#store.save(toSnapshot(saved), threadId, {
        checkpointId,
        metadata: { iteration, trigger: trigger ?? "resumed" },
      })
    );
    this.#last = saving.catch(() => {});
    try {
      // A store that hangs must not hold up the run for good.
      await deadline(saving, SAVE_MS, { signal });
    } catch (error) {
      if (!signal?.aborted || error !== signal.reason) {
        report(`the thread ${describe(threadId)} could not be saved`, error);
      }
      return false;
    }
    if (trigger !== undefined) {
      const { backend } = this.#store;
      const data = { thread_id: threadId, iteration, backend, trigger };
      this.#run.busRun?.emit("memory.checkpoint.saved", data);
    }
    return true;
  }

  #tellLoaded(threadId: string, { state: { iteration } }: StoredRun): void {
    const { backend } = this.#store;
    const data = { thread_id: threadId, iteration, backend, resume_node: null };
    this.#run.busRun?.emit("memory.checkpoint.loaded", data);
  }
}

/** How long a run waits for one checkpoint to be saved. */
const SAVE_MS = 10_000;

function checkPending(
  threadId: string,
  stored: StoredRun | null,
  interruptId: string | undefined,
): StoredPause {
  const name = describe(threadId);
  if (stored === null) {
    throw new InterruptError(`Cannot resume: there is no thread ${name}`);
  }
  const { paused } = stored;
  if (paused === null) {
    throw new InterruptError(`Cannot resume: the thread ${name} does not wait for an answer`);
  }
  const { interrupt_id: id } = paused.question;
  if (interruptId !== undefined && interruptId !== id) {
    throw new InterruptError(
      `Cannot resume: the thread ${name} does not wait for interrupt ${describe(interruptId)}, ` +
        `but for "${id}"`,
    );
  }
  if (paused.answered) throw answered(threadId, id);
  return { ...stored, paused };
}

function answered(threadId: string, interruptId: string): InterruptError {
  return new InterruptError(
    `Cannot resume: interrupt "${interruptId}" of the thread ${describe(threadId)} ` +
      `was answered before`,
  );
}
