import { assertEquals } from "@std/assert";
import { axeViolations as violations } from "./_axe.ts";
import { finish, publishWork, testPage } from "./_locus.ts";

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
