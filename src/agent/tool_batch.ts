/** The tool calls of one turn: what is to be done about each, and what came of it. */

import { blockCompletion, noteVerification } from "./completion.ts";
import { type AgentEvent, createEvent } from "./events.ts";
import type { Question } from "./interrupt.ts";
import { canonicalJson } from "./json.ts";
import { type Message, type ToolCall, toolMessage } from "./messages.ts";
import type { ModelResponse } from "./model/response.ts";
import type { RunHandle } from "./run_handle.ts";
import { checkArguments, executeTool } from "./tool_call.ts";
import {
  contentFor,
  copied,
  failed,
  limited,
  stoppedBySibling,
  type ToolOutcome,
} from "./tool_outcome.ts";
import type { ToolExecution } from "./state.ts";
import type { Tool } from "./tools/tool.ts";

/** What a turn needs to go on when its question is answered. */
export interface PausedBatch {
  readonly response: ModelResponse;
  readonly prepared: readonly PreparedCall[];
  readonly outcomes: readonly (ToolOutcome | undefined)[];
  /** Which call asks. */
  readonly index: number;
  readonly question: Question;
  /** What it was answered before. */
  readonly answers: readonly unknown[];
}

/** A call whose arguments are read, and what is to be done about it. */
export interface PreparedCall {
  readonly call: ToolCall;
  /** Validated, with defaults; as the model wrote them if they are not valid. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly plan: Plan;
}

type Plan =
  /** Nothing to run: unknown, invalid, refused, or known from an earlier turn. */
  | { readonly kind: "settled"; readonly outcome: ToolOutcome }
  /** The same idempotent call as that one of this turn. */
  | { readonly kind: "copy"; readonly of: number }
  | {
    readonly kind: "execute";
    readonly tool: Tool;
    readonly value: unknown;
    /** Under which to remember the outcome; null for a tool that is not idempotent. */
    readonly key: string | null;
  };

/** The tool calls of one turn. */
export class ToolBatch {
  readonly run: RunHandle;
  readonly response: ModelResponse;
  readonly prepared: PreparedCall[];
  readonly outcomes: (ToolOutcome | undefined)[];
  /** The call that asks a person, if one does. */
  asking: { readonly index: number; readonly question: Question } | null = null;
  readonly #firstByKey = new Map<string, number>();
  readonly #controller = new AbortController();
  readonly #abort = (): void => this.#controller.abort(this.run.signal.reason);

  constructor(run: RunHandle, response: ModelResponse, paused?: PausedBatch) {
    this.run = run;
    this.response = response;
    this.prepared = [...paused?.prepared ?? []];
    this.outcomes = [...paused?.outcomes ?? []];
    if (run.signal.aborted) this.#abort();
    else run.signal.addEventListener("abort", this.#abort, { once: true });
  }

  get calls(): readonly ToolCall[] {
    return this.response.tool_calls;
  }

  /** Whether the run was cancelled, or a call asks a person: nothing new shall begin. */
  get stopped(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Decides what is to be done about the next call. @returns Its `tool_start` event. */
  async prepare(): Promise<AgentEvent> {
    const index = this.prepared.length;
    const call = this.calls[index]!;
    const { args, plan } = await this.#plan(call, index);
    this.prepared.push({ call, args, plan });
    return createEvent("tool_start", {
      tool_name: call.name,
      tool_call_id: call.id,
      arguments: args,
    });
  }

  /** Carries out what was decided. Never rejects; notes the outcome, unless the call asks a person. */
  async execute(index: number, answers: readonly unknown[] = []): Promise<void> {
    const { call, plan } = this.prepared[index]!;
    if (plan.kind === "settled") this.outcomes[index] = plan.outcome;
    if (plan.kind !== "execute") return;
    const { run } = this;
    const { tool, value: args, key } = plan;
    const { signal } = this.#controller;
    const ended = await executeTool({ run, tool, call, args, signal, answers });
    if ("question" in ended) {
      // The first one asks; a second one has lost, like any other sibling.
      if (this.asking !== null) this.outcomes[index] = stoppedBySibling();
      else this.asking = { index, question: ended };
      this.#controller.abort(new DOMException("Another tool call asks a person", "AbortError"));
      return;
    }
    const outcome = limited(ended, run.config.maxToolResultLength);
    if (key !== null && !outcome.cancelled) run.progress.idempotent.set(key, outcome);
    this.outcomes[index] = outcome;
  }

  /** Notes the outcome of a copy, once that of its original is known. */
  copy(index: number): void {
    const { plan } = this.prepared[index]!;
    if (plan.kind === "copy") {
      const original = this.outcomes[plan.of];
      this.outcomes[index] = original === undefined ? stoppedBySibling() : copied(original);
    }
  }

  /** The `tool_complete` event of a call whose outcome is known. */
  complete(index: number): AgentEvent {
    const { call } = this.prepared[index]!;
    const { result, error, duration_ms } = this.outcomes[index]!;
    this.run.progress.toolCalls++;
    noteVerification(this.run, call.name, this.outcomes[index]!);
    return createEvent("tool_complete", {
      tool_name: call.name,
      tool_call_id: call.id,
      result,
      error,
      duration_ms,
    });
  }

  /** Writes the outcomes into the run's state, in the order of the calls. */
  commit(): void {
    const { run } = this;
    const timestamp = new Date().toISOString();
    const executions: ToolExecution[] = [];
    const messages: Message[] = [];
    for (const [index, call] of this.calls.entries()) {
      // A call that was never begun, because the turn was stopped before it, has no outcome.
      const outcome = this.outcomes[index];
      if (outcome === undefined) continue;
      executions.push(Object.freeze({
        tool_name: call.name,
        tool_call_id: call.id,
        arguments: this.prepared[index]?.args ?? call.arguments,
        result: outcome.result,
        error: outcome.error,
        duration_ms: outcome.duration_ms,
        timestamp,
        idempotent_cache_hit: outcome.cached,
        cancelled: outcome.cancelled,
      }));
      messages.push(toolMessage(call, contentFor(outcome), outcome.error !== null));
    }
    run.append(...messages);
    run.update({ tool_executions: [...run.state.tool_executions, ...executions] });
    run.terminalResult = this.outcomes.find((outcome) => outcome?.terminal)?.result ?? null;
  }

  /** Lets go of the run's signal, and of whatever still runs. */
  close(): void {
    this.run.signal.removeEventListener("abort", this.#abort);
    this.#controller.abort();
  }

  async #plan(call: ToolCall, index: number): Promise<Pick<PreparedCall, "args" | "plan">> {
    const { run } = this;
    const settled = (outcome: ToolOutcome, args = call.arguments) => ({
      args,
      plan: { kind: "settled" as const, outcome: limited(outcome, run.config.maxToolResultLength) },
    });
    const tool = run.tools.get(call.name);
    if (tool === undefined) return settled(failed(`Unknown tool: ${call.name}`));
    const problem = this.response.argumentErrors.get(call.id);
    const checked = await checkArguments(tool, call, problem, this.#controller.signal);
    if ("error" in checked) return settled(failed(checked.error));
    const { value, plain: args } = checked;
    const refusal = blockCompletion(run, call, this.prepared);
    if (refusal !== null) return settled(refusal, args);
    if (!tool.idempotent) return { args, plan: { kind: "execute", tool, value, key: null } };

    const key = `${tool.name} ${canonicalJson(args)}`;
    const known = run.progress.idempotent.get(key);
    if (known !== undefined) return settled(copied(known), args);
    const first = this.#firstByKey.get(key);
    if (first !== undefined) return { args, plan: { kind: "copy", of: first } };
    this.#firstByKey.set(key, index);
    return { args, plan: { kind: "execute", tool, value, key } };
  }
}
