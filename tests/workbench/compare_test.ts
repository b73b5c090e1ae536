import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { EventBus, type StreamEvent, withRun } from "@locus/core";
import { RunPicture } from "@locus/core/view";
import { align } from "../../workbench/compare/align.ts";
import { pairSpans } from "../../workbench/compare/span_pairs.ts";
import { publishWork, testPage } from "./_locus.ts";

test("align() pairs the longest common row, and keeps both orders", () => {
  const rows: [a: string, b: string, aligned: string][] = [
    ["", "", ""],
    ["abc", "abc", "aa bb cc"],
    ["abc", "axc", "aa b- -x cc"],
    ["abcd", "bd", "a- bb c- dd"],
    ["", "ab", "-a -b"],
    ["aa", "a", "aa a-"],
    ["xabcy", "abcz", "x- aa bb cc y- -z"],
  ];
  for (const [a, b, aligned] of rows) {
    const pairs = align([...a], [...b], (one, other) => one === other);
    assertEquals(pairs.map(([one, other]) => `${one ?? "-"}${other ?? "-"}`).join(" "), aligned);
  }
  // Too long to be compared one by one: what is alike at both ends is paired.
  const long = (middle: number) => ["a", ...Array.from({ length: 3_000 }, () => middle), "z"];
  const pairs = align<string | number>(long(1), long(2), (one, other) => one === other);
  assertEquals([pairs.length, pairs[0], pairs.at(-1)], [6_002, ["a", "a"], ["z", "z"]]);
});

function pictureOf(bus: EventBus, runId: string): RunPicture {
  const picture = new RunPicture(runId);
  for (const event of bus.history({ run: runId }).toReversed()) picture.add(event as StreamEvent);
  return picture;
}

test("pairSpans() says of each span what differs, and which run has it alone", () => {
  const bus = new EventBus();
  publishWork(bus, "a", 1);
  publishWork(bus, "b", 2);
  bus.publish<string>({
    run_id: "b",
    event_type: "agent.tokens.used",
    data: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 7 },
  });
  const lines = pairSpans(pictureOf(bus, "a"), pictureOf(bus, "b")).map((pair) => {
    const { a, b, depth, tokens, differs } = pair;
    const row = (a ?? b)!;
    const name = row.kind === "turn" ? `turn ${row.iteration}` : row.name;
    return `${"  ".repeat(depth)}${name} ${tokens} ${differs.join(", ")}`.trimEnd();
  });
  assertEquals(lines, [
    "turn 0 0",
    "  search 0",
    "  fetch 0",
    "turn 1 22 only in B",
    "  search 0 only in B",
    "  fetch 0 only in B",
  ]);
});

const bus = new EventBus({ content: true });

testPage("two runs are compared span by span, by key", { bus }, async ({ page, open }) => {
  for (
    const [runId, reason] of [["a", "transport damage"], [
      "b",
      "transport damage, photo 2",
    ]] as const
  ) {
    await withRun({ bus, runId }, (run) => {
      run.emit("agent.tool.started", { tool_name: "refund", span_id: "t", arg_keys: ["reason"] });
      run.emit("span.content", {
        span_id: "t",
        direction: "input",
        kind: "arguments",
        content: { reason },
        truncated: false,
        bytes: 20,
      } as never);
      run.emit("agent.tool.completed", {
        tool_name: "refund",
        span_id: "t",
        success: true,
        duration_ms: 5,
        output_preview: "paid",
        error: null,
      });
      return Promise.resolve();
    });
  }
  await open("#run=a");
  await page.getByRole("treeitem", { name: /refund/ }).waitFor();
  await page.keyboard.press("s");
  await page.getByText("a is A: open another run").waitFor();
  await page.getByRole("option", { name: "b" }).first().click();
  await page.locator(".run-title", { hasText: /^b$/ }).waitFor();
  await page.getByRole("treeitem", { name: /refund/ }).waitFor();
  await page.keyboard.press("s");
  const dialog = page.getByRole("dialog", { name: "Compare" });
  await dialog.locator(".compare-row:visible", { hasText: "refund" }).getByText("input").waitFor();
  assertEquals(await dialog.locator("ins").allInnerTexts(), [", photo 2"]);
  assertEquals(await dialog.locator("del").count(), 0);
  await dialog.getByRole("button", { name: "Swap A and B" }).click();
  await dialog.locator("del", { hasText: ", photo 2" }).waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });

  // The way back leads to it again, and so does the link, from anywhere.
  await page.goBack();
  await dialog.locator("del", { hasText: ", photo 2" }).waitFor();
  await page.goBack();
  await dialog.locator("ins", { hasText: ", photo 2" }).waitFor();
  await dialog.getByRole("checkbox", { name: "only what differs" }).check();
  await dialog.locator(".compare-row:visible", { hasText: "refund" }).click();
  await page.waitForURL(/#run=b&span=[^&]+&compare=a&differs=1$/);
  const link = page.url();
  await page.goto("about:blank");
  await page.goto(link);
  await dialog.locator("ins", { hasText: ", photo 2" }).waitFor();
  assert(await dialog.getByRole("checkbox", { name: "only what differs" }).isChecked());
  await dialog.locator(".compare-row.is-selected", { hasText: "refund" }).waitFor();
  await page.goto(link.replace("compare=a", "compare=never"));
  await page.getByText("never cannot be read").waitFor();
});
