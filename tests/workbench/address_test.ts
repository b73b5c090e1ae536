/** What the address says of a run: the time in sight, what is folded, what the detail shows; by link and by the way back. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { RunPicture } from "@locus/core/view";
import { until } from "../harness/support/until.ts";
import { Folding } from "../../workbench/model/folding.ts";
import { timelineOf } from "../../workbench/model/timeline_rows.ts";
import { promptRun } from "./_prompt_run.ts";
import { sampleRuns } from "./_runs.ts";
import { testScripted } from "./_scripted.ts";

const server = () => ({
  runs: [...sampleRuns(Date.now()), promptRun(Date.now())],
  config: { prices: null, resume: true },
});

test("what was folded by hand is folded again from its words, and all of it from few words", () => {
  const { events } = sampleRuns(0).find(({ runId }) => runId === "nightly-7")!;
  const picture = new RunPicture("nightly-7");
  for (const event of events) picture.add(event);
  const namesOf = (folding: Folding) =>
    timelineOf(picture, folding).rows.map(({ row, hidden }) => `${row?.key} ${hidden}`);
  const folding = new Folding();
  const [first] = picture.rows.filter((row) => row.kind !== "note");
  for (const isShut of [true, false, true]) {
    folding.set(first!, isShut);
    const again = new Folding();
    again.restore(folding.words);
    assertEquals(namesOf(again), namesOf(folding), folding.words);
  }
  folding.setAll(picture.rows, true);
  const again = new Folding();
  again.restore(folding.words);
  assertEquals(namesOf(again), namesOf(folding));
  again.restore("");
  assertEquals(namesOf(again), namesOf(new Folding()));
});

testScripted("a link opens the same part of the time, folds and side, and the way back does", {
  server,
}, async ({ page, open }) => {
  const hash = () => page.evaluate(() => location.hash);
  await open("#run=order-42");
  const turn = page.getByRole("treeitem", { name: /turn 0/ });
  await turn.locator(".tl-fold-mark").click();
  await page.getByRole("treeitem", { name: /list_files/ }).waitFor({ state: "hidden" });
  // What is pointed at is read out in place of the time that is in sight.
  await page.mouse.move(700, 5);
  await page.keyboard.press("+");
  await page.locator(".tl-readout", { hasText: "in sight" }).waitFor();
  await until("the address says so", async () => /&t=[\d.]+-[\d.]+&fold=/.test(await hash()));
  const link = await hash();

  await page.keyboard.press("]");
  await until("another run is open", async () => !(await hash()).includes("order-42"));
  assert(!/&(t|fold)=/.test(await hash()), await hash());
  await page.getByRole("treeitem", { name: /order-42/ }).waitFor({ state: "hidden" });
  await page.goBack();
  await page.locator(".tl-readout", { hasText: "in sight" }).waitFor();
  await page.getByRole("treeitem", { name: /list_files/ }).waitFor({ state: "hidden" });
  assertEquals(await hash(), link);

  await page.reload();
  await page.locator(".tl-readout", { hasText: "in sight" }).waitFor();
  await turn.waitFor();
  assertEquals(await page.getByRole("treeitem", { name: /list_files/ }).count(), 0);
  await page.keyboard.press("0");
  await until("all is in sight", async () => !(await hash()).includes("t="));
});

testScripted("a link opens what went in, or what came out", { server }, async ({ page, open }) => {
  await open("#run=prompt-8&tab=output");
  await page.getByRole("treeitem", { name: /turn 1/ }).click();
  const output = page.getByRole("button", { name: "Output" });
  await output.and(page.locator("[aria-pressed=true]")).waitFor();
  await page.keyboard.press("i");
  await page.getByRole("button", { name: "Input" }).and(page.locator("[aria-pressed=true]"))
    .waitFor();
  await until(
    "the address says so",
    async () => (await page.evaluate(() => location.hash)).includes("tab=input"),
  );
  await page.keyboard.press("i");
  await page.locator(".detail-body:not([data-side])").waitFor();
});

testScripted("a key sets what went in beside what came out", { server }, async ({ page, open }) => {
  await open("#run=prompt-8");
  await page.getByRole("treeitem", { name: /turn 1/ }).click();
  const [input, output] = [page.locator(".detail-input").first(), page.locator(".detail-output")];
  await output.waitFor();
  const isBeside = async () => {
    const [a, b] = [(await input.boundingBox())!, (await output.boundingBox())!];
    return b.x >= a.x + a.width && Math.abs(a.y - b.y) < 4;
  };
  assert(!await isBeside());
  await page.keyboard.press("w");
  await until("output is beside input", isBeside);
  await page.keyboard.press("w");
  await until("output is below input", async () => !await isBeside());
});
