/**
 * Bodies that something in front of the routes has read, cloned, limited or held, on real servers: what a body
 * that was read looks like differs by runtime.
 *
 * @module
 */
import { connect } from "node:net";
import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { validator } from "hono/validator";
import { EventBus } from "@locus/core";
import { Agent } from "@locus/core/agent";
import { agentServer } from "@locus/core/agent-server";
import { locus } from "@locus/core/hono";
import { ScriptedModel } from "../harness/support/scripted_model.ts";
import { serverKinds } from "../harness/support/serve.ts";
import { until } from "../harness/support/until.ts";

/** Middleware that has to do with the body, after which it can still be read. */
const readers: Record<string, MiddlewareHandler> = {
  "c.req.text()": async (c, next) => {
    await c.req.text();
    await next();
  },
  "c.req.json()": async (c, next) => {
    await c.req.json();
    await next();
  },
  "c.req.arrayBuffer()": async (c, next) => {
    await c.req.arrayBuffer();
    await next();
  },
  "c.req.blob()": async (c, next) => {
    await c.req.blob();
    await next();
  },
  "c.req.text(), not awaited": async (c, next) => {
    const read = c.req.text();
    await next();
    await read;
  },
  "c.req.json() twice": async (c, next) => {
    await c.req.json();
    await c.req.json();
    await next();
  },
  "a validator": validator("json", (value) => value),
  "a clone that is read": async (c, next) => {
    await c.req.raw.clone().text();
    await next();
  },
  "a clone that is read later": async (c, next) => {
    const clone = c.req.raw.clone();
    await next();
    await clone.text();
  },
  "a look at the body": async (c, next) => {
    assert(c.req.raw.body !== null);
    await next();
  },
  "a limit": bodyLimit({ maxSize: 10_000 }),
  "a limit, and c.req.text()": async (c, next) => {
    await bodyLimit({ maxSize: 10_000 })(c, async () => {
      await c.req.text();
      await next();
    });
  },
};

/** Middleware after which nothing is left of the body. */
const spoilers: Record<string, MiddlewareHandler> = {
  "c.req.raw.text()": async (c, next) => {
    await c.req.raw.text();
    await next();
  },
  "a reader of c.req.raw.body": async (c, next) => {
    c.req.raw.body!.getReader();
    await next();
  },
};

interface Served {
  url: string;
  bus: EventBus;
  errors: unknown[];
  answers: unknown[];
  post(path: string, body: string | ReadableStream<Uint8Array>): Promise<Response>;
}

/** Every route that takes a body, behind the middleware. */
async function withServer(
  kind: (typeof serverKinds)[number],
  middleware: MiddlewareHandler,
  fn: (served: Served) => Promise<void>,
): Promise<void> {
  const bus = new EventBus();
  const errors: unknown[] = [];
  const answers: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const app = new Hono();
  app.use(middleware);
  app.route(
    "/locus",
    locus({
      bus,
      authorize: () => true,
      ingest: true,
      onResume: (_, { response }) => void answers.push(response),
      onError,
    }),
  );
  const agent = new Agent({ model: new ScriptedModel(["Hello"]), streaming: false });
  app.route("/agent", agentServer({ agent, allowUnauthenticated: true, onError }));
  const { url, close } = await kind.serve(app);
  const post = (path: string, body: string | ReadableStream<Uint8Array>) => {
    const headers = { "Content-Type": "application/json" };
    return fetch(url + path, { method: "POST", headers, body, duplex: "half" } as RequestInit);
  };
  try {
    await fn({ url, bus, errors, answers, post });
  } finally {
    await close();
  }
}

const event = JSON.stringify({ run_id: "r", event_type: "test.tick", data: { text: "é" } });

for (const kind of serverKinds) {
  for (const [name, middleware] of Object.entries(readers)) {
    test(`D9: ${kind.name}: every route has its body behind ${name}`, async () => {
      await withServer(kind, middleware, async ({ bus, errors, answers, post }) => {
        const ingested = await post("/locus/events", event);
        assertEquals(await ingested.json(), { accepted: 1, rejected: [] });
        const answer = await post(
          "/locus/runs/r/resume",
          JSON.stringify({ interrupt_id: "i", response: "yes" }),
        );
        assertEquals([answer.status, answers], [202, ["yes"]]);
        await answer.body?.cancel();
        const invoked = await post("/agent/invoke", JSON.stringify({ prompt: "p" }));
        assertEquals([invoked.status, (await invoked.json()).message], [200, "Hello"]);
        assertEquals(bus.history({ run: "r" })[0]!.data, { text: "é" });
        assertEquals(errors, []);
      });
    });
  }

  for (const [name, middleware] of Object.entries(spoilers)) {
    test(`D9: ${kind.name}: a body that is gone behind ${name} is reported with the remedy`, async () => {
      await withServer(kind, middleware, async ({ errors, post }) => {
        for (const path of ["/locus/events", "/locus/runs/r/resume", "/agent/invoke"]) {
          const response = await post(path, event);
          assertEquals(response.status, 500);
          await response.body?.cancel();
          assertStringIncludes(String(errors.pop()), "c.req.raw.clone()");
        }
      });
    });
  }

  test(`D9: ${kind.name}: the limit of middleware in front is answered by it`, async () => {
    await withServer(kind, bodyLimit({ maxSize: 100 }), async ({ bus, errors, post }) => {
      for (const path of ["/locus/events", "/locus/runs/r/resume", "/agent/invoke"]) {
        // Without a length, so that it is noticed only while it is read.
        const body = new Blob(["[", " ".repeat(1_000), "]"]).stream();
        const response = await post(path, body);
        assertEquals([response.status, await response.text()], [413, "Payload Too Large"], path);
      }
      assertEquals([bus.history(), errors], [[], []]);
    });
  });

  test(`D15: ${kind.name}: a request that breaks off stores nothing, so it can be sent again`, async () => {
    for (const middleware of [readers["a look at the body"]!, readers["c.req.text()"]!]) {
      let isAsked = false;
      let isAnswered = false;
      const watch: MiddlewareHandler = async (c, next) => {
        isAsked = true;
        try {
          await middleware(c, next);
        } finally {
          isAnswered = true;
        }
      };
      await withServer(kind, watch, async ({ url, bus }) => {
        const { hostname, port } = new URL(url);
        const socket = connect({ host: hostname, port: Number(port) });
        // Whole lines, but not all that were announced.
        socket.write(
          `POST /locus/events HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/x-ndjson\r\n` +
            `Content-Length: ${event.length * 2 + 4}\r\n\r\n${event}\n`,
        );
        await until("the request has come", () => isAsked);
        socket.destroy();
        await until("the request is over", () => isAnswered);
        assertEquals([...bus.history()], []);
      });
    }
  });
}

test("D9: a body that middleware read is held to the limit", async () => {
  const app = new Hono().use(readers["c.req.text()"]!);
  app.route("/", locus({ authorize: () => true, ingest: { maxBodyBytes: 100 } }));
  const init = { method: "POST", headers: { "Content-Type": "application/json" } };
  const response = await app.request("/events", { ...init, body: " ".repeat(101) });
  assertEquals(response.status, 413);
});
