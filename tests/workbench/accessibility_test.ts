import { assertEquals } from "@std/assert";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { finish, publishWork, testPage } from "./_locus.ts";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

for (const scheme of ["light", "dark"] as const) {
  for (const width of [360, 1440]) {
    testPage(
      `axe finds nothing, ${scheme}, ${width} pixels wide`,
      { scheme, width, isLook: true },
      async ({ page, bus, open }) => {
        await open();
        await page.getByText("No run yet", { exact: true }).waitFor();
        assertEquals(await violations(page), []);

        publishWork(bus, "done");
        finish(bus, "done");
        publishWork(bus, "live");
        bus.publish({
          run_id: "waits",
          event_type: "agent.interrupt",
          data: { interrupt_id: "i", question_preview: "Really?", options: ["yes", "no"] },
        });
        for (const runId of ["live", "waits", "done"]) {
          await open(`#run=${runId}`);
          await page.reload();
          await page.locator(".run-state:visible").waitFor();
          assertEquals(await violations(page), [], runId);
        }
        const panes = width === 360 ? ["Runs", "Events", "Detail"] : [];
        for (const pane of panes) {
          await page.getByRole("button", { name: pane, exact: true }).click();
          assertEquals(await violations(page), [], pane);
        }
        if (width === 360) await page.getByRole("button", { name: "Events", exact: true }).click();
        await page.getByRole("option", { name: /agent\.tool\.completed fetch/ }).click();
        await page.locator(".detail-body:visible").waitFor();
        assertEquals(await violations(page), [], "detail");
        await page.keyboard.press("?");
        await page.getByRole("dialog", { name: "Keys" }).waitFor();
        assertEquals(await violations(page), [], "keys");
      },
    );
  }
}

/** What axe has against the page as it is now. Its script comes from outside: the policy of the page forbids more. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const result = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })") as {
    violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
  };
  return result.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) =>
      `${id}: ${html.slice(0, 160)} ${failureSummary.slice(0, 300)}`
    )
  );
}
