import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { currentRunId, EventBus, runContext } from "@locus/core";

function publish(bus: EventBus, runId: string, ...numbers: number[]): void {
  for (const n of numbers) bus.publish({ run_id: runId, event_type: "test.tick", data: { n } });
}

/** Lets everything that only waits for promises happen. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await null;
}

test("EventBus.on() calls the handler with live events of all runs, in order", async () => {
  const bus = new EventBus();
  publish(bus, "a", 1);
  const seen: unknown[] = [];
  bus.on("test.tick", ({ run_id, data }) => void seen.push([run_id, data.n]));
  publish(bus, "a", 2);
  publish(bus, "b", 1);
  await settle();
  assertEquals(seen, [["a", 2], ["b", 1]]);
  bus.closeGlobal();
});

test("EventBus.on() selects by exact type, by prefix and by a list of them", async () => {
  const bus = new EventBus();
  const seen: string[] = [];
  bus.on("a.x", (event) => void seen.push(`exact ${event.event_type}`));
  bus.on("a.*", (event) => void seen.push(`prefix ${event.event_type}`));
  bus.on(["a.y", "b.*"], (event) => void seen.push(`list ${event.event_type}`));
  for (const type of ["a.x", "a.y", "b.z", "ab.c"]) {
    bus.publish({ run_id: "r", event_type: type, data: {} });
  }
  await settle();
  assertEquals(seen.toSorted(), [
    "exact a.x",
    "list a.y",
    "list b.z",
    "prefix a.x",
    "prefix a.y",
  ]);
  bus.closeGlobal();
});

test("EventBus.on() selects by run and by values of the payload", async () => {
  const bus = new EventBus();
  const seen: unknown[] = [];
  bus.on({ type: "test.tick", run: "b", data: { n: 2 } }, ({ data }) => void seen.push(data));
  publish(bus, "a", 2);
  publish(bus, "b", 1, 2);
  await settle();
  assertEquals(seen, [{ n: 2 }]);
  bus.closeStream("b");
});

test("EventBus.on({ from: 'history' }) begins with what the run's history holds", async () => {
  const bus = new EventBus();
  publish(bus, "r", 1);
  const seen: unknown[] = [];
  bus.on("test.tick", ({ data }) => void seen.push(data.n), { run: "r", from: "history" });
  assertEquals(seen, [], "never from within on() itself");
  publish(bus, "r", 2);
  await settle();
  assertEquals(seen, [1, 2]);
  bus.closeStream("r");
});

test("EventBus.on() keeps to its concurrency, and starts calls in order", async () => {
  const bus = new EventBus();
  const finish: (() => void)[] = [];
  const started: unknown[] = [];
  bus.on("test.tick", ({ data }) => {
    started.push(data.n);
    return new Promise<void>((resolve) => finish.push(resolve));
  }, { concurrency: 2 });
  publish(bus, "r", 1, 2, 3, 4);
  await settle();
  assertEquals(started, [1, 2]);
  finish[1]!();
  await settle();
  assertEquals(started, [1, 2, 3]);
  finish[0]!();
  await settle();
  assertEquals(started, [1, 2, 3, 4]);
  bus.closeGlobal();
});

test("EventBus.on() has ten calls at a time by default", async () => {
  const bus = new EventBus();
  let running = 0;
  bus.on("test.tick", () => {
    running++;
    return new Promise<void>(() => {});
  });
  publish(bus, "r", ...Array.from({ length: 20 }, (_, i) => i));
  await settle();
  assertEquals(running, 10);
  bus.closeGlobal();
});

test("EventBus.on() runs the handler in the context of the one who registered it", async () => {
  const bus = new EventBus();
  const seen: unknown[] = [];
  runContext({ runId: "subscriber", bus }, () => {
    bus.on("test.tick", async () => {
      seen.push(currentRunId());
      await null;
      seen.push(currentRunId());
    });
  });
  bus.on("test.tick", () => void seen.push(currentRunId()));
  await runContext({ runId: "publisher", bus }, async () => {
    publish(bus, "r", 1);
    await settle();
    publish(bus, "r", 2);
    await settle();
  });
  assertEquals(seen.filter((id) => id === "subscriber").length, 4);
  assertEquals(seen.filter((id) => id === undefined).length, 2);
  bus.closeGlobal();
});

test("A handler that throws or rejects is reported, stays, and disturbs nobody", async () => {
  const errors: string[] = [];
  const bus = new EventBus({
    onError: (error, { stage }) => errors.push(`${stage}: ${error.message}`),
  });
  const seen: unknown[] = [];
  bus.on("test.tick", ({ data }) => {
    throw new Error(`thrown ${data.n}`);
  });
  bus.on("test.tick", ({ data }) => Promise.reject(new Error(`rejected ${data.n}`)));
  bus.on("test.tick", ({ data }) => void seen.push(data.n));
  publish(bus, "r", 1, 2);
  await settle();
  assertEquals(seen, [1, 2]);
  assertEquals(errors.toSorted(), [
    "handler: rejected 1",
    "handler: rejected 2",
    "handler: thrown 1",
    "handler: thrown 2",
  ]);
  bus.closeGlobal();
});

test("EventBus.on() skips what a slow handler cannot keep up with, and tells onGap", async () => {
  const bus = new EventBus({ maxQueueSize: 3 });
  let release = () => {};
  const seen: unknown[] = [];
  const gaps: unknown[] = [];
  bus.on("test.tick", ({ data }) => {
    seen.push(data.n);
    return new Promise<void>((resolve) => (release = resolve));
  }, { concurrency: 1, onGap: ({ data }) => gaps.push([data.count, data.reason]) });
  publish(bus, "r", 1);
  await settle();
  publish(bus, "r", 2, 3, 4, 5, 6);
  release();
  await settle();
  assertEquals(seen, [1, 4]);
  assertEquals(gaps, [[2, "lagged"]]);
  bus.closeGlobal();
});

test("EventBus.on() reports a gap to the bus where no onGap is given", async () => {
  const errors: string[] = [];
  const bus = new EventBus({ maxQueueSize: 1, onError: (error) => errors.push(error.message) });
  bus.on("test.tick", () => {}, { run: "r" });
  publish(bus, "r", ...Array.from({ length: 501 }, (_, i) => i));
  await settle();
  assertEquals(errors, ['A handler missed 500 events of run "r": lagged']);
  bus.closeStream("r");
});

test("The undo of EventBus.on() takes the handler away, at once and also by disposal", async () => {
  const bus = new EventBus();
  const seen: unknown[] = [];
  const off = bus.on("test.tick", ({ data }) => void seen.push(data.n), { run: "r" });
  publish(bus, "r", 1);
  await settle();
  publish(bus, "r", 2);
  off();
  off();
  {
    using _other = bus.on("test.tick", ({ data }) => void seen.push(data.n), { run: "r" });
    publish(bus, "r", 3);
    await settle();
  }
  publish(bus, "r", 4);
  await settle();
  assertEquals(seen, [1, 3]);
  assertEquals(bus.stats().active_runs, 0);
});

test("A handler can take itself away while it is called", async () => {
  const bus = new EventBus();
  const seen: unknown[] = [];
  const off = bus.on("test.tick", ({ data }) => {
    seen.push(data.n);
    off();
  });
  publish(bus, "r", 1, 2);
  await settle();
  assertEquals(seen, [1]);
});

test("Aborting its signal takes a handler away", async () => {
  const bus = new EventBus();
  const abort = new AbortController();
  const seen: unknown[] = [];
  const options = { run: "r", signal: abort.signal };
  bus.on("test.tick", ({ data }) => void seen.push(data.n), options);
  bus.on("test.tick", ({ data }) => void seen.push(data.n), {
    run: "r",
    signal: AbortSignal.abort(),
  });
  abort.abort();
  publish(bus, "r", 1);
  await settle();
  assertEquals(seen, []);
  assertEquals(bus.stats().active_runs, 0);
});

test("A handler of a run ends with the run, after its last event", async () => {
  const bus = new EventBus();
  const seen: unknown[] = [];
  bus.on("test.tick", ({ data }) => void seen.push(data.n), { run: "r" });
  publish(bus, "r", 1);
  bus.closeStream("r");
  await settle();
  assertEquals(seen, [1]);
  assertEquals(bus.stats().active_runs, 0);
});

test("A handler may publish: its own events come back to it in order", async () => {
  const bus = new EventBus();
  const seen: unknown[] = [];
  bus.on("test.tick", ({ data }) => {
    seen.push(data.n);
    if ((data.n as number) < 4) publish(bus, "r", (data.n as number) + 1);
  });
  publish(bus, "r", 1);
  await settle();
  assertEquals(seen, [1, 2, 3, 4]);
  bus.closeGlobal();
});

test("Ten thousand handlers that come and go on an idle run leave nothing that waits", async () => {
  const bus = new EventBus();
  publish(bus, "r", 1);
  const stay: unknown[] = [];
  bus.on("test.tick", ({ data }) => void stay.push(data.n), { run: "r" });
  for (let i = 0; i < 10_000; i++) {
    const off = bus.on("test.tick", () => {}, { run: "r" });
    await null;
    await null;
    off();
  }
  assertEquals(bus.stats().queue_depths.r?.length, 1);
  publish(bus, "r", 2);
  await settle();
  assertEquals(stay, [2]);
  bus.closeStream("r");
});

test("EventBus.on() rejects bad selectors, handlers and options, and names them", () => {
  const bus = new EventBus();
  const handler = () => {};
  const fails = (call: () => unknown, message: string) => {
    const error = assertThrows(call);
    assertStringIncludes(error.message, message);
    assert(error instanceof TypeError || error instanceof RangeError);
  };
  fails(() => bus.on("a b", handler), 'EventBus.on(): "select" must be an event type');
  fails(() => bus.on({ kind: "x" } as never, handler), 'unknown option "kind"');
  fails(() => bus.on({ run: "a b" }, handler), "run_id must be");
  fails(() => bus.on({ data: 5 } as never, handler), '"data" must be an object, got 5');
  fails(() => bus.on("a.b", 5 as never), "handler must be a function, got 5");
  fails(() => bus.on("a.b", handler, { concurrency: 0 }), '"concurrency" must be a whole number');
  fails(
    () => bus.on("a.b", handler, { from: "history" }),
    '"from" can be "history" only with a "run"',
  );
  fails(() => bus.on("a.b", handler, { once: true } as never), 'unknown option "once"');
  assertEquals(bus.stats().active_runs, 0);
});
