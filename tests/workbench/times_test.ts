/** The times of the page: header, list, timeline and replay go by the events. */
import { assert, assertEquals } from "@std/assert";
import { EventBus } from "@locus/core";
import { until } from "../harness/support/until.ts";
import { publishAgo, publishWork, testPage } from "./_locus.ts";
import { sampleRuns } from "./_runs.ts";
import { type Line, type ScriptedServer, scriptRun } from "./_script.ts";
import { testScripted } from "./_scripted.ts";

/** A run of three seconds that was read an hour later, gaps and all. */
function lossyRun(now: number) {
  const read = 3_600_000;
  const lines: Line[] = [
    [read, "bus.gap", { from_seq: 1, to_seq: 4, count: 4, reason: "evicted" }],
    [0, "agent.model.chunk", { content_preview: "I look." }],
    [1_000, "agent.think", { iteration: 0, has_tool_calls: true, tool_call_count: 1 }],
    [1_010, "agent.tool.started", { tool_name: "search", span_id: "s", arg_keys: [] }],
    [read, "bus.gap", { from_seq: 8, to_seq: 9, count: 2, reason: "lagged" }],
    [3_000, "agent.tool.completed", { tool_name: "search", span_id: "s", success: true }],
    [read, "bus.gap", { from_seq: 11, to_seq: 12, count: 2, reason: "lagged" }],
  ];
  return scriptRun("lossy", now - 2 * read, lines, { closed: true });
}

testScripted("G6: header, list, timeline and replay go by the times of the events", {
  server: () => ({ runs: [lossyRun(Date.now())] }),
}, async ({ page, open }) => {
  await open("#run=lossy");
  await page.locator(".run-state", { hasText: "ended 3.0 s" }).waitFor();
  assertEquals(await page.locator(".run-row:visible .run-time").innerText(), "3.0 s");
  assertEquals(await page.locator(".is-root .tl-time").innerText(), "3.00 s");
  const rows = page.locator(".event-row:visible");
  await until("all are listed", async () => await rows.count() === 7);
  const cells = await rows.evaluateAll((rows) =>
    rows.sort((a, b) =>
      Number(a.getAttribute("aria-posinset")) - Number(b.getAttribute("aria-posinset"))
    )
      .map((row) => [...row.children].slice(0, 2).map((cell) => cell.textContent).join(" "))
  );
  assertEquals(cells, ["– ", "5 0.000", "6 1.000", "7 1.010", "– ", "10 3.000", "– "]);
  const places = await page.locator(".tl-note[data-kind=gap]").evaluateAll((notes) =>
    notes.map((note) => Math.round(parseFloat((note as HTMLElement).style.left)))
  );
  assertEquals(places, [0, 34, 100]);
  await rows.filter({ hasText: "bus.gap" }).first().click();
  const detail = page.getByRole("region", { name: "Detail", exact: true });
  await detail.getByText("sequence").waitFor();
  assertEquals(await detail.getByText("offset").count(), 0);

  // A replay takes the time that the run took.
  await page.keyboard.press("Escape");
  await page.keyboard.press("r");
  await page.locator(".time-place", { hasText: "2 of 7" }).waitFor();
  await page.locator(".run-state", { hasText: /running [0-3]\.\d s/ }).waitFor();
  await page.keyboard.press(">");
  await page.keyboard.press(">");
  await page.locator(".run-state", { hasText: "ended 3.0 s" }).waitFor();
});

testPage("G6: a run whose beginning was evicted is as old in the header as in the list", {
  bus: new EventBus({ historyPerRun: 6 }),
}, async ({ page, bus, open }) => {
  const say = (n: number) => bus.publish({ run_id: "r1", event_type: "shop.paid", data: { n } });
  publishAgo(3_600_000, () => say(0));
  await open();
  // From here on the server knows the run from its beginning.
  await page.getByRole("option", { name: "r1" }).waitFor();
  for (let n = 1; n < 40; n++) say(n);
  await page.reload();
  await page.getByText("34 missed: 1 to 34 (evicted)").waitFor();
  const read = () =>
    page.evaluate(() => [
      document.querySelector(".run-state")?.textContent?.replace("running ", ""),
      document.querySelector(".run-row:not([hidden]) .run-time")?.textContent,
    ]);
  await until("both say that it began an hour ago", async () => {
    const [header, list] = await read();
    return header === list && /^1 h \d\d m$/.test(header ?? "");
  });
});

testPage(
  "G6: the time of a run stands still with the connection, in header and list alike",
  {},
  async (
    { page, bus, host, open },
  ) => {
    publishWork(bus, "r1");
    await open("#run=r1");
    await page.locator(".run-state", { hasText: "running" }).waitFor();
    await page.clock.install();
    await host.kill();
    await page.clock.runFor(2_000);
    await page.getByText("connection lost").waitFor();
    const read = () =>
      page.evaluate(() => [
        document.querySelector(".run-state")?.textContent?.replace("running ", ""),
        document.querySelector(".run-row:not([hidden]) .run-time")?.textContent,
      ]);
    const before = await read();
    assertEquals(before[0], before[1]);
    await page.clock.runFor(60_000);
    assertEquals(await read(), before);
  },
);

testScripted("G8: a long wait is folded, with a mark, and z shows it", {
  server: () => ({ runs: sampleRuns(Date.now()) }),
}, async ({ page, open }) => {
  await open("#run=patient-4");
  await page.locator(".tl-fold").waitFor();
  assertEquals(await page.locator(".tl-wait").innerText(), "11 m");
  const width = (name: RegExp) =>
    page.getByRole("treeitem", { name }).locator(".tl-bar").evaluate((bar) => bar.clientWidth);
  const folded = await width(/done turn 1/);
  assert(folded > 100, `${folded} px`);
  await page.locator(".tl-readout", { hasText: "11 m 04 s of waiting folded, z shows it" })
    .waitFor();
  await page.keyboard.press("z");
  await page.locator(".tl-fold").waitFor({ state: "detached" });
  assert(await width(/done turn 1/) < 10);
  await page.keyboard.press("z");
  await page.locator(".tl-fold").waitFor();
  assertEquals(await width(/done turn 1/), folded);
});

testScripted("the light part of a model's bar is the time until it wrote, whatever is in sight", {
  server: () => ({ runs: sampleRuns(Date.now()) }),
}, async ({ page, open }) => {
  const turn = page.getByRole("treeitem", { name: /done turn 1/ });
  const lightOf = () =>
    turn.locator(".tl-bar").evaluate((bar) => parseFloat(bar.style.getPropertyValue("--first")));
  // From 0.936 to 1.602 s, with the first of its text at 1.120 s.
  for (const [t, share] of [["", 184 / 666], ["&t=1.028-4", 92 / 574], ["&t=1.3-4", 0]] as const) {
    await open(`#run=order-42${t}`);
    await turn.waitFor();
    await until(`the light part is ${share} of the bar`, async () => {
      return Math.abs(await lightOf() / 100 - share) < 0.01;
    });
  }
  const reading = await turn.getAttribute("aria-description");
  assert(reading!.includes("first token after 184 ms"), reading!);
});

testScripted("a run in a state that this page does not know is listed", {
  server: (): ScriptedServer => {
    const [run, ...runs] = sampleRuns(Date.now());
    return { runs: [run!, ...runs], states: { [run!.runId]: "hibernating" } };
  },
}, async ({ page, open }) => {
  await open("#run=nightly-7");
  await page.getByRole("option", { name: /hibernating order-42/ }).waitFor();
});
