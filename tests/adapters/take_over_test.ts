/**
 * A stream that is written to Node's response itself: only where nothing stands in between, and nobody can tell.
 *
 * @module
 */
import { ServerResponse } from "node:http";
import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { EventBus } from "@locus/core";
import { locus } from "@locus/core/hono";
import { Hono, type MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { isNode } from "../../src/runtime/is_node.ts";
import { NodeWriter } from "../../src/sse/node_writer.ts";
import { follow } from "../harness/support/event_source.ts";
import { serverKinds } from "../harness/support/serve.ts";
import { turn, until } from "../harness/support/until.ts";
import { publish } from "./_http.ts";

const kind = serverKinds.find(({ name }) => name === "@hono/node-server")!;

/** Passes on what it gets, as it is. */
const passOn = () => new TransformStream<Uint8Array, Uint8Array>({});

/** The same without a pipe. */
function pump(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

/** What stands in front, and whether the stream still is the body of the response. */
const fronts: [name: string, isOwn: boolean, middleware: MiddlewareHandler][] = [
  ["nothing", true, (_, next) => next()],
  ["CORS", true, cors()],
  ["a header that is set later", true, async (c, next) => {
    await next();
    c.header("X-Later", "1");
  }],
  ["a new response with the same body", true, async (c, next) => {
    await next();
    c.res = new Response(c.res.body, c.res);
  }],
  ["a middleware that takes its time", true, async (_, next) => {
    await next();
    await turn();
  }],
  ["a pipe", false, async (c, next) => {
    await next();
    c.res = new Response(c.res.body!.pipeThrough(passOn()), c.res);
  }],
  ["a pump", false, async (c, next) => {
    await next();
    c.res = new Response(pump(c.res.body!), c.res);
  }],
];

for (const [name, isOwn, middleware] of fronts) {
  test(`A stream behind ${name} is whole, and written to Node's response ${isOwn ? "itself" : "through the body"}`, async () => {
    const bus = new EventBus();
    const app = new Hono().use(middleware).route("/", locus({ bus, heartbeatMs: 50 }));
    const { url, close } = await kind.serve(app);
    const { write } = NodeWriter.prototype;
    let direct = 0;
    NodeWriter.prototype.write = function (chunk) {
      direct++;
      write.call(this, chunk);
    };
    try {
      const headers = { Origin: "http://localhost:1" };
      publish(bus, 1);
      const connection = follow(await fetch(`${url}/runs/r/events`, { headers }));
      await connection.read(1);
      publish(bus, 2, 3);
      bus.publish({ run_id: "r", event_type: "test.tick", data: { n: 4, text: "zwölf €" } });
      await connection.read(4);
      await connection.readUntil(({ comments }) => comments.length > 3);
      bus.closeStream("r");
      await connection.readAll();
      const { dispatched, comments, ids } = connection;
      assertEquals(dispatched.map(({ type }) => type), [
        ...new Array(4).fill("test.tick"),
        "bus.end",
      ]);
      assertEquals(dispatched[3]!.event.data, { n: 4, text: "zwölf €" });
      assertEquals(comments[0], "recovery none");
      assertMatch(ids.at(-1)!, /-5$/);
      assertEquals(direct > 0, isOwn && isNode());
      assertEquals(bus.stats().active_runs, 0);
      // The connection is in order for another request.
      assertEquals((await fetch(`${url}/runs/r/history`, { headers })).status, 200);
    } finally {
      NodeWriter.prototype.write = write;
      await close();
    }
  });
}

/** What somebody did to the response before its head is sent, and what it was asked to write, if anybody counts. */
const changes: [how: string, change: (response: ServerResponse) => { count: number } | void][] = [
  ["counts what it writes", (response) => {
    const counted = { count: 0 };
    const { write } = response;
    response.write = function (this: ServerResponse, ...args: Parameters<typeof write>) {
      counted.count++;
      return write.apply(this, args);
    } as typeof write;
    return counted;
  }],
  ["is of a class that counts", (response) => {
    const counted = { count: 0 };
    class Counting extends ServerResponse {
      override write(...args: never): boolean {
        counted.count++;
        return super.write(...args as Parameters<ServerResponse["write"]>);
      }
    }
    Object.setPrototypeOf(response, Counting.prototype);
    return counted;
  }],
  ["is corked", (response) => {
    response.cork();
    setTimeout(() => response.uncork(), 50);
  }],
];

for (const [how, change] of changes) {
  test(`A response that ${how} writes everything itself, in its order`, async () => {
    const bus = new EventBus();
    const counters: ({ count: number } | void)[] = [];
    const app = new Hono<{ Bindings: { outgoing: ServerResponse } }>()
      .use((c, next) => {
        if (counters.length === 0) counters.push(change(c.env.outgoing));
        return next();
      })
      .route("/", locus({ bus, heartbeatMs: 1_000 }));
    const { url, close } = await kind.serve(app);
    try {
      publish(bus, 1);
      const response = await fetch(`${url}/runs/r/events`);
      publish(bus, 2);
      bus.closeStream("r");
      const text = await response.text();
      const places = ["recovery none", '"n":1', '"n":2', "bus.end"].map((part) =>
        text.indexOf(part)
      );
      assertEquals(places, places.filter((place) => place >= 0).toSorted((a, b) => a - b));
      const [counter] = counters;
      if (counter) assert(counter.count > 1, `${counter.count} of all writes are counted`);
    } finally {
      await close();
    }
  });
}

test("Viewers of one run get the same, whenever they came, and give their places back", async () => {
  const bus = new EventBus();
  const { url, close } = await kind.serve(locus({ bus, heartbeatMs: 50 }));
  try {
    publish(bus, 1);
    const all = [];
    for (let n = 0; n < 5; n++) {
      all.push(follow(await fetch(`${url}/runs/r/events`)));
      publish(bus, n + 2);
    }
    for (const connection of all.slice(3)) connection.drop();
    publish(bus, 7, 8, 9);
    bus.closeStream("r");
    for (const connection of all.slice(0, 3)) {
      const numbers = (await connection.readAll()).flatMap(({ data }) => data.n ?? []);
      assertEquals(numbers, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
    await until("every place is given back", () => bus.stats().active_runs === 0);
  } finally {
    await close();
  }
});
