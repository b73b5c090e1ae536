import type { EventPayload, EventType, StreamEvent } from "@locus/core";
import { RunPicture, type RunPictureOptions } from "@locus/core/view";

/** A run that is made up event by event, with a clock of its own, and its picture. */
export class Script {
  readonly events: StreamEvent[] = [];
  readonly picture: RunPicture;
  /** The time, in milliseconds since 1970. */
  now = START;

  constructor(options?: RunPictureOptions) {
    this.picture = new RunPicture("demo", options);
  }

  #seq = 0;

  /** Where the agent is that speaks and calls tools: the id of a span; null is the run. */
  #place: string | null = null;

  /** What follows is said by an agent inside of a span; null is the one at the top of the run. */
  within(spanId: string | null): this {
    this.#place = spanId;
    return this;
  }

  /** Lets time pass. */
  wait(ms: number): this {
    this.now += ms;
    return this;
  }

  /** An event of the catalogue. */
  emit<T extends EventType>(eventType: T, data: EventPayload<T>): this {
    return this.emitAny(eventType, data);
  }

  /** Any event. */
  emitAny(eventType: string, data: object): this {
    this.picture.add(this.record(eventType, data));
    return this;
  }

  /** An event that is not part of the picture yet. */
  record(eventType: string, data: object): StreamEvent {
    const event = {
      event_id: `x-${++this.#seq}`,
      run_id: "demo",
      event_type: eventType,
      timestamp: new Date(this.now).toISOString(),
      data,
    } as StreamEvent;
    this.events.push(event);
    return event;
  }

  chunk(text: string): this {
    return this.emit("agent.model.chunk", {
      content_preview: text,
      done: false,
      has_tool_calls: false,
      ...this.#inSpan,
    });
  }

  /** The end of a model call that asks for `tools` tools. */
  turn(iteration: number, tools: number, tokens = 100): this {
    return this
      .emit("agent.model.completed", {
        content_preview: "",
        tool_call_count: tools,
        stop_reason: null,
        ...this.#inSpan,
      })
      .emit("agent.tokens.used", {
        prompt_tokens: tokens,
        completion_tokens: 0,
        total_tokens: tokens,
        ...this.#inSpan,
      })
      .emit("agent.think", {
        iteration,
        reasoning_preview: "",
        has_tool_calls: tools > 0,
        tool_call_count: tools,
        ...this.#inSpan,
      });
  }

  start(tool: string, spanId: string, subject = ""): this {
    this.emit("agent.tool.started", {
      tool_name: tool,
      span_id: spanId,
      arg_keys: ["path"],
      ...this.#place !== null && { tool_span_id: spanId, parent_span_id: this.#place },
    });
    return subject === "" ? this : this.emitAny("demo.tool.subject", { span_id: spanId, subject });
  }

  complete(tool: string, spanId: string, ms: number, output = ""): this {
    return this.emit("agent.tool.completed", {
      tool_name: tool,
      span_id: spanId,
      success: true,
      duration_ms: ms,
      output_preview: output,
      error: null,
    });
  }

  fail(tool: string, spanId: string, ms: number, error: string): this {
    return this.emit("agent.tool.completed", {
      tool_name: tool,
      span_id: spanId,
      success: false,
      duration_ms: ms,
      output_preview: "",
      error,
    });
  }

  specialist(id: string): this {
    return this.emit("multiagent.specialist.started", {
      specialist_id: id,
      specialist_type: "agent",
      task_preview: `ask ${id}`,
    });
  }

  specialistDone(id: string, ms: number): this {
    return this.emit("multiagent.specialist.completed", {
      specialist_id: id,
      specialist_type: "agent",
      success: true,
      confidence: 1,
      duration_ms: ms,
      output_length: 5,
      error: null,
    });
  }

  get #inSpan(): { span_id?: string } {
    return this.#place === null ? {} : { span_id: this.#place };
  }

  /** What went into a span, or came out of it. */
  content(spanId: string, direction: "input" | "output", kind: string, content: unknown): this {
    return this.emitAny("span.content", {
      span_id: spanId,
      direction,
      kind,
      base_span_id: null,
      from_index: 0,
      content,
      truncated: false,
      bytes: 1,
    });
  }

  terminate(reason: string): this {
    return this.emit("agent.terminate", {
      reason,
      iterations_used: 1,
      final_confidence: 0,
      total_tool_calls: 0,
      final_message_preview: "",
    });
  }

  gap(count: number, reason: EventPayload<"bus.gap">["reason"] = "lagged"): this {
    const from = this.#seq + 1;
    // It has the id of the last event that is missing.
    this.#seq += count - 1;
    return this.emit("bus.gap", { from_seq: from, to_seq: this.#seq + 1, count, reason });
  }

  end(): this {
    return this.emit("bus.end", { last_event_id: null });
  }
}

const START = Date.UTC(2026, 0, 1);
