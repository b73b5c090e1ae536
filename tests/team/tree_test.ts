/** Three levels of specialists side by side, whose calls have equal ids: readers see the tree that was executed. */

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import type { StreamEvent } from "../../src/events/mod.ts";
import { orchestrator, type Specialist, specialist } from "../../src/team/mod.ts";
import { scriptedModel } from "../../src/testing/mod.ts";
import { type PictureRow, RunPicture } from "../../src/view/mod.ts";
import { foldSpans, type SpanNode } from "../harness/support/span_tree.ts";
import { watched } from "./_support.ts";

/** A name, what was said by it alone, and the same of those below. */
type Shape = [name: string, text: string, below: Shape[]];

function made(name: string, levels: number): [Specialist, Shape] {
  const below = levels === 1 ? [] : ["0", "1"].map((nth) => made(`${name}_${nth}`, levels - 1));
  const toolCalls = below.map(([{ id }]) => ({ toolName: id, input: { prompt: "go" } }));
  const model = scriptedModel([
    ...below.length > 0 ? [{ text: `${name} asks. `, toolCalls }] : [],
    async () => {
      for (let left = name.length * 7 % 5; left > 0; left--) await Promise.resolve();
      return `${name} has it.`;
    },
  ]);
  const text = below.length > 0 ? `${name} asks. ${name} has it.` : `${name} has it.`;
  const tools = below.map(([one]) => one.asTool());
  return [specialist({ id: name, name, model, tools }), [
    name,
    text,
    below.map(([, shape]) => shape),
  ]];
}

/** The specialists in a tree of spans, each with what the agent in it said. */
function ofSpans(node: SpanNode): Shape[] {
  return node.children.flatMap((child) => {
    if (child.kind !== "specialist") return ofSpans(child);
    const [agent] = child.children;
    return [[child.name, agent!.children.map(({ text }) => text).join(""), ofSpans(child)]];
  }).sort(byName) as Shape[];
}

/** The same in a picture, without what was said. */
function ofRows(rows: readonly PictureRow[]): [string, unknown[]][] {
  return rows.flatMap((row): [string, unknown[]][] => {
    if (row.kind === "note") return [];
    const below = ofRows(row.children);
    return row.kind === "span" && row.role === "specialist" ? [[row.name, below]] : below;
  }).sort(([a], [b]) => a < b ? -1 : 1);
}

function byName([a]: readonly unknown[], [b]: readonly unknown[]): number {
  return String(a) < String(b) ? -1 : 1;
}

const withoutText = ([name, , below]: Shape): [string, unknown[]] => [name, below.map(withoutText)];

test("what is folded is what was executed, text by text", async () => {
  const teams = ["x", "y"].map((name) => made(name, 3));
  const team = orchestrator({ specialists: teams.map(([one]) => one) });
  const { events } = await watched(() => team.execute("go"));
  const expected = teams.map(([, shape]) => shape);
  assertEquals(ofSpans(foldSpans(events)), expected);
  const picture = new RunPicture("r");
  for (const event of events) picture.add(event as StreamEvent);
  assertEquals(ofRows(picture.rows), expected.map(withoutText));
});
