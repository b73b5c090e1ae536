import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import { getCookie } from "hono/cookie";
import { requires } from "../../harness/support/requires.ts";
import { serve } from "../../harness/support/serve.ts";
import { approve, oneQuestion, serverOf } from "./_support.ts";

const page = `<!doctype html><p id="question"></p><button id="yes">yes</button>
<p id="answer"></p><p id="end"></p><script type="module" src="/page.js"></script>`;

test(
  "a person answers in a real browser, after a reload, and the run goes on",
  await requires("deno", "chromium"),
  async () => {
    const { chromium } = await import("playwright-core");
    const { bundle } = await import("../../harness/support/bundle.ts");
    const { chromiumPath } = await import("../../harness/support/chromium_path.ts");
    const script = await bundle(`import "./tests/adapters/agent_server/_page.ts";`, {
      conditions: ["browser"],
    });
    const { server: agent, model } = serverOf({
      script: oneQuestion,
      agentOptions: { tools: approve },
      authenticate: (c) => getCookie(c, "user") ?? null,
    });
    const app = new Hono()
      .get("/", (c) => c.html(page, 200, { "Set-Cookie": "user=ada; HttpOnly; SameSite=Strict" }))
      .get("/page.js", (c) => c.body(script, 200, { "Content-Type": "text/javascript" }))
      .route("/agent", agent);
    const server = await serve(app);
    const browser = await chromium.launch({
      executablePath: chromiumPath(),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
      ],
    });
    try {
      const tab = await browser.newPage();
      await tab.goto(server.url);
      await tab.getByText("ok?").waitFor();
      await tab.reload();
      await tab.getByText("ok?").waitFor();
      await tab.getByText("yes").click();
      await tab.getByText("bus.end").waitFor();
      assertEquals(await tab.locator("#answer").textContent(), "Thank you");
      assertEquals(model.calls.length, 2, "the reload began nothing");
    } finally {
      await browser.close();
      await agent.close();
      await server.close();
    }
  },
);
