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
      event_id: `x-${this.events.length + 1}`,
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
    });
  }

  /** The end of a model call that asks for `tools` tools. */
  turn(iteration: number, tools: number, tokens = 100): this {
    return this
      .emit("agent.model.completed", {
        content_preview: "",
        tool_call_count: tools,
        stop_reason: null,
      })
      .emit("agent.tokens.used", {
        prompt_tokens: tokens,
        completion_tokens: 0,
        total_tokens: tokens,
      })
      .emit("agent.think", {
        iteration,
        reasoning_preview: "",
        has_tool_calls: tools > 0,
        tool_call_count: tools,
      });
  }

  start(tool: string, spanId: string, subject = ""): this {
    this.emit("agent.tool.started", { tool_name: tool, span_id: spanId, arg_keys: ["path"] });
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
    return this.emit("bus.gap", { from_seq: 1, to_seq: count, count, reason });
  }

  end(): this {
    return this.emit("bus.end", { last_event_id: null });
  }
}

const START = Date.UTC(2026, 0, 1);
