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
import { mkdir, writeFile } from "node:fs/promises";
import process from "node:process";
import type { Browser, Page } from "playwright-core";
import { Host } from "../harness/support/host.ts";
import { openBrowser, openPage, type View } from "./_browser.ts";
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

/** The time of all pictures: two of one state are alike. */
const NOW = Date.parse("2026-06-01T12:00:00Z");

/** The third is 1440 by 900 at 200 %. */
const SIZES = [[390, 844], [720, 450], [1024, 768], [1440, 900]] as const;

const prices = { prompt_per_million: 2.5, completion_per_million: 10, currency: "USD" };
const config = { prices, resume: true };

/** What the page is looked at in. */
export const states: Record<string, State> = {
  list: { server: { config } },
  live: { hash: "#run=order-42", server: { config } },
  span: {
    hash: "#run=order-42",
    server: { config },
    act: (page) => page.getByRole("treeitem", { name: /done search/ }).click(),
  },
  prompt: {
    hash: "#run=prompt-8",
    server: { config, runs: [promptRun(NOW)] },
    act: async (page) => {
      await page.getByRole("treeitem", { name: /turn 1/ }).click();
      await page.getByText("11 messages as in the call before").click();
    },
  },
  found: {
    hash: "#run=prompt-8",
    server: { config, runs: [promptRun(NOW)] },
    act: async (page) => {
      await page.getByRole("treeitem", { name: /turn 1/ }).click();
      await page.getByRole("searchbox", { name: "Find in the prompt" }).fill("order 10");
    },
  },
  graph: {
    hash: "#run=review-318&view=graph",
    server: { config, runs: [graphRun(NOW)] },
    act: async (page) => {
      await page.getByRole("button", { name: /^decide/ }).click();
      await choose(page, "Graph");
    },
  },
  ...Object.fromEntries(
    ["query", "router", "desk", "issue_refund"].map((name) => [name, {
      hash: "#run=content-11",
      server: { config, runs: [contentRun(NOW)] },
      act: (page: Page) =>
        page.getByRole("treeitem", { name: new RegExp(`^\\w+ ${name}`) }).click(),
    }]),
  ),
  calls: { hash: "#run=nightly-7&view=graph", server: { config } },
  talk: { hash: "#run=nightly-7&view=conversation", server: { config } },
  inside: {
    hash: "#run=review-318&view=conversation",
    server: { config, runs: [graphRun(NOW)] },
  },
  prompted: {
    hash: "#run=prompt-8&view=conversation",
    server: { config, runs: [promptRun(NOW)] },
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
  // Without what would scroll: where a list stands depends on what came first.
  failed: { hash: "#run=refund-3&event=k3v9-11&filter=-agent.model.chunk" },
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
  return sampleRuns(NOW).filter(({ runId }) => runId === "nightly-7")
    .map((run) => ({ ...run, events: run.events.slice(0, 120), closed: false }));
}

if (import.meta.main) await main(process.argv.slice(2));

async function main([folder = "gallery", ...names]: string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const browser = await openBrowser();
  for (const name of Object.keys(states)) {
    for (const [width, height] of SIZES) {
      for (const scheme of ["light", "dark"] as const) {
        const isWanted = [name, `${name}_${width}_${scheme}`].some((one) => names.includes(one));
        if (names.length > 0 && !isWanted) continue;
        const { png, problems } = await photograph(browser, name, { width, height, scheme });
        await writeFile(`${folder}/${name}_${width}_${scheme}.png`, png);
        for (const problem of problems) console.log(`${name} ${width}: ${problem}`);
      }
    }
  }
  await browser.close();
}

/** How a state is photographed. */
export interface Shot extends View {
  /** What is to be there first. */
  readonly ready?: string;
  /** Rules that change how the page looks. */
  readonly rules?: string;
  /** Whether a picture is the one that is waited for, some seconds at most; if not given, whether nothing changes. */
  accept?(png: Uint8Array): Promise<boolean>;
}

/** A picture of a state, the last one if none is accepted. */
export async function photograph(
  browser: Browser,
  name: string,
  { ready = "body", rules, accept, ...view }: Shot,
): Promise<{ png: Uint8Array; problems: string[] }> {
  const { hash = "", server = {}, act } = states[name]!;
  const host = new Host();
  const runs = sampleRuns(NOW);
  await host.start(scriptedApp({ runs, ...server }));
  const { page, problems } = await openPage(browser, view);
  try {
    await page.clock.setFixedTime(NOW);
    await page.goto(`${host.url}/${hash}`);
    if (rules !== undefined) await page.evaluate(addRules, rules);
    await page.locator(ready).first().waitFor();
    await page.getByText("Reading the history…").filter({ visible: true })
      .waitFor({ state: "detached" });
    await act?.(page, host, runs).catch((error) => problems.push(String(error).split("\n")[0]!));
    return { png: await look(page, accept ?? isAtRest()), problems };
  } finally {
    await page.context().close();
    await host.kill();
  }
}

async function look(page: Page, accept: (png: Uint8Array) => Promise<boolean>) {
  for (let tries = 0;; tries++) {
    // A hidden caret would be a style that the policy of the page forbids.
    const png = await page.screenshot({ caret: "initial" });
    if (await accept(png) || tries === 40) return png;
    await page.waitForTimeout(200);
  }
}

/** Accepts the fourth of pictures that are alike. */
function isAtRest(): (png: Uint8Array) => Promise<boolean> {
  let last = "";
  let alike = 0;
  return (png) => {
    const now = String(png);
    alike = now === last ? alike + 1 : 1;
    last = now;
    return Promise.resolve(alike === 4);
  };
}

/** A sheet of the page's own, which its policy allows. */
function addRules(rules: string): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  document.adoptedStyleSheets.push(sheet);
}
