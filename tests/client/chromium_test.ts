import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import { cors } from "hono/cors";
import { chromium, type Page } from "playwright-core";
import { EventBus } from "@locus/core";
import { locus } from "@locus/core/hono";
import { bundle } from "../support/bundle.ts";
import { chromiumPath } from "../support/chromium_path.ts";
import { requires } from "../support/requires.ts";
import { serve, type TestServer } from "../support/serve.ts";
import { layLine, type Line, publish } from "./_support.ts";

const needs = await requires("chromium");

const script = `
  import { followRun } from "@locus/core/client";
  const seen = [];
  const follow = followRun("/locus/runs/r/events", { retry: () => 20 });
  globalThis.look = () => ({ seen, state: follow.state });
  globalThis.leave = () => follow.return();
  globalThis.readAll = async (url) => {
    const follow = followRun(url, { retry: () => 20, headers: { "X-User": "ada" } });
    globalThis.far = follow;
    const events = await Array.fromAsync(follow);
    return { types: events.map((event) => event.event_type), reconnects: follow.state.reconnects };
  };
  for await (const event of follow) seen.push(event.data.n ?? event.data.reason ?? "end");
`;

interface Fixture {
  page: Page;
  line: Line;
  bus: EventBus;
  start(bus: EventBus): Promise<TestServer>;
}

/** Registers a test with a page of a real server, which follows run `r` from the beginning. */
function testPage(name: string, run: (fixture: Fixture) => Promise<void>): void {
  test(`Chromium: ${name}`, needs, async () => {
    const client = await bundle(script, { conditions: ["browser"] });
    const servers: TestServer[] = [];
    const start = async (bus: EventBus) => {
      const app = new Hono();
      app.get(
        "/",
        (c) => c.html('<!doctype html><script type="module" src="/client.js"></script>'),
      );
      app.get("/client.js", (c) => c.body(client, 200, { "Content-Type": "text/javascript" }));
      app.use("/locus/*", cors({ origin: "*" }));
      app.route("/locus", locus({ bus, heartbeatMs: 50 }));
      const server = await serve(app);
      servers.push(server);
      line.leadTo(server.url);
      return server;
    };
    const line = await layLine(null);
    const browser = await chromium.launch({
      executablePath: chromiumPath(),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
      ],
    });
    try {
      const bus = new EventBus();
      await start(bus);
      const page = await browser.newPage();
      await page.goto(`${line.url}/`);
      await run({ page, line, bus, start });
    } finally {
      await browser.close();
      await line.close();
      for (const server of servers) await server.close();
    }
  });
}

/** Waits until the page has seen this, and nothing else. */
async function sees(page: Page, expected: (number | string)[]): Promise<void> {
  await page.waitForFunction(`look().seen.length >= ${expected.length}`);
  assertEquals(await page.evaluate("look().seen"), expected);
}

testPage("a page follows a run through the death of its server", async (fixture) => {
  const { page, line, bus, start } = fixture;
  publish(bus, 1);
  await sees(page, [1]);
  line.leadTo(null);
  line.cut();
  await page.waitForFunction("look().state.failures >= 2");
  publish(bus, 2);
  await start(bus);
  publish(bus, 3);
  bus.closeStream("r");
  await sees(page, [1, 2, 3, "end"]);
  assertEquals(await page.evaluate("look().state.ended"), { reason: "closed" });
});

testPage("a page is told that its server lost the run", async ({ page, line, bus, start }) => {
  publish(bus, 1);
  await sees(page, [1]);
  line.leadTo(null);
  line.cut();
  const fresh = new EventBus();
  publish(fresh, 10);
  await start(fresh);
  await sees(page, [1, "new_epoch", 10]);
  assertEquals(await page.evaluate("look().state.restarts"), 1);
});

testPage("a page that leaves gives its connection back", async ({ page, bus }) => {
  publish(bus, 1);
  await sees(page, [1]);
  await page.evaluate("leave()");
  assertEquals(await page.evaluate("look().state.ended"), { reason: "left" });
  while (Object.keys(bus.stats().queue_depths).length > 0) {
    await page.evaluate("new Promise(requestAnimationFrame)");
  }
});

testPage("a page resumes a run of another origin", async ({ page, bus, start }) => {
  const { url } = await start(bus);
  const other = await layLine(url);
  const tick = (n: number) => bus.publish({ run_id: "far", event_type: "test.tick", data: { n } });
  try {
    tick(1);
    const read = page.evaluate(`readAll("${other.url}/locus/runs/far/events")`);
    await page.waitForFunction("globalThis.far?.state.events === 1");
    other.cut();
    tick(2);
    bus.closeStream("far");
    const types = ["test.tick", "test.tick", "bus.end"];
    assertEquals(await read, { types, reconnects: 1 });
  } finally {
    await other.close();
  }
});
