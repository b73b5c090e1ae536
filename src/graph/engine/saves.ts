import { abortable, deadline } from "../../core/waits.ts";
import type { GraphRecord, NextTask } from "../records/record.ts";
import type { GraphSpan } from "./graph_span.ts";
import type { Position } from "./position.ts";
import type { Session } from "./session.ts";

/** Saves where one graph is, step by step. */
export class Saves {
  /** Whether it keeps its state from call to call of the node that it is inside of. */
  isKept = false;
  readonly #at: Position;
  readonly #session: Session;
  readonly #signal: AbortSignal | undefined;
  /** The last save, where the next step need not wait for it. */
  #behind: Promise<void> = Promise.resolve();

  constructor(at: Position, session: Session, signal: AbortSignal | undefined) {
    this.#at = at;
    this.#session = session;
    this.#signal = signal;
  }

  /** Saves, where this thread is saved at that; with `next`, they are what runs next. */
  async save(
    kind: GraphRecord["kind"],
    next: readonly NextTask[] | null,
    span: GraphSpan | undefined,
  ): Promise<void> {
    const { backend, savesSteps, savesBehind } = this.#session;
    const at = this.#at;
    // A graph that a node has called is asked for its end again when the node begins again.
    const isAskedAgain = this.isKept || at.ns.includes("~");
    const isSaved = kind === "wait" || savesSteps || isAskedAgain && kind === "end" ||
      backend !== null && kind !== "step";
    if (!isSaved) {
      if (next !== null) at.schedule.start(next, `${at.seq}.${at.step}`);
      return;
    }
    await this.#stored();
    const { record, bytes, stored } = at.append(kind, next);
    this.#behind = stored.then(() => span?.saved(record, bytes));
    if (kind === "step" && savesBehind) this.#behind.catch(() => {});
    else await this.#stored();
  }

  /** Resolves when the last save is over, however it ended. Once the run is aborted, nobody waits for it. */
  async over(): Promise<void> {
    if (!this.#signal?.aborted) await this.#behind.catch(() => {});
  }

  #stored(): Promise<void> {
    return untilStored(this.#behind, this.#signal);
  }
}

/** Waits for a store; once the run is aborted, for a while only: one that never answers must not hold up an abort. */
export async function untilStored<T>(
  storing: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return await storing;
  try {
    return await abortable(storing, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    return await deadline(storing, MAX_WAIT_MS);
  }
}

const MAX_WAIT_MS = 10_000;
