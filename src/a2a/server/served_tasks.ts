import type { AgentRun } from "../../agent/agent_run.ts";
import { keepsThreads } from "../../adapters/agent_server/routes.ts";
import type { Principal } from "../../adapters/agent_server/access.ts";
import { tryAgainLater } from "../../adapters/http/responses.ts";
import { EventBus } from "../../core/bus/event_bus.ts";
import { randomHex } from "../../core/random_hex.ts";
import type { Run } from "../../core/run/run_context.ts";
import { startRun } from "../../core/run/with_run.ts";
import { settleOnce } from "../../core/settle_once.ts";
import { toTimestamp } from "../../core/timestamp.ts";
import type { AnyBus } from "../../core/bus/bus.ts";
import { A2AError } from "../protocol/errors.ts";
import type { Message } from "../protocol/types.ts";
import { Contexts } from "./contexts.ts";
import { textOf } from "./message_text.ts";
import type { A2AServerConfig } from "./options.ts";
import type { RequestWatch } from "./request_watch.ts";
import { ServedTask } from "./served_task.ts";
import { HELD, type Place, TaskLog } from "./task_log.ts";
import { workOnTask } from "./work_on_task.ts";

/** A task that a message was sent to, and how it was at that moment. */
export interface Sent {
  readonly task: ServedTask;
  readonly from: Place;
}

/**
 * The tasks that a server knows: those under way, those that wait for a person, and the last ones that are over.
 *
 * A task is driven here, not by its clients: it goes on when they leave.
 */
export class ServedTasks {
  readonly #config: A2AServerConfig;
  readonly #report: (error: unknown) => string;
  readonly #log: EventBus;
  readonly #bus: AnyBus;
  readonly #tasks = new Map<string, ServedTask>();
  readonly #contexts = new Contexts();
  #changes = 0;
  #isClosed = false;

  constructor(config: A2AServerConfig, report: (error: unknown) => string) {
    const { maxRuns, maxTasksRetained, maxTaskBytes, bus } = config;
    this.#config = config;
    this.#report = report;
    const bounds = {
      historyPerRun: HELD,
      maxRunsRetained: maxRuns + maxTasksRetained,
      onError: (error: Error) => void report(error),
    };
    // Two bytes a character, and room for the entry that holds the whole task.
    const maxEventBytes = 4 * maxTaskBytes;
    this.#log = new EventBus({
      ...bounds,
      maxEventBytes,
      maxBytes: 16 * maxEventBytes,
    });
    this.#bus = bus ?? new EventBus(bounds);
  }

  /**
   * Begins a task.
   *
   * @throws {Refusal} With 503 if there are too many.
   */
  begin(principal: Principal, message: Message, watch: RequestWatch): Sent {
    const id = randomHex(32);
    const contextId = message.contextId ?? crypto.randomUUID();
    this.#checkRoom();
    const status = {
      state: "TASK_STATE_SUBMITTED",
      timestamp: toTimestamp(Date.now()),
    } as const;
    const history = [{ ...message, taskId: id, contextId }];
    const { maxTaskBytes } = this.#config;
    const log = new TaskLog(this.#log, maxTaskBytes, {
      id,
      contextId,
      status,
      history,
    });
    const task = new ServedTask(principal, log);
    if (keepsThreads(this.#config)) this.#contexts.check(task.threadId);
    this.#tasks.set(id, task);
    const from = log.place;
    const text = textOf(message);
    this.#drive(
      task,
      text,
      watch,
      (options) => this.#config.agent.run(text, options),
    );
    this.#forgetOld();
    return { task, from };
  }

  /**
   * Hands a task the answer that it waits for.
   *
   * @throws {A2AError} If it waits for none.
   * @throws {Refusal} With 503 if too many tasks are under way.
   */
  answer(
    task: ServedTask,
    message: Message,
    answer: { readonly value: unknown; readonly by: string | null },
    watch: RequestWatch,
  ): Sent {
    const { question, log } = task;
    if (question === null) {
      throw new A2AError(
        "UNSUPPORTED_OPERATION",
        "The task does not wait for a message",
      );
    }
    this.#checkRoom();
    task.question = null;
    log.add({
      message: { ...message, taskId: task.id, contextId: task.contextId },
    });
    const from = log.place;
    const { agent } = this.#config;
    const interruptId = question.interrupt_id;
    const { value, by: answeredBy } = answer;
    this.#drive(
      task,
      undefined,
      watch,
      (options) => agent.resume(value, { ...options, interruptId, answeredBy }),
    );
    return { task, from };
  }

  /** A task of this principal; undefined if there is none, or it was too long ago. */
  find(principal: Principal, id: string): ServedTask | undefined {
    const task = this.#tasks.get(id);
    return task?.principal === principal ? task : undefined;
  }

  /** All tasks of a principal, in no order. */
  ofPrincipal(principal: Principal): ServedTask[] {
    return [...this.#tasks.values()].filter((task) => task.principal === principal);
  }

  /**
   * Cancels a task, and waits until its agent has ended, but not for long.
   *
   * @throws {A2AError} If it is over, or was faster.
   */
  async cancel(task: ServedTask, watch: RequestWatch): Promise<void> {
    const { log } = task;
    if (task.run !== null) {
      watch.begin(task.run, log);
      task.abort.abort(
        new DOMException("Canceled by the client", "AbortError"),
      );
      if (log.state === "TASK_STATE_SUBMITTED") {
        log.setState("TASK_STATE_CANCELED");
      }
      await atMost(CANCEL_MS, task.settled);
    } else if (!log.isOver) this.#giveUp(task, watch);
    log.setState("TASK_STATE_CANCELED");
    if (log.state !== "TASK_STATE_CANCELED") {
      throw new A2AError("TASK_NOT_CANCELABLE");
    }
  }

  /** Cancels everything, and resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const working = [...this.#tasks.values()].filter(({ isIdle }) => !isIdle);
    for (const { abort } of working) {
      abort.abort(new DOMException("The server closes", "AbortError"));
    }
    await Promise.all(working.map(({ settled }) => settled));
    for (const task of this.#tasks.values()) this.#forget(task);
  }

  #checkRoom(): void {
    let working = 0;
    for (const { isIdle } of this.#tasks.values()) working += isIdle ? 0 : 1;
    if (this.#isClosed || working >= this.#config.maxRuns) {
      throw tryAgainLater("Too many tasks");
    }
  }

  #drive(
    task: ServedTask,
    input: string | undefined,
    watch: RequestWatch,
    start: (options: { signal: AbortSignal; threadId?: string }) => AgentRun,
  ): void {
    task.abort = new AbortController();
    const { signal } = task.abort;
    const { threadId } = task;
    const isKept = keepsThreads(this.#config);
    const work = (run: Run) =>
      this.#work(
        task,
        run,
        input === undefined,
        () => start(isKept ? { signal, threadId } : { signal }),
      );
    const { result } = this.#run(task.id, input, async (run) => {
      task.run = run;
      const inside = watch.begin(run, task.log);
      try {
        if (isKept) await this.#contexts.inTurn(threadId, () => work(inside));
        else await work(inside);
      } finally {
        task.run = null;
      }
    });
    task.settled = result.catch(() => {});
  }

  async #work(task: ServedTask, run: Run, resumed: boolean, start: () => AgentRun): Promise<void> {
    await workOnTask(task, run, start, {
      agentName: this.#config.card.name,
      resumed,
      before: resumed ? undefined : this.#waitingIn(task),
      report: this.#report,
    });
    task.order = ++this.#changes;
  }

  /** The task whose question the agent's conversation waits with. */
  #waitingIn(task: ServedTask): ServedTask | undefined {
    if (!keepsThreads(this.#config)) return undefined;
    return this.ofPrincipal(task.principal)
      .find((other) => other.question !== null && other.contextId === task.contextId);
  }

  #run(
    runId: string,
    input: string | undefined,
    work: (run: Run) => Promise<void>,
  ): { readonly result: Promise<void> } {
    const onError = (error: unknown) => void this.#report(error);
    return startRun({
      runId,
      bus: this.#bus,
      name: this.#config.card.name,
      input,
      onError,
    }, work);
  }

  /** Ends a task that waits for an answer which will not come. */
  #giveUp(task: ServedTask, watch?: RequestWatch): void {
    task.question = null;
    task.log.setState("TASK_STATE_CANCELED");
    this.#run(task.id, undefined, (run) => {
      watch?.begin(run, task.log);
      run.setOutcome("cancelled");
      return Promise.resolve();
    });
  }

  /** Forgets the oldest of those that nothing is done for, if they are too many. */
  #forgetOld(): void {
    if (this.#tasks.size <= this.#config.maxTasksRetained) return;
    const idle = [...this.#tasks.values()].filter(({ isIdle }) => isIdle)
      .sort((a, b) => a.order - b.order);
    const over = idle.length - this.#config.maxTasksRetained;
    for (const task of idle.slice(0, Math.max(0, over))) this.#forget(task);
  }

  #forget(task: ServedTask): void {
    if (!task.log.isOver) this.#giveUp(task);
    this.#tasks.delete(task.id);
    task.log.drop();
    // What is on the user's bus is the user's.
    if (this.#config.bus === undefined) this.#bus.dropHistory(task.id);
  }
}

// How long a client that cancels waits for an agent that does not listen.
const CANCEL_MS = 5_000;

async function atMost(timeoutMs: number, work: Promise<void>): Promise<void> {
  await settleOnce<void>({ timeoutMs }, () => "", ({ resolve }) => {
    work.then(resolve);
    return undefined;
  }).catch(() => {});
}
