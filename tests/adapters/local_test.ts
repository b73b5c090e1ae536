import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import { EventBus } from "@locus/core";
import { locus, type LocusOptions } from "@locus/core/hono";

/** A local app with a closed run `r`. */
function createApp(options: LocusOptions = {}): Hono {
  const bus = new EventBus();
  bus.publish({ run_id: "r", event_type: "test.tick", data: {} });
  bus.closeStream("r");
  const settings = { bus, local: true, ingest: true, onResume() {}, ...options };
  return new Hono().route("/locus", locus(settings));
}

const paths = [
  "/runs",
  "/runs/r/events",
  "/runs/r/history",
  "/events",
  "/stats",
  "/catalogue",
  "",
  "/",
  "/nothing",
];

async function statusOf(
  app: Hono,
  path: string,
  headers: HeadersInit = {},
  env?: unknown,
): Promise<number> {
  const response = await app.request(`http://localhost:8000/locus${path}`, { headers }, env);
  await response.body?.cancel();
  return response.status;
}

test("A local server answers without authorize", async () => {
  const app = createApp();
  for (const path of ["/runs", "/runs/r/events", "/runs/r/history", "/events", "/stats"]) {
    assertEquals(await statusOf(app, path), 200, path);
  }
});

test("A local server still asks authorize, if there is one", async () => {
  const app = createApp({ authorize: (_c, runId) => runId === "r" });
  assertEquals(await statusOf(app, "/runs/r/history"), 200);
  assertEquals(await statusOf(app, "/runs/q/history"), 404);
  assertEquals(await statusOf(app, "/stats"), 404);
});

for (
  const host of ["localhost", "LOCALHOST:1", "localhost:8000", "127.0.0.1", "[::1]", "[::1]:8000"]
) {
  test(`A local server answers by the name ${host}`, async () => {
    assertEquals(await statusOf(createApp(), "/runs", { Host: host }), 200);
  });
}

for (
  const host of [
    "evil.com",
    "localhost.evil.com",
    "evil.com:8000",
    "127.0.0.1.evil.com",
    "localhost@evil.com",
    "evil.com@localhost",
    "localhost.",
    "local host",
    "localhost:",
    "localhost:80x",
    "127.0.0.2",
    "0.0.0.0",
    "192.168.0.7",
    "[::]",
    "[fe80::1]",
    "2130706433",
    "",
  ]
) {
  test(`A local server refuses the host "${host}" on every route`, async () => {
    const app = createApp();
    for (const path of paths) assertEquals(await statusOf(app, path, { Host: host }), 403, path);
  });
}

test("A local server refuses a URL of another host, whatever the Host header says", async () => {
  const response = await createApp().request("http://evil.com/locus/runs", {
    headers: { Host: "localhost" },
  });
  assertEquals(response.status, 403);
});

test("allowedHosts adds to the names of a local server", async () => {
  const app = createApp({ allowedHosts: ["box.lan", "other.lan:81"] });
  for (const host of ["localhost", "box.lan", "box.lan:8000", "other.lan:81"]) {
    const response = await app.request(`http://${host}/locus/runs`);
    assertEquals(response.status, 200, host);
  }
  for (const host of ["other.lan", "other.lan:82", "a.box.lan"]) {
    const response = await app.request(`http://${host}/locus/runs`);
    assertEquals(response.status, 403, host);
  }
});

test("allowedHosts without local says by which names alone a server may be asked", async () => {
  const app = createApp({ local: false, authorize: () => true, allowedHosts: ["example.com"] });
  assertEquals((await app.request("https://example.com/locus/runs")).status, 200);
  assertEquals((await app.request("http://localhost/locus/runs")).status, 403);
});

test("Without local and allowedHosts, any host is served", async () => {
  const app = createApp({ local: false, authorize: () => true });
  assertEquals((await app.request("http://whatever.example/locus/runs")).status, 200);
});

for (
  const [server, env] of [
    ["Deno.serve", (address: string) => ({ remoteAddr: { hostname: address, port: 1 } })],
    [
      "@hono/node-server",
      (address: string) => ({ incoming: { socket: { remoteAddress: address } } }),
    ],
    ["Bun.serve", (address: string) => ({ requestIP: () => ({ address }) })],
    [
      "Bun.serve with an env",
      (address: string) => ({ server: { requestIP: () => ({ address }) } }),
    ],
  ] as const
) {
  test(`A local server answers this machine only, behind ${server}`, async () => {
    const app = createApp({ allowedHosts: ["box.lan"] });
    for (const address of ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"]) {
      assertEquals(await statusOf(app, "/runs", {}, env(address)), 200, address);
    }
    for (const address of ["192.168.0.7", "::ffff:10.0.0.1", "fe80::1", "127.0.0.1.evil.com"]) {
      assertEquals(await statusOf(app, "/runs", {}, env(address)), 403, address);
    }
    // Whoever allows another name means others than this machine.
    const response = await app.request("http://box.lan/locus/runs", {}, env("192.168.0.7"));
    assertEquals(response.status, 200);
  });
}

for (
  const [what, headers, status] of [
    ["of no page", {}, 200],
    ["of its own page", { Origin: "http://localhost:8000" }, 200],
    ["of its own page", { "Sec-Fetch-Site": "same-origin" }, 200],
    ["of the address bar", { "Sec-Fetch-Site": "none" }, 200],
    ["of another page", { Origin: "https://evil.com" }, 403],
    ["of a page on another port", { Origin: "http://localhost:3000" }, 403],
    ["of a page without an origin", { Origin: "null" }, 403],
    ["of an image on another page", { "Sec-Fetch-Site": "cross-site" }, 403],
    ["of an image on another port", { "Sec-Fetch-Site": "same-site" }, 403],
    ["of a liar", { Origin: "https://evil.com", "Sec-Fetch-Site": "same-origin" }, 403],
    ["of a page that is allowed", { Origin: "http://localhost:5173" }, 200],
    [
      "of a page that is allowed",
      { Origin: "http://localhost:5173", "Sec-Fetch-Site": "same-site" },
      200,
    ],
    [
      "of a link on another page",
      {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
      },
      200,
    ],
    [
      "of a frame in another page",
      { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe" },
      403,
    ],
  ] as const
) {
  const named = Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join(", ");
  test(`A local server answers a request ${what} with ${status} (${named})`, async () => {
    const app = createApp({ allowedOrigins: ["http://localhost:5173"] });
    for (const path of ["/runs", "/runs/r/events", "/events"]) {
      assertEquals(await statusOf(app, path, headers), status, path);
    }
  });
}

test("Reading is no matter of origins where the server is not local", async () => {
  const app = createApp({ local: false, authorize: () => true });
  assertEquals(await statusOf(app, "/runs", { Origin: "https://evil.com" }), 200);
});
