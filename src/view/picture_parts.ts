import type { PictureRow, PictureSpan } from "./picture_rows.ts";
import { ModelTurns } from "./model_turns.ts";
import { OpenWork } from "./open_work.ts";
import { PersonWaits } from "./person_waits.ts";
import { RowTree } from "./row_tree.ts";

/** What a picture is made of. */
export class PictureParts {
  readonly tree: RowTree;
  readonly turns: ModelTurns;
  readonly open = new OpenWork();
  readonly waits = new PersonWaits();
  /** The latest span of each id. */
  readonly spans = new Map<string, PictureSpan>();
  /** Of spans that have not begun yet: which span each is part of. */
  readonly links = new Map<string, string>();
  readonly maxTextLength: number;

  constructor(maxRows: number, maxTextLength: number) {
    this.maxTextLength = maxTextLength;
    this.tree = new RowTree(maxRows, (row) => this.#forget(row));
    this.turns = new ModelTurns(this.tree);
  }

  #forget(row: PictureRow): void {
    if (row.kind === "note") return;
    this.turns.forget(row);
    if (row.kind === "turn") return;
    this.open.delete(row);
    if (row.spanId !== null && this.spans.get(row.spanId) === row) this.spans.delete(row.spanId);
  }
}
