import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { withRun } from "@locus/core";
import { sqliteBus } from "@locus/core/transports/sqlite";
import { createRunSummary, type RunSummary } from "@locus/core/view";
import { costOf } from "../../workbench/model/run_cost.ts";
import { chosenRuns, facetsOf } from "../../workbench/model/run_facets.ts";
import { snippetOf } from "../../workbench/model/snippet.ts";
import { until } from "../harness/support/until.ts";
import { testPage } from "./_locus.ts";

const prices = {
  prompt_per_million: 1,
  completion_per_million: 10,
  currency: "USD",
  models: { big: { prompt_per_million: 100, completion_per_million: 1_000 } },
};

function runOf(runId: string, fields: Partial<RunSummary> = {}): RunSummary {
  return { ...createRunSummary(runId), ...fields };
}

const TOKENS = { prompt_tokens: 2_000, completion_tokens: 100, total_tokens: 2_100 };
const BIG = { big: { prompt_tokens: 1_000, completion_tokens: 100 } };
const RUNS = [
  runOf("a", { ...TOKENS, tags: { team: "one" }, models: BIG }),
  runOf("b", { ...TOKENS, tags: { team: "one" }, state: "failed", models: { small: BIG.big } }),
  runOf("c", { tags: { team: "two" }, interrupted: true }),
  // Of an older server.
  runOf("d", { ...TOKENS, models: undefined, tags: undefined, state: "failed" }),
];

test("costOf() takes the price of each model, and that of all for what none has named", () => {
  const costs = RUNS.map((run) => costOf(run, prices).toFixed(6));
  assertEquals(costs, ["0.201000", "0.003000", "0.000000", "0.003000"]);
});

test("facetsOf() counts what runs can be filtered by, and chosenRuns() takes any of a group and one of each", () => {
  const facets = facetsOf(RUNS, prices).map(({ group, value, count }) =>
    `${group} ${value}: ${count}`
  );
  assertEquals(facets.sort(), [
    "cost 0.10 to 1: 1",
    "cost below 0.01: 2",
    "model big: 1",
    "model small: 1",
    "state failed: 2",
    "state interrupted: 1",
    "state running: 1",
    "tag team: one: 2",
    "tag team: two: 1",
  ]);
  const rows: [chosen: string[], found: string][] = [
    [[], "abcd"],
    [["state failed"], "bd"],
    [["state failed", "state interrupted"], "bcd"],
    [["state failed", "tag team: one"], "b"],
    [["model big", "cost below 0.01"], ""],
    // A link may say anything.
    [["shape round", "state failed"], "bd"],
  ];
  for (const [chosen, found] of rows) {
    const ids = chosenRuns(RUNS, chosen, prices).map(({ run_id: id }) => id);
    assertEquals(ids.join(""), found, chosen.join());
  }
});

test("facetsOf() keeps what is chosen, if no run has it any more", () => {
  const facets = facetsOf([], prices, ["model gone", "shape round"]);
  assertEquals(facets, [{ group: "model", value: "gone", count: 0 }]);
});

test("snippetOf() shows where a word stands, in however much text", () => {
  const event = (data: object) =>
    ({ event_id: "k-1", run_id: "r", event_type: "shop.said", timestamp: "", data }) as never;
  const long = `${"x ".repeat(500)}the Grinder\nnever came ${"y ".repeat(500)}`;
  const snippet = snippetOf(event({ a: [7, null, { b: long }] }), "grinder came");
  assert(/^…x x x x x x the Grinder never came y y/.test(snippet), snippet);
  assert(snippet.length < 150 && snippet.endsWith("…"));
  assertEquals(snippetOf(event({ a: "nothing" }), "grinder"), "");
});

const archive = sqliteBus({ path: ":memory:", search: true });

testPage(
  "the run list is filtered by what is counted, and searches in what was captured",
  {
    bus: archive as never,
    options: { workbench: { prices: { promptPerMillion: 1, completionPerMillion: 1 } } },
  },
  async ({ page, open }) => {
    const texts = { a: "my grinder never arrived", b: "thank you", c: "two cups" };
    for (const [runId, text] of Object.entries(texts)) {
      await withRun(
        { bus: archive, runId, tags: { channel: runId === "a" ? "mail" : "chat" } },
        (run) => {
          run.emit("shop.said", { text });
          run.emit("agent.tokens.used", { ...TOKENS, model: runId === "c" ? "big" : "small" });
          return runId === "b" ? Promise.reject(new Error("refused")) : Promise.resolve();
        },
      ).catch(() => {});
    }
    await archive.flushed();
    await open("#run=a");
    const shown = async () => {
      const names = await page.locator(".run-row:visible .run-name").allInnerTexts();
      return names.sort().join("");
    };
    await page.getByRole("button", { name: "failed: 1" }).click();
    await page.getByText("1 of 3", { exact: true }).waitFor();
    assertEquals(await shown(), "b");
    await page.getByRole("button", { name: "failed: 1" }).click();
    await page.getByRole("button", { name: /Filter by tag/ }).click();
    await page.getByRole("checkbox", { name: "channel: chat" }).check();
    await page.getByText("2 of 3", { exact: true }).waitFor();
    await page.getByRole("checkbox", { name: /^big/ }).check();
    await page.getByText("1 of 3", { exact: true }).waitFor();
    assertEquals(await shown(), "c");
    await page.getByRole("checkbox", { name: /^big/ }).uncheck();
    await page.getByRole("checkbox", { name: "channel: chat" }).uncheck();
    await page.getByRole("searchbox", { name: /Filter runs/ }).fill("grind");
    await page.locator(".run-facts", { hasText: "my grinder never arrived" }).waitFor();
    assertEquals(await shown(), "a");
  },
);

/** What the page has asked of the browser, and told the person. */
interface Told {
  asked: boolean[];
  answer: string;
  shown: { title: string; body: string; onclick?: () => void }[];
  focused: number;
}

/** Stands for the notifications of the browser, which no test can see. */
function stubNotifications(): void {
  const told: Told = { asked: [], answer: "denied", shown: [], focused: 0 };
  class Notification {
    static permission = "default";
    onclick?: () => void;
    constructor(title: string, { body }: { body: string }) {
      told.shown.push(Object.assign(this, { title, body }));
    }
    static requestPermission() {
      told.asked.push(navigator.userActivation.isActive);
      return Promise.resolve(Notification.permission = told.answer);
    }
  }
  Object.assign(globalThis, { Notification, told, focus: () => told.focused++ });
}

/** Whether somebody looks at the page, as far as it can know. */
function lookAway(isSeen: boolean): void {
  Object.defineProperty(document, "visibilityState", {
    configurable: true,
    value: isSeen ? "visible" : "hidden",
  });
  document.hasFocus = () => isSeen;
  document.dispatchEvent(new Event("visibilitychange"));
}

testPage("a run that waits is told to whoever asked for it and looks elsewhere", {}, async (
  { page, bus, open },
) => {
  const say = (runId: string, eventType: string, data: object) =>
    bus.publish<string>({ run_id: runId, event_type: eventType, data });
  const ask = (runId: string) =>
    say(runId, "agent.interrupt", {
      interrupt_id: runId,
      question_preview: `Pay ${runId}?`,
      options: [],
    });
  const told = () => page.evaluate("told") as Promise<Told>;
  for (const runId of ["a", "b", "c"]) say(runId, "shop.step", {});
  await page.addInitScript(stubNotifications);
  await open("#run=a");
  await page.getByRole("button", { name: /notifications/ }).click();
  const box = page.getByRole("checkbox", { name: "waits for you" });
  await box.waitFor();
  assertEquals((await told()).asked, []);
  // No: the page takes it, and says so.
  await box.click();
  await page.getByText("The browser does not let this page notify.").waitFor();
  assertEquals(await box.isChecked(), false);
  await page.evaluate('told.answer = "granted"');
  await box.check();
  assertEquals((await told()).asked, [true, true]);

  // Whoever looks at the page sees it there.
  await page.evaluate(lookAway, true);
  ask("a");
  await page.getByRole("button", { name: "waiting: 1" }).waitFor();
  assertEquals((await told()).shown, []);

  await page.evaluate(lookAway, false);
  // Nobody has asked to be told of this.
  say("b", "run.completed", { outcome: "error", error: "no", duration_ms: 1 });
  ask("c");
  await until("the person is told", async () => (await told()).shown.length > 0);
  const shown = (await told()).shown.map(({ title, body }) => [title, body]);
  assertEquals(shown, [["c waits", "Pay c?"]]);
  await page.evaluate("told.shown[0].onclick()");
  assertEquals((await told()).focused, 1);
  await page.evaluate(lookAway, true);
  await page.locator(".run-title", { hasText: /^c$/ }).waitFor();
});

testPage("a link lists the same runs, and the way back leads to them", {}, async (
  { page, bus, open },
) => {
  const colours = { apple: "red", cherry: "red", lemon: "yellow" };
  for (const [runId, colour] of Object.entries(colours)) {
    await withRun({ bus, runId, tags: { colour } }, () => Promise.resolve());
  }
  await open("#run=lemon");
  const total = (text: string) => page.locator(".pane-runs .count", { hasText: text }).waitFor();
  await page.getByRole("button", { name: /Filter by tag/ }).click();
  await page.getByRole("checkbox", { name: "colour: red" }).check();
  await total("2 of 3");
  await page.getByRole("searchbox", { name: /Filter runs/ }).fill("app");
  await total("1 of 3");
  await page.getByRole("button", { name: /Copy the link/ }).click();
  const link = await page.evaluate(() => navigator.clipboard.readText());

  await page.getByRole("option", { name: "apple" }).click();
  await page.locator(".run-title", { hasText: "apple" }).waitFor();
  await page.getByRole("checkbox", { name: "colour: red" }).uncheck();
  await page.getByRole("searchbox", { name: /Filter runs/ }).fill("");
  await total("3");
  await page.goBack();
  await page.locator(".run-title", { hasText: "lemon" }).waitFor();
  await total("1 of 3");

  await page.goto("about:blank");
  await page.goto(link);
  await total("1 of 3");
  await page.locator(".run-title", { hasText: "lemon" }).waitFor();
  await page.getByRole("checkbox", { name: "colour: red", checked: true }).waitFor();
  const field = page.getByRole("searchbox", { name: /Filter runs/ });
  assertEquals(await field.inputValue(), "app");
});
