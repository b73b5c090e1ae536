/** The picture, the summary and the conversation of a run, over the streams of `docs/conformance`. */
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { type PictureRow, RunPicture, visitRows } from "@locus/core/view";
import {
  deliver,
  type Expectation,
  type ExpectedSpan,
  streamsOfOneRun as streams,
} from "./_streams.ts";

for (const stream of streams) {
  test(`the view draws "${stream.name}" as it says`, async () => {
    const picture = new RunPicture("r");
    for (const event of (await deliver(stream)).events) picture.add(event);
    const { expect } = stream;
    for (const [key, read] of Object.entries(READERS) as [keyof Expectation, Reader][]) {
      const expected = expect[key];
      if (expected !== undefined) assertEquals(read(picture, expect), expected, key);
    }
  });
}

type Reader = (picture: RunPicture, expect: Expectation) => unknown;

/** What is checked of a picture. */
const READERS: { readonly [K in keyof Expectation]?: Reader } = {
  missed: ({ summary }) => summary.missed_events,
  tree: ({ rows }, { tree = [] }) => spansIn(rows, tree),
  text: ({ speaking }) => speaking === null ? null : speaking.text,
  text_incomplete: ({ speaking }) => speaking?.textHasGap,
  texts: ({ rows }) => {
    const texts: Record<string, string> = {};
    visitRows(rows, (row) => {
      if (row.kind === "turn" && row.spanId !== null) texts[row.spanId] = row.text;
    });
    return texts;
  },
  outcome: ({ summary: { state, error } }) => ({ state, error }),
  question: ({ summary }) => summary.question?.question_preview ?? null,
  tokens: ({ summary }) => ({
    prompt: summary.prompt_tokens,
    completion: summary.completion_tokens,
    total: summary.total_tokens,
  }),
  model_calls: ({ summary }) => summary.model_calls,
  tool_calls: ({ summary }) => summary.tool_calls,
  prompts: ({ conversation }, { prompts = {} }) =>
    Object.fromEntries(Object.keys(prompts).map((id) => [id, conversation.prompt(id)])),
};

/**
 * The spans among lines. A picture hangs tools under the turn that asked for them, and draws a turn where a recording
 * has no span of a model call: neither is a matter of the ids.
 *
 * @param expected Pictures tell kinds of work apart by what is drawn: a kind that is not stands for all of these.
 */
function spansIn(rows: readonly PictureRow[], expected: readonly ExpectedSpan[]): ExpectedSpan[] {
  return lift(rows).map((row, index) => {
    const span = expected[index];
    const isKind = span !== undefined && roleOf(span.kind) === kindOf(row);
    const children = spansIn(row.children, span?.children ?? []);
    return {
      kind: isKind ? span.kind : kindOf(row),
      name: row.kind === "turn" ? row.model : row.name,
      state: row.state,
      ...children.length > 0 && { children },
    };
  });
}

type Work = Exclude<PictureRow, { kind: "note" }>;

/** The spans among lines, in the order in which they began. */
function lift(rows: readonly PictureRow[]): Work[] {
  return rows.flatMap((row): Work[] => {
    if (row.kind === "note") return [];
    if (row.kind === "span") return [row];
    if (row.spanId === null) return lift(row.children);
    const isInside = (child: PictureRow) => child.kind !== "span" || child.role !== "tool";
    const tools = lift(row.children.filter((child) => !isInside(child)));
    return [{ ...row, children: row.children.filter(isInside) }, ...tools];
  }).sort((a, b) => a.key - b.key);
}

function kindOf(row: Work): string {
  return row.kind === "turn" ? "model" : row.role;
}

function roleOf(kind: string): string {
  return DRAWN_ALIKE.has(kind) ? "span" : kind;
}

const DRAWN_ALIKE: ReadonlySet<string> = new Set(["graph", "router", "work"]);
