import type { Principal } from "../../adapters/agent_server/access.ts";
import type { AppendingBus } from "../../core/bus/bus.ts";
import { isRecord } from "../../core/options.ts";
import { isWaiting } from "../protocol/states.ts";
import { ServedTask } from "./served_task.ts";
import { type KeeperEvents, PRODUCER, TaskKeeper } from "./task_keeper.ts";
import { HELD, type Keeper, type LoggedUpdate, type TaskLog, UPDATED } from "./task_log.ts";

/** A task that another process left. */
export interface StoredTask {
  readonly id: string;
  readonly owner: Principal;
  /** Which holder of the task this server is. */
  readonly epoch: number;
  readonly updates: readonly LoggedUpdate[];
  /** The messages that were worked on, and when they came. One that was not may be sent again, and is worked on then. */
  readonly sent: readonly { readonly key: string; readonly at: number }[];
}

/** A piece of an update: what a bus would find too large is stored in several events. */
interface Piece extends LoggedUpdate {
  readonly owner: Principal;
  readonly is_whole: boolean;
}

/** The logs of tasks on a bus that outlives this process. */
export class TaskStore {
  readonly #bus: AppendingBus;
  readonly #size: number;

  constructor(bus: AppendingBus) {
    this.#bus = bus;
    // A character has up to three bytes, and there is more than the text.
    this.#size = Math.max(1, Math.floor((bus.maxEventBytes ?? 256 * 1024) / 4) - 256);
  }

  /**
   * What keeps the updates of a task.
   *
   * @param epoch That of {@linkcode StoredTask}; 0 for a new task.
   */
  keeperOf(id: string, owner: Principal, epoch: number, events: KeeperEvents): Keeper {
    const keeper = new TaskKeeper({ bus: this.#bus, id, epoch }, events);
    return {
      keep: ({ json, ...rest }, isLast) => {
        const count = Math.ceil(json.length / this.#size);
        const drafts = Array.from({ length: count }, (_, i) => {
          const piece = json.slice(i * this.#size, (i + 1) * this.#size);
          const data: Piece = { ...rest, json: piece, owner, is_whole: i === count - 1 };
          return { run_id: id, event_type: UPDATED, data };
        });
        keeper.keep(drafts, isLast);
      },
      stored: () => keeper.stored(),
    };
  }

  /** Forgets a task. */
  drop(id: string): void {
    this.#bus.dropHistory(id);
  }

  /** All tasks that are there. Those that are not over are taken from the server that had them, before they are read. */
  async *load(): AsyncGenerator<StoredTask, void> {
    for (const { run_id: id, closed } of await this.#bus.runs()) {
      const epoch = closed ? 0 : await this.#bus.claim(id, PRODUCER);
      const selector = { run: id, type: UPDATED };
      const events = await this.#bus.history(selector, { limit: 2 * HELD });
      const updates: LoggedUpdate[] = [];
      const sent: { key: string; at: number }[] = [];
      let owner: Principal | null = null;
      let taken = 0;
      let text = "";
      for (const { data, timestamp } of events.reverse()) {
        if (!isPiece(data)) continue;
        text += data.json;
        if (!data.is_whole) continue;
        // Of the oldest, a piece may be gone.
        if (isJson(text)) updates.push({ ...data, json: text });
        if (typeof data.key === "string") sent.push({ key: data.key, at: Date.parse(timestamp) });
        if (data.state !== null) taken = sent.length;
        owner = data.owner;
        text = "";
      }
      if (owner !== null) yield { id, owner, epoch, updates, sent: sent.slice(0, taken) };
    }
  }
}

/**
 * Puts a task together again; null if its log does not do.
 *
 * @param hasThreads Whether the agent still knows what it asked.
 */
export function restoreTask(
  { owner, updates }: StoredTask,
  log: TaskLog,
  hasThreads: boolean,
): ServedTask | null {
  if (!log.restore(updates)) return null;
  const { contextId, status } = log.place.task;
  const task = new ServedTask(owner, contextId, log);
  if (!isWaiting(status.state) || !hasThreads) return task;
  const asked = status.message?.parts.map(({ data }) => data).find(isRecord)?.interrupt_id;
  if (typeof asked === "string") task.question = { interrupt_id: asked };
  return task;
}

function isPiece(data: unknown): data is Piece {
  return isRecord(data) && typeof data.json === "string" && typeof data.owner === "string" &&
    typeof data.n === "number";
}

function isJson(text: string): boolean {
  try {
    return isRecord(JSON.parse(text));
  } catch {
    return false;
  }
}
