import { describe } from "../core/options.ts";
import type { Checkpointer } from "../memory/checkpointer.ts";
import { ActiveRuns } from "./active_runs.ts";
import { type AgentRun, RunIterator } from "./agent_run.ts";
import { holdThread } from "./checkpoint/busy_threads.ts";
import { requireCheckpointer } from "./checkpoint/check_checkpointer.ts";
import { fromSnapshot } from "./checkpoint/snapshot.ts";
import { withBuiltins } from "./completion.ts";
import { type AgentConfig, checkTool, resolveOptions } from "./config.ts";
import { PausedRuns } from "./interrupt.ts";
import type { LanguageModel } from "./model/language_model.ts";
import type { AgentOptions, SystemPrompt } from "./options.ts";
import type { AgentResult } from "./result.ts";
import { RunHandle, type RunRequest, type RunStart } from "./run_handle.ts";
import {
  type InvokeOptions,
  readRunOptions,
  type ResumeOptions,
  type RunOptions,
} from "./run_options.ts";
import type { AgentState } from "./state.ts";
import { agentTool, type AgentToolOptions } from "./tools/agent_tool.ts";
import type { Tool } from "./tools/tool.ts";

/**
 * A language model that reasons and calls tools in turns until its task is done.
 *
 * - **Runs** do not share anything: one agent can serve many at the same time.
 * - **Watching:** {@linkcode Agent.run} yields typed events. Called inside a run context, the same run
 *   appears on the bus as `agent.*` events; outside of one that costs a single context read.
 * - **Failures** of a tool are told to the model, and the run goes on. A failure of the model ends the
 *   run: first a `terminate` event with the reason `error`, then the iterator rejects.
 *
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 * @throws {RangeError} If a number is out of its range.
 */
export class Agent<Output = unknown> {
  readonly #config: AgentConfig;
  readonly #model: LanguageModel;
  readonly #tools: Map<string, Tool>;
  readonly #active = new ActiveRuns();
  readonly #paused = new PausedRuns();

  /** Makes an agent. Nothing runs until it is asked to. */
  constructor(options: AgentOptions<Output>) {
    this.#config = resolveOptions(options);
    this.#model = options.model;
    this.#tools = withBuiltins(this.#config);
    for (const plugin of this.#config.plugins) plugin.initAgent(this);
  }

  /** The model, as it was given. */
  get model(): LanguageModel {
    return this.#model;
  }

  /** The tools that the next run will have. */
  get tools(): readonly Tool[] {
    return [...this.#tools.values()];
  }

  /** The system prompt, or the function that makes it. */
  get systemPrompt(): string | SystemPrompt {
    return this.#config.systemPrompt;
  }

  /** A name for this agent; null if it was given none. */
  get agentId(): string | null {
    return this.#config.agentId;
  }

  /** What keeps its threads; null if they are not kept. */
  get checkpointer(): Checkpointer | null {
    return this.#config.checkpointer;
  }

  /**
   * Runs the agent, and yields what it does.
   *
   * The run belongs to the context in which this is called: its events go to that context's run, and
   * so does whatever its tools emit, from wherever the events are read.
   *
   * @throws {TypeError} If the prompt is no string, or an option is unknown or of the wrong type.
   */
  run(prompt: string, options: RunOptions = {}): AgentRun<Output> {
    const request = readRunOptions("run()", options, this.#config, true);
    return this.#begin({ prompt: checkPrompt("run()", prompt) }, request);
  }

  /**
   * Runs the agent to its end, or to its first question.
   *
   * @returns What it came to; for a question, `stop_reason` is `interrupted`, and
   * `state.pending_interrupt` says what is asked.
   * @throws Whatever the model throws, unless `throwOnError` is false.
   * @throws {TypeError} If the prompt is no string, or an option is unknown or of the wrong type.
   */
  async invoke(prompt: string, options: InvokeOptions = {}): Promise<AgentResult<Output>> {
    const owner = "invoke()";
    const request = readRunOptions(owner, options, this.#config, false, ["throwOnError"]);
    const run = this.#begin({ prompt: checkPrompt(owner, prompt) }, request);
    try {
      while (!(await run.next()).done);
    } catch (error) {
      if (options.throwOnError !== false || run.result === null) throw error;
    }
    return run.result!;
  }

  /**
   * Goes on with a run that waits for a person, as a new segment of the same run.
   *
   * The tool that asked is called again and gets the answer; its `tool_complete` is the first event.
   * A question can be answered once: by the agent that asked it or, with `threadId`, by any agent with the
   * same tools whose `checkpointer` has the thread, also after a restart. Then the thread is read when the
   * first event is asked for; if it does not wait for that answer, or another run has it, the iterator
   * rejects with an {@linkcode InterruptError} or a {@linkcode ThreadBusyError}, without any event, and
   * the thread is left as it was.
   *
   * Between processes that resume the same thread within the same moment, answering once is as safe as
   * the store is: one without locks can let both go on.
   *
   * @param response The answer; JSON, if the run is in a thread.
   * @throws {InterruptError} If no run of this agent waits for it, or several do and `interruptId` does
   * not say which.
   * @throws {TypeError} If an option is unknown or of the wrong type.
   */
  resume(response: unknown, options: ResumeOptions = {}): AgentRun<Output> {
    const owner = "resume()";
    const request = readRunOptions(owner, options, this.#config, true, ["interruptId"]);
    const { interruptId } = options;
    if (interruptId !== undefined && typeof interruptId !== "string") {
      throw new TypeError(`${owner}: "interruptId" must be a string, got ${describe(interruptId)}`);
    }
    const { threadId } = request;
    const waiting = threadId === null
      ? this.#paused.take(interruptId)
      : this.#paused.takeUnsaved(threadId, interruptId) ?? { paused: null, threadId, interruptId };
    const start = waiting.paused === null
      ? { interruptId: waiting.interruptId, response }
      : { paused: waiting.paused, response };
    return this.#begin(start, { ...request, threadId: waiting.threadId });
  }

  /**
   * What a thread holds, as its last run left it; null if there is no such thread. A run that waits for a
   * person says so in `pending_interrupt`.
   *
   * @throws {TypeError} If the id cannot name a thread, or the agent has no checkpointer.
   * @throws {CheckpointError} If the thread cannot be read.
   */
  async thread(threadId: string): Promise<AgentState | null> {
    const checkpointer = requireCheckpointer("thread()", threadId, this.checkpointer);
    const snapshot = await checkpointer.load(threadId);
    return snapshot === null ? null : fromSnapshot(snapshot, threadId).state;
  }

  /**
   * Forgets a thread, with all its checkpoints.
   *
   * @returns Whether there was anything to forget.
   * @throws {ThreadBusyError} If a run has it: cancel that one first, it would save the thread again.
   * @throws {TypeError} If the id cannot name a thread, or the agent has no checkpointer.
   * @throws {CheckpointError} If the store fails.
   */
  async deleteThread(threadId: string): Promise<boolean> {
    const checkpointer = requireCheckpointer("deleteThread()", threadId, this.checkpointer);
    const release = holdThread(checkpointer, threadId);
    try {
      return await checkpointer.delete(threadId);
    } finally {
      release();
    }
  }

  /**
   * Cancels all runs of this agent that are under way: they end at once with the reason `cancelled`.
   * If there are none, the next one is cancelled as it begins. To cancel one run, give it a signal.
   */
  cancel(): void {
    this.#active.cancelAll();
  }

  /** Whether a cancel was asked for that is not carried out yet. */
  get isCancelled(): boolean {
    return this.#active.cancelled;
  }

  /**
   * This agent as a tool for another one: it takes a `prompt` and returns the answer, or a sentence on
   * why there is none.
   *
   * - **Stopping:** it is cancelled with the run that calls it.
   * - **On the bus** it is a span of its own within the span of the call: `span.started` names it, with
   *   `agent_id` and `run_id` as attributes. Its events go to the caller's run, so that one run can have
   *   several `agent.terminate`; with `isolate` they go to the run `run_id`, which tells apart agents that
   *   work at the same time.
   * - **Questions** of its tools are asked by the caller: that run pauses, and resuming it goes on here.
   *
   * @throws {TypeError} If an option is unknown or of the wrong type.
   */
  asTool(options: AgentToolOptions = {}): Tool {
    return agentTool(this, options);
  }

  /**
   * Gives the agent another tool, for the runs that begin after this.
   *
   * @throws {TypeError} If it is no tool, or there is one of that name.
   */
  addTool(tool: Tool): void {
    checkTool(tool, this.#tools);
    this.#tools.set(tool.name, tool);
  }

  /**
   * Gives the agent more tools, one after the other.
   *
   * @throws {TypeError} If one is no tool, or there is one of that name; those before it are added.
   */
  addTools(tools: Iterable<Tool>): void {
    for (const tool of tools) this.addTool(tool);
  }

  #begin(start: RunStart, request: RunRequest): AgentRun<Output> {
    const home = {
      config: this.#config,
      tools: new Map(this.#tools),
      active: this.#active,
      paused: this.#paused,
    };
    // The schema in the config is what `Output` was inferred from.
    return new RunIterator(new RunHandle(home, start, request)) as AgentRun<Output>;
  }
}

function checkPrompt(owner: string, prompt: unknown): string {
  if (typeof prompt === "string") return prompt;
  throw new TypeError(`${owner}: the prompt must be a string, got ${describe(prompt)}`);
}
