import { test } from "node:test";
import { assertEquals } from "@std/assert";
import type { StreamEvent } from "@locus/core";
import { RunPicture } from "@locus/core/view";
import { type TalkItem, talkOf } from "../../workbench/conversation/talk.ts";
import { graphRun } from "./_graph_run.ts";
import { promptRun } from "./_prompt_run.ts";
import { sampleRuns } from "./_runs.ts";

test("talkOf() tells what was said, by whom, each message once", () => {
  const said = talk(promptRun(0, 1).events).filter((item) => item.kind === "said");
  assertEquals(said.map(({ role, who, text }) => [role, who, text.slice(0, 28)]), [
    ["system", "system prompt", "Answer briefly, and never pr"],
    ["user", "user", "Question 0: where is order 1"],
    ["assistant", "assistant", "Order 1000 has left the ware"],
    ["user", "user", "And order 42?"],
    ["assistant", "support", ""],
    ["assistant", "support", "Order 42 is on its way."],
  ]);
});

test("talkOf() puts agents inside of their nodes, tools on one line, and reasoning apart", () => {
  const [graph] = talk(graphRun(0).events);
  const inside = graph?.kind === "inside" ? graph.items : [];
  const security = inside.find((item) => item.kind === "inside");
  const [agent] = security?.items ?? [];
  const items = agent?.kind === "inside" ? agent.items : [];
  assertEquals(items.map(wordsOf), [
    "system: You look for holes.",
    "user: Is this diff safe?\n- auth.ts: 40 lines",
    "assistant (The token is compared with ==, which leaks its length.): I will scan the changed files first.",
    'scan(files=["auth.ts"]) → 1 finding: auth.ts:12',
    "assistant: One high finding: auth.ts compares a token with ==.",
  ]);
  assertEquals(
    inside.map(wordsOf).at(-1),
    "waits for a person: Post 11 comments on pull request 318?",
  );
});

test("talkOf() takes the text that was streamed where no content was captured", () => {
  const items = talk(sampleRuns(0).find(({ runId }) => runId === "order-42")!.events);
  const said = items.filter((item) => item.kind === "said");
  assertEquals(
    said[0]?.text.trim(),
    "I need the file list first, then the sizes of what is in it.",
  );
  assertEquals(items.filter((item) => item.kind === "call").map(({ row }) => row.name), [
    "list_files",
    "read_file",
    "search",
  ]);
});

function talk(events: readonly StreamEvent[]): TalkItem[] {
  const picture = new RunPicture("r");
  for (const event of events) picture.add(event);
  return talkOf(picture.rows, picture.conversation);
}

function wordsOf(item: TalkItem): string {
  switch (item.kind) {
    case "said":
      return `${item.role}${item.reasoning && ` (${item.reasoning})`}: ${item.text}`;
    case "call":
      return `${item.row.name}(${item.input}) → ${item.output}`;
    case "inside":
      return item.row.name;
    case "note":
      return item.row.text;
  }
}
