/** What goes on now: the newest work stays in sight, and the header names it. */
import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { until } from "../harness/support/until.ts";
import { publishWork, testPage } from "./_locus.ts";

/** Whether the newest row of the timeline is in sight. */
function sees(page: Page, name: string): Promise<boolean> {
  return page.locator(".tl-list").evaluate((list, name) => {
    const { top, bottom } = list.getBoundingClientRect();
    return [...list.querySelectorAll(".span-row:not([hidden])")].some((row) => {
      const at = row.getBoundingClientRect();
      return row.textContent!.includes(name) && at.top >= top - 1 && at.bottom <= bottom + 1;
    });
  }, name);
}

testPage(
  "G4: the timeline follows the newest work until the reader scrolls, and again with l",
  {},
  async (
    { page, bus, open },
  ) => {
    const work = (from: number, to: number) => {
      for (let n = from; n < to; n++) {
        const span = { span_id: `t${n}`, tool_name: `tool-${n}.` };
        bus.publish<string>({ run_id: "r1", event_type: "agent.tool.started", data: span });
      }
    };
    work(0, 60);
    await open("#run=r1");
    await until("the newest is in sight", () => sees(page, "tool-59."));
    work(60, 70);
    await until("the newest is in sight", () => sees(page, "tool-69."));
    const pill = page.locator(".pane-timeline .pill");
    assert(await pill.isHidden());

    await page.locator(".tl-list").hover();
    await page.mouse.wheel(0, -2_000);
    await pill.waitFor();
    const top = () => page.locator(".tl-list").evaluate((list) => list.scrollTop);
    const before = await top();
    work(70, 84);
    await pill.filter({ hasText: "14 newer · follow" }).waitFor();
    assertEquals(await top(), before);
    await page.keyboard.press("l");
    await until("the newest is in sight", () => sees(page, "tool-83."));
    await pill.waitFor({ state: "hidden" });

    // Reading an older line is no following either.
    await page.keyboard.press("2");
    await page.keyboard.press("Home");
    await pill.waitFor();
    await pill.click();
    await until("the newest is in sight", () => sees(page, "tool-83."));
    await page.locator(".tl-list").hover({ position: { x: 40, y: 40 } });
    await page.mouse.wheel(0, -2_000);
    await pill.waitFor();
    await page.mouse.wheel(0, 99_000);
    await pill.waitFor({ state: "hidden" });
  },
);

testPage("G4: the newest work is followed where it stands, not at the end", {}, async (
  { page, bus, open },
) => {
  const start = (name: string, parent: string | null) =>
    bus.publish({
      run_id: "r1",
      event_type: "span.started",
      data: { span_id: name, parent_span_id: parent, name: `${name}.`, attributes: {} },
    });
  start("outer", null);
  start("other", null);
  for (let n = 0; n < 60; n++) start(`late-${n}`, "other");
  await open("#run=r1");
  await until("the newest is in sight", () => sees(page, "late-59."));
  start("inner", "outer");
  await until("the newest is in sight", () => sees(page, "inner."));
});

testPage("G4: the header says what is at work now", {}, async ({ page, bus, open }) => {
  publishWork(bus, "r1");
  const span = { span_id: "s", tool_name: "search_policies", arg_keys: [] };
  bus.publish({ run_id: "r1", event_type: "agent.tool.started", data: span });
  await open("#run=r1");
  await page.locator(".run-now", { hasText: /^now: search_policies \d+\.\d s · turn 0$/ })
    .waitFor();
  bus.publish<string>({
    run_id: "r1",
    event_type: "agent.tool.completed",
    data: { ...span, success: true },
  });
  await page.locator(".run-now", { hasText: /^now: nothing heard for \d+\.\d s$/ }).waitFor();
  bus.closeStream("r1");
  await page.reload();
  await page.locator(".run-state", { hasText: "ended" }).waitFor();
  assert(await page.locator(".run-now").isHidden());
});
