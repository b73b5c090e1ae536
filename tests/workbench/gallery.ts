/**
 * Photographs every state of the page at three widths, light and dark, so that a person can look at them:
 *
 * ```sh
 * deno run -A tests/workbench/gallery.ts /tmp/gallery [name…]
 * ```
 *
 * @module
 */
import { mkdir } from "node:fs/promises";
import process from "node:process";
import type { Page } from "playwright-core";
import { Host, openBrowser, openPage } from "./_browser.ts";
import { sampleRuns } from "./_runs.ts";
import { scriptedApp, type ScriptedRun, type ScriptedServer } from "./_script.ts";

interface State {
  readonly hash?: string;
  readonly server?: Partial<ScriptedServer>;
  /** What a person does then. */
  act?(page: Page, host: Host, runs: ScriptedRun[]): Promise<void>;
}

const prices = { prompt_per_million: 2.5, completion_per_million: 10, currency: "USD" };
const config = { prices, resume: true };

const states: Record<string, State> = {
  list: { server: { config } },
  live: { hash: "#run=order-42", server: { config } },
  span: {
    hash: "#run=order-42",
    server: { config },
    act: (page) => page.getByRole("treeitem", { name: /done search/ }).click(),
  },
  waiting: { hash: "#run=approve-9", server: { config } },
  lanes: {
    hash: "#run=nightly-7&filter=agent.tool.*",
    server: { config },
    act: async (page) => {
      await page.keyboard.press("e");
    },
  },
  failed: { hash: "#run=refund-3&event=k3v9-10" },
  gaps: { hash: "#run=digest-1&filter=-agent.model.chunk", server: { config } },
  paused: {
    hash: "#run=nightly-7",
    act: async (page) => {
      await page.getByRole("slider").fill("40");
    },
  },
  playing: {
    hash: "#run=nightly-7",
    act: async (page) => {
      for (let i = 0; i < 3; i++) await page.keyboard.press(">");
      await page.keyboard.press("r");
      await new Promise((resolve) => setTimeout(resolve, 1_200));
    },
  },
  reconnecting: {
    hash: "#run=order-42",
    act: async (page, host) => {
      await host.kill();
      await page.getByText("connection lost").waitFor();
    },
  },
  resumed: {
    hash: "#run=order-42",
    act: async (page, host, runs) => {
      await host.kill();
      await page.getByText("connection lost").waitFor();
      await host.start(scriptedApp({ runs }));
      await page.getByText("resumed after").waitFor();
    },
  },
  evicted: {
    hash: "#run=order-42",
    act: async (page, host, runs) => {
      await host.kill();
      runs.shift();
      await host.start(scriptedApp({ runs }));
      await page.getByText("has forgotten this run").waitFor();
    },
  },
  empty: { server: { runs: [] } },
  locked: { server: { isOpen: false } },
  denied: { hash: "#run=secret-1" },
  unborn: {
    hash: "#run=soon-1",
    server: { runs: [{ runId: "soon-1", events: [], closed: false }] },
  },
  help: { hash: "#run=order-42", act: (page) => page.keyboard.press("?") },
  offline: {
    act: async (page, host) => {
      await host.kill();
      await page.reload().catch(() => {});
    },
  },
};

if (import.meta.main) await main(process.argv.slice(2));

async function main([folder = "gallery", ...names]: string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const browser = await openBrowser();
  for (const [name, { hash = "", server = {}, act }] of Object.entries(states)) {
    if (names.length > 0 && !names.includes(name)) continue;
    for (const [width, height] of [[360, 740], [900, 700], [1440, 900]] as const) {
      for (const scheme of ["light", "dark"] as const) {
        const host = new Host();
        const runs = sampleRuns(Date.now());
        await host.start(scriptedApp({ runs, ...server }));
        const { page, problems } = await openPage(browser, { width, height, scheme });
        await page.goto(`${host.url}/${hash}`);
        await page.waitForTimeout(500);
        try {
          await act?.(page, host, runs);
        } catch (error) {
          problems.push(String(error).split("\n")[0]!);
        }
        await page.waitForTimeout(300);
        await page.screenshot({ path: `${folder}/${name}_${width}_${scheme}.png` });
        for (const problem of problems) console.log(`${name} ${width}: ${problem}`);
        await page.context().close();
        await host.kill();
      }
    }
  }
  await browser.close();
}
