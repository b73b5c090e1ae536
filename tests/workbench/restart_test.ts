/** What the page says when its server was restarted, and what that has cost. */
import { assertEquals } from "@std/assert";
import { EventBus } from "@locus/core";
import type { Page } from "playwright-core";
import { until } from "../harness/support/until.ts";
import { publishWork, testPage } from "./_locus.ts";

testPage(
  "G3: says that the server was restarted, once, and never that nothing was missed",
  {},
  async (
    { page, bus, host, start, open },
  ) => {
    publishWork(bus, "r1");
    await open("#run=r1");
    await page.locator(".pane-events .count", { hasText: "10" }).waitFor();
    await watchFor(page, "nothing missed");
    for (let life = 0; life < 3; life++) {
      await host.kill();
      await page.getByText("connection lost").waitFor();
      const next = new EventBus();
      await start(next);
      // What was said of the restart before still stands: that alone does not show that the page has come back.
      await until("the page listens again", () => next.stats().global_subscribers === 1, 30_000);
      await page.locator(".notice", { hasText: "the server was restarted; what it held is gone" })
        .waitFor();
    }
    const fresh = new EventBus();
    await host.kill();
    await start(fresh);
    await until("the page listens again", () => fresh.stats().global_subscribers === 1, 30_000);
    publishWork(fresh, "r1");
    await page.locator(".pane-events .count", { hasText: "21" }).waitFor();
    const gaps = page.locator(".event-row:visible", { hasText: "bus.gap" });
    await page.getByRole("searchbox", { name: /Filter events/ }).fill("bus.gap");
    await page.locator(".pane-events .count", { hasText: "1 of 21" }).waitFor();
    assertEquals(
      await gaps.locator(".event-text").allInnerTexts(),
      ["the server was restarted; what it held is gone"],
    );
    assertEquals(await page.evaluate("globalThis.seen"), []);
  },
);

testPage("G3: says nothing of what is missing until the history was read", {
  options: { local: false },
}, async ({ page, bus, host, start, open }) => {
  publishWork(bus, "r1");
  await open("#run=r1");
  await page.locator(".pane-events .count", { hasText: "10" }).waitFor();
  await watchFor(page, "nothing missed");
  await host.kill();
  await page.getByText("connection lost").waitFor();
  await start(new EventBus());
  await page.locator(".notice", { hasText: "the server was restarted; what it held is gone" })
    .waitFor();
  assertEquals(await page.evaluate("globalThis.seen"), []);
});

/** Notes in the page whether a text is ever shown. */
async function watchFor(page: Page, text: string): Promise<void> {
  await page.evaluate((text) => {
    const seen: string[] = [];
    Object.assign(globalThis, { seen });
    new MutationObserver(() => {
      if (document.body.textContent!.includes(text)) seen.push(document.body.textContent!);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  }, text);
}
