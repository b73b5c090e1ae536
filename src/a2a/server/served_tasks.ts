import type { AgentRun } from "../../agent/agent_run.ts";
import { keepsThreads } from "../../adapters/agent_server/routes.ts";
import type { Principal } from "../../adapters/agent_server/access.ts";
import { tryAgainLater } from "../../adapters/http/responses.ts";
import { EventBus } from "../../core/bus/event_bus.ts";
import { randomHex } from "../../core/random_hex.ts";
import type { RunOutcome } from "../../core/run/run.ts";
import type { Run } from "../../core/run/run_context.ts";
import { startRun } from "../../core/run/with_run.ts";
import { toTimestamp } from "../../core/timestamp.ts";
import { deadline } from "../../core/waits.ts";
import type { AnyBus } from "../../core/bus/bus.ts";
import { A2AError } from "../protocol/errors.ts";
import type { Message } from "../protocol/types.ts";
import { Contexts } from "./contexts.ts";
import { say } from "./drive_agent.ts";
import { textOf } from "./message_text.ts";
import type { A2AServerConfig } from "./options.ts";
import type { RequestWatch } from "./request_watch.ts";
import { SentMessages } from "./sent_messages.ts";
import { ServedTask } from "./served_task.ts";
import { HELD, type Place, TaskLog } from "./task_log.ts";
import { restoreTask, TaskStore } from "./task_store.ts";
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
  /** What keeps the tasks beyond this process. */
  readonly #store: TaskStore | null;
  // The one that changed last comes last.
  readonly #tasks = new Map<string, ServedTask>();
  readonly #working = new Set<ServedTask>();
  readonly #sent = new SentMessages();
  readonly #contexts = new Contexts();
  #isClosed = false;
  /** Resolves when the tasks are there that another process left. */
  readonly ready: Promise<void>;

  constructor(config: A2AServerConfig, report: (error: unknown) => string) {
    const { maxRuns, maxTasksRetained, maxTaskBytes, bus, tasks } = config;
    this.#config = config;
    this.#report = report;
    const bounds = {
      historyPerRun: HELD,
      maxRunsRetained: maxRuns + maxTasksRetained,
      onError: (error: Error) => void report(error),
    };
    // Two bytes a character, and room for the entry that holds the whole task.
    const maxEventBytes = 4 * maxTaskBytes;
    this.#log = new EventBus({ ...bounds, maxEventBytes, maxBytes: 16 * maxEventBytes });
    this.#bus = bus ?? new EventBus(bounds);
    this.#store = tasks === undefined ? null : new TaskStore(tasks);
    this.ready = this.#load().catch((error) => void report(error));
  }

  /**
   * Begins a task.
   *
   * @param key What the message is known by.
   * @throws {Refusal} With 503 if there are too many.
   */
  begin(principal: Principal, message: Message, key: string, watch: RequestWatch): Sent {
    const id = randomHex(32);
    const contextId = message.contextId ?? crypto.randomUUID();
    this.#checkRoom();
    const status = { state: "TASK_STATE_SUBMITTED", timestamp: toTimestamp(Date.now()) } as const;
    const history = [{ ...message, taskId: id, contextId }];
    const log = this.#logOf(id, principal);
    const task = new ServedTask(principal, contextId, log);
    if (keepsThreads(this.#config)) this.#contexts.check(task.threadId);
    log.add({ task: { id, contextId, status, history } }, key);
    this.#tasks.set(id, task);
    this.#sent.add(key, id, Date.now());
    const from = log.place;
    const text = textOf(message);
    this.#drive(task, text, watch, (options) => this.#config.agent.run(text, options));
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
    key: string,
    { value, by: answeredBy }: { readonly value: unknown; readonly by: string | null },
    watch: RequestWatch,
  ): Sent {
    const { question, log, id, contextId } = task;
    if (question === null) {
      const text = "The task does not wait for a message";
      throw new A2AError("UNSUPPORTED_OPERATION", text);
    }
    this.#checkRoom();
    task.question = null;
    log.add({ message: { ...message, taskId: id, contextId } }, key);
    this.#sent.add(key, id, Date.now());
    const from = log.place;
    const { agent } = this.#config;
    const how = { interruptId: question.interrupt_id, answeredBy };
    this.#drive(task, undefined, watch, (options) => agent.resume(value, { ...options, ...how }));
    return { task, from };
  }

  /** The task that this message went to not long ago; undefined if it is new. */
  sentAs(principal: Principal, key: string): ServedTask | undefined {
    const id = this.#sent.find(key);
    return id === undefined ? undefined : this.find(principal, id);
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
      task.abort.abort(new DOMException("Canceled by the client", "AbortError"));
      if (log.state === "TASK_STATE_SUBMITTED") log.setState("TASK_STATE_CANCELED");
      await deadline(task.settled, CANCEL_MS).catch(() => {});
    } else if (!log.isOver) this.#giveUp(task, watch);
    log.setState("TASK_STATE_CANCELED");
    if (log.state !== "TASK_STATE_CANCELED") throw new A2AError("TASK_NOT_CANCELABLE");
  }

  /** Cancels everything, and resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const working = [...this.#working];
    for (const { abort } of working) {
      abort.abort(new DOMException("The server closes", "AbortError"));
    }
    await Promise.all(working.map(({ settled }) => settled));
    await Promise.all([...this.#tasks.values()].map(({ log }) => log.stored()));
    // What is stored is for the process that comes next.
    if (this.#store === null) this.#tasks.forEach((task) => this.#forget(task));
    this.#tasks.clear();
  }

  #logOf(id: string, owner: Principal, epoch = 0): TaskLog {
    const keeper = this.#store?.keeperOf(id, owner, epoch, {
      onTaken: () => this.#leave(id),
      onFailure: (cause, isFinal) => {
        const what = isFinal ? "Gave up keeping" : "Cannot keep";
        this.#report(new Error(`${what} what happens to task ${id}`, { cause }));
      },
    });
    return new TaskLog(this.#log, id, this.#config.maxTaskBytes, keeper ?? null);
  }

  /** Leaves a task to the server that has taken it over: what is done for it here ends. */
  #leave(id: string): void {
    const task = this.#tasks.get(id);
    this.#tasks.delete(id);
    const why = `Another server has taken over task ${id}`;
    this.#report(new Error(`${why}: only one at a time may use the bus "tasks"`));
    task?.log.leave();
    task?.abort.abort(new DOMException(why, "AbortError"));
  }

  /** Takes over the tasks of the process before. What it worked on is lost, and that is said. */
  async #load(): Promise<void> {
    const found: ServedTask[] = [];
    for await (const stored of this.#store?.load() ?? []) {
      const log = this.#logOf(stored.id, stored.owner, stored.epoch);
      let task: ServedTask | null;
      try {
        task = restoreTask(stored, log, keepsThreads(this.#config));
      } catch (cause) {
        // What is spoiled takes no other with it.
        this.#report(new Error(`Cannot restore task ${stored.id}`, { cause }));
        continue;
      }
      if (task === null) continue;
      found.push(task);
      for (const { key, at } of stored.sent) this.#sent.add(key, task.id, at);
    }
    const timeOf = ({ log }: ServedTask) => log.place.task.status.timestamp ?? "";
    found.sort((a, b) => timeOf(a) < timeOf(b) ? -1 : 1);
    for (const task of found) {
      this.#tasks.set(task.id, task);
      if (task.log.isOver || task.question !== null) continue;
      const why = "The server stopped while the agent worked on the task";
      say(task.log, "TASK_STATE_FAILED", why);
      this.#conclude(task, "error", why);
    }
    this.#forgetOld();
  }

  #checkRoom(): void {
    const isFull = this.#working.size >= this.#config.maxRuns;
    if (this.#isClosed || isFull) throw tryAgainLater("Too many tasks");
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
    const options = isKept ? { signal, threadId } : { signal };
    const resumed = input === undefined;
    const work = (run: Run) =>
      workOnTask(task, run, () => start(options), {
        agentName: this.#config.card.name,
        resumed,
        before: resumed ? undefined : this.#waitingIn(task),
        report: this.#report,
      });
    const { result } = this.#run(task.id, input, async (run) => {
      task.run = run;
      this.#working.add(task);
      const inside = watch.begin(run, task.log);
      try {
        if (isKept) await this.#contexts.inTurn(threadId, () => work(inside));
        else await work(inside);
      } finally {
        task.run = null;
        this.#working.delete(task);
        if (this.#tasks.delete(task.id)) this.#tasks.set(task.id, task);
      }
    });
    task.settled = result.catch(() => {});
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
    const { name } = this.#config.card;
    return startRun({ runId, bus: this.#bus, name, input, onError }, work);
  }

  /** Ends a task that waits for an answer which will not come. */
  #giveUp(task: ServedTask, watch?: RequestWatch): void {
    task.question = null;
    task.log.setState("TASK_STATE_CANCELED");
    this.#conclude(task, "cancelled", undefined, watch);
  }

  /** Ends the run of a task that nobody works on. */
  #conclude(task: ServedTask, outcome: RunOutcome, why?: string, watch?: RequestWatch): void {
    this.#run(task.id, undefined, (run) => {
      watch?.begin(run, task.log);
      return Promise.resolve(run.setOutcome(outcome, why));
    });
  }

  /** Forgets the oldest of those that nothing is done for, if they are too many. */
  #forgetOld(): void {
    let over = this.#tasks.size - this.#working.size - this.#config.maxTasksRetained;
    for (const task of this.#tasks.values()) {
      if (over <= 0) return;
      if (task.run !== null) continue;
      this.#forget(task);
      over--;
    }
  }

  #forget(task: ServedTask): void {
    if (!task.log.isOver) this.#giveUp(task);
    this.#tasks.delete(task.id);
    task.log.drop();
    // Unless it is another server's by now.
    if (this.#store !== null) {
      void task.log.stored().then((isStored) => isStored && this.#store?.drop(task.id));
    }
    // What is on the user's bus is the user's.
    if (this.#config.bus === undefined) this.#bus.dropHistory(task.id);
  }
}

// How long a client that cancels waits for an agent that does not listen.
const CANCEL_MS = 5_000;
