/**
 * `Host` and `Origin` in every form that a client can write them, on real servers: some build the URL of a
 * request from whatever the header says.
 *
 * @module
 */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { EventBus } from "@locus/core";
import { Agent } from "@locus/core/agent";
import { agentServer } from "@locus/core/agent-server";
import { locus, type LocusOptions } from "@locus/core/hono";
import { rawRequest } from "../harness/support/raw_request.ts";
import { ScriptedModel } from "../harness/support/scripted_model.ts";
import { serverKinds } from "../harness/support/serve.ts";

const HOSTS = [
  "[::1].evil.com",
  "[::1]evil.com",
  "[::1]:80:80",
  "[::1",
  "::1",
  "[localhost]",
  "[]",
  "localhost:99999",
  "localhost:65536",
  "localhost:0",
  "localhost:-1",
  "localhost:",
  "localhost:80:80",
  "localhost:8a",
  "localhost,localhost",
  "localhost, evil.com",
  "local host",
  "localhost\tx",
  "localhost/",
  "localhost/runs?",
  "localhost?x",
  "localhost#x",
  "localhost\\@evil.com",
  "localhost%00",
  "%6cocalhost",
  "user@localhost",
  "localhost@evil.com",
  "http://localhost",
  "//localhost",
  "*",
  ".",
  "..",
  "0",
  "127.1",
  "0x7f000001",
  "2130706433",
  "localh\u00f6st",
  "localhost.",
  "x".repeat(300),
];

const ORIGINS = [
  "null",
  "localhost",
  "http://",
  "http://[::1].evil.com",
  "http://localhost:99999",
  "http://localhost:",
  "http://local host",
  "http://localhost/",
  "http://localhost@evil.com",
  "http://localhost http://evil.com",
  "tauri://localhost",
  "file://",
  "*",
  "%",
];

const open: [what: string, options: LocusOptions][] = [
  ["local", { local: true }],
  ["with allowedHosts", { authorize: () => true, allowedHosts: ["localhost"] }],
];

for (const kind of serverKinds) {
  for (const [what, options] of open) {
    test(`D11: ${kind.name}: a host that cannot be read is refused by a server ${what}`, async () => {
      const errors: unknown[] = [];
      const onError = (error: unknown) => void errors.push(error);
      const app = locus({ bus: new EventBus(), ingest: true, onError, ...options });
      const { url, close } = await kind.serve(app);
      try {
        for (const host of HOSTS) {
          for (const method of ["GET", "POST"]) {
            const headers = { Host: host, "Content-Type": "application/json" };
            const body = method === "POST" ? "{}" : "";
            const { status } = await rawRequest(`${url}/events`, { method, headers, body });
            assert(status === 400 || status === 403, `${method} of ${host} is answered ${status}`);
          }
        }
      } finally {
        await close();
      }
      assertEquals(errors, []);
    });
  }

  test(`D11: ${kind.name}: a host that cannot be read is no error where any host is served`, async () => {
    const errors: unknown[] = [];
    const onError = (error: unknown) => void errors.push(error);
    const app = locus({ bus: new EventBus(), ingest: true, authorize: () => true, onError });
    const { url, close } = await kind.serve(app);
    try {
      for (const host of HOSTS) {
        for (const Origin of [`http://${host}`, "http://localhost"]) {
          const headers = { Host: host, Origin, "Content-Type": "application/json" };
          const init = { method: "POST", headers, body: "{}" };
          const { status } = await rawRequest(`${url}/events`, init);
          assert(status >= 400 && status < 500, `${host} is answered ${status}`);
        }
      }
    } finally {
      await close();
    }
    assertEquals(errors, []);
  });

  test(`D11: ${kind.name}: a host that cannot be read is refused by an agent server`, async () => {
    const errors: unknown[] = [];
    const onError = (error: unknown) => void errors.push(error);
    const agent = new Agent({ model: new ScriptedModel() });
    const server = agentServer({ agent, onError });
    const { url, close } = await server.listen({
      port: 0,
      serve: ({ fetch }) => kind.serve({ fetch }),
    });
    try {
      for (const host of HOSTS) {
        const { status } = await rawRequest(`${url}/info`, { headers: { Host: host } });
        // Where the server builds the URL from the header, it may name another path.
        assert([400, 403, 404].includes(status), `${host} is answered ${status}`);
      }
    } finally {
      await close();
    }
    assertEquals(errors, []);
  });
}

for (const origin of ORIGINS) {
  test(`D11: the origin ${JSON.stringify(origin)} is refused`, async () => {
    for (const options of [{ local: true }, { authorize: () => true }]) {
      const app = locus({ bus: new EventBus(), ingest: true, ...options });
      const response = await app.request("http://localhost/events", {
        method: "POST",
        headers: { Origin: origin, "Content-Type": "application/json" },
        body: "[]",
      });
      assertEquals(response.status, 403);
    }
  });
}

test("D11: the origin of the server's own pages is let in, by any of its names", async () => {
  for (const host of ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]:8000", "[::1]"]) {
    for (const scheme of ["http", "https"]) {
      const app = locus({ bus: new EventBus(), local: true, ingest: true });
      const response = await app.request(`http://${host}/events`, {
        method: "POST",
        headers: { Origin: `${scheme}://${host}`, "Content-Type": "application/json" },
        body: "[]",
      });
      assertEquals(response.status, 200, host);
    }
  }
});
