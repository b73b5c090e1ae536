import { checkText } from "../core/checks.ts";
import type { Checkpointer, Snapshot } from "../memory/checkpointer.ts";
import { ActiveRuns, type AgentRun, RunIterator } from "./agent_run.ts";
import { holdThread } from "./threads/busy_threads.ts";
import { requireCheckpointer } from "./threads/check_checkpointer.ts";
import { restorePaused } from "./threads/restore.ts";
import { fromSnapshot, toSnapshot } from "./threads/snapshot.ts";
import { createFeatures, createTools } from "./features.ts";
import { type AgentConfig, checkTool, resolveOptions, toSettings } from "./config.ts";
import { checkPending, ThreadPersistence } from "./threads/thread_persistence.ts";
import { type WaitingRun, WaitingRuns } from "./threads/waiting_runs.ts";
import type { LanguageModel } from "./model/language_model.ts";
import type { AgentOptions } from "./options.ts";
import type { RunSettings, SystemPrompt } from "./loop/run_settings.ts";
import type { AgentResult } from "./result.ts";
import { type RunRequest, RunSegment, type RunStart } from "./loop/run_segment.ts";
import {
  type InvokeOptions,
  readRunOptions,
  type ResumeOptions,
  type RunOptions,
} from "./run_options.ts";
import type { AgentState } from "./state/state.ts";
import { agentTool, type AgentToolOptions } from "./tools/agent_tool.ts";
import { type Prompt, readPrompt } from "./state/read_prompt.ts";
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
  /** For the compiler: what it is as a stage of a pipeline. */
  declare readonly "~stage"?: (prompt: string) => unknown extends Output ? string : Output;
  readonly #config: AgentConfig;
  readonly #settings: RunSettings;
  readonly #model: LanguageModel;
  readonly #tools: Map<string, Tool>;
  readonly #active = new ActiveRuns();
  readonly #waiting = new WaitingRuns();

  /** Makes an agent. Nothing runs until it is asked to. */
  constructor(options: AgentOptions<Output>) {
    this.#config = resolveOptions(options);
    this.#settings = toSettings(this.#config);
    this.#model = options.model;
    this.#tools = createTools(this.#config);
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
   * The prompt is a text, or a conversation that ends with what the user says: messages of the AI SDK, or those of an
   * earlier run. With a `threadId`, they are added to what the thread holds.
   *
   * The run belongs to the context in which this is called: its events go to that context's run, and
   * so does whatever its tools emit, from wherever the events are read. Called outside of any run, it belongs to
   * the one in which its first event is asked for.
   *
   * @throws {TypeError} If the prompt is neither a string nor messages, or an option is unknown or of the wrong type.
   */
  run(prompt: Prompt, options: RunOptions = {}): AgentRun<Output> {
    const request = readRunOptions("run()", options, this.#config, true);
    return this.#begin(readPrompt("run()", prompt), request);
  }

  /**
   * Runs the agent to its end, or to its first question.
   *
   * @returns What it came to; for a question, `stop_reason` is `interrupted`, and
   * `state.pending_interrupt` says what is asked.
   * @throws Whatever the model throws, unless `throwOnError` is false.
   * @throws {TypeError} If the prompt is neither a string nor messages, or an option is unknown or of the wrong type.
   */
  async invoke(prompt: Prompt, options: InvokeOptions = {}): Promise<AgentResult<Output>> {
    const owner = "invoke()";
    const request = readRunOptions(owner, options, this.#config, false, ["throwOnError"]);
    const run = this.#begin(readPrompt(owner, prompt), request);
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
   * same tools whose `checkpointer` has the thread, also after a restart. It is taken when the first event is asked
   * for; if nothing waits for that answer any more, or another run has the thread, the iterator rejects with an {@linkcode InterruptError} or a {@linkcode ThreadBusyError}, without any event, and
   * the thread is left as it was.
   *
   * Of several processes that resume the same thread within the same moment one goes on, as far as the store can tell:
   * see `storageCheckpointer()`.
   *
   * @param response The answer; JSON, if the run is in a thread.
   * @throws {InterruptError} If no run of this agent waits for it, or several do and `interruptId` does
   * not say which.
   * @throws {TypeError} If an option is unknown or of the wrong type.
   */
  resume(response: unknown, options: ResumeOptions = {}): AgentRun<Output> {
    const owner = "resume()";
    const request = readRunOptions(owner, options, this.#config, true, [
      "interruptId",
      "answeredBy",
    ]);
    const { interruptId, answeredBy = null } = options;
    if (answeredBy !== null) checkText(owner, "answeredBy", answeredBy);
    if (interruptId !== undefined) checkText(owner, "interruptId", interruptId);
    const { threadId } = request;
    const waiting = threadId === null
      ? this.#waiting.find(interruptId)
      : this.#waiting.findUnsaved(threadId, interruptId) ?? { paused: null, threadId, interruptId };
    const start = { paused: waiting.paused, response };
    return this.#begin(start, { ...request, threadId: waiting.threadId, answeredBy }, waiting);
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
   * - **On the bus** it is a span of kind `agent` within the span of the call, so that one run can have several
   *   `agent.terminate`. With `isolate` it is a run of its own, a child of the caller's run.
   * - **Questions** of its tools are asked by the caller: that run pauses, and resuming it goes on here,
   *   also in another process, if the caller's run is in a thread.
   *
   * @throws {TypeError} If an option is unknown or of the wrong type.
   */
  asTool(options: AgentToolOptions = {}): Tool {
    return agentTool(this, options, {
      keep: (id) => {
        const paused = this.#waiting.look(id);
        return paused === null ? undefined : toSnapshot(paused);
      },
      restore: async (kept, signal) => {
        const tools = new Map(this.#tools);
        const restorer = { tools, createFeatures: () => createFeatures(this.#config, tools) };
        const stored = checkPending(
          SUB_AGENT,
          fromSnapshot(kept as Snapshot, SUB_AGENT),
          undefined,
        );
        const id = stored.paused.open[0]!.question!.interrupt_id;
        if (this.#waiting.look(id) !== null) return;
        const paused = await restorePaused(stored, SUB_AGENT, restorer, signal);
        this.#waiting.add(id, { paused, threadId: null });
      },
    });
  }

  /**
   * Gives the agent another tool, for the runs that begin after this.
   *
   * @throws {TypeError} If it is not a tool, or there is one of that name.
   */
  addTool(tool: Tool): void {
    checkTool(tool, this.#tools);
    this.#tools.set(tool.name, tool);
  }

  /**
   * Gives the agent more tools, one after the other.
   *
   * @throws {TypeError} If one is not a tool, or there is one of that name; those before it are added.
   */
  addTools(tools: Iterable<Tool>): void {
    for (const tool of tools) this.addTool(tool);
  }

  #begin(
    start: RunStart,
    request: RunRequest,
    question: WaitingRun & { readonly interruptId: string | undefined } | null = null,
  ): AgentRun<Output> {
    const config = this.#config;
    const tools = new Map(this.#tools);
    const createFeaturesOfRun = () => createFeatures(config, tools);
    const persistence = new ThreadPersistence({
      ...config,
      threadId: request.threadId,
      waiting: this.#waiting,
      question,
      tools,
      createFeatures: createFeaturesOfRun,
    });
    const home = {
      settings: this.#settings,
      tools,
      persistence,
      createFeatures: createFeaturesOfRun,
      register: (stop: AbortController) => this.#active.add(stop),
    };
    const segment = new RunSegment(home, start, request);
    // The schema in the config is what `Output` was inferred from.
    return new RunIterator(segment, config.callbackHandler) as AgentRun<Output>;
  }
}

/** What the run of a sub-agent, which its caller keeps, is called in messages. */
const SUB_AGENT = "of a sub-agent";
