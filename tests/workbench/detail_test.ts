/** G1: what went in and came out of every kind of span, on the page. */
import { assertEquals } from "@std/assert";
import { axeViolations } from "./_axe.ts";
import { contentRun } from "./_content_run.ts";
import { graphRun } from "./_graph_run.ts";
import { testScripted } from "./_scripted.ts";

const server = () => ({
  runs: [contentRun(Date.now()), graphRun(Date.now())],
  config: { prices: null, resume: false },
});

testScripted(
  "G1: the detail shows documents, routes, to-dos, files, arguments and errors of spans",
  {
    server,
  },
  async ({ page, open }) => {
    await open("#run=content-11");
    const row = (name: string) =>
      page.getByRole("treeitem", { name: new RegExp(`^\\w+ ${name}`) }).click();
    const body = page.locator(".detail-body");
    await row("query");
    await body.getByRole("heading", { name: "3 documents" }).waitFor();
    assertEquals(await body.locator(".documents .is-used b").allInnerTexts(), ["returns-eu"]);
    await body.getByText("used, by citation").waitFor();

    await row("router");
    await body.getByRole("heading", { name: "routes" }).waitFor();
    assertEquals(await body.locator(".routes li").allInnerTexts(), [
      "deep\ntaken\nfits\n0.90",
      "answer\nnot taken\nhas no tools\n0.40",
    ]);

    await row("desk");
    await body.getByRole("heading", { name: "to do" }).waitFor();
    assertEquals(
      (await body.locator(".todos li").allInnerTexts())[1],
      "in_progress\nWrite the answer",
    );
    await body.getByText("/answer.md").first().waitFor();

    await row("issue_refund");
    await body.getByRole("heading", { name: "arguments", exact: true }).waitFor();
    await body.locator(".json-string", { hasText: "ch_3QkT8e" }).waitFor();
    const item = body.locator(".json-string", { hasText: '"A-7"' });
    assertEquals(await item.count(), 0);
    await body.locator("summary", { hasText: "lines" }).click();
    await body.getByText("… 20 more").click();
    assertEquals(await body.locator(".json-inside details").count(), 121);

    // By key: only one side, and all of it again.
    const error = body.getByText("charge_already_refunded").first();
    await error.waitFor();
    await page.keyboard.press("i");
    await error.waitFor({ state: "hidden" });
    await page.keyboard.press("o");
    await error.waitFor();
    await body.locator(".json").waitFor({ state: "hidden" });
    await page.keyboard.press("o");
    await body.locator(".json").waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      assertEquals(await axeViolations(page), []);
    }
  },
);

testScripted("G1: the detail shows what a node changed, and which routes were open after it", {
  server,
}, async ({ page, open }) => {
  await open("#run=review-318&view=graph");
  const body = page.locator(".detail-body");
  await page.getByRole("button", { name: /^merge/ }).click();
  await body.locator(".changes").waitFor();
  assertEquals(await body.locator(".changes > div").allInnerTexts(), [
    "−findings: 11",
    "+findings: 10",
    "  round: 2",
  ]);
  await page.getByRole("button", { name: /^decide/ }).click();
  await body.locator(".routes li", { hasText: "post_comments" }).waitFor();
});
