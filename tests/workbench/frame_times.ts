/**
 * Measures how smooth the page is with a run of 100,000 events and 17,600 spans: the times between frames, and the stops
 * of more than 50 ms, in real Chromium, while the run is opened, the lists scroll, the filter changes, the run is stepped
 * through and played, and 2,000 events a second arrive.
 *
 * ```sh
 * deno run -A tests/workbench/frame_times.ts
 * ```
 *
 * @module
 */
import type { Page } from "playwright-core";
import type { StreamEvent } from "../../src/events/stream_event.ts";
import { Host } from "../harness/support/host.ts";
import { openBrowser, openPage } from "./_browser.ts";
import { type Line, scriptedApp, scriptRun } from "./_script.ts";

const EVENTS = 100_000;

if (import.meta.main) await main();

async function main(): Promise<void> {
  const browser = await openBrowser();
  const lines = longRun();
  const startedAt = Date.now() - lines.at(-1)![0];
  const whole = scriptRun("long", startedAt, lines, { closed: true });
  const half = scriptRun("long", startedAt, lines.slice(0, EVENTS / 2));
  let send: (event: StreamEvent) => void = () => {};
  const host = new Host();

  await host.start(scriptedApp({ runs: [whole] }));
  const { page } = await openPage(browser);
  await noteStops(page);
  await measureOpening(page, `${host.url}/#run=long`);
  await measure(page, "nothing", pause(1_000));
  await measure(page, "scrolling the events", scroll(".event-list", 9_000));
  await measure(page, "scrolling the timeline", scroll(".tl-list", 1_500));
  await measure(page, "filtering by type", type(["a", "agent.t", "agent.tool.*"]));
  await measure(page, "filtering by text", type(["mat", "match", "c42", ""]));
  await measure(page, "stepping back", press(",", 10));
  await measure(page, "playing at 64×", press(">", 5) + press("r", 1) + pause(4_000));
  await page.close();
  await host.kill();

  await host.start(scriptedApp({ runs: [half], onStream: (next) => void (send = next) }));
  const { page: live } = await openPage(browser);
  await noteStops(live);
  await live.goto(`${host.url}/#run=long`);
  await live.locator(".pane-events .count", { hasText: "50.0 k" }).waitFor();
  const rest = whole.events.slice(EVENTS / 2);
  const pump = setInterval(() => rest.splice(0, 40).forEach((event) => send(event)), 20);
  await measure(live, "2,000 live events a second", pause(8_000));
  clearInterval(pump);
  await host.kill();
  await browser.close();
}

/** An agent that writes and calls two tools, again and again. */
function longRun(): Line[] {
  const lines: Line[] = [];
  let at = 0;
  for (let turn = 0; lines.length < EVENTS; turn++) {
    for (let word = 0; word < 12; word++) {
      const chunk = { content_preview: ` word${word}`, done: false, has_tool_calls: false };
      lines.push([at += 5, "agent.model.chunk", chunk]);
    }
    lines.push([at += 5, "agent.think", {
      iteration: turn,
      reasoning_preview: "More.",
      has_tool_calls: true,
      tool_call_count: 2,
    }]);
    for (const tool of ["search", "fetch"]) {
      const span = { tool_name: tool, span_id: `${tool}${turn}`, arg_keys: ["q"] };
      lines.push([at += 1, "agent.tool.started", span]);
    }
    for (const tool of ["search", "fetch"]) {
      lines.push([at += 20, "agent.tool.completed", {
        tool_name: tool,
        span_id: `${tool}${turn}`,
        success: true,
        duration_ms: 20,
        output_preview: "17 matches",
        error: null,
      }]);
    }
  }
  return lines.slice(0, EVENTS);
}

/** Opens the run, and prints when it was drawn first and when as a whole, and the longest stops on the way. */
async function measureOpening(page: Page, url: string): Promise<void> {
  const before = performance.now();
  const passed = () => Math.round(performance.now() - before);
  await page.goto(url);
  await page.locator(".pane-events .event-row:not([hidden])").first().waitFor();
  const drawn = passed();
  await page.locator(".pane-timeline .count", { hasText: "17.6 k spans" }).waitFor();
  const stops = stopsIn(await page.evaluate("stops") as number[]);
  console.log(`opened: drawn after ${drawn} ms, whole after ${passed()} ms, ${stops}`);
}

/** Runs code in the page, and prints the times between its frames. */
async function measure(page: Page, what: string, code: string): Promise<void> {
  const { times, stops } = await page.evaluate(`(async () => {
    const times = [];
    stops.length = 0;
    let last = performance.now();
    let isOn = true;
    requestAnimationFrame(function frame(now) {
      times.push(now - last);
      last = now;
      if (isOn) requestAnimationFrame(frame);
    });
    await (async () => { ${code} })();
    isOn = false;
    // The browser tells of a stop when it is over.
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { times: times.slice(1).sort((a, b) => a - b), stops };
  })()`) as { times: number[]; stops: number[] };
  const at = (share: number) => times[Math.floor((times.length - 1) * share)]!.toFixed(1);
  console.log(
    `${what}: ${times.length} frames, median ${at(0.5)} ms, 95 % ${at(0.95)} ms, 99 % ${
      at(0.99)
    } ms, longest ${at(1)} ms, ${stopsIn(stops)}`,
  );
}

/** Has a page note its stops. */
async function noteStops(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const stops: number[] = [];
    new PerformanceObserver((list) => stops.push(...list.getEntries().map((it) => it.duration)))
      .observe({ entryTypes: ["longtask"] });
    Object.assign(globalThis, { stops });
  });
}

function stopsIn(stops: readonly number[]): string {
  const longest = stops.toSorted((a, b) => b - a).slice(0, 3).map(Math.round);
  return stops.length === 0
    ? "no stops"
    : `${stops.length} stops, the longest ${longest.join(", ")} ms`;
}

function pause(ms: number): string {
  return `await new Promise((resolve) => setTimeout(resolve, ${ms}));`;
}

function scroll(selector: string, by: number): string {
  return `const list = document.querySelector("${selector}");
    for (let i = 0; i < 120; i++) {
      list.scrollTop = i * ${by};
      await new Promise(requestAnimationFrame);
    }`;
}

function type(texts: readonly string[]): string {
  return `const field = document.querySelector(".field-filter");
    for (const text of ${JSON.stringify(texts)}) {
      field.value = text;
      field.dispatchEvent(new Event("input"));
      ${pause(200)}
    }`;
}

function press(key: string, times: number): string {
  return `for (let i = 0; i < ${times}; i++) {
      document.dispatchEvent(new KeyboardEvent("keydown", { key: "${key}" }));
      ${pause(60)}
    }`;
}
