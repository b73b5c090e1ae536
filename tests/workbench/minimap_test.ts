/** The strip above the timeline, and what each line cost. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "../harness/support/property.ts";
import { until } from "../harness/support/until.ts";
import { packLanes } from "../../workbench/model/lanes.ts";
import { sampleRuns } from "./_runs.ts";
import { testScripted } from "./_scripted.ts";

const prices = { prompt_per_million: 2.5, completion_per_million: 10, currency: "USD" };
const server = () => ({ runs: sampleRuns(Date.now()), config: { prices, resume: true } });

test("packLanes(): nothing in a lane overlaps, and there are as many lanes as ran at once", () => {
  const work = fc.array(
    fc.tuple(fc.nat(50), fc.nat(20)).map(([from, length]) => ({ from, to: from + length })),
    { maxLength: 30 },
  );
  fc.assert(fc.property(work, (work) => {
    const { lanes, count } = packLanes(work, 100);
    // What takes no time is beside whatever begins when it does.
    const atOnce = work.map((one) =>
      work.filter(({ from, to }) => from <= one.from && one.from < to).length
    );
    assert(count <= Math.max(0, ...atOnce) + 1, `${count} lanes`);
    for (const [a, one] of work.entries()) {
      for (const [b, other] of work.entries()) {
        if (a >= b || lanes[a] !== lanes[b]) continue;
        assert(one.to <= other.from || other.to <= one.from, `${a} and ${b} overlap`);
      }
    }
  }));
  assertEquals(packLanes([{ from: 0, to: 9 }, { from: 1, to: 9 }, { from: 2, to: 9 }], 2), {
    lanes: [0, 1, 1],
    count: 2,
  });
});

testScripted("a drag over the strip chooses the time in sight, a click moves it, two show all", {
  server,
}, async ({ page, open }) => {
  await open("#run=nightly-7");
  const map = page.locator(".map");
  const { x, y, width } = (await map.boundingBox())!;
  const axis = (await page.locator(".tl-axis").boundingBox())!;
  assertEquals([x, width], [axis.x, axis.width], "each moment stands above itself");
  const inSight = async () =>
    /&t=([\d.]+)-([\d.]+)/.exec(await page.evaluate(() => location.hash))?.slice(1).map(Number);
  await page.mouse.move(x + width / 4, y + 10);
  await page.mouse.down();
  await page.mouse.move(x + width / 2, y + 12, { steps: 4 });
  await page.mouse.up();
  await page.locator(".map-window:visible").waitFor();
  await until("a quarter is in sight", async () => {
    const [from, to] = await inSight() ?? [0, 0];
    return Math.abs(from! - 41 / 4) < 0.5 && Math.abs(to! - 41 / 2) < 0.5;
  });
  await page.mouse.click(x + width * 3 / 4, y + 10);
  await until("it has moved", async () => {
    const [from, to] = await inSight() ?? [0, 0];
    return Math.abs((from! + to!) / 2 - 41 * 3 / 4) < 0.5 && Math.abs(to! - from! - 41 / 4) < 0.5;
  });
  await page.mouse.dblclick(x + width / 2, y + 10);
  await page.locator(".map-window").waitFor({ state: "hidden" });
});

testScripted("without the detail there is room for what each line cost", { server }, async (
  { page, open },
) => {
  await open("#run=nightly-7");
  const detail = page.getByRole("region", { name: "Detail" });
  await detail.getByRole("table").first().waitFor();
  await detail.getByText("26.4 k").waitFor();
  const columns = page.locator(".span-row:not([hidden]) .tl-columns");
  await columns.first().waitFor({ state: "hidden" });
  await page.keyboard.press("Escape");
  await detail.waitFor({ state: "hidden" });
  // The run, and the first turn of an agent.
  await columns.filter({ hasText: "29.8 k$0.10" }).waitFor();
  await columns.filter({ hasText: "2710$0.0091" }).first().waitFor();
  const turn = page.getByRole("treeitem", { name: /done turn 0/ }).first();
  const reading = await turn.getAttribute("aria-description");
  assert(reading!.includes("2710 tok · $0.0091"), reading!);
  await turn.click();
  await detail.waitFor();
  await columns.first().waitFor({ state: "hidden" });
});
