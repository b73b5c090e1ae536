/**
 * The page of a scripted server, in a real browser.
 *
 * @module
 */
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { Host } from "../harness/support/host.ts";
import { requires } from "../harness/support/requires.ts";
import { openBrowser, openPage, type View } from "./_browser.ts";
import { scriptedApp, type ScriptedServer } from "./_script.ts";

/** What a test has at hand. */
export interface ScriptedFixture {
  readonly page: Page;
  /** Opens the page at a place such as `#run=r1`. */
  open(hash?: string): Promise<void>;
}

const needs = await requires("chromium");

/** Registers a test of the page. It fails if the page complained of anything. */
export function testScripted(
  name: string,
  { server, ...view }: View & { server: () => ScriptedServer },
  run: (fixture: ScriptedFixture) => Promise<void>,
): void {
  test(name, needs, async () => {
    const host = new Host();
    const browser = await openBrowser();
    try {
      await host.start(scriptedApp(server()));
      const { page, problems } = await openPage(browser, view);
      page.setDefaultTimeout(10_000);
      await run({ page, open: async (hash = "") => void (await page.goto(`${host.url}/${hash}`)) });
      assertEquals(problems, []);
    } finally {
      await browser.close();
      await host.kill();
    }
  });
}
