/** Where the runs of an agent are kept: in threads, and in memory. */

import { randomHex } from "../../core/random_hex.ts";
import { abortable, deadline } from "../../core/waits.ts";
import { describe } from "../../core/options.ts";
import type { MemoryCheckpointSaved } from "../../events/catalogue/memory.ts";
import type { Checkpointer, Snapshot } from "../../memory/checkpointer.ts";
import { InterruptError } from "../state/errors.ts";
import type { AgentState } from "../state/state.ts";
import { report } from "../state/texts.ts";
import type { Conversation, KeptRun, PausedRun, RunPersistence } from "../loop/run_persistence.ts";
import { holdThread } from "./busy_threads.ts";
import { conversationOf, withoutAnswer } from "./continue_thread.ts";
import { restorePaused, type Restorer, type StoredPause } from "./restore.ts";
import { fromSnapshot, type Saved, toSnapshot } from "./snapshot.ts";
import type { StoredRun } from "./stored_run.ts";
import type { WaitingRun, WaitingRuns } from "./waiting_runs.ts";

/** Where a run is kept. */
export interface Keeping extends Restorer {
  readonly threadId: string | null;
  /** Null if nothing outlives the process. */
  readonly checkpointer: Checkpointer | null;
  readonly checkpointEveryNIterations: number;
  /** The runs of the agent that wait. */
  readonly waiting: WaitingRuns;
  /** The run that is to go on; null if one begins with a prompt. */
  readonly question: WaitingRun & { readonly interruptId: string | undefined } | null;
}

/** Keeps one segment of a run: in its thread if it has one, otherwise in the memory of its agent while it waits. */
export class ThreadPersistence implements RunPersistence {
  readonly #keeping: Keeping;
  /** The thread, if it is kept. */
  readonly #thread: Thread | null;
  #release: (() => void) | null = null;
  /** Whether the run's state is the thread's latest: what is saved before would wipe the thread out. */
  #isCurrent = false;
  /** What was claimed, until the bus is told. */
  #claimed: StoredRun | null = null;
  /** Settles when everything that was to be saved is. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(keeping: Keeping) {
    this.#keeping = keeping;
    const { checkpointer: store, threadId: id } = keeping;
    this.#thread = store === null || id === null ? null : { store, id };
  }

  open(run: KeptRun): Promise<Conversation | null> | null {
    return this.#thread === null ? null : this.#open(run, this.#thread);
  }

  async takeUp(run: KeptRun): Promise<PausedRun> {
    const { paused, interruptId } = this.#keeping.question!;
    if (paused !== null) this.#keeping.waiting.claim(interruptId!);
    try {
      if (paused === null) return await this.#claim(run, interruptId);
      // It waited in memory, because it could not be saved.
      if (this.#thread !== null) this.#hold(this.#thread);
      return paused;
    } catch (error) {
      if (paused !== null) this.#remember(paused, false);
      this.#release?.();
      throw error;
    }
  }

  resumed(run: KeptRun): void {
    if (this.#claimed !== null) this.#tellLoaded(run, this.#claimed);
    this.#claimed = null;
  }

  turnEnded(run: KeptRun): Promise<void> | void {
    const { checkpointer, threadId, checkpointEveryNIterations: every } = this.#keeping;
    if (checkpointer === null || every === 0) return;
    const parts = run.parts();
    if (parts.state.iteration % every !== 0) return;
    const thread = { store: checkpointer, id: threadId ?? parts.state.run_id };
    const { signal } = run;
    const saving = this.#save(run, thread, parts, { trigger: "every_n_iterations", signal });
    return saving.then(() => {});
  }

  async pause(run: KeptRun, paused: PausedRun): Promise<void> {
    let isSaved = false;
    if (this.#thread !== null) {
      const checkpointId = paused.batch.open[0].question.interrupt_id;
      isSaved = await this.#save(run, this.#thread, paused, { trigger: "final", checkpointId });
      this.#isCurrent = false;
      this.#release?.();
    }
    this.#remember(paused, isSaved);
  }

  close(run: KeptRun): Promise<void> | void {
    if (this.#thread !== null) return this.#close(run, this.#thread);
  }

  async #open(run: KeptRun, thread: Thread): Promise<Conversation | null> {
    this.#release = holdThread(thread.store, thread.id);
    const stored = await this.#load(run, thread);
    this.#isCurrent = true;
    // A run of this agent that waits because it could not be saved is what the thread should hold, unless another went on.
    const unsaved = this.#keeping.waiting.findUnsaved(thread.id, undefined);
    if (unsaved !== null) this.#keeping.waiting.forget(unsaved.interruptId);
    if (unsaved?.paused && !isNewer(stored, unsaved.paused)) {
      return withoutAnswer(unsaved.paused.state, unsaved.paused.batch);
    }
    if (stored === null) return null;
    this.#tellLoaded(run, stored);
    if (stored.paused !== null) {
      this.#keeping.waiting.forget(stored.paused.open[0]!.question!.interrupt_id);
    }
    return conversationOf(stored, this.#keeping.tools);
  }

  #hold({ store, id }: Thread): void {
    this.#release = holdThread(store, id);
    this.#isCurrent = true;
  }

  /**
   * Takes the question out of the thread, so that it is answered once.
   *
   * Whoever deletes its checkpoint has it. That decides between all who share this checkpointer; between
   * processes it is as safe as the store's own `delete()`.
   *
   * @param interruptId Which question; undefined for whatever is asked.
   */
  async #claim(run: KeptRun, interruptId: string | undefined): Promise<PausedRun> {
    const thread = this.#thread!;
    this.#release = holdThread(thread.store, thread.id);
    const stored = checkPending(thread.id, await this.#load(run, thread), interruptId);
    const paused = await restorePaused(stored, thread.id, this.#keeping, run.signal);
    run.signal.throwIfAborted();
    const { interrupt_id: id } = paused.batch.open[0].question;
    // A new prompt on a thread whose run broke off shall find what was done up to here.
    const state = { ...paused.state, pending_interrupt: null };
    const keep = () => this.#save(run, thread, { ...paused, state, answered: true }, {});
    try {
      if (!(await thread.store.delete(thread.id, id))) throw answered(thread.id, id);
    } catch (error) {
      // It may be gone all the same, and with it what was done before the question.
      const isUnsure = !(error instanceof InterruptError);
      if (isUnsure && await this.#lacks(run, thread, id, state)) await keep();
      throw error;
    }
    this.#keeping.waiting.forget(id);
    this.#isCurrent = true;
    await keep();
    this.#claimed = stored;
    return paused;
  }

  /** Whether the thread does not know that a question was asked, only what was before. */
  async #lacks(run: KeptRun, thread: Thread, id: string, state: AgentState): Promise<boolean> {
    try {
      const stored = await this.#load(run, thread);
      if (stored === null) return true;
      if (stored.paused?.open[0]?.question?.interrupt_id === id) return false;
      return Date.parse(stored.state.updated_at) <= Date.parse(state.updated_at);
    } catch {
      return false;
    }
  }

  /** Saves what the run came to, and lets go of the thread. */
  async #close(run: KeptRun, thread: Thread): Promise<void> {
    if (this.#isCurrent) await this.#save(run, thread, run.parts(), { trigger: "final" });
    this.#release?.();
  }

  /** Remembers that the run waits. */
  #remember(paused: PausedRun, isSaved: boolean): void {
    const { waiting, threadId } = this.#keeping;
    const isInThread = isSaved && threadId !== null;
    const { interrupt_id: id } = paused.batch.open[0].question;
    waiting.add(id, isInThread ? { paused: null, threadId } : { paused, threadId });
  }

  async #load({ signal }: KeptRun, { store, id }: Thread): Promise<StoredRun | null> {
    const loading: Promise<Snapshot | null> = store.load(id);
    const snapshot: Snapshot | null = await abortable(loading, signal);
    return snapshot === null ? null : fromSnapshot(snapshot, id);
  }

  async #save(
    run: KeptRun,
    { store, id }: Thread,
    saved: Saved,
    { trigger, checkpointId = randomHex(32), signal }: {
      trigger?: MemoryCheckpointSaved["trigger"];
      checkpointId?: string;
      signal?: AbortSignal;
    },
  ): Promise<boolean> {
    const { iteration } = saved.state;
    const metadata = { iteration, trigger: trigger ?? "resumed" };
    try {
      // Now, before the state goes on. What the user has put into it may throw here.
      const snapshot = toSnapshot(saved);
      const save = () => store.save(snapshot, id, { checkpointId, metadata });
      // One after the other: an earlier one that is slow must not end up as the newest. Each is tried twice: what it holds
      // may be nowhere else, and connections break. Under the same id, it does not matter if the first one was done.
      const saving = this.#last.then(save).catch(save);
      this.#last = saving.catch(() => {});
      // A store that hangs must not hold up the run for good.
      await deadline(saving, SAVE_MS, { signal });
    } catch (error) {
      if (!signal?.aborted || error !== signal.reason) {
        report(`the thread ${describe(id)} could not be saved`, error);
      }
      return false;
    }
    if (trigger !== undefined) {
      const { backend } = store;
      const data = { thread_id: id, iteration, backend, trigger };
      run.span?.emit("memory.checkpoint.saved", data);
    }
    return true;
  }

  #tellLoaded({ span }: KeptRun, { state: { iteration } }: StoredRun): void {
    const { store: { backend }, id } = this.#thread!;
    const data = { thread_id: id, iteration, backend, resume_node: null };
    span?.emit("memory.checkpoint.loaded", data);
  }
}

function isNewer(stored: StoredRun | null, { waits }: PausedRun): boolean {
  return stored !== null && Date.parse(stored.state.updated_at) > (waits.since ?? 0);
}

type Thread = { readonly store: Checkpointer; readonly id: string };

/** How long a run waits for one checkpoint to be saved. */
const SAVE_MS = 10_000;

/** @throws {InterruptError} If it does not wait for that answer. */
export function checkPending(
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
  const { interrupt_id: id } = paused.open[0]!.question!;
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
