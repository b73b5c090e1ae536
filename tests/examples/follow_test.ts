import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { EventBus } from "@locus/core";
import { follow, type Followed } from "../../examples/demo/follow.ts";
import { type DemoServer, startServer } from "../../examples/demo/server.ts";

async function withServer(fn: (server: DemoServer, bus: EventBus) => Promise<void>): Promise<void> {
  const bus = new EventBus();
  const server = await startServer(bus);
  try {
    await fn(server, bus);
  } finally {
    await server.stop();
  }
}

function publish(bus: EventBus, from: number, to: number): void {
  for (let n = from; n <= to; n++) {
    bus.publish({ run_id: "r", event_type: "test.tick", data: { n, text: "漢字 ".repeat(20) } });
  }
}

function summarize(item: Followed): unknown {
  if (item.kind === "lost") return "lost";
  if (item.kind === "resumed") return `resumed ${item.recovery}`;
  const { event_type, data } = item.event;
  return (data as { n?: number }).n ?? event_type;
}

test("follow() reads a run to its end", async () => {
  await withServer(async (server, bus) => {
    publish(bus, 1, 3);
    bus.closeStream("r");
    const items = await Array.fromAsync(follow(server.urlOf("r")));
    assertEquals(items.map(summarize), [1, 2, 3, "bus.end"]);
  });
});

test("follow() loses and repeats nothing when its connection is cut in the middle of an event", async () => {
  await withServer(async (server, bus) => {
    publish(bus, 1, 3);
    const seen: unknown[] = [];
    for await (const item of follow(server.urlOf("r"), { retryMs: 1 })) {
      seen.push(summarize(item));
      if (seen.at(-1) === 3) {
        server.cut();
        publish(bus, 4, 4);
      }
      if (item.kind === "lost") {
        publish(bus, 5, 6);
        bus.closeStream("r");
      }
    }
    assertEquals(seen, [1, 2, 3, "lost", "resumed exact", 4, 5, 6, "bus.end"]);
  });
});

test("follow() ends when the run ended while it was away", async () => {
  await withServer(async (server, bus) => {
    publish(bus, 1, 1);
    const seen: unknown[] = [];
    for await (const item of follow(server.urlOf("r"), { retryMs: 1 })) {
      seen.push(summarize(item));
      if (item.kind !== "event") continue;
      server.cut();
      bus.closeStream("r");
    }
    assertEquals(seen, [1, "lost", "resumed exact"]);
  });
});

test("follow() says what the server says when something is missing", async () => {
  const bus = new EventBus({ historyPerRun: 2, maxQueueSize: 2 });
  const server = await startServer(bus);
  try {
    publish(bus, 1, 1);
    const seen: unknown[] = [];
    for await (const item of follow(server.urlOf("r"), { retryMs: 1 })) {
      seen.push(summarize(item));
      if (seen.length === 1) {
        server.cut();
        publish(bus, 2, 2);
      }
      if (item.kind === "lost") {
        publish(bus, 3, 6);
        bus.closeStream("r");
      }
    }
    assertEquals(seen, [1, "lost", "resumed gap", "bus.gap", 5, 6, "bus.end"]);
  } finally {
    await server.stop();
  }
});

test("follow() gives up on a server that refuses", async () => {
  await withServer(async (server) => {
    const error = await assertRejects(() => Array.fromAsync(follow(server.urlOf("no run id"))));
    assert(String(error).includes("400"), String(error));
  });
});

test("follow() gives up on a server that is not there", async () => {
  let url = "";
  await withServer((server) => {
    url = server.urlOf("r");
    return Promise.resolve();
  });
  await assertRejects(() => Array.fromAsync(follow(url, { retryMs: 1 })));
});

test("follow() ends when its signal is aborted", async () => {
  await withServer(async (server, bus) => {
    publish(bus, 1, 1);
    const stop = new AbortController();
    await assertRejects(async () => {
      for await (const _ of follow(server.urlOf("r"), { signal: stop.signal })) stop.abort();
    });
  });
});
