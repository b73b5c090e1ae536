import { isRecord } from "../core/options.ts";
import { type Fields, numberIn, textIn } from "./payload.ts";
import type { PictureParts } from "./picture_parts.ts";
import type { PictureTurn } from "./picture_rows.ts";
import { addText, setPreview } from "./turn_text.ts";

/** What an event does to the turns of a picture. Undefined is an event that says nothing of any turn. */
export function applyToTurn(
  parts: PictureParts,
  eventType: string,
  data: Fields,
  at: number,
  eventId: string,
): PictureTurn | null | undefined {
  const { turns } = parts;
  const place = parts.placeOf(data);
  switch (eventType) {
    case "agent.model.chunk":
      return write(parts, data, textIn(data, "content_preview", Infinity), at, eventId);
    case "llm_text_delta":
    case "client_output_delta":
      return write(parts, data, textIn(data, "content", Infinity), at, eventId);
    case "agent.model.completed": {
      const turn = turnOf(parts, data, at, eventId);
      turns.speak(turn);
      // A model that does not stream: all that is known of its text is the preview.
      return preview(parts, turn, textIn(data, "content_preview"));
    }
    case "agent.tokens.used": {
      const turn = place?.kind === "turn" ? place : turns.last(place);
      if (turn === null) return null;
      turn.tokens += numberIn(data, "total_tokens") ?? 0;
      turn.promptTokens += numberIn(data, "prompt_tokens") ?? 0;
      turn.completionTokens += numberIn(data, "completion_tokens") ?? 0;
      parts.tree.touch(turn);
      return turn;
    }
    case "agent.think":
      return think(parts, data, at, eventId);
    case "agent.terminate": {
      turns.noteActivity(place, null);
      const turn = turns.last(place);
      if (turn === null) return null;
      // It ended before it could ask for tools: what there is of its text is all there will be.
      if (!turns.hasThought(place)) turn.isAnswer = turn.state !== "failed";
      turns.end(turn, "done", at, eventId);
      return preview(parts, turn, textIn(data, "final_message_preview"));
    }
    case "node_loop_iteration": {
      const turn = turns.last(place);
      if (turn !== null) turns.end(turn, "done", at, eventId);
      return turn;
    }
  }
}

/** Adds a model call that has begun. */
export function startModel(
  parts: PictureParts,
  data: Fields,
  at: number,
  eventId: string | null,
): PictureTurn {
  const spanId = textIn(data, "span_id");
  const known = parts.turns.byId(spanId);
  if (known !== null) return known;
  const attributes = isRecord(data.attributes) ? data.attributes : {};
  return parts.turns.add(
    parts.branch(textIn(data, "parent_span_id")),
    {
      spanId,
      model: textIn(attributes, "model") || textIn(data, "name"),
      iteration: numberIn(attributes, "iteration"),
    },
    at,
    eventId,
  );
}

/** Notes how a model call went. */
export function endModel(
  parts: PictureParts,
  data: Fields,
  at: number,
  eventId: string,
): PictureTurn {
  const duration = numberIn(data, "duration_ms");
  const turn = parts.turns.byId(textIn(data, "span_id")) ??
    startModel(parts, data, at - Math.max(0, duration ?? 0), null);
  const failed = data.success === false;
  if (failed) turn.error = textIn(data, "error");
  const firstMs = isRecord(data.attributes) ? numberIn(data.attributes, "first_token_ms") : null;
  if (firstMs !== null) turn.firstTokenAt = turn.startedAt + Math.max(0, firstMs);
  const durationMs = duration === null ? at - turn.startedAt : Math.max(0, duration);
  parts.turns.end(turn, failed ? "failed" : "done", at, eventId, durationMs);
  return turn;
}

/** Forgets what the model wrote before it failed: where there are no attempts, it is the same turn again. */
export function startOver(parts: PictureParts, data: Fields): void {
  const place = parts.placeOf(data);
  if (place?.kind === "turn") return;
  const turn = parts.turns.last(place);
  if (turn?.state !== "running") return;
  turn.text = "";
  turn.textLeftOut = 0;
  turn.firstTokenAt = null;
  parts.tree.touch(turn);
}

function write(
  parts: PictureParts,
  data: Fields,
  text: string,
  at: number,
  eventId: string,
): PictureTurn {
  const turn = turnOf(parts, data, at, eventId);
  parts.turns.speak(turn);
  if (text !== "") turn.firstTokenAt ??= at;
  addText(turn, text, parts.maxTextLength);
  parts.tree.touch(turn);
  return turn;
}

function think(parts: PictureParts, data: Fields, at: number, eventId: string): PictureTurn {
  const { turns } = parts;
  const place = parts.placeOf(data);
  const last = turns.last(place);
  const turn = last?.spanId ? last : turns.open(place, at, eventId);
  turns.speak(turn);
  turns.think(place);
  turn.iteration = numberIn(data, "iteration") ?? turn.iteration;
  turn.isAnswer = data.has_tool_calls !== true;
  turns.end(turn, "done", at, eventId);
  turns.noteActivity(place, at);
  return preview(parts, turn, textIn(data, "reasoning_preview"));
}

/** The model call that an event is about. */
function turnOf(parts: PictureParts, data: Fields, at: number, eventId: string): PictureTurn {
  const place = parts.placeOf(data);
  return place?.kind === "turn" ? place : parts.turns.open(place, at, eventId);
}

function preview({ tree }: PictureParts, turn: PictureTurn, text: string): PictureTurn {
  if (turn.text === "") setPreview(turn, text);
  tree.touch(turn);
  return turn;
}
