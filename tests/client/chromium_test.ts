import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import { cors } from "hono/cors";
import { chromium, type Page } from "playwright-core";
import { EventBus } from "@locus/core";
import { locus, type ResumeRequest } from "@locus/core/hono";
import { bundle } from "../harness/support/bundle.ts";
import { chromiumPath } from "../harness/support/chromium_path.ts";
import { requires } from "../harness/support/requires.ts";
import { serve, type TestServer } from "../harness/support/serve.ts";
import { layLine, type Line, publish } from "./_support.ts";

const needs = await requires("chromium");

const script = `
  import { answerInterrupt, followRun } from "@locus/core/client";
  import { fromSse } from "@locus/core/sse";
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
  globalThis.numbers = {};
  globalThis.phases = {};
  globalThis.followAll = (runs) => runs.forEach(async (run) => {
    numbers[run] = [];
    const onState = ({ phase, cause }) => phases[run] = cause === null ? phase : cause.code;
    const follow = followRun("/locus/runs/" + run + "/events", { onState });
    for await (const event of follow) numbers[run].push(event.data.n);
  });
  globalThis.answer = (run) =>
    answerInterrupt("/locus/runs/" + run + "/resume", { interruptId: "i", response: "yes" });
  globalThis.waitLong = (run) => {
    const follow = globalThis.far = followRun("/locus/runs/" + run + "/events", { retry: () => 3_600_000 });
    (async () => { for await (const event of follow) numbers[run] = event.data.n; })();
  };
  globalThis.listen = () => {
    globalThis.heard = [];
    const source = globalThis.source = new EventSource("/locus/events");
    source.addEventListener("open", () => heard.push("open"));
    for (const type of ["bus.gap", "test.tick"]) source.addEventListener(type, () => heard.push(type));
  };
  globalThis.decode = async (run) => {
    delete ReadableStream.prototype[Symbol.asyncIterator];
    const types = [];
    const { body } = await fetch("/locus/runs/" + run + "/events");
    for await (const event of body.pipeThrough(fromSse())) types.push(event.event_type);
    return types;
  };
  if (location.pathname === "/") {
    for await (const event of follow) seen.push(event.data.n ?? event.data.reason ?? "end");
  }
`;

interface Fixture {
  page: Page;
  /** Opens another tab of the browser; nothing is followed there yet. */
  openTab(): Promise<Page>;
  line: Line;
  bus: EventBus;
  /** The answers to agents that were given. */
  answers: unknown[];
  start(bus: EventBus): Promise<TestServer>;
}

/** Registers a test with a page of a real server, which follows run `r` from the beginning. */
function testPage(name: string, run: (fixture: Fixture) => Promise<void>): void {
  test(`${name} (Chromium)`, needs, async () => {
    const client = await bundle(script, { conditions: ["browser"] });
    const servers: TestServer[] = [];
    const answers: unknown[] = [];
    const start = async (bus: EventBus) => {
      const app = new Hono();
      for (const path of ["/", "/tab"]) {
        app.get(
          path,
          (c) => c.html('<!doctype html><script type="module" src="/client.js"></script>'),
        );
      }
      app.get("/client.js", (c) => c.body(client, 200, { "Content-Type": "text/javascript" }));
      app.use("/locus/*", cors({ origin: "*" }));
      const onResume = (_c: unknown, { response }: ResumeRequest) => void answers.push(response);
      app.route("/locus", locus({ bus, heartbeatMs: 50, authorize: () => true, onResume }));
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
      const context = await browser.newContext();
      const open = async (path: string) => {
        const page = await context.newPage();
        await page.goto(line.url + path);
        return page;
      };
      const openTab = () => open("/tab");
      await run({ page: await open("/"), openTab, line, bus, answers, start });
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

const runs = [..."abcdefg"];

function publishToAll(bus: EventBus, n: number): void {
  for (const run of runs) bus.publish({ run_id: run, event_type: "test.tick", data: { n } });
}

testPage(
  "D5: seven followers in a page all get everything, and an answer gets through",
  async (fixture) => {
    const { openTab, bus, answers } = fixture;
    const page = await openTab();
    await fixture.page.close();
    publishToAll(bus, 1);
    await page.evaluate(`followAll(${JSON.stringify(runs)})`);
    await page.waitForFunction(
      "Object.values(phases).filter((phase) => phase === 'live').length === 5",
    );
    await page.waitForFunction(
      "Object.values(phases).filter((phase) => phase === 'crowded').length === 2",
    );
    await page.evaluate('answer("a")');
    assertEquals(answers, ["yes"]);
    await page.waitForFunction("Object.values(numbers).every((seen) => seen.length === 1)");
    publishToAll(bus, 2);
    await page.waitForFunction("Object.values(numbers).every((seen) => seen.length === 2)");
    assertEquals(
      await page.evaluate("numbers"),
      Object.fromEntries(runs.map((run) => [run, [1, 2]])),
    );
  },
);

testPage("D5: seven tabs all get everything, and an eighth opens and answers", async (fixture) => {
  const { openTab, bus, answers } = fixture;
  publishToAll(bus, 1);
  await fixture.page.close();
  const tabs: Page[] = [];
  for (const run of runs) {
    const tab = await openTab();
    await tab.evaluate(`followAll(["${run}"])`);
    tabs.push(tab);
  }
  await (await openTab()).evaluate('answer("a")');
  assertEquals(answers, ["yes"]);
  await Promise.all(tabs.map((tab, n) => tab.waitForFunction(`numbers.${runs[n]}.length === 1`)));
  // A tab that is closed gives its place back.
  await tabs.shift()!.close();
});

testPage(
  "D4: a page that comes back online does not wait for the next attempt",
  async (fixture) => {
    const { openTab, line, bus } = fixture;
    const page = await openTab();
    bus.publish({ run_id: "a", event_type: "test.tick", data: { n: 1 } });
    await page.evaluate('waitLong("a")');
    await page.waitForFunction("numbers.a === 1");
    await page.context().setOffline(true);
    line.cut();
    await page.waitForFunction("far.state.phase === 'waiting'");
    bus.publish({ run_id: "a", event_type: "test.tick", data: { n: 2 } });
    await page.context().setOffline(false);
    await page.waitForFunction("numbers.a === 2");
  },
);

testPage(
  "D1: a plain EventSource that drops before the first event misses nothing",
  async (fixture) => {
    const { openTab, line, bus } = fixture;
    const page = await openTab();
    await page.evaluate("listen()");
    await page.waitForFunction("heard.length === 1");
    line.cut();
    bus.publish({ run_id: "a", event_type: "test.tick", data: {} });
    await page.waitForFunction("heard.length >= 3");
    assertEquals(await page.evaluate("heard"), ["open", "open", "test.tick"]);
  },
);

testPage(
  "D16: fromSse() is read with for await where streams have no iterator",
  async (fixture) => {
    const { openTab, bus } = fixture;
    bus.publish({ run_id: "a", event_type: "test.tick", data: {} });
    bus.closeStream("a");
    assertEquals(await (await openTab()).evaluate('decode("a")'), ["test.tick", "bus.end"]);
  },
);
