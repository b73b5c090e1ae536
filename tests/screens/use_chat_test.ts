/** The real `useChat()` of React, in a real browser, with the routes of a real server. */
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import { EventBus } from "@locus/core";
import { locus } from "@locus/core/hono";
import { bundle } from "../harness/support/bundle.ts";
import { Host } from "../harness/support/host.ts";
import { requires } from "../harness/support/requires.ts";
import { openBrowser, openPage } from "../workbench/_browser.ts";

const place = { span_id: "m1" };

test(
  "useChat() follows a run, and comes back to it after a reload",
  await requires("chromium"),
  async () => {
    const script = await bundle('import "./tests/screens/_chat_page.ts";', {
      conditions: ["browser"],
      define: { "process.env.NODE_ENV": '"production"' },
    });
    const bus = new EventBus();
    const app = new Hono();
    app.route("/locus", locus({ bus }));
    app.get("/page.js", (c) => c.body(script, 200, { "Content-Type": "text/javascript" }));
    app.get("/", (c) => c.html('<body><script type="module" src="/page.js"></script>'));
    const say = (event_type: string, data: object) =>
      bus.publish({ run_id: "r", event_type, data } as never);
    const write = (content_preview: string, done = false) =>
      say("agent.model.chunk", { content_preview, done, has_tool_calls: false, ...place });

    const host = new Host();
    const browser = await openBrowser();
    try {
      await host.start(app);
      const { page, problems } = await openPage(browser);
      const texts = () => page.locator("p").allInnerTexts();
      page.setDefaultTimeout(10_000);

      say("span.started", {
        ...place,
        parent_span_id: null,
        name: "m",
        kind: "model",
        attributes: {},
      });
      write("It ");
      await page.goto(host.url);
      await page.getByText("[step-start] It", { exact: true }).waitFor();
      write("is ");
      await page.getByText("[step-start] It is", { exact: true }).waitFor();

      await page.reload();
      await page.getByText("[step-start] It is", { exact: true }).waitFor();
      assertEquals(await page.locator("output").innerText(), "streaming");
      write("there.", true);
      say("run.completed", { outcome: "ok", error: null, duration_ms: 1 });
      bus.closeStream("r");
      await page.getByText("ready").waitFor();
      assertEquals(await texts(), ["[step-start] It is there."]);

      // Over: without a store of its own, a page asks for the history.
      await page.goto(`${host.url}/?from=history`);
      await page.getByText("It is there.").waitFor();
      assertEquals(problems, []);
    } finally {
      await browser.close();
      await host.kill();
    }
  },
);
