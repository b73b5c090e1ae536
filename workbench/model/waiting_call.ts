/**
 * What a person is asked about.
 *
 * @module
 */
import { visitRows } from "../../src/view/picture_rows.ts";
import type { RunPicture } from "../../src/view/run_picture.ts";
import { cutWords, textOf } from "./content_text.ts";

/** A tool call that waits for a person. */
export interface WaitingCall {
  readonly tool: string;
  /** What it would run with. */
  readonly text: string;
}

/** The tool calls that wait for a person. */
export function waitingCalls({ rows, conversation }: RunPicture): WaitingCall[] {
  const calls: WaitingCall[] = [];
  visitRows(rows, (row) => {
    if (row.kind !== "span" || row.role !== "tool" || row.state !== "waiting") return;
    const items = row.spanId === null ? [] : conversation.contentOf(row.spanId);
    const args = items.findLast(({ kind }) => kind === "arguments");
    const text = args === undefined
      ? `${row.name}(…)\nIts arguments were not captured: withRun({ content: true }, …) shows them.`
      : `${row.name}(${textOf(args.content)})${cutWords(args)}`;
    calls.push({ tool: row.name, text });
  });
  return calls;
}
