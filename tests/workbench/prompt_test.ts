/** What a model call was told, on the page: what is new first, the rest folded, and a search. */
import { assertEquals, assertMatch } from "@std/assert";
import { promptRun } from "./_prompt_run.ts";
import { testScripted } from "./_scripted.ts";

const server = () => ({ runs: [promptRun(Date.now())], config: { prices: null, resume: false } });

testScripted("The page shows what is new in a prompt, and folds what the call before had", {
  server,
}, async ({ page, open }) => {
  await open("#run=prompt-8");
  await page.getByRole("treeitem", { name: /turn 1/ }).click();
  const detail = page.getByRole("region", { name: "Detail" });
  await detail.getByRole("heading", { name: "input, 12 messages" }).waitFor();
  const before = detail.locator(".messages-before");
  assertEquals(await before.locator(".message").count(), 0);
  assertEquals(await detail.locator(".message:visible").allInnerTexts(), [
    "tool\n→ 42 is on its way",
  ]);
  await before.getByText("11 messages as in the call before").click();
  // The long one is folded.
  const rules = before.locator("summary", { hasText: "system" });
  await rules.waitFor();
  assertMatch(await rules.innerText(), /^system 2[,.]?\d+ k?\s*characters Answer briefly/);
  assertEquals(await before.locator(".message[open]").count(), 10);

  const search = detail.getByRole("searchbox", { name: "Find in the prompt" });
  await search.fill("PLUM");
  await detail.getByText("1 of 12", { exact: true }).waitFor();
  assertEquals(await detail.locator("mark").allInnerTexts(), ["plum"]);
  assertMatch(await detail.locator(".message:visible").innerText(), /characters before/);
  await search.fill("(nothing");
  await detail.getByText("0 of 12", { exact: true }).waitFor();
  await search.fill("");
  await detail.locator("pre:visible", { hasText: "42 is on its way" }).first().waitFor();
});

testScripted(
  "The page folds the schemas of an agent's tools",
  { server },
  async ({ page, open }) => {
    await open("#run=prompt-8");
    await page.getByRole("treeitem", { name: /support/ }).first().click();
    const tools = page.locator(".detail-body details", { hasText: "1 tool" }).first();
    await tools.waitFor();
    assertEquals(await tools.locator(".json").isVisible(), false);
    await tools.getByText("1 tool").click();
    assertMatch(await tools.locator(".json").innerText(), /find_order/);
  },
);
