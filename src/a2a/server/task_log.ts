import type { Subscription } from "../../core/bus/bus.ts";
import type { EventBus } from "../../core/bus/event_bus.ts";
import { toTimestamp } from "../../core/timestamp.ts";
import { foldTask } from "../protocol/fold.ts";
import { isTerminal } from "../protocol/states.ts";
import type { Message, StreamResponse, Task, TaskState } from "../protocol/types.ts";

/** What the log holds of an update. */
export interface LoggedUpdate {
  /** Its number in the task, which another process that goes on with the task knows as well. */
  readonly n: number;
  /** The update as it is sent: a payload of the bus would be cut where it is deep or long, and a client must get all. */
  readonly json: string;
  /** Whether streams send it: what a client said, and the whole task, only the log needs. */
  readonly is_sent: boolean;
  /** The state that it brings; null if it is about something else. */
  readonly state: TaskState | null;
  /** What the message that it came of is known by; null if it came of none. */
  readonly key: string | null;
}

/** A task as it was, and the place in its log behind the update that made it so. */
export interface Place {
  readonly task: Task;
  /** The id of the frame, by which a client goes on. */
  readonly cursor: string;
  /** The event of the log. */
  readonly eventId: string;
}

/** Keeps what is logged beyond this process. */
export interface Keeper {
  /** `isLast` is said of what ends the task. */
  keep(update: LoggedUpdate, isLast: boolean): void;
  /** Resolves to whether all of it is kept, or after a while to false. */
  stored(): Promise<boolean>;
}

/** What happened to a task, in a log of its own: everything that a client is told of it comes from here. */
export class TaskLog {
  readonly #bus: EventBus;
  readonly #id: string;
  readonly #maxBytes: number;
  readonly #keeper: Keeper | null;
  #place!: Place;
  #bytes = 0;
  #n = 0;
  #isTaken = false;

  /** An empty log: `add()` the task first, or the updates of another process. */
  constructor(bus: EventBus, id: string, maxBytes: number, keeper: Keeper | null) {
    this.#bus = bus;
    this.#id = id;
    this.#maxBytes = maxBytes;
    this.#keeper = keeper;
  }

  /** The task as it is now. */
  get place(): Place {
    return this.#place;
  }

  get state(): TaskState {
    return this.#place.task.status.state;
  }

  /** Whether nothing more will be added. */
  get isOver(): boolean {
    return this.#isTaken || isTerminal(this.state);
  }

  /** Whether another server has taken the task over: what is here may not be so any more, and nobody is to be told of it. */
  get isTaken(): boolean {
    return this.#isTaken;
  }

  /** Whether a client is told something only when it is stored. */
  get isKept(): boolean {
    return this.#keeper !== null;
  }

  /** Resolves to whether everything is stored that was logged, or does not get stored in time. */
  async stored(): Promise<boolean> {
    return await this.#keeper?.stored() ?? true;
  }

  /** Ends the log without a word. */
  leave(): void {
    this.#isTaken = true;
    this.#bus.closeStream(this.#id);
  }

  /** Notes that the task has come to a state; `text` or `message` is what the agent says to it. */
  setState(state: TaskState, message?: Message): void {
    const { id: taskId, contextId } = this.#place.task;
    const timestamp = toTimestamp(Date.now());
    const status = { state, ...(message && { message }), timestamp };
    this.add({ statusUpdate: { taskId, contextId, status } });
  }

  /**
   * Adds an update. The first one that ends the task is the last: later ones are ignored.
   *
   * @param key What the message that it comes of is known by.
   */
  add(update: StreamResponse, key: string | null = null): void {
    if (this.#place !== undefined && this.isOver) return;
    const json = JSON.stringify(update);
    this.#bytes += json.length;
    // One state more always has room, so that the task can end.
    if (this.#bytes > this.#maxBytes && "artifactUpdate" in update) {
      return this.setState("TASK_STATE_FAILED");
    }
    this.#log(update, json, key);
    if (this.isOver) return this.#bus.closeStream(this.#id);
    // A log that lost its beginning is folded from here.
    if (this.#n % 100 === 0) {
      const { task } = this.#place;
      this.#log({ task }, JSON.stringify({ task }), null);
    }
  }

  /** Takes what another process logged, oldest first. @returns Whether that is a task. */
  restore(updates: readonly LoggedUpdate[]): boolean {
    const start = updates.findIndex(({ json }) => json.startsWith('{"task":'));
    if (start < 0) return false;
    for (const logged of updates.slice(start)) this.#put(logged, JSON.parse(logged.json));
    if (this.isOver) this.#bus.closeStream(this.#id);
    return true;
  }

  /** The task as it was at a place that its log still holds; null if it does not. */
  at(cursor: string): Place | null {
    let task: Task | undefined;
    const events = this.#bus.history({ run: this.#id }, { limit: HELD });
    for (const { data, event_id: eventId } of events.reverse()) {
      const { json, n } = readUpdate(data);
      const update: StreamResponse = JSON.parse(json);
      if (task === undefined && !("task" in update)) continue;
      task = foldTask(task, update);
      if (this.cursorOf(n) === cursor) return { task, cursor, eventId };
    }
    return null;
  }

  /** The id of the frame that brings an update: of this task, and no other. */
  cursorOf(n: number): string {
    return `${this.#id.slice(0, 12)}-${n}`;
  }

  /** What comes after a place. */
  subscribe({ eventId: after }: Place, signal: AbortSignal): Subscription {
    return this.#bus.subscribe(this.#id, { after, signal });
  }

  drop(): void {
    this.#bus.closeStream(this.#id);
    this.#bus.dropHistory(this.#id);
  }

  #log(update: StreamResponse, json: string, key: string | null): void {
    const state = "statusUpdate" in update ? update.statusUpdate.status.state : null;
    const isSent = "statusUpdate" in update || "artifactUpdate" in update;
    const logged = { n: this.#n + 1, json, is_sent: isSent, state, key };
    this.#put(logged, update);
    this.#keeper?.keep(logged, this.isOver);
  }

  #put(logged: LoggedUpdate, update: StreamResponse): void {
    this.#n = logged.n;
    this.#bus.writer(this.#id).write(UPDATED, logged);
    const [newest] = this.#bus.history({ run: this.#id }, { limit: 1 });
    const task = foldTask(this.#place?.task, update);
    this.#place = { task, cursor: this.cursorOf(logged.n), eventId: newest!.event_id };
  }
}

/** How many updates the log of a task holds. */
export const HELD = 500;

/** The type of the log's events. */
export const UPDATED = "a2a.task.updated";

/** What an event of the log holds. */
export function readUpdate(data: unknown): LoggedUpdate {
  return data as LoggedUpdate;
}
