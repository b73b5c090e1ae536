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
  const { turns, open } = parts;
  const place = open.innermost;
  switch (eventType) {
    case "agent.model.chunk":
      return write(parts, textIn(data, "content_preview", Infinity), at, eventId);
    case "llm_text_delta":
    case "client_output_delta":
      return write(parts, textIn(data, "content", Infinity), at, eventId);
    case "agent.model.completed": {
      const turn = turns.open(place, at, eventId);
      // A model that does not stream: all that is known of its text is the preview.
      return preview(parts, turn, textIn(data, "content_preview"));
    }
    case "agent.tokens.used": {
      const turn = turns.last(place);
      if (turn === null) return null;
      turn.tokens += numberIn(data, "total_tokens") ?? 0;
      parts.tree.touch(turn);
      return turn;
    }
    case "agent.think":
      return think(parts, data, at, eventId);
    case "agent.terminate": {
      turns.hear(place, null);
      const turn = turns.last(place);
      if (turn === null) return null;
      // It ended before it could ask for tools: what there is of its text is all there will be.
      if (turn.state === "running") turn.isAnswer = true;
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

/** Forgets what the model wrote before it failed: it is called again. */
export function startOver({ turns, open, tree }: PictureParts): void {
  const turn = turns.last(open.innermost);
  if (turn?.state !== "running") return;
  turn.text = "";
  turn.textLeftOut = 0;
  tree.touch(turn);
}

function write(parts: PictureParts, text: string, at: number, eventId: string): PictureTurn {
  const turn = parts.turns.open(parts.open.innermost, at, eventId);
  addText(turn, text, parts.maxTextLength);
  parts.tree.touch(turn);
  return turn;
}

function think(parts: PictureParts, data: Fields, at: number, eventId: string): PictureTurn {
  const { turns, open: { innermost: place } } = parts;
  const turn = turns.open(place, at, eventId);
  turn.iteration = numberIn(data, "iteration") ?? turn.iteration;
  turn.isAnswer = data.has_tool_calls !== true;
  turns.expectTools(place, numberIn(data, "tool_call_count") ?? 0);
  turns.end(turn, "done", at, eventId);
  turns.hear(place, at);
  return preview(parts, turn, textIn(data, "reasoning_preview"));
}

function preview({ tree }: PictureParts, turn: PictureTurn, text: string): PictureTurn {
  if (turn.text === "") setPreview(turn, text);
  tree.touch(turn);
  return turn;
}
