/** A run that is too long to be read at once. */
import { assertEquals } from "@std/assert";
import { type Line, scriptRun } from "./_script.ts";
import { testScripted } from "./_scripted.ts";

const lines = Array.from({ length: 50_010 }, (_, at): Line => [at, "shop.step", { at }]);
const startedAt = Date.parse("2026-11-21T09:00:00Z");
const server = () => ({
  runs: [scriptRun("long", startedAt, lines, { closed: true })],
});

testScripted("a long run is read in parts, each of its events once", { server }, async (
  { page, open },
) => {
  const asked: string[] = [];
  page.on("request", (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname.endsWith("/history")) asked.push(search);
  });
  // What is selected is in the last part.
  await open("#run=long&filter=seq:24999-25002&event=k3v9-50009");
  await page.locator(".pane-events .count", { hasText: "4 of 50.0 k" }).waitFor();
  const detail = page.getByRole("region", { name: "Detail" });
  await detail.getByText("50008").first().waitFor();
  assertEquals(asked.slice(0, 3), [
    "?limit=1000",
    "?limit=3000&after=k3v9-1000",
    "?limit=9000&after=k3v9-4000",
  ]);
});
