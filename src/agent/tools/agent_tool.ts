/** An agent as a tool of another one. */

import { checkOptions, describe } from "../../core/options.ts";
import { randomHex } from "../../core/random_hex.ts";
import { type Run, runContext } from "../../core/run_context.ts";
import { withSpan } from "../../core/span.ts";
import type { Agent } from "../agent.ts";
import type { AgentResult } from "../result.ts";
import type { ToolContext } from "./context.ts";
import { type Tool, tool } from "./tool.ts";

/** Options of {@linkcode Agent.asTool}. */
export interface AgentToolOptions {
  /** By which the other agent calls it. @default {the agentId, or "sub_agent"} */
  name?: string;
  /** What the other agent is told about it. @default {"Give a task to the agent <name>"} */
  description?: string;
  /**
   * Whether its events go to a run of their own, which is closed when it is done. Its span in the run of
   * the caller names that run. @default {false}
   */
  isolate?: boolean;
}

/**
 * Makes the tool.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type.
 */
export function agentTool(
  agent: Pick<Agent, "agentId" | "invoke" | "resume">,
  options: AgentToolOptions,
): Tool {
  checkOptions("asTool()", options, ["name", "description", "isolate"]);
  const { name = agent.agentId ?? "sub_agent", isolate = false } = options;
  const { description = `Give a task to the agent ${name}` } = options;
  if (typeof isolate !== "boolean") {
    throw new TypeError(`asTool(): "isolate" must be true or false, got ${describe(isolate)}`);
  }
  const waiting = new Waiting();
  return tool<{ prompt: string }>({
    name,
    description,
    parameters: {
      type: "object",
      properties: { prompt: { type: "string", description: "The task, with all it needs." } },
      required: ["prompt"],
    },
    execute: async ({ prompt }, context) => {
      const work = new SubRun(agent, prompt, context, waiting);
      const { message, stop_reason, success } = context.run === undefined
        ? await work.go(null)
        : await (isolate ? isolated : alongside)(context.run, name, agent.agentId, work);
      return success ? message : `The agent ${name} stopped early (${stop_reason}): ${message}`;
    },
  }) as Tool;
}

/** In the run of the caller. */
function alongside(
  run: Run,
  name: string,
  agentId: string | null,
  work: SubRun,
): Promise<AgentResult> {
  const attributes = { agent_id: agentId, run_id: run.id };
  return withSpan(name, { run, attributes }, (span) => work.go(span?.run ?? null));
}

/** In a run of its own; a span in the run of the caller says where. */
function isolated(
  run: Run,
  name: string,
  agentId: string | null,
  work: SubRun,
): Promise<AgentResult> {
  const { bus } = run;
  const runId = work.waitingFor?.busRunId ?? randomHex(32);
  const attributes = { agent_id: agentId, run_id: runId };
  return withSpan(name, { run, attributes }, () =>
    runContext({ runId, bus }, async (own) => {
      try {
        return await work.go(own);
      } finally {
        // While it waits for a person, its run goes on.
        if (work.waitingFor === undefined) bus.closeStream(runId);
      }
    }));
}

/** A question of a sub-agent that its caller passes on. */
interface Asked {
  readonly interruptId: string;
  /** Which question of the call it is, from 1. */
  readonly count: number;
  readonly busRunId: string | undefined;
}

/** The calls of one tool whose agents wait for a person, oldest first. */
class Waiting {
  readonly #asked = new Map<string, Asked>();

  get(key: string): Asked | undefined {
    return this.#asked.get(key);
  }

  set(key: string, asked: Asked): void {
    this.#asked.set(key, asked);
    if (this.#asked.size > MAX_WAITING) this.#asked.delete(this.#asked.keys().next().value!);
  }

  delete(key: string): void {
    this.#asked.delete(key);
  }
}

// As many as an agent holds runs that wait.
const MAX_WAITING = 1000;

/**
 * One call of the tool. When the sub-agent asks a person, the caller does so in its place: it pauses, and
 * when it is resumed, this call is made again and goes on with the run that waits. In another process
 * there is none, and the sub-agent begins anew; the answers that were given are handed to it as it asks.
 */
class SubRun {
  readonly #agent: Pick<Agent, "invoke" | "resume">;
  readonly #prompt: string;
  readonly #context: ToolContext;
  readonly #waiting: Waiting;
  readonly #key: string;

  constructor(
    agent: Pick<Agent, "invoke" | "resume">,
    prompt: string,
    context: ToolContext,
    waiting: Waiting,
  ) {
    this.#agent = agent;
    this.#prompt = prompt;
    this.#context = context;
    this.#waiting = waiting;
    this.#key = `${context.runId} ${context.iteration} ${context.toolCallId}`;
  }

  get waitingFor(): Asked | undefined {
    return this.#waiting.get(this.#key);
  }

  async go(run: Run | null): Promise<AgentResult> {
    const { signal, interrupt } = this.#context;
    const before = this.waitingFor;
    let count = 0;
    let result: AgentResult;
    if (before === undefined) result = await this.#agent.invoke(this.#prompt, { signal, run });
    else {
      // Those before were passed on already.
      while (++count < before.count) interrupt("");
      const answer = interrupt("");
      this.#waiting.delete(this.#key);
      result = await this.#resume(answer, before.interruptId, run);
    }
    while (result.state.pending_interrupt !== null) {
      const { interrupt_id, question, options, metadata } = result.state.pending_interrupt;
      const asked = { interruptId: interrupt_id, count: ++count, busRunId: run?.id };
      this.#waiting.set(this.#key, asked);
      const answer = interrupt({ question, options: options ?? undefined }, metadata);
      this.#waiting.delete(this.#key);
      result = await this.#resume(answer, interrupt_id, run);
    }
    return result;
  }

  async #resume(answer: unknown, interruptId: string, run: Run | null): Promise<AgentResult> {
    const { signal } = this.#context;
    const events = this.#agent.resume(answer, { interruptId, signal, run });
    while (!(await events.next()).done);
    return events.result!;
  }
}
