/** The bus in a Durable Object: `examples/08_durable_object`, with every Worker in an isolate of its own. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { Miniflare } from "miniflare";
import { followRun } from "@locus/core/client";
import { connect, type Connection } from "../harness/support/event_source.ts";
import type { AnyEvent } from "../harness/support/read.ts";
import { skipWhen } from "../harness/support/requires.ts";
import { until } from "../harness/support/until.ts";

const folder = "./examples/08_durable_object";

// Each Worker marks the globals of its isolate, and tells what it finds there.
const marked = (name: string, fetch: string) => `
  export default {
    fetch(request, env, context) {
      const marks = globalThis.marks ??= [];
      if (!marks.includes("${name}")) marks.push("${name}");
      if (new URL(request.url).pathname === "/marks") return Response.json(marks);
      ${fetch}
    },
  };
`;

const sources = {
  // The object, which the test can also look into, and lose.
  runs: `
    import { Runs as Example } from "${folder}/runs.ts";
    export class Runs extends Example {
      #state;
      constructor(state) {
        super(state);
        this.#state = state;
      }
      fetch(request) {
        const { pathname } = new URL(request.url);
        if (pathname === "/marks") return Response.json(globalThis.marks ?? []);
        if (pathname === "/lose") this.#state.abort("The object is moved");
        return super.fetch(request);
      }
    }
    ${marked("runs", `return env.RUNS.getByName("runs").fetch(request);`)}
  `,
  shop: `
    import shop from "${folder}/shop.ts";
    ${marked("shop", "return shop.fetch(request, env, context);")}
  `,
  // The same Worker once more, as it runs in many places at the same time.
  desk: `
    import shop from "${folder}/shop.ts";
    ${marked("desk", "return shop.fetch(request, env, context);")}
  `,
  kitchen: `
    import kitchen from "${folder}/kitchen.ts";
    ${marked("kitchen", "return kitchen.fetch(request, env);")}
  `,
};

type Name = keyof typeof sources;

interface Workers {
  urlOf(name: Name, path?: string): string;
  /** Orders at the shop; the path at which the order is followed. */
  order(dish: string): Promise<string>;
  /** How many runs have readers at the object. */
  activeRuns(): Promise<number>;
  /** Puts events into the object, as a Worker does. */
  publish(...events: object[]): Promise<void>;
}

const withMiniflare = skipWhen("Bun" in globalThis, "miniflare runs on Deno and Node only");

function testWorkers(name: string, run: (workers: Workers) => Promise<void>): void {
  test(`Durable Object: ${name}`, withMiniflare, async () => {
    const miniflare = await start();
    try {
      const urls = new Map<string, URL>();
      for (const name of Object.keys(sources)) {
        urls.set(name, await miniflare.unsafeGetDirectURL(name));
      }
      const urlOf = (name: Name, path = "/") => new URL(path, urls.get(name)).href;
      await run({
        urlOf,
        order: async (dish) => (await post(urlOf("shop", "/orders"), { dish })).follow,
        activeRuns: async () =>
          (await (await fetch(urlOf("runs", "/locus/stats"))).json()).active_runs,
        publish: async (...events) => {
          assertEquals((await post(urlOf("runs", "/locus/events"), events)).rejected, []);
        },
      });
    } finally {
      await miniflare.dispose();
    }
  });
}

testWorkers("no two Workers share their memory", async ({ urlOf, order }) => {
  await (await connect(urlOf("desk", await order("soup")))).readAll();
  for (const name of Object.keys(sources) as Name[]) {
    assertEquals(await (await fetch(urlOf(name, "/marks"))).json(), [name]);
  }
});

testWorkers("publishers and a reader in three isolates share one run", async (workers) => {
  const reader = await connect(workers.urlOf("desk", await workers.order("soup")));
  const events = await reader.readAll();
  assertEquals(of("shop", events), ["shop.ordered", "shop.served"]);
  assertEquals(
    events.filter((event) => event.event_type === "kitchen.step").map(({ data }) => data.step),
    ["wash", "cut", "fry"],
  );
  const spans = events.filter((event) => event.event_type === "span.started");
  const spanOf = (name: string) => spans.find(({ data }) => data.name === name)?.data;
  assertEquals(spanOf("order")?.parent_span_id, null);
  assertEquals(spanOf("cook")?.parent_span_id, spanOf("order")?.span_id);
  assertEquals(events.at(-1)?.event_type, "bus.end");
  assertEquals(new Set(events.map((event) => event.run_id)).size, 1);
});

testWorkers(
  "readers in all isolates see the same, however many and however late",
  async (workers) => {
    const follow = await workers.order("rice");
    const urls = (["desk", "shop", "desk", "shop"] as const).map((name) =>
      workers.urlOf(name, follow)
    );
    const live = await Promise.all(urls.map(async (url) => idsOf(await connect(url))));
    for (const ids of [...live, await idsOf(await connect(urls[0]!))]) assertEquals(ids, live[0]);
    assert(live[0]!.length > 5, `${live[0]}`);
  },
);

testWorkers("many orders at once never mix", async (workers) => {
  const dishes = Array.from({ length: 10 }, (_, n) => `dish-${n}`);
  await Promise.all(dishes.map(async (dish) => {
    const events = await (await connect(workers.urlOf("desk", await workers.order(dish))))
      .readAll();
    const named = events.flatMap(({ data }) => data.dish === undefined ? [] : [data.dish]);
    assertEquals(named, Array(5).fill(dish));
  }));
});

testWorkers("a reader that drops resumes in another isolate, exactly", async (workers) => {
  const follow = await workers.order("soup");
  const first = await connect(workers.urlOf("desk", follow));
  const before = await first.read(2);
  first.drop();
  const again = await connect(workers.urlOf("shop", follow), {
    "Last-Event-ID": first.ids.at(-1)!,
  });
  assertEquals(again.response.headers.get("locus-recovery"), "exact");
  const seen = [...first.dispatched.map(({ event }) => event), ...await again.readAll()];
  const whole = await (await connect(workers.urlOf("desk", follow))).readAll();
  assertEquals(seen.map(idOf), whole.map(idOf));
  assertEquals(before.length >= 2, true);
});

testWorkers("a quiet run stays open through both Workers, by heartbeats", async (workers) => {
  const reader = await connect(workers.urlOf("desk", "/locus/runs/quiet/events"));
  // One at once, and another after five seconds in which nobody said anything.
  await reader.readUntil(({ comments }) => comments.length >= 2);
  await workers.publish({ run_id: "quiet", event_type: "test.tick", data: { n: 1 } });
  assertEquals((await reader.read(1))[0]?.data, { n: 1 });
  reader.drop();
});

testWorkers("readers that leave are noticed by the object", async (workers) => {
  const readers = await Promise.all(["a", "b", "c"].map(async (run) => {
    const reader = await connect(workers.urlOf("desk", `/locus/runs/${run}/events`));
    await reader.readUntil(({ comments }) => comments.length > 0);
    return reader;
  }));
  assertEquals(await workers.activeRuns(), 3);
  for (const reader of readers) reader.drop();
  await until("the object has noticed", async () => await workers.activeRuns() === 0, 15_000);
});

testWorkers(
  "when the object is evicted, a reader goes on exactly where it was",
  async (workers) => {
    const tick = (n: number) => ({ run_id: "r", event_type: "test.tick", data: { n } });
    await workers.publish(tick(1), tick(2));
    const seen: unknown[] = [];
    const follow = followRun(workers.urlOf("desk", "/locus/runs/r/events"), { retry: () => 10 });
    for await (const event of follow as AsyncIterable<AnyEvent>) {
      seen.push(event.data.n ?? event.data.reason ?? event.event_type);
      if (event.data.n !== 2) continue;
      await (await fetch(workers.urlOf("runs", "/lose"))).body?.cancel();
      await workers.publish(tick(3), { run_id: "r", event_type: "bus.end", data: {} });
    }
    assertEquals(seen, [1, 2, 3, "bus.end"]);
    const { runs } = await (await fetch(workers.urlOf("runs", "/locus/runs"))).json();
    assertEquals(runs.map(({ run_id }: { run_id: string }) => run_id), ["r"]);
  },
);

testWorkers("from outside, runs can be read and nothing else", async ({ urlOf }) => {
  const event = { run_id: "r", event_type: "test.tick", data: {} };
  const statuses: Record<string, number> = {};
  for (const path of ["/locus/runs", "/locus/events", "/locus/stats", "/locus/runs/r/history"]) {
    const response = await fetch(urlOf("shop", path));
    await response.body?.cancel();
    statuses[path] = response.status;
  }
  const refused = await fetch(urlOf("shop", "/locus/events"), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(event),
  });
  await refused.body?.cancel();
  assertEquals([statuses, refused.status], [{
    "/locus/runs": 404,
    "/locus/events": 404,
    "/locus/stats": 404,
    "/locus/runs/r/history": 200,
  }, 404]);
});

let options: ReturnType<typeof bundleAll> | undefined;

async function start(): Promise<Miniflare> {
  // Not at the top: on Bun it does not load.
  const { Miniflare } = await import("miniflare");
  return new Miniflare({ workers: await (options ??= bundleAll()) });
}

async function bundleAll() {
  const { workerOptions } = await import("../harness/support/workerd_bundle.ts");
  const workers = [];
  for (const [name, source] of Object.entries(sources)) {
    const { compatibilityFlags, ...rest } = await workerOptions(source);
    workers.push({
      ...rest,
      name,
      compatibilityFlags: [...compatibilityFlags, "enable_request_signal"],
      durableObjects: { RUNS: { className: "Runs", scriptName: "runs", useSQLite: true } },
      serviceBindings: { KITCHEN: "kitchen" },
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    });
  }
  return workers;
}

async function post(url: string, body: unknown) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return await response.json();
}

async function idsOf(connection: Connection): Promise<string[]> {
  return (await connection.readAll()).map(idOf);
}

function idOf(event: AnyEvent): string {
  return event.event_id;
}

function of(prefix: string, events: readonly AnyEvent[]): string[] {
  return events.map((event) => event.event_type).filter((type) => type.startsWith(`${prefix}.`));
}
