/** Tells the bus what an agent does: each event of a run as its `agent.*` counterparts. */

import { ambientRun, type Run } from "../core/run_context.ts";
import { clip } from "../redaction/clip.ts";
import { defaultRedactor } from "../redaction/default_redactor.ts";
import { redactSecrets } from "../redaction/secrets.ts";
import { StreamedText } from "../redaction/streamed_text.ts";
import type { AgentEvent, ModelChunkEvent, ModelCompleteEvent } from "./events.ts";

/**
 * Publishes an agent's event to a run: by default to the one that this code is part of, and nowhere if
 * there is none. An agent does this itself for the events of its runs; this is for streams of agent
 * events that you make or forward.
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
  if (run !== undefined) publish(run, event);
}

/**
 * Publishes the events of one run, with the chunks of long answers joined: the history of a run is
 * bounded, and a chunk for each token would push everything else out of it.
 *
 * The first chunks of a model call go out as they come, so that short answers appear as they were
 * streamed. After that there is one for at least 50 ms of chunks, or sooner when 240 characters are
 * waiting, and whatever waits goes out before any other event. Joined or not, the previews of a call's
 * chunks add up to its text, without the secrets in it: what may be the beginning of one waits, too.
 * There is no timer: if the model pauses, what waits, waits.
 */
export class BusBridge {
  readonly #run: Run;
  readonly #text = new StreamedText();
  #waiting = "";
  #published = 0;
  #publishedAt = 0;

  constructor(run: Run) {
    this.#run = run;
  }

  publish(event: AgentEvent): void {
    if (event.event_type === "model_chunk") this.#chunk(event);
    else {
      this.#finishText();
      publish(this.#run, event);
    }
  }

  #chunk(event: ModelChunkEvent): void {
    const { content, done } = event;
    if (content === null) {
      this.#finishText();
      publish(this.#run, event);
    } else {
      this.#waiting += this.#text.push(content);
      if (this.#isDue()) this.#flush();
    }
    if (done) this.#published = 0;
  }

  #finishText(): void {
    this.#waiting += this.#text.end();
    this.#flush();
  }

  #isDue(): boolean {
    return this.#published < EAGER_CHUNKS || this.#waiting.length >= PREVIEW_LENGTH ||
      performance.now() - this.#publishedAt >= JOIN_MS;
  }

  #flush(): void {
    if (this.#waiting === "") return;
    let rest = this.#waiting;
    while (rest !== "") {
      const piece = clip(rest, PREVIEW_LENGTH);
      rest = rest.slice(piece.length);
      publishText(this.#run, piece);
    }
    this.#waiting = "";
    this.#published++;
    this.#publishedAt = performance.now();
  }
}

const PREVIEW_LENGTH = 240;
const EAGER_CHUNKS = 32;
const JOIN_MS = 50;

function publish(run: Run, event: AgentEvent): void {
  switch (event.event_type) {
    case "think":
      return run.emit("agent.think", {
        iteration: event.iteration,
        reasoning_preview: preview(event.reasoning),
        has_tool_calls: event.tool_calls.length > 0,
        tool_call_count: event.tool_calls.length,
      });
    case "tool_start":
      return run.emit("agent.tool.started", {
        tool_name: event.tool_name,
        span_id: event.tool_call_id,
        arg_keys: Object.keys(event.arguments).sort(),
      });
    case "tool_complete":
      return run.emit("agent.tool.completed", {
        tool_name: event.tool_name,
        span_id: event.tool_call_id,
        success: event.error === null,
        duration_ms: event.duration_ms,
        output_preview: preview(event.result),
        error: event.error,
      });
    case "reflect":
      return run.emit("agent.reflect", {
        iteration: event.iteration,
        assessment: event.assessment,
        confidence_delta: event.confidence_delta,
        new_confidence: event.new_confidence,
        guidance_preview: preview(event.guidance),
      });
    case "grounding":
      return run.emit("agent.grounding", {
        score: event.score,
        claims_evaluated: event.claims_evaluated,
        ungrounded_count: event.ungrounded_claims.length,
        requires_replan: event.requires_replan,
      });
    case "terminate":
      return run.emit("agent.terminate", {
        reason: redactSecrets(event.reason),
        iterations_used: event.iterations_used,
        final_confidence: event.final_confidence,
        total_tool_calls: event.total_tool_calls,
        final_message_preview: preview(event.final_message),
      });
    case "interrupt":
      return run.emit("agent.interrupt", {
        interrupt_id: event.interrupt_id,
        question_preview: preview(event.question),
        options: event.options === null ? null : event.options.map(redactSecrets),
      });
    case "model_chunk":
      return run.emit("agent.model.chunk", {
        content_preview: preview(event.content),
        done: event.done,
        has_tool_calls: (event.tool_calls ?? []).length > 0,
      });
    case "model_complete":
      return publishCompletion(run, event);
    case "causal_node":
    case "causal_edge":
      // The catalogue of the bus has no event for them.
      return;
  }
}

function publishText(run: Run, text: string): void {
  run.emit("agent.model.chunk", { content_preview: text, done: false, has_tool_calls: false });
}

function publishCompletion(run: Run, event: ModelCompleteEvent): void {
  run.emit("agent.model.completed", {
    content_preview: preview(event.content),
    tool_call_count: event.tool_calls.length,
    stop_reason: event.stop_reason,
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
  });
}

function preview(text: string | null): string {
  return defaultRedactor().preview(text ?? "", PREVIEW_LENGTH);
}
