/** Tells the bus what an agent does, with the chunks of long answers joined. */

import { ambientRun, type Run } from "../../core/run/run_context.ts";
import type { AgentEvent, ModelCompleteEvent } from "../state/events.ts";
import { checkRun } from "../../core/checks.ts";
import { describe } from "../../core/options.ts";
import { defaultRedactor } from "../../redaction/default_redactor.ts";
import { redactSecrets } from "../../redaction/secrets.ts";

/**
 * Publishes an agent's event to a run: by default to the one that this code is part of, and nowhere if
 * there is none. An agent does this itself for the events of its runs; this is for streams of agent
 * events that you make or forward.
 *
 * @throws {TypeError} If `event` is not an event of an agent, or `run` no run.
 *
 * @example Bridge an event
 * ```ts
 * import { getEventBus, runContext } from "@locus/core";
 * import { type AgentEvent, bridgeAgentEvent } from "@locus/core/agent";
 * import { assertEquals } from "@std/assert";
 *
 * const event: AgentEvent = {
 *   event_type: "think",
 *   timestamp: new Date().toISOString(),
 *   iteration: 0,
 *   reasoning: "I should look that up.",
 *   tool_calls: [],
 * };
 * const runId = runContext((run) => {
 *   bridgeAgentEvent(event);
 *   return run.id;
 * });
 *
 * getEventBus().closeStream(runId);
 * for await (const { event_type } of getEventBus().subscribe(runId)) {
 *   assertEquals(event_type, "agent.think");
 * }
 * ```
 */
export function bridgeAgentEvent(event: AgentEvent, run: Run | undefined = ambientRun()): void {
  if (typeof (event as Partial<AgentEvent> | null | undefined)?.event_type !== "string") {
    throw new TypeError(
      `bridgeAgentEvent(): expected an event of an agent, got ${describe(event)}`,
    );
  }
  if (run === undefined) return;
  checkRun('bridgeAgentEvent(): "run" must be', run);
  publishEvent(run, event);
}

export type Extras = Readonly<Record<string, unknown>>;

type Target = Pick<Run, "emit">;

/**
 * Publishes an event.
 *
 * @param extras What the payload says beside what the event knows, such as its place.
 * @param tokens The same for the tokens of a model call.
 */
export function publishEvent(
  run: Target,
  event: AgentEvent,
  extras: Extras = {},
  tokens: Extras = extras,
): void {
  switch (event.event_type) {
    case "think":
      return run.emit("agent.think", {
        iteration: event.iteration,
        reasoning_preview: preview(event.reasoning),
        has_tool_calls: event.tool_calls.length > 0,
        tool_call_count: event.tool_calls.length,
        ...extras,
      });
    case "tool_start":
      return run.emit("agent.tool.started", {
        tool_name: event.tool_name,
        span_id: event.tool_call_id,
        arg_keys: Object.keys(event.arguments).sort().map(redactSecrets),
        ...extras,
      });
    case "tool_complete":
      return run.emit("agent.tool.completed", {
        tool_name: event.tool_name,
        span_id: event.tool_call_id,
        success: event.error === null,
        duration_ms: event.duration_ms,
        output_preview: preview(event.result),
        error: event.error,
        ...extras,
      });
    case "reflect":
      return run.emit("agent.reflect", {
        iteration: event.iteration,
        assessment: event.assessment,
        confidence_delta: event.confidence_delta,
        new_confidence: event.new_confidence,
        guidance_preview: preview(event.guidance),
        ...extras,
      });
    case "grounding":
      return run.emit("agent.grounding", {
        score: event.score,
        claims_evaluated: event.claims_evaluated,
        ungrounded_count: event.ungrounded_claims.length,
        requires_replan: event.requires_replan,
        ...extras,
      });
    case "terminate":
      return run.emit("agent.terminate", {
        reason: redactSecrets(event.reason),
        iterations_used: event.iterations_used,
        final_confidence: event.final_confidence,
        total_tool_calls: event.total_tool_calls,
        final_message_preview: preview(event.final_message),
        ...extras,
      });
    case "interrupt":
      return run.emit("agent.interrupt", {
        interrupt_id: event.interrupt_id,
        question_preview: preview(event.question),
        options: event.options === null ? null : event.options.map(redactSecrets),
        ...extras,
      });
    case "model_chunk":
      return run.emit("agent.model.chunk", {
        content_preview: preview(event.content),
        done: event.done,
        ...event.discarded && DISCARDED,
        has_tool_calls: (event.tool_calls ?? []).length > 0,
        ...extras,
      });
    case "model_complete":
      return publishCompletion(run, event, extras, tokens);
    case "causal_node":
    case "causal_edge":
      // The catalogue of the bus has no event for them.
      return;
  }
}

function publishCompletion(
  run: Target,
  event: ModelCompleteEvent,
  extras: Extras,
  tokens: Extras,
): void {
  run.emit("agent.model.completed", {
    content_preview: preview(event.content),
    tool_call_count: event.tool_calls.length,
    stop_reason: event.stop_reason,
    ...event.discarded && DISCARDED,
    ...extras,
  });
  // Streams that others make name the counts in either way, and some leave out the total.
  const { input_tokens, output_tokens, prompt_tokens, completion_tokens, total_tokens } =
    event.usage;
  const prompt = prompt_tokens ?? input_tokens;
  const completion = completion_tokens ?? output_tokens;
  if (prompt === undefined && completion === undefined && total_tokens === undefined) return;
  run.emit("agent.tokens.used", {
    prompt_tokens: prompt ?? 0,
    completion_tokens: completion ?? 0,
    total_tokens: total_tokens ?? (prompt ?? 0) + (completion ?? 0),
    ...tokens,
  });
}

const DISCARDED = { discarded: true };

function preview(text: string | null): string {
  return defaultRedactor().preview(text ?? "", PREVIEW_LENGTH);
}

const PREVIEW_LENGTH = 240;
