/** The files of docs/quickstart.md, run as a reader would run them. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { assertEquals } from "@std/assert";
import { Miniflare } from "miniflare";
import { chromium, type Page } from "playwright-core";
import { EventBus, getEventBus, resetEventBus, setEventBus } from "@locus/core";
import { followRun } from "@locus/core/client";
import { GET } from "../../examples/quickstart/next_route.ts";
import { bundle } from "../harness/support/bundle.ts";
import { chromiumPath } from "../harness/support/chromium_path.ts";
import { freePort } from "../harness/support/free_port.ts";
import { requires, skipWhen } from "../harness/support/requires.ts";
import { until } from "../harness/support/until.ts";
import { workerOptions } from "../harness/support/workerd_bundle.ts";

const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
const folder = new URL("../../examples/quickstart/", import.meta.url);

const steps = ["wash", "cut", "fry"];

/** Calls `fn` with the address of this runtime's quickstart, which runs as a process of its own. */
async function withServer(fn: (url: string) => Promise<void>): Promise<void> {
  const port = await freePort();
  const file = fileURLToPath(new URL(`${runtime}.ts`, folder));
  const args = { deno: ["run", "-A", "--no-check", file], bun: ["run", file], node: [file] };
  const server: ChildProcess = spawn(process.execPath, args[runtime], {
    env: { ...process.env, PORT: String(port) },
    stdio: "ignore",
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await until(`${runtime}.ts listens`, () => answers(`${url}/locus/runs`), 60_000);
    await fn(url);
  } finally {
    const ended = once(server, "exit");
    if (server.kill("SIGKILL")) await ended;
  }
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url).catch(() => null);
  await response?.body?.cancel();
  return response !== null;
}

async function startOrder(url: string): Promise<string> {
  const response = await fetch(`${url}/orders/42`, { method: "POST" });
  assertEquals(response.status, 202);
  return (await response.json() as { run_id: string }).run_id;
}

test(`quickstart/${runtime}.ts serves a run that an HTTP request starts`, async () => {
  await withServer(async (url) => {
    const runId = await startOrder(url);
    const seen: string[] = [];
    const run = followRun<{ "kitchen.step": { step: string } }>(
      `${url}/locus/runs/${runId}/events`,
    );
    for await (const event of run) {
      seen.push(event.event_type === "kitchen.step" ? event.data.step : event.event_type);
    }
    assertEquals(seen, ["run.started", ...steps, "run.completed", "bus.end"]);
    const page = await fetch(`${url}/locus/`);
    assertEquals([page.status, page.headers.get("Content-Type")?.split(";")[0]], [
      200,
      "text/html",
    ]);
    await page.body?.cancel();
  });
});

const needsMiniflare = skipWhen(runtime === "bun", "miniflare does not run on Bun");

test("quickstart/workers.ts serves a run to those who have the key", needsMiniflare, async () => {
  const source = await readFile(new URL("workers.ts", folder), "utf8");
  const worker = new Miniflare({
    ...await workerOptions(source),
    bindings: { LOCUS_KEY: "k3y" },
  });
  try {
    const order = await worker.dispatchFetch("http://worker/orders/42", { method: "POST" });
    const { run_id: runId } = await order.json() as { run_id: string };
    const url = `http://worker/locus/runs/${runId}/events`;
    const denied = await worker.dispatchFetch(url);
    assertEquals(denied.status, 404);
    const stream = await worker.dispatchFetch(url, { headers: { "X-Key": "k3y" } });
    const text = await stream.text();
    assertEquals([...text.matchAll(/"step":"(\w+)"/g)].map(([, step]) => step), steps);
  } finally {
    await worker.dispose();
  }
});

test("quickstart/next_route.ts serves a run to those who have a session", async () => {
  setEventBus(new EventBus());
  try {
    getEventBus().publish({ run_id: "r1", event_type: "kitchen.step", data: { step: "wash" } });
    getEventBus().closeStream("r1");
    const get = (id: string, headers: HeadersInit) =>
      GET(new Request(`https://example.com/runs/${id}/events`, { headers }), {
        params: Promise.resolve({ id }),
      });
    const session = { Cookie: "session=1" };
    assertEquals((await get("r1", {})).status, 404);
    assertEquals((await get("..", session)).status, 404);
    const text = await (await get("r1", session)).text();
    assertEquals([...text.matchAll(/^event: (.+)$/gm)].map(([, type]) => type), [
      "kitchen.step",
      "bus.end",
    ]);
  } finally {
    resetEventBus();
  }
});

const needsChromium = await requires("chromium");

for (const file of ["event_source.html", "follow_run.html"]) {
  test(`quickstart/${file} shows a run while it goes on`, needsChromium, async () => {
    const browser = await chromium.launch({
      executablePath: chromiumPath(),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
      ],
    });
    try {
      await withServer(async (url) => {
        const page = await browser.newPage();
        await serveFiles(page, file);
        await page.goto(`${url}/${file}?run=${await startOrder(url)}`);
        await page.waitForFunction(
          "document.querySelector('#events').textContent.includes('run.completed')",
        );
        const lines = await page.locator("#events li").allTextContents();
        const shown = lines.filter((line) => line.startsWith("kitchen.step"));
        assertEquals(shown, steps.map((step) => `kitchen.step {"step":"${step}"}`));
      });
    } finally {
      await browser.close();
    }
  });
}

/** Puts the page beside the routes of the server, and the client where the page imports it from. */
async function serveFiles(page: Page, file: string): Promise<void> {
  const body = await readFile(new URL(file, folder), "utf8");
  await page.route(`**/${file}*`, (route) => route.fulfill({ body, contentType: "text/html" }));
  const client = await bundle('export * from "@locus/core/client";', { conditions: ["browser"] });
  const headers = { "Access-Control-Allow-Origin": "*" };
  await page.route(
    "https://esm.sh/**",
    (route) => route.fulfill({ body: client, contentType: "text/javascript", headers }),
  );
}
