/** What the header counts, and what the detail keeps folded. */
import { assertEquals } from "@std/assert";
import { type Line, scriptRun } from "./_script.ts";
import { testScripted } from "./_scripted.ts";

const lines: Line[] = [
  [0, "agent.tool.started", { tool_name: "search", span_id: "s", arg_keys: [] }],
  [10, "agent.tokens.used", {
    model: "big",
    prompt_tokens: 8_000,
    completion_tokens: 100,
    total_tokens: 8_100,
    cached_input_tokens: 6_000,
  }],
  [15, "bus.gap", { from_seq: 3, to_seq: 4, count: 2, reason: "lagged" }],
  [20, "agent.tool.completed", { tool_name: "search", span_id: "s", success: true }],
];

testScripted("the header says what was cached, and which counts are lower bounds", {
  server: () => ({ runs: [scriptRun("r1", Date.now(), lines, { closed: true })] }),
}, async ({ page, open }) => {
  await open("#run=r1");
  await page.getByText("8100 tok or more").waitFor();
  await page.getByText("cached 75 %").waitFor();
  const cells = page.getByRole("row", { name: /^big/ }).getByRole("cell");
  await cells.first().waitFor();
  assertEquals(await cells.allInnerTexts(), ["8000", "6000", "100"]);
});

testScripted("the raw JSON of an event is open, that of a span folded", {
  server: () => ({ runs: [scriptRun("r1", Date.now(), lines, { closed: true })] }),
}, async ({ page, open }) => {
  await open("#run=r1");
  const raw = page.getByRole("region", { name: "Detail" }).getByText('"event_type"');
  await page.getByRole("option", { name: /agent\.tool\.started/ }).click();
  await raw.waitFor();
  await page.getByRole("treeitem", { name: /done search/ }).click();
  await raw.first().waitFor({ state: "hidden" });
  await page.getByText("raw JSON").click();
  await raw.first().waitFor();
});
