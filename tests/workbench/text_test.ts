/** What events say is text, and steers nothing on the page. */
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { HOSTILE_MARKS, unsafeIn } from "../harness/support/hostile.ts";
import { until } from "../harness/support/until.ts";
import { testPage } from "./_locus.ts";
import { sampleRuns } from "./_runs.ts";
import { testScripted } from "./_scripted.ts";

/** Every text and every attribute of the page that a person can see or hear. */
function textsOf(page: Page): Promise<string> {
  return page.evaluate(() => {
    const texts = [document.title, document.body.textContent ?? ""];
    for (const element of document.querySelectorAll("*")) {
      for (
        const name of ["title", "aria-label", "aria-description", "placeholder", "aria-valuetext"]
      ) {
        texts.push(element.getAttribute(name) ?? "");
      }
    }
    return texts.join("\n");
  });
}

testPage("G9: nothing that turns the order or hides is obeyed, in any place", {
  options: { onResume: () => true },
}, async ({ page, bus, open }) => {
  const evil = HOSTILE_MARKS.join("x");
  const say = (eventType: string, data: object) =>
    bus.publish<string>({ run_id: "r1", event_type: eventType, data });
  say("agent.model.chunk", { content_preview: evil });
  say("agent.think", { iteration: 0, reasoning_preview: evil, has_tool_calls: true });
  say("multiagent.specialist.started", { specialist_id: evil, task_preview: evil });
  say("agent.tool.started", { tool_name: evil, span_id: evil, arg_keys: [evil] });
  say("agent.tool.completed", { tool_name: evil, span_id: evil, success: false, error: evil });
  say("shop.paid", { [evil]: evil, deep: { [evil]: [evil] }, list: [evil], long: evil.repeat(9) });
  say("agent.terminate", { reason: `max${evil}`, final_message_preview: evil });
  say("agent.tool.started", { tool_name: "ask", span_id: "a", arg_keys: [] });
  say("agent.interrupt", { interrupt_id: "i", question_preview: evil, options: [evil] });
  await open("#run=r1");
  const rows = page.locator(".event-row:visible");
  await until("all are listed", async () => await rows.count() === 9);
  for (let index = 0; index < 9; index++) {
    await rows.nth(index).click();
    await page.locator(".detail-body:visible").waitFor();
    assertEquals(unsafeIn((await textsOf(page)).replaceAll("\t", "")), []);
  }
  for (const row of await page.getByRole("treeitem").all()) {
    await row.click();
    assertEquals(unsafeIn((await textsOf(page)).replaceAll("\t", "")), []);
  }
  for (const note of await page.locator(".tl-note").all()) await note.dispatchEvent("pointermove");
  assertEquals(unsafeIn((await textsOf(page)).replaceAll("\t", "")), []);
  await page.keyboard.press("c");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assertEquals(unsafeIn(copied), []);
  await page.keyboard.press("a");
  await page.keyboard.press("1");
  assertEquals(unsafeIn((await textsOf(page)).replaceAll("\t", "")), []);
  await page.getByRole("region", { name: "Question of the agent" }).getByRole("button").click();
  await page.getByText("sent · waiting").waitFor();
});

testPage("G9: a run that a link names is text as well", {}, async ({ page, open }) => {
  const evil = `r${HOSTILE_MARKS.filter((mark) => mark !== "\ud800").join("x")}`;
  await open(`#run=${encodeURIComponent(evil)}`);
  await page.getByText("This run cannot be shown").waitFor();
  assertEquals(unsafeIn((await textsOf(page)).replaceAll("\t", "")), []);
});

testScripted("G9: what is written from right to left turns nothing beside it", {
  server: () => ({ runs: sampleRuns(Date.now()) }),
}, async ({ page, open }) => {
  await open("#run=mischief-5");
  const row = page.locator(".event-row:visible", { hasText: "שלום עולם" });
  await row.waitFor();
  assertMatch(await row.locator(".event-text").innerText(), / · 530 ms · שלום עולם$/);
  const places = await row.locator("bdi").evaluateAll((parts) =>
    parts.map((part) => part.getBoundingClientRect().left)
  );
  assertEquals(places, places.toSorted((a, b) => a - b));
  assertEquals(places.length, 3);
});

test("G9: all text goes into the page through one module", async () => {
  const folder = new URL("../../workbench/", import.meta.url);
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith(".ts") || name === "dom.ts" || /^(?:demo|build)/.test(name)) continue;
    const source = await readFile(new URL(name.replaceAll("\\", "/"), folder), "utf8");
    const found = source.match(
      /\.(?:textContent|innerText|title|placeholder|ariaLabel|ariaDescription|alt) = |createTextNode|setAttribute\("(?:title|aria-label|aria-description|placeholder)"/g,
    );
    assertEquals([name, found], [name, null]);
  }
});
