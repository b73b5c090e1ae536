/** Pages at every size, for the tests of the layout. A file of all states would take too long on a busy machine. */
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { sampleRuns } from "./_runs.ts";
import { type Line, scriptRun } from "./_script.ts";
import { testScripted } from "./_scripted.ts";

/** 720 by 450 is 1440 by 900 at 200 %, and 320 by 256 is 1280 by 1024 at 400 %. */
const SIZES: readonly (readonly [width: number, height: number])[] = [
  [320, 256],
  [390, 844],
  [560, 700],
  [720, 450],
  [800, 600],
  [1024, 768],
  [1200, 700],
  [1440, 900],
  [1440, 500],
];

/** A text without a place to wrap at. */
export const LONG = "x".repeat(300);

/** A run that has a long text wherever it can have one. */
function longLines(): Line[] {
  return [
    [0, "agent.model.chunk", { content_preview: LONG }],
    [100, "agent.think", { iteration: 0, reasoning_preview: LONG, has_tool_calls: true }],
    [110, "agent.tool.started", { tool_name: LONG, span_id: LONG, arg_keys: [LONG] }],
    [120, "shop.paid", { [LONG]: LONG, nested: { [LONG]: [LONG] } }],
    [130, "agent.tool.completed", { tool_name: LONG, span_id: LONG, success: false, error: LONG }],
    [135, "agent.tool.started", { tool_name: "pay", span_id: "p", arg_keys: [] }],
    [140, "agent.interrupt", {
      interrupt_id: "i",
      question_preview: `${LONG} ${"Really? ".repeat(30)}`,
      options: [LONG, "yes ".repeat(100), "no", ...Array.from({ length: 9 }, () => LONG)],
    }],
  ];
}

/** A server with runs of every kind, and with long texts wherever there can be one. */
export const server = () => {
  const now = Date.now();
  return {
    runs: [
      ...sampleRuns(now),
      scriptRun(`long-${"0123456789".repeat(12)}`, now - 60_000, longLines()),
      scriptRun("long", now - 90_000, longLines()),
    ],
    config: { prices: null, resume: true },
  };
};

/** What of the page is looked at, and what is done there first. */
export interface PageState {
  readonly hash: string;
  act?(page: Page): Promise<void>;
}

/** Tests that nothing of these is wider than the screen, at any size. */
export function testWidths(states: Readonly<Record<string, PageState>>): void {
  for (const [name, { hash, act }] of Object.entries(states)) {
    testScripted(`G7: nothing is wider than the screen, at any size: ${name}`, { server }, async (
      { page, open },
    ) => {
      await open(hash);
      await page.locator(".event-row:visible, .landing:has-text('cannot be shown')").first()
        .waitFor();
      await act?.(page);
      for (const [index, [width, height]] of SIZES.entries()) {
        await page.setViewportSize({ width, height });
        await page.emulateMedia({ colorScheme: index % 2 === 0 ? "light" : "dark" });
        const tabs = page.getByRole("navigation", { name: "Panes" });
        const panes = await tabs.isVisible() && act === undefined
          ? ["Runs", "Timeline", "Events", "Detail"]
          : [""];
        for (const pane of panes) {
          if (pane !== "") await tabs.getByRole("button", { name: pane }).click();
          assertEquals(await beyondEdges(page), [], `${pane} at ${width} by ${height}`);
        }
      }
    });
  }
}

/** What of the page lies beyond its edges where nothing scrolls it into sight. */
function beyondEdges(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    if (document.documentElement.scrollWidth > innerWidth) {
      found.push(`the page is ${document.documentElement.scrollWidth} px wide`);
    }
    if (innerHeight >= 320 && document.documentElement.scrollHeight > innerHeight) {
      found.push(`the page is ${document.documentElement.scrollHeight} px high`);
    }
    const isClipped = (element: Element): boolean => {
      for (let at = element.parentElement; at !== null; at = at.parentElement) {
        if (getComputedStyle(at).overflowX !== "visible") return true;
      }
      return false;
    };
    for (const element of document.querySelectorAll("body *")) {
      const { left, right, width, height } = element.getBoundingClientRect();
      if (width === 0 || height === 0) continue;
      // Words that run over the edge of their button.
      if (element.matches("button") && element.scrollWidth > element.clientWidth + 1) {
        found.push(`the words of ${element.className} are ${element.scrollWidth} px wide`);
      }
      const isControl = element.matches("button, input, h1, .run-state");
      const isBeyond = left < -0.5 || right > innerWidth + 0.5;
      if (!isBeyond || element.matches(".aloud, .slider")) continue;
      if (isControl || !isClipped(element)) {
        found.push(`${element.tagName} ${element.className} from ${left} to ${right}`);
      }
    }
    return found;
  });
}
