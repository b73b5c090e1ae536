import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Hono } from "hono";
import { locus, type LocusOptions } from "@locus/core/hono";
import { workbenchAsset } from "../../src/workbench/asset.ts";

function createApp(options: LocusOptions = {}): Hono {
  return new Hono().route("/locus", locus({ local: true, workbench: true, ...options }));
}

test("GET / is the workbench, under a path that ends with a slash", async () => {
  const app = createApp();
  const without = await app.request("/locus");
  assertEquals([without.status, without.headers.get("Location")], [302, "./locus/"]);
  const page = await app.request("/locus/");
  assertEquals(page.status, 200);
  assertMatch(page.headers.get("Content-Type")!, /^text\/html; charset=utf-8/i);
  assertEquals(await page.text(), workbenchAsset("")!.body);
});

test("GET / is the workbench where Locus is an app of its own", async () => {
  const app = locus({ local: true, workbench: true });
  assertEquals((await app.request("/")).status, 200);
});

test("The page finds all of its files beside itself", async () => {
  const app = createApp();
  const html = await (await app.request("/locus/")).text();
  const names = [...html.matchAll(/(?:src|href)="([^"#:]+)"/g)].map(([, name]) => name!);
  assert(names.length > 0);
  for (const name of names) {
    const response = await app.request(new URL(name, "http://localhost/locus/"));
    assertEquals(response.status, 200, name);
    await response.body?.cancel();
  }
});

test("security: XSS in the workbench – the page may load its own files, and nothing else", async () => {
  const app = createApp();
  for (const name of ["", "workbench.js", "workbench.css", "icon.svg"]) {
    const response = await app.request(`/locus/${name}`);
    assertEquals(response.status, 200);
    const { headers } = response;
    const policy = headers.get("Content-Security-Policy")!;
    for (
      const rule of [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
      ]
    ) assertStringIncludes(policy, rule);
    assertEquals(policy.includes("unsafe"), false);
    assertEquals(headers.get("X-Content-Type-Options"), "nosniff");
    assertEquals(headers.get("Referrer-Policy"), "no-referrer");
    assertEquals(await response.text(), workbenchAsset(name)!.body);
  }
});

test("A file that did not change is not sent again", async () => {
  const app = createApp();
  const etag = (await app.request("/locus/")).headers.get("ETag")!;
  const again = await app.request("/locus/", { headers: { "If-None-Match": etag } });
  assertEquals([again.status, await again.text()], [304, ""]);
  assertStringIncludes(again.headers.get("Content-Security-Policy")!, "default-src 'none'");
});

const etag = workbenchAsset("")!.etag;
for (
  const [value, status] of [
    [etag, 304],
    [`W/${etag}`, 304],
    [`"a", ${etag}`, 304],
    [`"a","b,c",W/${etag} , "d"`, 304],
    [`"a,${etag.slice(1)}, ${etag}`, 304],
    ["*", 304],
    [" * ", 304],
    ['"a"', 200],
    ['"*"', 200],
    [etag.slice(1, -1), 200],
    [`"a${etag.slice(1)}`, 200],
    [`"a, ${etag.slice(1, -1)}, b"`, 200],
    [etag.toUpperCase(), 200],
    ["", 200],
    ["W/", 200],
  ] as const
) {
  test(`D14: If-None-Match: ${value} is answered ${status}`, async () => {
    for (const method of ["GET", "HEAD"]) {
      const init = { method, headers: { "If-None-Match": value } };
      const response = await createApp().request("/locus/", init);
      assertEquals([response.status, response.headers.get("ETag")], [status, etag]);
      assertEquals((await response.text()) === "", status === 304 || method === "HEAD");
    }
  });
}

test("workbench.json has what the page has to know", async () => {
  const prices = { promptPerMillion: 1, completionPerMillion: 2, currency: "EUR" };
  const app = createApp({ workbench: { prices }, onResume() {} });
  const response = await app.request("/locus/workbench.json");
  const config = await response.json();
  assertEquals(config.prices, {
    prompt_per_million: 1,
    completion_per_million: 2,
    currency: "EUR",
    models: {},
  });
  assertEquals(config.resume, true);
  assertEquals((await (await createApp().request("/locus/workbench.json")).json()).resume, false);
});

test("What is no file of the workbench is the app's own", async () => {
  const app = createApp();
  app.notFound((c) => c.text("mine", 404));
  for (const path of ["/locus/nothing", "/locus/a/b", "/locus/..%2fmod.ts", "/locus/__proto__"]) {
    const response = await app.request(path);
    assertEquals([response.status, await response.text()], [404, "mine"], path);
  }
});

test("There is no page without workbench", async () => {
  const app = createApp({ workbench: false });
  for (const path of ["/locus", "/locus/", "/locus/workbench.json"]) {
    assertEquals((await app.request(path)).status, 404, path);
  }
});
