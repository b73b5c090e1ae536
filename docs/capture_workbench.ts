/**
 * Photographs the workbench in a real Chromium, with a scripted run of which one span is selected:
 * `docs/workbench.png`.
 *
 * ```sh
 * deno run -A docs/capture_workbench.ts
 * ```
 *
 * @module
 */
import type { StreamEvent } from "../src/events/stream_event.ts";
import { Host } from "../tests/harness/support/host.ts";
import { openBrowser, openPage } from "../tests/workbench/_browser.ts";
import { sampleRuns } from "../tests/workbench/_runs.ts";
import { scriptedApp, type ScriptedRun } from "../tests/workbench/_script.ts";

const PICTURE = new URL("workbench.png", import.meta.url);
/** What the runs are called, by their ids. */
const TITLES: Readonly<Record<string, string>> = {
  "approve-9": "Refund order 1042",
  "order-42": "Which file is the largest?",
  "nightly-7": "Nightly report",
  "refund-3": "Refund order 977",
  "patient-4": "Book a visit",
  "digest-1": "Digest of the week",
};
const prices = { prompt_per_million: 2.5, completion_per_million: 10, currency: "USD" };

if (import.meta.main) {
  const host = new Host();
  const runs = sampleRuns(Date.now()).filter(({ runId }) => Object.hasOwn(TITLES, runId)).map(
    titled,
  );
  await host.start(scriptedApp({ runs, config: { prices, resume: true } }));
  const browser = await openBrowser();
  const { page } = await openPage(browser, { scheme: "dark" });
  await page.goto(`${host.url}/#run=order-42`);
  await page.getByRole("treeitem", { name: /done search/ }).click();
  await page.getByText("17 matches in 9 files").first().waitFor();
  await Deno.writeFile(PICTURE, await page.screenshot());
  await browser.close();
  await host.kill();
}

/** A run that says at its beginning what it is called; its other events come one later. */
function titled({ events, ...run }: ScriptedRun): ScriptedRun {
  const later = events.map((event) => ({
    ...event,
    event_id: event.event_id.replace(/\d+$/, (seq) => String(Number(seq) + 1)),
  })) as StreamEvent[];
  const started = {
    ...later[0]!,
    event_id: later[0]!.event_id.replace(/\d+$/, "1"),
    event_type: "run.started",
    data: { name: TITLES[run.runId], input_preview: "", tags: {} },
  } as StreamEvent;
  return { ...run, events: [started, ...later] };
}
