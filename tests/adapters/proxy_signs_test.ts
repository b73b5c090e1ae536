/**
 * Every header by which a proxy, a tunnel or a delivery network shows itself: each closes what is open to this
 * machine only, on every server that has such a mode.
 *
 * @module
 */
import { test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { EventBus } from "@locus/core";
import { Agent } from "@locus/core/agent";
import { agentServer } from "@locus/core/agent-server";
import { locus, type LocusOptions } from "@locus/core/hono";
import { ScriptedModel } from "../harness/support/scripted_model.ts";
import { serverKinds } from "../harness/support/serve.ts";

const HEADERS = [
  "Forwarded",
  "Forwarded-For",
  "X-Forwarded",
  "X-Forwarded-For",
  "X-Forwarded-Host",
  "X-Forwarded-Proto",
  "X-Forwarded-Port",
  "X-Forwarded-Prefix",
  "X-Forwarded-Server",
  "X-Forwarded-Ssl",
  "X-Forwarded-User",
  "X-Forward-For",
  "Max-Forwards",
  "Via",
  "X-Bluecoat-Via",
  "X-Real-IP",
  "X-Real-Port",
  "X-Client-IP",
  "Client-IP",
  "X-Cluster-Client-IP",
  "X-Remote-Addr",
  "X-Remote-IP",
  "X-Originating-IP",
  "X-ProxyUser-Ip",
  "Proxy-Connection",
  "X-Original-Host",
  "X-Original-URL",
  "X-Original-Forwarded-For",
  "X-Rewrite-URL",
  "X-Scheme",
  "X-Url-Scheme",
  "Front-End-Https",
  "CDN-Loop",
  "CF-Connecting-IP",
  "CF-Connecting-IPv6",
  "CF-Ray",
  "CF-Visitor",
  "CF-IPCountry",
  "Cf-Access-Jwt-Assertion",
  "True-Client-IP",
  "Akamai-Origin-Hop",
  "Fly-Client-IP",
  "Fly-Forwarded-Proto",
  "Fly-Request-Id",
  "Fastly-Client-IP",
  "Fastly-FF",
  "Fastly-SSL",
  "CloudFront-Viewer-Address",
  "X-Amz-Cf-Id",
  "X-Amzn-Trace-Id",
  "X-Cloud-Trace-Context",
  "X-Goog-IAP-JWT-Assertion",
  "X-AppEngine-User-IP",
  "X-Azure-ClientIP",
  "X-Azure-SocketIP",
  "X-Azure-FDID",
  "X-ARR-LOG-ID",
  "X-ARR-SSL",
  "X-MS-Proxy",
  "X-Envoy-External-Address",
  "X-Kong-Request-Id",
  "X-Auth-Request-User",
  "Remote-User",
  "SSL-Client-Verify",
  "X-Vercel-Id",
  "X-Vercel-Forwarded-For",
  "X-Nf-Client-Connection-Ip",
  "DO-Connecting-IP",
  "Incap-Client-IP",
  "Ali-CDN-Real-IP",
  "X-Sucuri-ClientIP",
  "X-Railway-Request-Id",
  "X-Request-Start",
  "X-Varnish",
  "Tailscale-User-Login",
  "Tailscale-Headers-Info",
  "Tailscale-Funnel-Request",
  "Ngrok-Auth-User-Email",
  "Ngrok-Skip-Browser-Warning",
  "Bypass-Tunnel-Reminder",
];

/** What reaches the server by `localhost`, and once more with the header. */
const local = (options: LocusOptions = {}) =>
  locus({ bus: new EventBus(), local: true, ingest: true, workbench: true, ...options });
const agent = new Agent({ model: new ScriptedModel() });

for (const name of HEADERS) {
  test(`D10: the header ${name} closes local mode and an agent server without keys`, async () => {
    // A value that looks local proves nothing, and neither does an empty one.
    for (const value of ["203.0.113.7", "127.0.0.1", ""]) {
      const headers = { [name]: value };
      for (const path of ["/runs", "/events", "/runs/r/events", "/stats", "/", "/catalogue"]) {
        const response = await local().request(path, { headers });
        assertEquals(response.status, 403, path);
        assertStringIncludes((await response.json()).error, name.toLowerCase());
      }
      const post = await local().request("/events", {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json" },
        body: "{}",
      });
      assertEquals(post.status, 403);
      const fetch = agentServer({ agent }).listen({ serve: ({ fetch }) => fetch });
      const request = new Request("http://localhost/info", { headers });
      assertEquals((await fetch(request)).status, 401);
    }
  });
}

for (const kind of serverKinds) {
  test(`D10: ${kind.name}: what a proxy passed on is refused, whatever else it says`, async () => {
    const { url, close } = await kind.serve(local({ allowedHosts: ["example.com"] }));
    try {
      const statusOf = async (headers: Record<string, string>) => {
        const response = await fetch(`${url}/runs`, { headers });
        await response.body?.cancel();
        return response.status;
      };
      assertEquals(await statusOf({}), 200);
      for (const name of ["X-Forwarded-For", "CF-Connecting-IP", "Forwarded", "True-Client-IP"]) {
        assertEquals(await statusOf({ [name]: "203.0.113.7" }), 403, name);
        assertEquals(await statusOf({ [name]: "::1", "Sec-Fetch-Site": "same-origin" }), 403);
      }
    } finally {
      await close();
    }
  });
}

test("D10: a link through a proxy is refused as well", async () => {
  const response = await local().request("/", {
    headers: {
      "X-Forwarded-For": "203.0.113.7",
      "Sec-Fetch-Site": "none",
      "Sec-Fetch-Mode": "navigate",
      "Sec-Fetch-Dest": "document",
    },
  });
  assertEquals(response.status, 403);
});

test("D10: the headers of browsers and of other clients close nothing", async () => {
  const headers = {
    "Accept": "text/event-stream",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "en",
    "Authorization": "Bearer x",
    "Cache-Control": "no-cache",
    "Connection": "keep-alive",
    "Content-Encoding": "identity",
    "Cookie": "a=b",
    "DNT": "1",
    "If-None-Match": '"x"',
    "Last-Event-ID": "a-1",
    "Origin": "http://localhost",
    "Pragma": "no-cache",
    "Priority": "u=1, i",
    "Referer": "http://localhost/",
    "Sec-CH-UA": '"Chromium";v="140"',
    "Sec-CH-UA-Mobile": "?0",
    "Sec-CH-UA-Platform": '"Linux"',
    "Sec-Fetch-Dest": "empty",
    "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Site": "same-origin",
    "Sec-GPC": "1",
    "Save-Data": "on",
    "TE": "trailers",
    "Upgrade-Insecure-Requests": "1",
    "User-Agent": "curl/8.5.0",
    "X-Requested-With": "XMLHttpRequest",
    "X-Request-Id": "1",
    "Idempotency-Key": "1",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "Locus-Run": "r",
  };
  assertEquals((await local().request("/runs", { headers })).status, 200);
});

test("D10: a server that asks authorize is open to proxies", async () => {
  const app = local({ local: false, authorize: () => true });
  const headers = { "X-Forwarded-For": "203.0.113.7", "CF-Ray": "1" };
  assertEquals((await app.request("/runs", { headers })).status, 200);
});
