/** The run as a handle: everything that works where no async context reaches, browsers first of all. */
import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { EventBus, type Run, runContext, withSpan } from "@locus/core";
import { skipWhen } from "../harness/support/requires.ts";
import { publishedTo, ticks } from "../harness/support/runs.ts";

/** A run that is over as a function call, and whose handle is all that is left. */
function handleOf(bus: EventBus, runId: string): Run {
  return runContext({ runId, bus }, (run) => run);
}

test("Run.emit() publishes after awaits, from timers and from listeners", async () => {
  const bus = new EventBus();
  const run = handleOf(bus, "r");
  const target = new EventTarget();
  target.addEventListener("tick", () => run.emit("test.tick", { n: 3 }));
  await null;
  run.emit("test.tick", { n: 1 });
  await new Promise<void>((resolve) =>
    setTimeout(() => resolve(run.emit("test.tick", { n: 2 })), 0)
  );
  target.dispatchEvent(new Event("tick"));
  assertEquals(ticks(bus, "r").map(({ n }) => n), [1, 2, 3]);
});

test("The methods of a handle do their work apart from it", () => {
  const bus = new EventBus();
  const { emit, inSpan, onEnd, setOutcome, waitUntil } = handleOf(bus, "r");
  emit("test.tick", { n: 1 });
  assertEquals(inSpan("s").spanId, "s");
  waitUntil(Promise.resolve());
  onEnd(() => {});
  setOutcome("ok");
  assertEquals(ticks(bus, "r").map(({ n }) => n), [1]);
});

test("Run.emit() publishes for the run that a message is about", async () => {
  const bus = new EventBus();
  const runs = new Map(["a", "b"].map((id) => [id, handleOf(bus, id)]));
  const { port1, port2 } = new MessageChannel();
  const { promise, resolve } = Promise.withResolvers<void>();
  port1.onmessage = ({ data }) => {
    if (data === null) return resolve();
    runs.get(data)!.emit("test.tick", {});
  };
  for (const message of ["b", "a", "b", null]) port2.postMessage(message);
  await promise;
  port1.close();
  assertEquals(publishedTo(bus), ["b", "a", "b"]);
});

test("Handles of many runs at once never mix", async () => {
  const bus = new EventBus();
  const ids = Array.from({ length: 20 }, (_, i) => `run-${i}`);
  await Promise.all(ids.map((runId) =>
    runContext({ runId, bus }, async (run) => {
      for (let n = 0; n < 50; n++) {
        run.emit("test.tick", { n, by: run.id });
        await null;
      }
    })
  ));
  for (const id of ids) {
    const all = ticks(bus, id);
    assertEquals([all.length, all.filter(({ by }) => by !== id)], [50, []]);
  }
});

test("withSpan() nests by handles, where no context says what is inside what", async () => {
  const bus = new EventBus();
  await runContext({ runId: "r", bus }, (run) =>
    withSpan("outer", { run }, async (outer) => {
      await null;
      return withSpan("inner", { run: outer!.run }, () => Promise.resolve());
    }));
  const [outer, inner] = bus.history({ run: "r", type: "span.started" }).toReversed();
  assertEquals(outer!.data.parent_span_id, null);
  assertEquals(inner!.data.parent_span_id, outer!.data.span_id);
  assertEquals(bus.history({ run: "r", type: "span.completed" }).length, 2);
});

test("runContext() answers with what its function came to", async () => {
  assertEquals(await runContext(() => Promise.resolve(1)), 1);
  await assertRejects(
    () => runContext(() => Promise.reject(new Error("rejected"))),
    Error,
    "rejected",
  );
});

const inBrowsers = skipWhen(!("document" in globalThis), "it is about browsers");

test("A failed run that nobody waits for is reported by the browser", inBrowsers, async () => {
  const reported: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const listen = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    reported.push(event.reason.message);
    if (event.reason.message === "the last") resolve();
  };
  addEventListener("unhandledrejection", listen);
  void runContext(() => Promise.reject(new Error("nobody waits")));
  await runContext(() => Promise.reject(new Error("somebody waits"))).catch(() => {});
  void Promise.reject(new Error("the last"));
  await promise;
  removeEventListener("unhandledrejection", listen);
  assertEquals(reported, ["nobody waits", "the last"]);
});
