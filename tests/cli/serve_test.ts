import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { EventBus } from "@locus/core";
import { locus } from "@locus/core/hono";
import { serveLocally } from "../../src/cli/serve.ts";
import { rawRequest } from "../harness/support/raw_request.ts";

/** What `locus replay --serve` serves. */
async function withRecording(fn: (url: string, urls: string[]) => Promise<void>): Promise<void> {
  const app = locus({ bus: new EventBus(), local: true, workbench: true });
  const urls: string[] = [];
  const server = await serveLocally((request) => {
    urls.push(request.url);
    return app.fetch(request);
  }, 0);
  try {
    await fn(server.url, urls);
  } finally {
    await server.close();
  }
}

test("D11: replay --serve refuses a host that is not this machine's", async () => {
  await withRecording(async (url) => {
    for (
      const Host of ["[::1].evil.com", "localhost:99999", "a b", "localhost/", "evil.com", "", "%"]
    ) {
      const { status } = await rawRequest(`${url}/runs`, { headers: { Host } });
      assert(status === 400 || status === 403, `${Host} is answered ${status}`);
    }
    assertEquals((await rawRequest(`${url}/runs`)).status, 200);
  });
});

test("D10: replay --serve refuses what a proxy passed on", async () => {
  await withRecording(async (url) => {
    for (const name of ["X-Forwarded-For", "CF-Ray", "Via", "Forwarded", "Fly-Client-IP"]) {
      const { status } = await rawRequest(`${url}/runs`, { headers: { [name]: "::1" } });
      assertEquals(status, 403, name);
    }
  });
});

test("D7: a path of replay --serve names no other host", async () => {
  await withRecording(async (url, urls) => {
    for (const path of ["//evil.example/runs", "/\\evil.example/runs", "/%5Cevil.example/runs"]) {
      await rawRequest(url, { path });
    }
    for (const asked of urls) assertEquals(new URL(asked).origin, url);
    assertEquals((await rawRequest(url, { path: "http://evil.example/runs" })).status, 403);
  });
});

test("replay --serve answers what is no request of the web's, too", async () => {
  await withRecording(async (url) => {
    for (const options of [{ path: "*", method: "OPTIONS" }, { method: "TRACE" }]) {
      const { status } = await rawRequest(url, options);
      assert(status >= 400 && status < 500, `${options.method} is answered ${status}`);
    }
  });
});
