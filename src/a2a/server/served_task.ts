import type { Principal } from "../../adapters/agent_server/access.ts";
import { storedThreadId } from "../../adapters/agent_server/served_run.ts";
import type { Run } from "../../core/run/run_context.ts";
import { type TaskView, viewTask } from "../protocol/fold.ts";
import type { Task } from "../protocol/types.ts";
import type { TaskLog } from "./task_log.ts";

/** A task, and the run that works on it. */
export class ServedTask {
  readonly principal: Principal;
  readonly log: TaskLog;
  /** The run, while it works; null while it waits for a person, and when it is over. */
  run: Run | null = null;
  /** The question that it waits with. */
  question: { readonly interrupt_id: string } | null = null;
  /** Stops the work that is under way. */
  abort: AbortController = new AbortController();
  /** Settles when the work comes to a question or to its end. Never rejects. */
  settled: Promise<void> = Promise.resolve();

  readonly contextId: string;

  constructor(principal: Principal, contextId: string, log: TaskLog) {
    this.principal = principal;
    this.contextId = contextId;
    this.log = log;
  }

  get id(): string {
    return this.log.place.task.id;
  }

  /** What the agent calls the context, so that no principal can name another's. */
  get threadId(): string {
    return storedThreadId(this.principal, this.contextId);
  }

  view(view?: TaskView): Task {
    return viewTask(this.log.place.task, view);
  }
}
