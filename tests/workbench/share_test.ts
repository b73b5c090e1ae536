import { copyFile, readFile, rm } from "node:fs/promises";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Page } from "playwright-core";
import { EventBus } from "@locus/core";
import { runPage } from "@locus/core/workbench";
import { eventLines, fillPage, readRunFile, withEnd } from "../../src/workbench/run_file.ts";
import { openPage } from "./_browser.ts";
import { finish, publishWork, testPage } from "./_locus.ts";

const HOSTILE = [
  "</script><script>window.hit = 1</script>",
  "<!--<script>",
  "\u2028window.hit = 1\u2029",
  "\u202eevil\u2066",
  "]]><img src=x onerror='window.hit = 1'>",
];

function publishHostile(bus: EventBus, runId: string): void {
  for (const text of HOSTILE) {
    bus.publish<string>({ run_id: runId, event_type: "shop.note", data: { text, [text]: text } });
  }
}

test("a run in a file is read as it was written, and holds nothing that ends or begins an element", async () => {
  const bus = new EventBus();
  publishHostile(bus, "r1");
  bus.closeStream("r1");
  const events = withEnd(bus.history().toReversed());
  const page = await runPage(events);
  assert(page === await runPage(events.toReversed()), "the newest may come first");
  const bare = page.split(eventLines(events));
  assertEquals(bare.length, 2, "the events are there once");
  assertEquals(page.match(/<script/g)?.length, await countScripts());
  for (const text of [page, eventLines(events)]) assertEquals(readRunFile(text), [...events]);
  for (const mark of ["\u2028", "\u2029", "\u202e", "\u2066", "<"]) {
    assert(!eventLines(events).includes(mark), mark);
  }
  const cut = page.slice(0, page.indexOf("shop.note"));
  const wrong: [text: string, message: RegExp][] = [
    [cut, /breaks off in the middle/],
    ["\n", /the file has no events/],
    [`${eventLines(events)}{}\n`, /line 7: this is not an event of Locus/],
    ["<p>", /line 1: this is not JSON/],
  ];
  for (const [text, message] of wrong) {
    const { message: said } = assertThrows(() => readRunFile(text), TypeError);
    assert(message.test(said), said);
  }
});

/** Those of the page itself, also where its script speaks of them. */
async function countScripts(): Promise<number> {
  return fillPage(await runPage([]), []).match(/<script/g)!.length;
}

test("a page that is exported has no secrets", async () => {
  const bus = new EventBus();
  bus.publish({ run_id: "r1", event_type: "shop.paid", data: { api_key: "k3y-of-the-shop" } });
  const page = await runPage(bus.history());
  assert(!page.includes("k3y-of-the-shop"));
  assert(page.includes('"api_key":"[REDACTED]"'));
  const [event] = bus.history();
  const more = await runPage([{ ...event!, context: { api_key: "k3y-of-the-shop" } } as never]);
  assert(!more.includes("k3y-of-the-shop"));
  assert(more.includes('"context":{"api_key":"[REDACTED]"}'));
});

test("a line whose time is anything but a time is not an event", () => {
  const bus = new EventBus();
  bus.publish({ run_id: "r1", event_type: "shop.paid", data: {} });
  const [event] = bus.history();
  const fileWith = (timestamp: string) => `${JSON.stringify({ ...event, timestamp })}\n`;
  for (
    const time of ["2026-01-31T12:00:00.000Z", "2026-01-31 12:00+02:00", "+275760-09-13T00:00:00Z"]
  ) {
    assertEquals(readRunFile(fileWith(time))[0]!.timestamp, time);
  }
  // `Date.parse()` reads over what is in parentheses.
  for (
    const time of ["2026-01-31 (\x1b[2J)", "2026-01-31T12:00:00Z(sk-key)", "1", "", "Jan 1 2026"]
  ) {
    assertThrows(() => readRunFile(fileWith(time)), TypeError, "not an event");
  }
});

async function rowsOf(page: Page): Promise<string[]> {
  await page.getByRole("treeitem", { name: /failed fetch FetchError: 503/ }).first().waitFor();
  const rows = await page.getByRole("treeitem").all();
  return await Promise.all(rows.map((row) => row.innerText()));
}

testPage(
  "a run is downloaded as a page that shows it without a server, and either file opens where it is dropped",
  {},
  async ({ page, bus, host, open }) => {
    publishWork(bus, "r1", 2);
    publishHostile(bus, "r1");
    finish(bus, "r1");
    await open("#run=r1");
    await page.locator(".run-state", { hasText: "done" }).waitFor();
    const rows = await rowsOf(page);
    await page.getByRole("button", { name: /Take the run along/ }).click();
    const download = async (name: string) => {
      const begun = page.waitForEvent("download");
      await page.getByRole("button", { name }).click();
      const file = await begun;
      return { name: file.suggestedFilename(), path: await file.path() };
    };
    const [html, lines] = [
      await download("Download as a page"),
      await download("Download as lines"),
    ];
    assertEquals([html.name, lines.name], ["r1.html", "r1.ndjson"]);
    // The command line and the page write the same.
    const events = withEnd(bus.history().toReversed());
    assertEquals(await readFile(lines.path, "utf8"), eventLines(events));
    assert(await readFile(html.path, "utf8") === await runPage(events), "the pages differ");

    const browser = page.context().browser()!;
    const offline = await openPage(browser);
    const asked: string[] = [];
    offline.page.on("request", (request) => asked.push(request.url()));
    const file = `${html.path}.html`;
    await copyFile(html.path, file);
    const address = `${pathToFileURL(file)}`;
    await offline.page.goto(address);
    await offline.page.locator(".run-state", { hasText: "done" }).waitFor();
    assertEquals(await rowsOf(offline.page), rows);
    await offline.page.getByText("a file", { exact: true }).waitFor();
    await offline.page.keyboard.press("3");
    await offline.page.keyboard.press("Home");
    await offline.page.keyboard.press("D");
    await offline.page.getByRole("button", { name: "Download as lines" }).waitFor();
    assertEquals(await offline.page.evaluate(() => "hit" in globalThis), false);
    assertEquals(asked, [address]);
    assertEquals(offline.problems, []);
    await offline.page.context().close();
    await rm(file);

    for (const { path, name } of [html, lines]) {
      await open("#run=another");
      await page.getByText("Waiting for the first event").first().waitFor();
      const text = await readFile(path, "utf8");
      await page.evaluate(([text, name]) => {
        const data = new DataTransfer();
        data.items.add(new File([text!], name!));
        document.dispatchEvent(new DragEvent("drop", { dataTransfer: data, cancelable: true }));
      }, [text, name]);
      await page.getByText(`${name} is open`).waitFor();
      assertEquals(await rowsOf(page), rows);
      assertEquals(new URL(page.url()).hash, "#run=r1");
    }
    assert(page.url().startsWith(host.url));
  },
);
