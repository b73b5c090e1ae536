/**
 * Runs one test file inside headless Chromium and writes what happened as JSON:
 * `deno run -A tests/harness/support/chromium.ts <test file> <report>`.
 *
 * @module
 */
import { chromium, type Page } from "playwright-core";
import { bundle } from "./bundle.ts";
import { chromiumPath } from "./chromium_path.ts";
import type { Registered } from "./registered_tests.ts";
import { type LoadedTests, main, testModule } from "./run_bundled.ts";

/** A secure context, as pages on loopback are; nothing listens there. */
const origin = "http://127.0.0.1";

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Whatever the browser itself may want to ask of the network, it finds nobody.
  "--host-resolver-rules=MAP * ~NOTFOUND",
];

if (import.meta.main) await main(loadInChromium);

/** Opens a page with the tests of one file. */
async function loadInChromium(file: string): Promise<LoadedTests> {
  const source = `import "./${file}"; export { list, run } from "${testModule}";`;
  const script = await bundle(source, {
    conditions: ["browser"],
    aliases: { "node:test": testModule },
  });
  // It talks over a pipe: the browser ends with this process, however that ends.
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: flags });
  const page = await browser.newPage();
  page.on("console", (message) => console.log(message.text()));
  await serve(page, { "/": "<!doctype html>", "/tests.js": script });
  await page.goto(`${origin}/`);
  // Importing it once more answers the same module.
  const call = (what: string) =>
    page.evaluate(`import("/tests.js").then((tests) => tests.${what})`);
  return {
    list: () => call("list()") as Promise<Registered[]>,
    run: (index) => call(`run(${index})`) as Promise<string | null>,
    close: () => browser.close(),
  };
}

/** Answers what the page asks for from memory, and nothing else. */
async function serve(page: Page, files: Record<string, string>): Promise<void> {
  await page.route("**/*", (route) => {
    const { pathname } = new URL(route.request().url());
    const body = files[pathname];
    if (body === undefined) return route.abort();
    const contentType = pathname.endsWith(".js") ? "text/javascript" : "text/html";
    return route.fulfill({ body, contentType: `${contentType}; charset=utf-8` });
  });
}
