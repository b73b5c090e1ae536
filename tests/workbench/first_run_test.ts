/** What an empty page says: the code that makes the first run appear. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { EventBus, withRun, withSpan } from "@locus/core";
import * as aiSdk from "@locus/core/bridges/ai-sdk";
import * as langchain from "@locus/core/bridges/langchain";
import * as ai from "ai";
import { firstRuns } from "../../workbench/model/first_runs.ts";
import { testPage } from "./_locus.ts";

test("the code of an empty page imports what there is, and ours runs", async () => {
  const modules: Record<string, object> = {
    ai,
    "@locus/core": { withRun, withSpan },
    "@locus/core/bridges/ai-sdk": aiSdk,
    "@locus/core/bridges/langchain": langchain,
  };
  for (const [title, code] of firstRuns) {
    const imports = [...code.matchAll(/import \{ (.+) \}\s+from "(.+)";/g)];
    assert(imports.length > 0, title);
    for (const [, names, from] of imports) {
      for (const name of names!.split(", ")) assert(name in modules[from!]!, `${name} of ${from}`);
    }
  }
  aiSdk.locusTelemetry({ content: true });
  new langchain.LocusHandler({ content: true });
  const bus = new EventBus();
  const answer = await withRun({ name: "Hello, Locus", content: true, bus }, async () => {
    await withSpan("work", () => Promise.resolve());
    return "It works.";
  });
  assertEquals([answer, bus.runs().length], ["It works.", 1]);
});

testPage(
  "an empty page has code to copy for each kind of program, and goes when a run comes",
  {},
  async (
    { page, bus, open },
  ) => {
    await open();
    for (const [title, code] of firstRuns) {
      await page.getByRole("button", { name: `Copy the code: ${title}` }).click();
      await page.getByText("Code copied").waitFor();
      const copied = await page.evaluate(() => navigator.clipboard.readText());
      assertEquals(copied, code);
    }
    bus.publish<string>({ run_id: "r1", event_type: "shop.step", data: {} });
    await page.locator(".first-runs").waitFor({ state: "hidden" });
  },
);
