/**
 * What there is to show of a run, for any screen: the terminal and the workbench of Locus draw from it, and so can
 * your own page.
 *
 * - {@linkcode RunPicture} folds the events of a run into a tree of turns, spans and notes, with the text that is
 *   being written: incremental, bounded, and it says what has changed.
 * - {@linkcode Conversation} puts together what the models of a run were told, where its content is published.
 * - {@linkcode createRunSummary} and {@linkcode addToSummary} are the counters alone, for a list of runs.
 *
 * Nothing in here knows of a terminal or a document.
 *
 * @example Redraw only what has changed
 * ```ts
 * import { EventBus } from "@locus/core";
 * import { type PictureRow, RunPicture, visitRows } from "@locus/core/view";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * const picture = new RunPicture("r1");
 * let drawnAt = 0;
 *
 * // Draws what has changed since it was called last; a real screen asks `structureRevision` as well.
 * function redraw(): number {
 *   let redrawn = 0;
 *   visitRows(picture.rows, (row: PictureRow) => row.revision > drawnAt && redrawn++);
 *   drawnAt = picture.revision;
 *   return redrawn;
 * }
 *
 * bus.publish({ run_id: "r1", event_type: "shop.paid", data: { amount: 10 } });
 * for (const event of bus.history({ run: "r1" }).toReversed()) picture.add(event);
 * assertEquals([redraw(), redraw()], [1, 0]);
 * assertEquals(picture.rows[0]?.kind === "note" && picture.rows[0].text, "shop.paid  amount=10");
 * ```
 *
 * @module
 */

export { RunCheckpoints } from "./run_checkpoints.ts";
export type { NamedCheckpoint, RunCheckpointsOptions } from "./run_checkpoints.ts";
export { type NoteOptions, RunPicture, type RunPictureOptions } from "./run_picture.ts";
export { Conversation } from "./conversation.ts";
export type { ContentItem, ConversationOptions, Prompt } from "./conversation.ts";
export { laneOf, visitRows } from "./picture_rows.ts";
export { branchesOf, type BranchesOptions, type PictureBranch } from "./picture_tree.ts";
export type {
  PictureNote,
  PictureRow,
  PictureSpan,
  PictureTurn,
  PictureWait,
  RowBase,
  SpanRole,
  SpanState,
  WorkBase,
} from "./picture_rows.ts";
export type { LeftOut } from "./row_tree.ts";
export { addToSummary, closeSummary, createRunSummary } from "./run_summary.ts";
export type { ModelTokens, RunQuestion, RunState, RunSummary } from "./run_summary.ts";
export { count, formatDuration } from "./words.ts";
