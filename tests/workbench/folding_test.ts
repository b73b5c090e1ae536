/** Lines of the timeline that are shut. */
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { RunPicture } from "@locus/core/view";
import { until } from "../harness/support/until.ts";
import { Folding } from "../../workbench/model/folding.ts";
import { timelineOf } from "../../workbench/model/timeline_rows.ts";
import { type Line, scriptRun } from "./_script.ts";
import { testScripted } from "./_scripted.ts";

/** An agent with sub-agents of twelve tools each: done, done, failed inside, and going on. */
function lines(agents = 4): Line[] {
  const span = (id: string, parent: string | null) => ({
    span_id: id,
    parent_span_id: parent,
    name: id,
    kind: "agent",
    attributes: {},
  });
  const made: Line[] = [[0, "span.started", span("lead", null)]];
  for (let agent = 0; agent < agents; agent++) {
    const id = `agent${agent}`;
    made.push([100 * agent, "span.started", span(id, "lead")]);
    for (let tool = 0; tool < 12; tool++) {
      const call = {
        tool_name: `tool${tool}`,
        span_id: `c${agent}-${tool}`,
        tool_span_id: `t${agent}-${tool}`,
        parent_span_id: id,
      };
      const success = !(agent === 2 && tool === 3);
      made.push([100 * agent + tool, "agent.tool.started", { ...call, arg_keys: [] }]);
      made.push([100 * agent + tool + 1, "agent.tool.completed", {
        ...call,
        success,
        duration_ms: 1,
        output_preview: "",
        error: success ? null : "Error: no",
      }]);
    }
    if (agent !== 3) {
      made.push([100 * agent + 90, "span.completed", {
        ...span(id, "lead"),
        success: true,
        error: null,
        duration_ms: 90,
      }]);
    }
  }
  return made;
}

test("timelineOf() shuts finished agents of long runs, but none that failed or goes on", () => {
  for (
    const [agents, mayFold, expected] of [
      [4, true, ["agent0 12", "agent1 12"]],
      [4, false, []],
      [2, true, []],
    ] as const
  ) {
    const { rows } = timelineOf(pictureOf(lines(agents)), new Folding(), mayFold);
    const shut = rows.filter(({ hidden }) => hidden > 0)
      .map(({ row, hidden }) => `${row?.kind === "span" && row.name} ${hidden}`);
    assertEquals(shut, [...expected], `${agents} ${mayFold}`);
  }
});

test("Folding goes by the hand first, opens what is looked for, and shuts all that is over", () => {
  const picture = pictureOf(lines());
  const folding = new Folding();
  const shutNow = () =>
    timelineOf(picture, folding, true).rows.flatMap(({ row, hidden }) =>
      hidden > 0 && row?.kind === "span" ? [row.name] : []
    );
  const [lead] = picture.rows;
  const [first, , third] = lead?.kind === "span" ? lead.children : [];
  if (first?.kind !== "span" || third?.kind !== "span") throw new Error("no agents");
  assertEquals(shutNow(), ["agent0", "agent1"]);
  folding.set(third, true);
  folding.reveal(first.children[0]!, first.children);
  assertEquals(shutNow(), ["agent1", "agent2"]);
  folding.setAll(picture.rows, true);
  assertEquals(shutNow(), ["agent0", "agent1", "agent2"]);
  folding.setAll(picture.rows, false);
  assertEquals(shutNow(), []);
});

/** Six searches, of which the fifth failed, and two fetches. */
function searches(): Line[] {
  return ["search", "search", "search", "search", "search", "search", "fetch", "fetch"].flatMap((
    name,
    at,
  ) => {
    const call = { tool_name: name, span_id: `c${at}` };
    const error = at === 5 ? "Error: no" : null;
    return [
      [100 * at, "agent.tool.started", { ...call, arg_keys: [] }],
      [100 * at + 50, "agent.tool.completed", {
        ...call,
        success: error === null,
        duration_ms: 50,
        output_preview: "",
        error,
      }],
    ] as Line[];
  });
}

test("timelineOf() draws repeats of a name as one line, from four on, and what failed by itself", () => {
  const picture = pictureOf(searches());
  const folding = new Folding();
  const shown = (mayFold = true) =>
    timelineOf(picture, folding, mayFold).rows.slice(1)
      .map(({ row, hidden }) => `${row?.kind === "span" && row.name} ${row?.durationMs} ${hidden}`);
  const [last] = picture.rows.slice(4);
  const all = Array.from({ length: 5 }, () => "search 50 0");
  const others = ["search 50 0", "fetch 50 0", "fetch 50 0"];
  assertEquals(shown(false), [...all, ...others]);
  assertEquals(shown(), ["search × 5 250 4", ...others]);
  // Once it is shut, it stays so while a person reads.
  assertEquals(shown(false), ["search × 5 250 4", ...others]);
  folding.reveal(picture.rows[0]!, picture.rows);
  assertEquals(shown(), ["search × 5 250 4", ...others]);
  folding.reveal(last!, picture.rows);
  assertEquals(shown(), [...all, ...others]);
  folding.setAll(picture.rows, true);
  assertEquals(shown(), ["search × 5 250 4", ...others]);
});

testScripted("repeats are one line that a click opens, and a key shuts again", {
  server: () => ({ runs: [scriptRun("r1", Date.now() - 5_000, searches(), { closed: true })] }),
}, async ({ page, open }) => {
  await open("#run=r1");
  const one = page.getByRole("treeitem", { name: /search × 5/ });
  const rows = page.locator(".span-row:visible", { hasText: "search" });
  await one.waitFor();
  assertEquals(await rows.count(), 2);
  await one.click();
  await until("all are there", async () => await rows.count() === 6);
  await page.keyboard.press("2");
  await page.keyboard.press("ArrowLeft");
  await one.waitFor();
  // What is chosen elsewhere is opened.
  await page.getByRole("option", { name: /agent\.tool\.completed search/ }).nth(3).click();
  await until("it is open", async () => await rows.count() === 6);
});

testScripted("lines of the timeline are shut and opened by key, and opened by what is looked for", {
  server: () => ({ runs: [scriptRun("r1", Date.now() - 5_000, lines(), { closed: true })] }),
}, async ({ page, open }) => {
  await open("#run=r1");
  const item = (name: string) =>
    page.getByRole("treeitem", { name: new RegExp(`^\\w+ ${name}\\b`) });
  await item("agent0").waitFor();
  const expanded = (name: string) => item(name).getAttribute("aria-expanded");
  assertEquals(await expanded("agent0"), "false");
  assertEquals(await expanded("agent2"), "true");
  await item("agent2").click();
  await page.keyboard.press("2");
  await page.keyboard.press("ArrowLeft");
  await page.getByText("+12 · 1 failed").waitFor();
  await page.keyboard.press("ArrowRight");
  await until("it is open again", async () => await expanded("agent2") === "true");
  // To the tool inside of it, and back to it.
  const active = () =>
    page.locator(".tl-list").evaluate((list) =>
      document.getElementById(list.getAttribute("aria-activedescendant") ?? "")?.textContent ?? ""
    );
  await page.keyboard.press("ArrowRight");
  await until("its first tool is active", async () => (await active()).includes("tool0"));
  await page.keyboard.press("ArrowLeft");
  await until("it is active", async () => (await active()).includes("agent2"));
  // What is chosen elsewhere is opened.
  await page.getByRole("option", { name: /agent\.tool\.started tool5/ }).first().waitFor();
  await page.locator(".event-list").evaluate((list) => list.scrollTo(0, 0));
  await page.getByRole("option", { name: /agent\.tool\.started tool1/ }).first().click();
  await until("its agent is open", async () => await expanded("agent0") === "true");
  await page.locator(".tl-fold-mark:visible").nth(1).click();
  await until("a click shuts it", async () => await expanded("agent0") === "false");
});

function pictureOf(lines: readonly Line[]): RunPicture {
  const picture = new RunPicture("r");
  for (const event of scriptRun("r", 0, lines).events) picture.add(event);
  return picture;
}
