/** G7: everything can be seen and reached at every size, at 200 % zoom too: low and narrow screens. */
import { assert } from "@std/assert";
import { until } from "../harness/support/until.ts";
import { server } from "./_layout.ts";
import { testScripted } from "./_scripted.ts";

testScripted("G7: rows of the timeline are in sight on low screens, and with a question", {
  server,
}, async ({ page, open }) => {
  for (const [hash, rows] of [["#run=nightly-7", 3], ["#run=approve-9", 2], ["#run=long", 1]]) {
    await open(`${hash}`);
    for (const [width, height] of [[720, 450], [1440, 500], [390, 600], [512, 384]] as const) {
      await page.setViewportSize({ width, height });
      const inSight = () =>
        page.locator(".tl-list").evaluate((list) => {
          const { top, bottom } = list.getBoundingClientRect();
          return [...list.querySelectorAll(".span-row:not([hidden])")].filter((row) => {
            const at = row.getBoundingClientRect();
            return at.top >= top - 1 && at.bottom <= Math.min(bottom, innerHeight) + 1;
          }).length;
        });
      await page.keyboard.press("2");
      await until(
        `${rows} rows at ${width} by ${height} of ${hash}`,
        async () => await inSight() >= Number(rows),
      );
    }
  }
});

testScripted("G7: a choice of any length wraps, and can be reached", { server, width: 390 }, async (
  { page, open },
) => {
  await open("#run=approve-9");
  await page.getByRole("button", { name: "answer" }).click();
  const choices = page.locator(".ask-choice");
  await choices.last().waitFor();
  for (const choice of await choices.all()) {
    await choice.scrollIntoViewIfNeeded();
    const box = await choice.boundingBox();
    assert(box !== null && box.x >= 0 && box.x + box.width <= 390, JSON.stringify(box));
  }
  const { height } = (await choices.nth(2).boundingBox())!;
  assert(height > 40, `the third choice takes more than one line: ${height}`);
});
