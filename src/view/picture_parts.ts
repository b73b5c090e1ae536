import { type Fields, textIn } from "./payload.ts";
import type { PictureRow, PictureSpan } from "./picture_rows.ts";
import { ModelTurns } from "./model_turns.ts";
import { OpenWork } from "./open_work.ts";
import { type Branch, RowTree } from "./row_tree.ts";

/** What a picture is made of. */
export class PictureParts {
  readonly tree: RowTree;
  readonly turns: ModelTurns;
  readonly open = new OpenWork();
  /** The latest span of each id. */
  readonly spans = new Map<string, PictureSpan>();
  /** The latest tool call of each id that a provider gave. */
  readonly calls = new Map<string, PictureSpan>();
  /** Of spans that have not begun yet: which span each is part of. */
  readonly links = new Map<string, string>();
  readonly maxTextLength: number;

  constructor(maxRows: number, maxTextLength: number) {
    this.maxTextLength = maxTextLength;
    this.tree = new RowTree(maxRows, (row) => this.#forget(row));
    this.turns = new ModelTurns(this.tree);
  }

  /** The span, or the model call, that an event says it happened in; null is the run, and what is not known. */
  placeOf(data: Fields): Branch | null {
    const id = textIn(data, "span_id");
    return id === "" ? null : this.branch(id) ?? this.calls.get(id) ?? null;
  }

  /** The span, or the model call, of an id. */
  branch(id: string): Branch | null {
    return this.spans.get(id) ?? this.turns.byId(id);
  }

  #forget(row: PictureRow): void {
    if (row.kind === "note") return;
    this.turns.forget(row);
    if (row.kind === "turn") return;
    this.open.delete(row);
    const { spanId, callId } = row;
    if (spanId !== null && this.spans.get(spanId) === row) this.spans.delete(spanId);
    if (callId !== null && this.calls.get(callId) === row) this.calls.delete(callId);
  }
}
