import { backoffMs } from "../../client/backoff.ts";
import type { Appended, AppendingBus } from "../../core/bus/bus.ts";
import { deadline } from "../../core/waits.ts";
import type { EventDraft } from "../../events/stream_event.ts";
import { setBackgroundTimer } from "../../runtime/background_timer.ts";

/** What becomes of keeping a task. */
export interface KeeperEvents {
  /** Another server has taken the task over. */
  readonly onTaken: () => void;
  /** The store refuses; with `isFinal`, nothing more of the task will be kept. */
  readonly onFailure: (error: unknown, isFinal: boolean) => void;
}

/** Where the events of a task are kept, and which holder of it this is. */
export interface Kept {
  readonly bus: AppendingBus;
  readonly id: string;
  readonly epoch: number;
}

/**
 * Stores the events of one task, in their order. The store refuses them once another server has claimed the task, so two servers
 * never write into one log.
 */
export class TaskKeeper {
  readonly #kept: Kept;
  readonly #events: KeeperEvents;
  #waiting: EventDraft[] = [];
  #seq = 0;
  #work: Promise<void> | null = null;
  #isLast = false;
  #isOver = false;

  constructor(kept: Kept, events: KeeperEvents) {
    this.#kept = kept;
    this.#events = events;
  }

  /** Stores an update, which may be several events: all of them, or none. */
  keep(drafts: readonly EventDraft[], isLast: boolean): void {
    if (this.#isOver) return;
    this.#waiting.push(...drafts);
    this.#isLast ||= isLast;
    this.#work ??= this.#store().finally(() => this.#work = null);
  }

  /** Resolves to whether everything is stored; false if that takes too long, as nobody may wait for ever. */
  async stored(): Promise<boolean> {
    if (this.#work !== null) await deadline(this.#work, STORE_MS).catch(() => {});
    return this.#work === null && !this.#isOver;
  }

  async #store(): Promise<void> {
    const { bus, id } = this.#kept;
    while (this.#waiting.length > 0) {
      const answer = await this.#append(this.#waiting.splice(0));
      // Who takes over may have closed it already.
      const isTaken = answer === "fenced" || answer === "closed";
      if (answer !== null && !isTaken) continue;
      this.#isOver = true;
      this.#waiting = [];
      if (isTaken) this.#events.onTaken();
      return;
    }
    if (this.#isLast) bus.closeStream(id);
  }

  /** Null if the store goes on refusing. */
  async #append(drafts: readonly EventDraft[]): Promise<Appended | null> {
    const { bus, id, epoch } = this.#kept;
    const producer = { id: PRODUCER, epoch, seq: this.#seq++ };
    for (let failures = 1;; failures++) {
      try {
        return await bus.append(id, drafts, { producer });
      } catch (error) {
        const isFinal = failures > MAX_FAILURES;
        if (failures === 1 || isFinal) this.#events.onFailure(error, isFinal);
        if (isFinal) return null;
        const waitMs = backoffMs(failures, null, Math.random());
        await new Promise<void>((resolve) => void setBackgroundTimer(resolve, waitMs));
      }
    }
  }
}

/** The name that servers claim a task by. */
export const PRODUCER = "a2a-server";

const STORE_MS = 5_000;
// The buses of ours try again by themselves.
const MAX_FAILURES = 10;
