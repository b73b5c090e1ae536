import type { EventBus } from "../../core/bus/event_bus.ts";
import type { Subscription } from "../../core/bus/bus.ts";
import { toTimestamp } from "../../core/timestamp.ts";
import { foldTask } from "../protocol/fold.ts";
import { isTerminal } from "../protocol/states.ts";
import type { Message, StreamResponse, Task, TaskState } from "../protocol/types.ts";

/** What the log holds of an update. */
export interface LoggedUpdate {
  /** The update as it is sent: a payload of the bus would be cut where it is deep or long, and a client must get all. */
  readonly json: string;
  /** Whether streams send it: what a client said, and the whole task, only the log needs. */
  readonly is_sent: boolean;
  /** The state that it brings; null if it is about something else. */
  readonly state: TaskState | null;
}

/** A task as it was, and the place in its log behind the update that made it so. */
export interface Place {
  readonly task: Task;
  readonly cursor: string;
}

/** What happened to a task, in a log of its own: everything that a client is told of it comes from here. */
export class TaskLog {
  readonly #bus: EventBus;
  readonly #maxBytes: number;
  readonly #write: (data: LoggedUpdate) => void;
  #place!: Place;
  #bytes = 0;
  #updates = 0;

  /** Begins with the task as it was submitted. */
  constructor(bus: EventBus, maxBytes: number, submitted: Task) {
    this.#bus = bus;
    this.#maxBytes = maxBytes;
    const writer = bus.writer(submitted.id);
    this.#write = (data) => writer.write("a2a.task.updated", data);
    this.#append({ task: submitted }, JSON.stringify({ task: submitted }));
  }

  /** The task as it is now. */
  get place(): Place {
    return this.#place;
  }

  get state(): TaskState {
    return this.#place.task.status.state;
  }

  get isOver(): boolean {
    return isTerminal(this.state);
  }

  /** Notes that the task has come to a state; `text` or `message` is what the agent says to it. */
  setState(state: TaskState, message?: Message): void {
    const { id: taskId, contextId } = this.#place.task;
    const status = {
      state,
      ...(message && { message }),
      timestamp: toTimestamp(Date.now()),
    };
    this.add({ statusUpdate: { taskId, contextId, status } });
  }

  /** Adds an update. After the first one that ends the task, there are no more: whoever was first is right. */
  add(update: StreamResponse): void {
    if (this.isOver) return;
    const json = JSON.stringify(update);
    this.#bytes += json.length;
    // One state more always has room, so that the task can end.
    if (this.#bytes > this.#maxBytes && !("statusUpdate" in update)) {
      return this.setState("TASK_STATE_FAILED");
    }
    this.#append(update, json);
    if (this.isOver) return this.#bus.closeStream(this.#place.task.id);
    // A log that lost its beginning is folded from here.
    if (++this.#updates % 100 === 0) {
      const { task } = this.#place;
      this.#append({ task }, JSON.stringify({ task }));
    }
  }

  /** The task as it was at a place that its log still holds; null if it does not. */
  at(cursor: string): Place | null {
    let task: Task | undefined;
    for (
      const event of this.#bus.history({ run: this.#place.task.id }, {
        limit: HELD,
      }).reverse()
    ) {
      const update: StreamResponse = JSON.parse(readUpdate(event.data).json);
      if (task === undefined && !("task" in update)) continue;
      task = foldTask(task, update);
      if (event.event_id === cursor) return { task, cursor };
    }
    return null;
  }

  /** What comes after a place. */
  subscribe(after: string, signal: AbortSignal): Subscription {
    return this.#bus.subscribe(this.#place.task.id, { after, signal });
  }

  drop(): void {
    this.#bus.closeStream(this.#place.task.id);
    this.#bus.dropHistory(this.#place.task.id);
  }

  #append(update: StreamResponse, json: string): void {
    const state = "statusUpdate" in update ? update.statusUpdate.status.state : null;
    this.#write({
      json,
      is_sent: "statusUpdate" in update || "artifactUpdate" in update,
      state,
    });
    const task = foldTask(this.#place?.task, update);
    const [newest] = this.#bus.history({ run: task.id }, { limit: 1 });
    this.#place = { task, cursor: newest!.event_id };
  }
}

/** How many updates the log of a task holds. */
export const HELD = 500;

/** What an event of the log holds. */
export function readUpdate(data: unknown): LoggedUpdate {
  return data as LoggedUpdate;
}
