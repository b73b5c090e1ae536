/**
 * Photographs every state of the page at three widths and at 200 % zoom, light and dark, so that a person can look at
 * them:
 *
 * ```sh
 * deno run -A tests/workbench/gallery.ts /tmp/gallery [name… or name_width_scheme…]
 * ```
 *
 * @module
 */
import { mkdir } from "node:fs/promises";
import process from "node:process";
import type { Page } from "playwright-core";
import { Host } from "../harness/support/host.ts";
import { openBrowser, openPage } from "./_browser.ts";
import { contentRun } from "./_content_run.ts";
import { graphRun } from "./_graph_run.ts";
import { promptRun } from "./_prompt_run.ts";
import { sampleRuns } from "./_runs.ts";
import { scriptedApp, type ScriptedRun, type ScriptedServer } from "./_script.ts";

interface State {
  readonly hash?: string;
  readonly server?: Partial<ScriptedServer>;
  /** What a person does then. */
  act?(page: Page, host: Host, runs: ScriptedRun[]): Promise<void>;
}

/** The third is 1440 by 900 at 200 %. */
const SIZES = [[390, 844], [720, 450], [1024, 768], [1440, 900]] as const;

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
  prompt: {
    hash: "#run=prompt-8",
    server: { config, runs: [promptRun(Date.now())] },
    act: async (page) => {
      await page.getByRole("treeitem", { name: /turn 1/ }).click();
      await page.getByText("11 messages as in the call before").click();
    },
  },
  found: {
    hash: "#run=prompt-8",
    server: { config, runs: [promptRun(Date.now())] },
    act: async (page) => {
      await page.getByRole("treeitem", { name: /turn 1/ }).click();
      await page.getByRole("searchbox", { name: "Find in the prompt" }).fill("order 10");
    },
  },
  graph: {
    hash: "#run=review-318&view=graph",
    server: { config, runs: [graphRun(Date.now())] },
    act: async (page) => {
      await page.getByRole("button", { name: /^decide/ }).click();
      await choose(page, "Graph");
    },
  },
  ...Object.fromEntries(
    ["query", "router", "desk", "issue_refund"].map((name) => [name, {
      hash: "#run=content-11",
      server: { config, runs: [contentRun(Date.now())] },
      act: (page: Page) =>
        page.getByRole("treeitem", { name: new RegExp(`^\\w+ ${name}`) }).click(),
    }]),
  ),
  calls: { hash: "#run=nightly-7&view=graph", server: { config } },
  talk: { hash: "#run=nightly-7&view=conversation", server: { config } },
  inside: {
    hash: "#run=review-318&view=conversation",
    server: { config, runs: [graphRun(Date.now())] },
  },
  prompted: {
    hash: "#run=prompt-8&view=conversation",
    server: { config, runs: [promptRun(Date.now())] },
  },
  plain: { hash: "#run=order-42&view=events", server: { config } },
  waiting: { hash: "#run=approve-9", server: { config } },
  lanes: {
    hash: "#run=nightly-7&filter=agent.tool.*",
    server: { config },
    act: async (page) => {
      await page.keyboard.press("e");
    },
  },
  failed: { hash: "#run=refund-3&event=k3v9-11" },
  gaps: { hash: "#run=digest-1&filter=-agent.model.chunk", server: { config } },
  patient: { hash: "#run=patient-4", server: { config } },
  restarted: { hash: "#run=restarted-6", server: { config } },
  mischief: {
    hash: "#run=mischief-5",
    server: { config },
    act: async (page) => {
      await choose(page, "Events");
      await page.getByRole("option", { name: /shop\.note/ }).click();
    },
  },
  left: {
    hash: "#run=nightly-7",
    server: { runs: openRuns() },
    act: async (page) => {
      await page.locator(".tl-list").evaluate((list) => list.scrollTo(0, 0));
    },
  },
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
  events: { hash: "#run=order-42", server: { config }, act: (page) => choose(page, "Events") },
  runs: { hash: "#run=order-42", server: { config }, act: (page) => choose(page, "Runs") },
  help: { hash: "#run=order-42", act: (page) => page.keyboard.press("?") },
  offline: {
    act: async (page, host) => {
      await host.kill();
      await page.reload().catch(() => {});
    },
  },
};

/** Goes to a pane where only one can be seen. */
async function choose(page: Page, pane: string): Promise<void> {
  const tab = page.getByRole("navigation", { name: "Panes" }).getByRole("button", { name: pane });
  if (await tab.isVisible()) await tab.click();
}

/** The long one among the runs, as if it went on. */
function openRuns(): ScriptedRun[] {
  return sampleRuns(Date.now()).filter(({ runId }) => runId === "nightly-7")
    .map((run) => ({ ...run, events: run.events.slice(0, 120), closed: false }));
}

if (import.meta.main) await main(process.argv.slice(2));

async function main([folder = "gallery", ...names]: string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const browser = await openBrowser();
  for (const [name, { hash = "", server = {}, act }] of Object.entries(states)) {
    for (const [width, height] of SIZES) {
      for (const scheme of ["light", "dark"] as const) {
        const isWanted = [name, `${name}_${width}_${scheme}`].some((one) => names.includes(one));
        if (names.length > 0 && !isWanted) continue;
        const host = new Host();
        const runs = sampleRuns(Date.now());
        await host.start(scriptedApp({ runs, ...server }));
        const { page, problems } = await openPage(browser, { width, height, scheme });
        await page.goto(`${host.url}/${hash}`);
        await page.waitForTimeout(500);
        await page.getByText("Reading the history…").filter({ visible: true })
          .waitFor({ state: "detached" });
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
