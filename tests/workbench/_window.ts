/**
 * Windows of one browser, which takes longer to start than a window to open.
 *
 * @module
 */
import { after } from "node:test";
import { assertEquals } from "@std/assert";
import type { Browser, Page } from "playwright-core";
import { openBrowser, openPage, type View } from "./_browser.ts";

let browser: Promise<Browser> | null = null;

after(async () => (await browser)?.close());

/** Runs a test in a window of its own. It fails if the page complained of anything. */
export async function inWindow(view: View, run: (page: Page) => Promise<void>): Promise<void> {
  const { page, problems } = await openPage(await (browser ??= openBrowser()), view);
  try {
    // Longer than the page waits before it connects again to a server that was down for its first two attempts.
    page.setDefaultTimeout(30_000);
    await run(page);
    assertEquals(problems, []);
  } finally {
    await page.context().close();
  }
}
