import { assert, assertEquals } from "@std/assert";
import { EventBus, withRun, withSpan } from "@locus/core";
import { until } from "../harness/support/until.ts";
import { finish, publishAgo, publishWork, testPage } from "./_locus.ts";

testPage(
  "a link opens the same run, filter and selection",
  {},
  async ({ page, bus, host, open }) => {
    publishWork(bus, "r1", 3);
    publishWork(bus, "r2");
    await open("#run=r1");
    await page.getByRole("searchbox", { name: /Filter events/ }).fill("agent.tool.*");
    // Rows are used again for other events: what is clicked must not be about to change.
    await page.locator(".pane-events .count", { hasText: "12 of 30" }).waitFor();
    await page.getByRole("option", { name: /agent\.tool\.completed fetch/ }).first().click();
    await page.getByRole("region", { name: "Detail" }).getByText("FetchError: 503").first()
      .waitFor();
    await page.keyboard.press("y");
    const link = await page.evaluate(() => navigator.clipboard.readText());
    assert(link.startsWith(`${host.url}/locus/#run=r1&filter=agent.tool.*&event=`), link);

    const other = await page.context().newPage();
    await other.goto(link);
    await other.getByRole("region", { name: "Detail" }).getByText("FetchError: 503").first()
      .waitFor();
    assertEquals(await other.locator(".pane-events .count").innerText(), "12 of 30");
    const selected = other.getByRole("listbox", { name: "Events of the run" }).locator(
      "[aria-selected=true]",
    );
    assertEquals(await selected.count(), 1);
  },
);

testPage(
  "pausing holds the picture and counts what waits; stepping goes back event by event",
  {},
  async ({ page, bus, open }) => {
    publishWork(bus, "r1");
    await open("#run=r1");
    await page.getByRole("treeitem", { name: /failed fetch FetchError: 503/ }).waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    publishWork(bus, "r1");
    await page.getByText("paused · 10 wait").waitFor();
    assertEquals(await page.locator(".pane-events .count").innerText(), "10");
    await page.getByRole("button", { name: "One event back" }).click();
    await page.getByRole("treeitem", { name: /running fetch q/ }).waitFor();
    assertEquals(await page.locator(".pane-events .count").innerText(), "9");
    await page.getByRole("button", { name: "To the newest event" }).click();
    await page.locator(".pane-events .count", { hasText: "20" }).waitFor();
  },
);

testPage(
  "a run that is over can be played again, at another speed",
  {},
  async ({ page, bus, open }) => {
    publishWork(bus, "r1");
    finish(bus, "r1");
    await open("#run=r1");
    await page.locator(".run-state", { hasText: "done" }).waitFor();
    const slider = page.getByRole("slider", { name: "Place in the run" });
    await slider.fill("3");
    await page.getByText("3 of 11").waitFor();
    await page.locator(".run-state", { hasText: "running" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Speed of playing" }).click();
    await page.getByText("2×").waitFor();
    await page.getByRole("button", { name: "Go on" }).click();
    await page.locator(".run-state", { hasText: "done" }).waitFor();
  },
);

testPage("every way through the page is open to the keyboard", {}, async ({ page, bus, open }) => {
  // The scale of a run that began an hour ago stays as it is for minutes.
  publishAgo(3_600_000, () => publishWork(bus, "r1", 2));
  await open("#run=r1");
  await page.getByRole("treeitem", { name: /failed fetch FetchError: 503/ }).first().waitFor();

  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Keys" }).waitFor({ state: "hidden" });

  await page.keyboard.press("2");
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowDown");
  await page.locator(".tl-readout", { hasText: /^search · q · done/ }).waitFor();
  await page.keyboard.press("Enter");
  const detail = page.getByRole("region", { name: "Detail" });
  await detail.getByText("17 matches").first().waitFor();

  await page.keyboard.press("e");
  await detail.getByText("FetchError: 503").first().waitFor();
  await page.keyboard.press("c");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert(copied.includes('"tool_name": "fetch"'), copied);

  const lastTick = page.locator(".tl-tick").last();
  const farthest = await lastTick.innerText();
  await page.keyboard.press("+");
  await until("the scale is nearer", async () => await lastTick.innerText() !== farthest);
  await page.keyboard.press("0");
  await until("all is in sight", async () => await lastTick.innerText() === farthest);

  await page.keyboard.press("/");
  await page.keyboard.type("agent.think");
  await page.locator(".pane-events .count", { hasText: "2 of 20" }).waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".pane-events .count", { hasText: /^20$/ }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");

  await page.keyboard.press("5");
  await page.keyboard.press("Home");
  await detail.getByText("agent.model.chunk").first().waitFor();
  publishWork(bus, "r2");
  await page.getByRole("option", { name: "r2" }).waitFor();
  await page.keyboard.press("[");
  await page.locator(".run-title", { hasText: "r2" }).waitFor();
});

testPage("a screen of 360 pixels shows one pane at a time, and always the header", {
  width: 360,
  height: 740,
}, async ({ page, bus, open }) => {
  publishWork(bus, "r1");
  await open();
  await page.getByRole("option", { name: "r1" }).click();
  await page.locator(".run-title", { hasText: "r1" }).waitFor();
  const panes = { Timeline: "Timeline", Events: "Events", Detail: "Detail", Runs: "Runs" };
  for (const [tab, pane] of Object.entries(panes)) {
    await page.getByRole("navigation", { name: "Panes" }).getByRole("button", { name: tab })
      .click();
    await page.getByRole("region", { name: pane, exact: true }).waitFor();
    assertEquals(await page.locator(".pane:visible").count(), 1);
    assert(await page.locator(".run-title").isVisible());
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assertEquals(width, 360);
  }
  await page.getByRole("button", { name: "Events", exact: true }).click();
  await page.getByRole("option", { name: /agent\.tool\.completed search/ }).click();
  await page.getByRole("region", { name: "Detail", exact: true }).waitFor();
  await page.getByRole("button", { name: "Close the detail" }).click();
  await page.getByRole("region", { name: "Events", exact: true }).waitFor();
});

testPage(
  "what events say is text, in every place where it is shown",
  {},
  async ({ page, bus, open }) => {
    const attack =
      `<img src=x onerror="globalThis.hit=1"></script><script>globalThis.hit=1</script>` +
      `<a href="javascript:globalThis.hit=1">x</a>\u202e\u001b]0;x\u0007`;
    const say = (eventType: string, data: object) =>
      bus.publish<string>({ run_id: "r1:__proto__", event_type: eventType, data });
    say("agent.model.chunk", { content_preview: attack, done: false, has_tool_calls: false });
    say("agent.think", {
      iteration: attack,
      reasoning_preview: attack,
      has_tool_calls: true,
      tool_call_count: 1,
    });
    say("agent.tool.started", {
      tool_name: attack,
      span_id: attack,
      arg_keys: [attack, "__proto__"],
    });
    say("agent.tool.completed", {
      tool_name: attack,
      span_id: attack,
      success: false,
      duration_ms: attack,
      output_preview: attack,
      error: attack,
    });
    say("constructor", {
      [attack]: attack,
      __proto__: { x: attack },
      nested: { [attack]: [attack] },
    });
    say("span.started", {
      span_id: "s",
      parent_span_id: attack,
      name: attack,
      attributes: { [attack]: attack },
    });
    say("agent.tokens.used", {
      prompt_tokens: attack,
      completion_tokens: attack,
      total_tokens: attack,
    });
    say("agent.interrupt", { interrupt_id: attack, question_preview: attack, options: [attack] });
    await open(
      `#run=${encodeURIComponent("r1:__proto__")}&filter=${encodeURIComponent("-" + attack)}`,
    );
    await page.locator(".question-text", { hasText: "<img src=x" }).waitFor();
    await page.getByRole("searchbox", { name: /Filter events/ }).fill("");
    const rows = page.locator(".event-row:visible");
    await until("all events are listed", async () => await rows.count() === 8);
    for (let i = 0; i < 8; i++) {
      await rows.nth(i).click();
      await page.locator(".detail-body:visible").waitFor();
    }
    for (const row of await page.getByRole("treeitem").all()) await row.click();
    const found = await page.evaluate(() => ({
      hit: "hit" in globalThis,
      images: document.querySelectorAll("img, iframe, object, embed, a, body script").length,
      polluted: "x" in {},
      obeyed: document.querySelector(".event-list, .tl-list")?.textContent?.includes("\u202e"),
    }));
    assertEquals(found, { hit: false, images: 0, polluted: false, obeyed: false });
  },
);

testPage("an event of any shape is shown, and breaks nothing", {}, async ({ page, bus, open }) => {
  const types = [
    "agent.model.chunk",
    "agent.think",
    "agent.tool.started",
    "agent.tool.completed",
    "agent.tokens.used",
    "agent.interrupt",
    "agent.model.completed",
    "span.started",
    "span.completed",
    "span.linked",
    "agent.reflect",
    "multiagent.graph.node.started",
    "my.own",
    "agent.terminate",
  ];
  for (
    const data of [{}, {
      tool_name: 7,
      span_id: null,
      arg_keys: "x",
      options: 3,
      name: [],
      error: {},
    }]
  ) {
    for (const type of types) bus.publish<string>({ run_id: "r1", event_type: type, data });
  }
  await open("#run=r1");
  await page.locator(".pane-events .count", { hasText: "28" }).waitFor();
  await page.keyboard.press("5");
  await page.keyboard.press("Home");
  const selected = page.locator(".event-row.is-selected .event-seq");
  for (let seq = 1; seq <= 28; seq++) {
    await until(`event ${seq} is open`, async () => await selected.innerText() === String(seq));
    await page.keyboard.press("ArrowDown");
  }
});

testPage("a long run costs the page no more elements than a short one", {
  bus: new EventBus({ historyPerRun: 30_000 }),
}, async ({ page, bus, open }) => {
  publishWork(bus, "r1", 2_000);
  await open("#run=r1");
  await page.locator(".pane-events .count", { hasText: "20.0 k" }).waitFor();
  await page.locator(".pane-timeline .count", { hasText: /spans/ }).waitFor();
  const elements = await page.evaluate(() => document.querySelectorAll("*").length);
  assert(elements < 1_200, `${elements} elements`);
});

testPage(
  "a failed run says why, where, and leads to the event that caused it",
  {},
  async ({ page, bus, open }) => {
    const failed = withRun(
      { runId: "r1", bus, name: "Refund order 1042", tags: { plan: "pro" } },
      () => withSpan("charge", () => Promise.reject(new RangeError("the card was \u202erefused"))),
    );
    await failed.catch(() => {});
    await open("#run=r1");
    const failure = page.getByRole("region", { name: "Why the run failed" });
    await failure.getByText("RangeError: the card was \\u{202e}refused").waitFor();
    await failure.getByText("in charge").waitFor();
    await failure.getByRole("button", { name: "Show the event that caused it" }).click();
    const selected = page.getByRole("option", { selected: true, name: /span\.completed charge/ });
    await selected.waitFor();
    await page.getByRole("slider", { name: "Place in the run" }).fill("2");
    await failure.waitFor({ state: "hidden" });
  },
);

testPage(
  "a run is known by its title, also when its beginning has left the history, and found by its id and tags",
  { bus: new EventBus({ historyPerRun: 4, maxQueueSize: 4 }) },
  async ({ page, bus, open }) => {
    await withRun(
      { runId: "r1", bus, name: "Refund <b>order</b>\u202e", tags: { plan: "pro" } },
      () => Promise.resolve(publishWork(bus, "r1")),
    );
    publishWork(bus, "r2");
    await open("#run=r1");
    const title = "Refund <b>order</b>\\u{202e}";
    await page.getByRole("heading", { level: 1, name: title }).waitFor();
    await page.waitForFunction((title) => document.title === title, `${title} · done · Locus`);
    await page.locator(".counter-id", { hasText: "r1" }).waitFor();
    const runs = page.getByRole("listbox", { name: "Runs" });
    for (const words of ["r1", "plan: pro", "order</b>"]) {
      await page.getByRole("searchbox", { name: /Filter runs/ }).fill(words);
      await runs.locator(".run-name:visible", { hasText: /^r2$/ }).waitFor({ state: "hidden" });
      assertEquals(await runs.locator(".run-name:visible").allInnerTexts(), [title]);
    }
  },
);

testPage(
  "runs that wait and that were cancelled are told apart",
  {},
  async ({ page, bus, open }) => {
    for (const outcome of ["waiting", "cancelled"] as const) {
      bus.publish({ run_id: outcome, event_type: "agent.think", data: THOUGHT });
      const data = { outcome, error: null, duration_ms: 1 };
      bus.publish({ run_id: outcome, event_type: "run.completed", data });
    }
    await open("#run=cancelled");
    await page.locator(".run-state[data-state=cancelled]", { hasText: "cancelled" }).waitFor();
    await page.getByRole("option", { name: /^cancelled cancelled/ }).waitFor();
    await page.getByRole("option", { name: /^waiting waiting/ }).click();
    await page.locator(".run-state[data-state=waiting]", { hasText: "waits for a person" })
      .waitFor();
  },
);

const THOUGHT = { iteration: 0, reasoning_preview: "", has_tool_calls: false, tool_call_count: 0 };
