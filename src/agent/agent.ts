import { describe } from "../core/options.ts";
import { ActiveRuns } from "./active_runs.ts";
import { type AgentRun, RunIterator } from "./agent_run.ts";
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
import { type Tool, tool } from "./tools/tool.ts";

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
   * A question can be answered once, and only by the agent that asked it.
   *
   * @param response The answer.
   * @throws {InterruptError} If no run waits for it, or several do and `interruptId` does not say which.
   * @throws {TypeError} If an option is unknown or of the wrong type.
   */
  resume(response: unknown, options: ResumeOptions = {}): AgentRun<Output> {
    const owner = "resume()";
    const request = readRunOptions(owner, options, this.#config, true, ["interruptId"]);
    const { interruptId } = options;
    if (interruptId !== undefined && typeof interruptId !== "string") {
      throw new TypeError(`${owner}: "interruptId" must be a string, got ${describe(interruptId)}`);
    }
    return this.#begin({ paused: this.#paused.take(interruptId), response }, request);
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
   * why there is none. It is cancelled with the run that calls it, and publishes to the same run.
   *
   * @param name @default {the agentId, or "sub_agent"}
   */
  asTool(
    name: string = this.agentId ?? "sub_agent",
    description: string = `Give a task to the agent ${name}`,
  ): Tool {
    return tool<{ prompt: string }>({
      name,
      description,
      parameters: {
        type: "object",
        properties: { prompt: { type: "string", description: "The task, with all it needs." } },
        required: ["prompt"],
      },
      execute: async ({ prompt }, { signal }) => {
        const { success, message, stop_reason } = await this.invoke(prompt, { signal });
        return success ? message : `The agent ${name} stopped early (${stop_reason}): ${message}`;
      },
    });
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
