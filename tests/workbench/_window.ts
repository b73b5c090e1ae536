/**
 * Windows of one browser, which takes longer to start than a window to open.
 *
 * @module
 */
import { after } from "node:test";
import { assertEquals } from "@std/assert";
import type { Browser, Page } from "playwright-core";
import { type BrowserName, openBrowser, openPage, type View } from "./_browser.ts";

/** The browser of the tests that are registered from now on, and of their windows. */
export let browserName: BrowserName = "chromium";

/** Lets all tests of this file look at the page with Firefox. */
export function useFirefox(): void {
  browserName = "firefox";
}

let browser: Promise<Browser> | null = null;

// Deno runs an `after()` of a file that waits for something while it registers tests before the last of them.
const atEnd = "Deno" in globalThis ? Deno.test.afterAll : after;
atEnd(async () => await (await browser)?.close());

/** The browser that the tests of a file have in common. */
export function sharedBrowser(): Promise<Browser> {
  return browser ??= openBrowser(browserName);
}

/** Runs a test in a window of its own. It fails if the page complained of anything. */
export async function inWindow(view: View, run: (page: Page) => Promise<void>): Promise<void> {
  const { page, problems } = await openPage(await sharedBrowser(), view);
  try {
    // Longer than the page waits before it connects again to a server that was down for its first two attempts.
    page.setDefaultTimeout(30_000);
    await run(page);
    assertEquals(problems, []);
  } finally {
    await page.context().close();
  }
}
