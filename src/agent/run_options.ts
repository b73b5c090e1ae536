/** What a caller may ask of one run. */

import { checkOptions, describe } from "../core/options.ts";
import { ambientRun, type Run } from "../core/run/run_context.ts";
import { requireCheckpointer } from "./threads/check_checkpointer.ts";
import { isRecord } from "../core/json.ts";
import { record } from "../core/option_rules.ts";
import { type AgentConfig, readStreaming } from "./config.ts";
import type { RunRequest } from "./loop/run_segment.ts";
import { checkSignal } from "../core/checks.ts";

/** Options of `agent.run()`. */
export interface RunOptions {
  /** Known to tools and hooks; laid over the agent's own. @default {{}} */
  metadata?: Readonly<Record<string, unknown>>;
  /** Cancels this run when aborted: it ends with the reason `cancelled`. */
  signal?: AbortSignal;
  /** Whether answers are streamed. @default {the agent's setting} */
  streaming?: boolean;
  /**
   * Which run to publish the events to, where no context tells: in browsers. With null the agent
   * publishes none.
   *
   * @default {the run that the call is made in, or else that in which the first event is asked for}
   */
  run?: Run | null;
  /**
   * The conversation that the run is part of, kept by the agent's `checkpointer`: it begins with what was
   * said there before. Where a thread waits for a person, a new prompt abandons the question.
   *
   * One run at a time: a run has its thread from its first event on, until it is iterated to its end or
   * left. Another one of this process fails with a `ThreadBusyError` meanwhile; of two processes, the one
   * that saves last wins.
   *
   * @default {none: the run remembers nothing, and nothing is kept of it}
   */
  threadId?: string;
}

/** Options of `agent.invoke()`. */
export interface InvokeOptions extends RunOptions {
  /** Reject when the run fails; otherwise the result says so. @default {true} */
  throwOnError?: boolean;
}

/** Options of `agent.resume()`. */
export interface ResumeOptions extends RunOptions {
  /**
   * Which question is answered.
   *
   * @default {the one that the thread asks; without a thread, the only one that waits}
   */
  interruptId?: string;
  /**
   * The conversation in which it was asked: then any agent with the same tools and the same store can go
   * on, also in another process. @default {whichever it was asked in, if this agent asked}
   */
  threadId?: string;
  /** Who answers, as `agent.interrupt.answered` shall tell it. @default {null: nobody knows} */
  answeredBy?: string | null;
}

const RUN_OPTIONS: readonly string[] = ["metadata", "signal", "streaming", "run", "threadId"];

/**
 * Checks what is asked of a run, and notes the run context of the call.
 *
 * @param automatic Whether to stream if nobody says.
 */
export function readRunOptions(
  owner: string,
  options: RunOptions,
  config: AgentConfig,
  automatic: boolean,
  further: readonly string[] = [],
): RunRequest {
  checkOptions(owner, options, [...RUN_OPTIONS, ...further]);
  const { metadata, signal, streaming, run, threadId } = options;
  if (threadId !== undefined) requireCheckpointer(owner, threadId, config.checkpointer);
  checkSignal(owner, signal);
  if (run !== undefined && run !== null && !(isRecord(run) && typeof run.emit === "function")) {
    throw new TypeError(`${owner}: "run" must be a run handle or null, got ${describe(run)}`);
  }
  return {
    metadata: record(owner, "metadata", metadata),
    signal,
    streaming: streaming === undefined
      ? streamsByDefault(config, automatic)
      : readStreaming(owner, streaming, config.model),
    busRun: run === undefined ? ambientRun() : run ?? undefined,
    findsRun: run === undefined,
    threadId: threadId ?? null,
    answeredBy: null,
  };
}

function streamsByDefault({ streaming, model }: AgentConfig, automatic: boolean): boolean {
  return streaming === "auto" ? automatic && model.stream !== null : streaming;
}
