/**
 * How the picture of a run follows its events.
 *
 * @module
 */
import type { EventPayload, StreamEvent } from "@locus/core";
import { addNote, lastTurn, type Row, type RunView, type Span, type Turn } from "./run_view.ts";
import { endSpan, findSpan, linkSpan, startSpan } from "./spans.ts";
import { count } from "./words.ts";

/** Folds one event into the picture. Returns the line that it changed, if it changed one. */
export function applyEvent(view: RunView, event: StreamEvent): Row | null {
  const at = Date.parse(event.timestamp);
  view.startedAt ??= at;
  // A run may hold several agents: it goes on where one of them has ended.
  if (view.state === "connecting" || event.event_type.startsWith("agent.")) {
    view.state = "running";
    view.endedAt = view.reason = null;
  }
  switch (event.event_type) {
    case "agent.model.chunk":
      return addChunk(view, event.data, at);
    case "agent.model.completed":
      return completeCall(view, event.data, at);
    case "agent.tokens.used":
      return addTokens(view, event.data, at);
    case "agent.think":
      return completeTurn(view, event.data, at);
    case "agent.tool.started":
      return startTool(view, event.data, at);
    case "agent.tool.completed":
      return completeTool(view, event.data, at);
    case "agent.model.retry":
      view.text = "";
      return addOther(view, event);
    case "agent.interrupt":
      view.state = "waiting";
      return addNote(view, `waits for a person: ${event.data.question_preview}`);
    case "agent.terminate":
      return terminate(view, event.data, at);
    case "span.started":
      return startSpan(view, {
        ...namesOf(event.data),
        subject: fieldsOf(event.data.attributes),
        at,
      });
    case "span.completed":
      return completeSpan(view, event.data, at);
    case "span.linked":
      return linkSpan(view, event.data.span_id, event.data.parent_span_id);
    case "bus.gap":
      return addNote(view, `${count(event.data.count, "event")} missing (${event.data.reason})`);
    case "bus.end":
      return null;
    default:
      return addOther(view, event);
  }
}

function addChunk(view: RunView, data: EventPayload<"agent.model.chunk">, at: number): Turn {
  const turn = openTurn(view, at);
  view.text += data.content_preview;
  return turn;
}

function addTokens(view: RunView, data: EventPayload<"agent.tokens.used">, at: number): Turn {
  const turn = openTurn(view, at);
  turn.tokens += data.total_tokens;
  view.tokens += data.total_tokens;
  return turn;
}

function completeCall(
  view: RunView,
  data: EventPayload<"agent.model.completed">,
  at: number,
): Turn {
  const turn = openTurn(view, at);
  view.modelCalls++;
  // A model that does not stream: all that is known of its text is the preview.
  if (view.text === "") setPreview(view, data.content_preview);
  return turn;
}

function completeTurn(view: RunView, data: EventPayload<"agent.think">, at: number): Turn {
  const turn = openTurn(view, at);
  turn.iteration = data.iteration;
  turn.endedAt = at;
  if (data.has_tool_calls) {
    turn.text = view.text || data.reasoning_preview;
    view.text = "";
  }
  return turn;
}

function startTool(view: RunView, data: EventPayload<"agent.tool.started">, at: number): Span {
  view.toolCalls++;
  const { span_id: spanId, tool_name: name } = data;
  return startSpan(view, { spanId, name, subject: data.arg_keys.join(", "), at });
}

// The start of what is completed may have fallen into a gap.

function completeTool(view: RunView, data: EventPayload<"agent.tool.completed">, at: number): Span {
  const { span_id: spanId, success, duration_ms: duration, output_preview: output } = data;
  const span = findSpan(view, spanId) ?? startTool(view, { ...data, arg_keys: [] }, at - duration);
  return endSpan(span, success, duration, data.error ?? output);
}

function completeSpan(view: RunView, data: EventPayload<"span.completed">, at: number): Span {
  const { span_id: spanId, success, duration_ms: duration, error } = data;
  const span = findSpan(view, spanId) ??
    startSpan(view, { ...namesOf(data), subject: "", at: at - duration });
  return endSpan(span, success, duration, error ?? "");
}

function namesOf(data: EventPayload<"span.started"> | EventPayload<"span.completed">) {
  return { spanId: data.span_id, parentId: data.parent_span_id, name: data.name };
}

function terminate(view: RunView, data: EventPayload<"agent.terminate">, at: number): null {
  const turn = lastTurn(view);
  if (turn !== undefined) turn.endedAt ??= at;
  view.endedAt = at;
  view.reason = data.reason;
  if (data.reason === "error") view.state = "failed";
  else view.state = SUCCESS.has(data.reason) ? "done" : "stopped";
  if (view.text === "") setPreview(view, data.final_message_preview);
  return null;
}

/**
 * Events that have no picture of their own appear as they are, with two conventions: one that names
 * the `span_id` of a span belongs to it, and its `subject` is what the span works on. The catalogue
 * publishes only the names of a tool's arguments; what may be seen of their values is for the tool to
 * say.
 */
function addOther(view: RunView, event: StreamEvent): Row {
  const data: Readonly<Record<string, unknown>> = { ...event.data };
  const span = typeof data.span_id === "string" ? findSpan(view, data.span_id) : undefined;
  if (span !== undefined && typeof data.subject === "string") {
    span.subject = data.subject;
    return span;
  }
  return addNote(view, `${event.event_type}  ${fieldsOf(data)}`, false);
}

function fieldsOf(data: Readonly<Record<string, unknown>>): string {
  return Object.entries(data)
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("  ");
}

function setPreview(view: RunView, preview: string): void {
  view.text = preview;
  view.textIsPreview = preview.length >= PREVIEW_LENGTH;
}

/** The turn that the model is at work on: a new one, if the last one is complete. */
function openTurn(view: RunView, at: number): Turn {
  const last = lastTurn(view);
  if (last !== undefined && last.endedAt === null) return last;
  const turn: Turn = {
    kind: "turn",
    iteration: last === undefined ? 0 : last.iteration + 1,
    startedAt: at,
    endedAt: null,
    text: "",
    tokens: 0,
    children: [],
  };
  view.rows.push(turn);
  view.text = "";
  view.textIsPreview = false;
  return turn;
}

const PREVIEW_LENGTH = 240;
const SUCCESS = new Set(["complete", "terminal_tool", "confidence_met"]);
