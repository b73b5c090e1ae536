/** Decides what is to be done about each tool call of a turn. */

import type { Question } from "../../tools/question.ts";
import type { Arguments, ToolCall } from "../../state/messages.ts";
import type { ModelResponse } from "../../model/response.ts";
import type { RunSegment } from "../run_segment.ts";
import { type Steps, until } from "../../state/steps.ts";
import { checkArguments, type CheckedArguments } from "./tool_call.ts";
import {
  cancelledByHook,
  failed,
  limited,
  notExecuted,
  type ToolOutcome,
} from "../../tools/outcome.ts";
import { type PreparedCall, settled } from "./tool_plan.ts";
import type { Tool } from "../../tools/tool.ts";

/** Reads the calls of one turn, one after the other, and plans each with the features. */
export class CallPlanner {
  readonly #run: RunSegment;
  readonly #response: ModelResponse;
  readonly #signal: AbortSignal;
  readonly #firstByKey = new Map<string, number>();
  #checked: CheckedArguments = { error: "cancelled" };

  /** @param signal Aborted when nothing new shall begin. */
  constructor(run: RunSegment, response: ModelResponse, signal: AbortSignal) {
    this.#run = run;
    this.#response = response;
    this.#signal = signal;
  }

  /** Reads a call. Until it is planned, it is one that was stopped before it was made. */
  *read(call: ToolCall): Steps<PreparedCall> {
    const checked = this.#checked = yield* this.check(call, call.arguments);
    const args = "plain" in checked ? checked.plain : call.arguments;
    const span = this.#run.span?.tools.open(call) ?? null;
    const tool = this.#run.tools.get(call.name);
    return { call, args, tool, plan: settled(notExecuted()), span };
  }

  /**
   * Asks the features about the call that was read last, and decides what is to be done.
   *
   * @param earlier The calls before it in its turn.
   * @throws What a hook throws.
   */
  *plan(prepared: PreparedCall, earlier: readonly PreparedCall[]): Steps<PreparedCall> {
    const { call, span } = prepared;
    let input = call.arguments;
    let question: Question | null = null;
    let seen = prepared;
    for (const feature of this.#run.features.beforeToolCall) {
      const asking = feature.beforeToolCall(this.#run, seen);
      if (asking === null) continue;
      const request = yield* until(asking);
      question ??= request.question;
      if (request.cancel !== null) return this.#settled(prepared, cancelledByHook(request.cancel));
      if (request.arguments === null) continue;
      input = request.arguments;
      this.#checked = yield* this.check(call, input);
      seen = { ...seen, args: "plain" in this.#checked ? this.#checked.plain : input };
    }
    const planned = this.#decide(prepared, input, earlier);
    if (span !== null) this.#run.span?.tools.tellArguments(span, planned.args);
    const { plan } = planned;
    return question === null || plan.kind !== "execute"
      ? planned
      : { ...planned, plan: { kind: "approve", question, then: plan } };
  }

  /** Checks arguments. @param problem Why they could not even be read, if the model wrote them. */
  *check(
    call: ToolCall,
    args: Arguments,
    problem: string | null = this.#response.argumentErrors.get(call.id) ?? null,
  ): Steps<CheckedArguments> {
    const tool = this.#run.tools.get(call.name);
    if (tool === undefined) return { error: `Unknown tool: ${call.name}` };
    return yield* checkArguments(tool, args, problem, this.#signal);
  }

  #decide(
    prepared: PreparedCall,
    input: Arguments,
    earlier: readonly PreparedCall[],
  ): PreparedCall {
    const checked = this.#checked;
    const { tool } = prepared;
    if ("error" in checked || tool === undefined) {
      const error = "error" in checked ? checked.error : "";
      return this.#settled({ ...prepared, args: input }, failed(error));
    }
    const { value, plain: args } = checked;
    const call = { ...prepared, tool, args };
    const settling = this.#settle(call, earlier);
    if (settling !== null && !("key" in settling)) return this.#settled(call, settling);
    const key = settling?.key ?? null;
    if (key !== null) {
      const first = this.#firstByKey.get(key);
      if (first !== undefined) return { ...call, plan: { kind: "copy", of: first } };
      this.#firstByKey.set(key, earlier.length);
    }
    return { ...call, plan: { kind: "execute", tool, value, input, key } };
  }

  #settle(
    call: PreparedCall & { readonly tool: Tool },
    earlier: readonly PreparedCall[],
  ): ToolOutcome | { readonly key: string } | null {
    for (const feature of this.#run.features.settle) {
      const settling = feature.settle(this.#run, call, earlier);
      if (settling !== null) return settling;
    }
    return null;
  }

  #settled(call: PreparedCall, outcome: ToolOutcome): PreparedCall {
    return { ...call, plan: settled(limited(outcome, this.#run.settings.maxToolResultLength)) };
  }
}
