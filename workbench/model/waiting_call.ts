/**
 * What a person is asked about.
 *
 * @module
 */
import { visitRows } from "../../src/view/picture_rows.ts";
import type { RunPicture } from "../../src/view/run_picture.ts";
import { cutWords, textOf } from "./content_text.ts";

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
