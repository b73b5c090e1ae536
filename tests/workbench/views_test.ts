/** The views of one run: by key, by link and by the way back, with the same selection, for eyes and screen readers. */
import { assert, assertEquals } from "@std/assert";
import { until } from "../harness/support/until.ts";
import { axeViolations } from "./_axe.ts";
import { graphRun } from "./_graph_run.ts";
import { sampleRuns } from "./_runs.ts";
import { testScripted } from "./_scripted.ts";

const server = () => ({
  runs: [graphRun(Date.now()), ...sampleRuns(Date.now())],
  config: { prices: null, resume: true },
});

testScripted("the views of a run are switched by key, kept in the link, and have one selection", {
  server,
}, async ({ page, open }) => {
  await open("#run=review-318&view=graph");
  const detail = page.getByRole("region", { name: "Detail" });
  // A node says its routes in words.
  const decide = page.getByRole("button", {
    name: "decide , done, 2 visits; leads to fix (taken, high, round < 2), " +
      "labels (on the way 2 times, high, round 2), " +
      "post_comments (waits for a person, high, round 2), approve (not taken, none or low)",
  });
  await decide.click();
  await detail.getByText("decide2").first().waitFor();
  for (
    const [key, view, selected] of [
      ["2", "timeline", ".tl-list .is-selected"],
      ["4", "conversation", ".talk .is-selected"],
      ["3", "graph", ".graph-box.is-selected"],
      ["5", "events", ""],
    ]
  ) {
    await page.keyboard.press(key!);
    await page.locator(`.app[data-view=${view}]`).waitFor();
    await page.locator(`.views .pane-${view}:visible`).waitFor();
    if (selected) await page.locator(selected).first().waitFor();
    const link = await page.evaluate(() => location.hash);
    assertEquals(link.includes(`view=${view}`), view !== "timeline", link);
  }
  for (const view of ["graph", "conversation", "timeline"]) {
    await page.goBack();
    await page.locator(`.app[data-view=${view}]`).waitFor();
  }
});

testScripted("graph and conversation are open to the keyboard alone", { server }, async (
  { page, open },
) => {
  await open("#run=review-318");
  await page.locator(".span-row:visible").first().waitFor();
  const detail = page.getByRole("region", { name: "Detail" });
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
  await page.keyboard.press("3");
  await page.locator(".graph-box").first().waitFor();
  await until("the graph has the focus", async () => {
    await page.keyboard.press("ArrowDown");
    return (await focused()).startsWith("fetch_diff");
  });
  await page.keyboard.press("Enter");
  await detail.getByRole("heading", { level: 2, name: "fetch_diff" }).waitFor();
  const scale = () => page.locator(".graph-space").evaluate((space) => space.style.transform);
  const before = await scale();
  await page.keyboard.press("-");
  assert(before !== await scale());
  await page.keyboard.press("4");
  await page.locator(".talk-line").first().waitFor();
  await until("a call has the focus", async () => {
    await page.keyboard.press("ArrowDown");
    return (await focused()).includes("plan") && !(await focused()).includes("merge");
  });
  await page.keyboard.press("Enter");
  await detail.getByRole("heading", { level: 2, name: "plan" }).waitFor();
  const boxes = page.locator("summary", { hasText: "security" });
  for (const box of [boxes.first(), page.locator("details .talk").locator(boxes).last()]) {
    // What is drawn while it was not over yet is open.
    if (!await box.evaluate((summary) => (summary.parentElement as HTMLDetailsElement).open)) {
      await box.click();
    }
  }
  await page.getByText("Is this diff safe?").waitFor();
  const prompt = page.getByText("You look for holes.");
  assertEquals(await prompt.isVisible(), false);
  await page.keyboard.press("v");
  await prompt.waitFor();
  await page.keyboard.press("z");
  await page.getByText("which leaks its length").waitFor();
  await page.keyboard.press("t");
  await page.locator(".talk-tool").first().waitFor({ state: "hidden" });
});

testScripted("axe finds nothing in graph and conversation, at any width, light and dark", {
  server,
}, async ({ page, open }) => {
  for (const run of ["review-318", "nightly-7"]) {
    for (const view of ["graph", "conversation"]) {
      await open(`#run=${run}&view=${view}`);
      await page.reload();
      await page.locator(".graph-box:visible, .talk > :visible").first().waitFor();
      for (const [width, colorScheme] of [[1440, "light"], [390, "dark"]] as const) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme });
        assertEquals(await axeViolations(page), [], `${run} ${view} ${width}`);
        const { scrollWidth, scrollHeight } = await page.evaluate(() => {
          const { scrollWidth, scrollHeight } = document.documentElement;
          return { scrollWidth, scrollHeight };
        });
        assertEquals([scrollWidth, scrollHeight], [width, 900], `${run} ${view}`);
      }
    }
  }
});
