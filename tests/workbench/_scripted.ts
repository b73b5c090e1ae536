/**
 * The page of a scripted server, in a real browser.
 *
 * @module
 */
import { test } from "node:test";
import type { Page } from "playwright-core";
import { Host } from "../harness/support/host.ts";
import { requires } from "../harness/support/requires.ts";
import type { View } from "./_browser.ts";
import { scriptedApp, type ScriptedServer } from "./_script.ts";
import { browserName, inWindow } from "./_window.ts";

/** What a test has at hand. */
export interface ScriptedFixture {
  readonly page: Page;
  /** Opens the page at a place such as `#run=r1`. */
  open(hash?: string): Promise<void>;
}

// Nothing that a runtime does differently is in it: the answers are scripted.
const needs = await requires(browserName, "one-runtime");

/** Registers a test of the page. It fails if the page complained of anything. */
export function testScripted(
  name: string,
  { server, ...view }: View & { server: () => ScriptedServer },
  run: (fixture: ScriptedFixture) => Promise<void>,
): void {
  test(name, needs, async () => {
    const host = new Host();
    try {
      await host.start(scriptedApp(server()));
      await inWindow(
        view,
        (page) =>
          run({ page, open: async (hash = "") => void (await page.goto(`${host.url}/${hash}`)) }),
      );
    } finally {
      await host.kill();
    }
  });
}
