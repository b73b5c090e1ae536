/**
 * What a person is asked about.
 *
 * @module
 */
import type { ContentItem } from "../../src/view/conversation.ts";
import { visitRows } from "../../src/view/picture_rows.ts";
import type { RunPicture } from "../../src/view/run_picture.ts";
import { counted } from "../format.ts";

/** The tool calls that wait for a person, each with what it would run with; "" if none does. */
export function waitingArguments({ rows, conversation }: RunPicture): string {
  const calls: string[] = [];
  visitRows(rows, (row) => {
    if (row.kind !== "span" || row.role !== "tool" || row.state !== "waiting") return;
    const items = row.spanId === null ? [] : conversation.contentOf(row.spanId);
    const args = items.findLast(({ kind }) => kind === "arguments");
    calls.push(
      args === undefined
        ? `${row.name}(…)\nIts arguments were not captured: withRun({ content: true }, …) shows them.`
        : `${row.name}(${textOf(args.content)})${cutWords(args)}`,
    );
  });
  return calls.join("\n\n");
}

/** That only the beginning of a content is here, and how long it was; "" if it is whole. */
export function cutWords({ truncated, bytes }: ContentItem): string {
  return truncated ? ` (cut; ${counted(bytes, "byte")} in all)` : "";
}

/** A content as a person reads it. */
export function textOf(content: unknown): string {
  return typeof content === "string" ? content : JSON.stringify(content, null, 2) ?? "";
}
