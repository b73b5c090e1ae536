/**
 * Runs the example of each bridge, and photographs its run in the workbench, in a real Chromium:
 * `docs/bridges/<name of the page>.png`.
 *
 * ```sh
 * deno run -A docs/capture_bridges.ts [name…]
 * ```
 *
 * @module
 */
import { EventBus } from "../mod.ts";
import { locus } from "../src/adapters/hono.ts";
import { Host } from "../tests/harness/support/host.ts";
import { openBrowser, openPage } from "../tests/workbench/_browser.ts";

/** The examples by the names of their pages. */
const EXAMPLES: Readonly<Record<string, string>> = {
  "ai-sdk": "10_ai_sdk",
  "langchain": "11_langgraph",
  "openai-agents": "20_openai_agents",
  "ai-sdk-6": "21_ai_sdk_6",
  "claude-agent": "22_claude_agent",
  "otel-spans": "28_otel_spans",
  "mastra": "29_mastra",
};

if (import.meta.main) {
  const browser = await openBrowser();
  for (const [name, example] of Object.entries(EXAMPLES)) {
    if (Deno.args.length > 0 && !Deno.args.includes(name)) continue;
    const bus = await busOf(example);
    const app = locus({ bus, workbench: true, authorize: () => true });
    const host = new Host();
    await host.start(app);
    const [run] = bus.runs();
    const { page } = await openPage(browser, { width: 1024, height: 400 });
    await page.goto(`${host.url}/#run=${run!.run_id}`);
    await page.getByRole("treeitem", { name: /forecaster|claude/ }).first().click();
    await Deno.writeFile(
      new URL(`bridges/${name}.png`, import.meta.url),
      await page.screenshot(),
    );
    await page.context().close();
    await host.kill();
  }
  await browser.close();
}

/** The bus that an example publishes to. */
async function busOf(example: string): Promise<EventBus> {
  const { writer } = EventBus.prototype;
  let found: EventBus | undefined;
  EventBus.prototype.writer = function (this: EventBus, runId) {
    found = this;
    return writer.call(this, runId);
  };
  await import(`../examples/${example}.ts`);
  EventBus.prototype.writer = writer;
  return found!;
}
