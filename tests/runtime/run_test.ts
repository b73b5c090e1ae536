/** Runs with a beginning and an end, on every runtime. */
import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  currentRunId,
  emit,
  EventBus,
  type Run,
  runContext,
  startRun,
  withRun,
  withSpan,
} from "@locus/core";
import { readAll } from "../harness/support/read.ts";
import { requires } from "../harness/support/requires.ts";
import { settled } from "../harness/support/runs.ts";

const carried = await requires("async-context");

/** What a run published, oldest first: types, and what says how something ended. */
function outline(bus: EventBus, run = "r"): string[] {
  return bus.history({ run }, { limit: 100 }).toReversed().map(({ event_type, data }) => {
    const { outcome, success, error } = data as Record<string, unknown>;
    return [event_type, outcome ?? success, error].filter((part) => part != null).join(" ");
  });
}

function isClosed(bus: EventBus, run = "r"): boolean | undefined {
  return bus.runs().find(({ run_id }) => run_id === run)?.closed;
}

/** A promise, and what settles it. */
function gate(): { readonly promise: Promise<void>; open(): void; fail(error: unknown): void } {
  let [open, fail]: [() => void, (error: unknown) => void] = [() => {}, () => {}];
  const promise = new Promise<void>((resolve, reject) => [open, fail] = [resolve, reject]);
  return { promise, open, fail };
}

/** Runs `fn` without what it prints. */
async function silently(fn: () => unknown): Promise<unknown[][]> {
  const { error } = console;
  const printed: unknown[][] = [];
  console.error = (...values) => void printed.push(values);
  try {
    await fn();
    await settled();
  } finally {
    console.error = error;
  }
  return printed;
}

test("withRun() says what it begins with, and how it ended, and closes the run", async () => {
  const bus = new EventBus();
  const options = {
    name: "Refund",
    input: "Refund 42",
    tags: { customer: "7" },
    metadata: { n: 1 },
  };
  const result = withRun({ runId: "r", bus, ...options }, (run) => {
    run.emit("test.tick", {});
    return 5;
  });
  assertEquals(result, 5);
  const [started, tick, completed] = await readAll(bus.subscribe("r"));
  assertEquals([started!.event_type, started!.data], ["run.started", {
    name: "Refund",
    parent_run_id: null,
    parent_span_id: null,
    input_preview: "Refund 42",
    tags: { customer: "7" },
    metadata: { n: 1 },
  }]);
  assertEquals(tick!.event_type as string, "test.tick");
  const { duration_ms: duration, ...rest } = completed!.data as Record<string, unknown>;
  assertEquals([completed!.event_type, rest], ["run.completed", { outcome: "ok", error: null }]);
  assert(typeof duration === "number" && duration >= 0);
});

test("withRun() without options makes an id, and says nothing of itself", () => {
  const bus = new EventBus();
  const { id } = withRun({ bus }, (run) => run);
  assert(/^[0-9a-f]{32}$/.test(id));
  const [started] = bus.history({ run: id, type: "run.started" });
  assertEquals(started!.data, {
    name: null,
    parent_run_id: null,
    parent_span_id: null,
    input_preview: "",
    tags: {},
    metadata: {},
  });
});

test("A run is completed and closed before its caller goes on", async () => {
  const bus = new EventBus();
  const { promise, open } = gate();
  const work = withRun({ runId: "r", bus }, () => promise);
  assertEquals([outline(bus), isClosed(bus)], [["run.started"], false]);
  open();
  await work;
  assertEquals([outline(bus), isClosed(bus)], [["run.started", "run.completed ok"], true]);
});

test("What fails in a run is rethrown, and the run's outcome", async () => {
  const error = new TypeError("bad\nsecond line");
  const ways: ((bus: EventBus) => unknown)[] = [
    (bus) => withRun({ runId: "r", bus }, () => Promise.reject(error)),
    (bus) =>
      withRun({ runId: "r", bus }, () => {
        throw error;
      }),
    async (bus) => {
      const items = withRun({ runId: "r", bus }, async function* () {
        yield 1;
        throw error;
      });
      for await (const _ of items);
    },
  ];
  for (const way of ways) {
    const bus = new EventBus();
    assertStrictEquals(await assertRejects(async () => await way(bus)), error);
    assertEquals([outline(bus), isClosed(bus)], [
      ["run.started", "run.completed error TypeError: bad"],
      true,
    ]);
  }
});

test("A run that is aborted, or left by its consumer, is cancelled", async () => {
  const bus = new EventBus();
  const abort = new DOMException("gone", "AbortError");
  await assertRejects(() => withRun({ runId: "a", bus }, () => Promise.reject(abort)));
  const items = withRun({ runId: "b", bus }, async function* (run) {
    try {
      yield 1;
    } finally {
      run.emit("test.cleanup", {});
    }
  });
  for await (const _ of items) break;
  assertEquals(["a", "b"].map((run) => outline(bus, run)), [
    ["run.started", "run.completed cancelled AbortError: gone"],
    ["run.started", "test.cleanup", "run.completed cancelled"],
  ]);
});

test("A run is open as long as a generator that it returned", async () => {
  const bus = new EventBus();
  const items = withRun({ runId: "r", bus }, async function* (run) {
    run.emit("test.tick", {});
    yield 1;
  });
  assertEquals(outline(bus), ["run.started"]);
  for await (const _ of items);
  assertEquals(outline(bus), ["run.started", "test.tick", "run.completed ok"]);
});

test("B1: emit() in the steps of a generator belongs to its run", carried, async () => {
  for (const wrap of [runContext, withRun]) {
    const bus = new EventBus();
    const items = wrap({ runId: "r", bus }, async function* () {
      emit("test.tick", {});
      await null;
      yield currentRunId();
    });
    for await (const runId of items) assertEquals(runId, "r");
    assert(outline(bus).includes("test.tick"));
  }
});

// waitUntil()

test("waitUntil() keeps the run open, and not the caller", async () => {
  const bus = new EventBus();
  const { promise, open } = gate();
  const result = await withRun({ runId: "r", bus }, (run) => {
    run.waitUntil(promise.then(() => run.emit("test.late", {})));
    return Promise.resolve(5);
  });
  assertEquals([result, outline(bus)], [5, ["run.started"]]);
  open();
  await settled();
  assertEquals(outline(bus), ["run.started", "test.late", "run.completed ok"]);
  assert(isClosed(bus));
});

test("waitUntil() waits also for what is added while it waits", async () => {
  const bus = new EventBus();
  const { promise, open } = gate();
  withRun({ runId: "r", bus }, (run) => {
    run.waitUntil(Promise.resolve().then(() => run.waitUntil(promise)));
  });
  await settled();
  assertEquals(outline(bus), ["run.started"]);
  open();
  await settled();
  assertEquals(outline(bus), ["run.started", "run.completed ok"]);
});

test("B5: what is waited for fails the run, and nobody else", async () => {
  const bus = new EventBus();
  const { promise, open } = gate();
  const printed = await silently(async () => {
    const work = withRun({ runId: "r", bus }, async (run) => {
      run.waitUntil(Promise.reject(new Error("later")));
      await promise;
      return 5;
    });
    await settled();
    open();
    assertEquals(await work, 5);
  });
  assertEquals(outline(bus), ["run.started", "run.completed error Error: later"]);
  assertEquals(printed.map(([text, error]) => `${text} ${error}`), [
    'Locus: run "r" failed: Error: later',
  ]);
});

test("What the function throws goes before what is waited for", async () => {
  const bus = new EventBus();
  await silently(() =>
    assertRejects(() =>
      withRun({ runId: "r", bus }, async (run) => {
        run.waitUntil(Promise.reject(new Error("waited for")));
        await settled();
        throw new Error("thrown");
      })
    )
  );
  assertEquals(outline(bus), ["run.started", "run.completed error Error: thrown"]);
});

// onEnd()

test("onEnd() is called once, before the run is completed, the last one first", async () => {
  const bus = new EventBus();
  await withRun({ runId: "r", bus }, async (run) => {
    run.onEnd(() => run.emit("test.outer", {}));
    run.onEnd(() => run.emit("test.inner", {}));
    await null;
  });
  assertEquals(outline(bus), ["run.started", "test.inner", "test.outer", "run.completed ok"]);
});

test("B5: onEnd() that fails, now or later, ends nothing but itself", async () => {
  const bus = new EventBus();
  const printed = await silently(() =>
    withRun({ runId: "r", bus }, (run) => {
      run.onEnd(() => run.emit("test.last", {}));
      run.onEnd(() => {
        throw new Error("now");
      });
      run.onEnd(() => Promise.reject(new Error("later")) as never);
    })
  );
  assertEquals(outline(bus), ["run.started", "test.last", "run.completed ok"]);
  assertEquals(printed.map(([, error]) => String(error)).sort(), ["Error: later", "Error: now"]);
});

// setOutcome()

test("setOutcome() says how a run ended that threw nothing; the last word counts", () => {
  const bus = new EventBus();
  withRun({ runId: "a", bus }, (run) => {
    run.setOutcome("ok");
    run.inSpan("00c0ffee").setOutcome("error", "out of steps\nand more");
  });
  withRun({ runId: "b", bus }, (run) => {
    run.setOutcome("error", new RangeError("too far"));
    run.setOutcome("ok");
  });
  assertThrows(() =>
    withRun({ runId: "c", bus }, (run) => {
      run.setOutcome("ok");
      throw new Error("thrown");
    })
  );
  assertEquals(["a", "b", "c"].map((run) => outline(bus, run).at(-1)), [
    "run.completed error out of steps",
    "run.completed ok",
    "run.completed error Error: thrown",
  ]);
});

test("setOutcome() refuses what is no outcome, and takes null for no error", () => {
  const bus = new EventBus();
  withRun({ runId: "r", bus }, (run) => {
    for (const outcome of ["great", "", undefined, null, 1]) {
      assertThrows(
        () => run.setOutcome(outcome as never),
        TypeError,
        "Run.setOutcome(): expected ok, error, cancelled or waiting, got",
      );
    }
    run.setOutcome("error", null);
  });
  assertEquals(outline(bus), ["run.started", "run.completed error"]);
});

test("A run that waits stays open, and goes on with withRun() of its id", () => {
  const bus = new EventBus();
  withRun({ runId: "r", bus }, (run) => run.setOutcome("waiting"));
  assertEquals([outline(bus), isClosed(bus)], [["run.started", "run.completed waiting"], false]);
  withRun({ runId: "r", bus }, (run) => run.emit("test.tick", {}));
  assertEquals([outline(bus).slice(2), isClosed(bus)], [
    ["run.started", "test.tick", "run.completed ok"],
    true,
  ]);
  const resumed = bus.history({ run: "r", type: "run.started" }).map(({ data }) => data.resumed);
  assertEquals(resumed, [true, undefined]);
});

test("A run that waits goes on in a context that it left behind", carried, async () => {
  const bus = new EventBus();
  const { promise, open } = gate();
  let later: Promise<void> | undefined;
  withRun({ runId: "r", bus }, (run) => {
    run.setOutcome("waiting");
    later = promise.then(() => withRun({ runId: "r", bus }, () => {}));
  });
  open();
  await later;
  assertEquals(outline(bus).slice(2), ["run.started", "run.completed ok"]);
});

test("B5: the handle of a run that nobody ends takes all of it, and prints what fails", async () => {
  const bus = new EventBus();
  const printed = await silently(() =>
    runContext({ runId: "r", bus }, (run) => {
      run.waitUntil(Promise.reject(new Error("later")));
      run.onEnd(() => run.emit("test.never", {}));
      run.setOutcome("error");
    })
  );
  assertEquals(printed.map(String), ["Error: later"]);
  assertEquals([outline(bus), isClosed(bus)], [[], undefined]);
});

// Nesting

test("A run inside of another one is its child, and a span there", carried, async () => {
  const bus = new EventBus();
  await withRun(
    { runId: "r", bus },
    () =>
      withSpan("around", () =>
        withRun({ runId: "child", name: "Part" }, async (run) => {
          assertEquals(currentRunId(), "child");
          await null;
          run.emit("test.tick", {});
        })),
  );
  const [around, part] = bus.history({ run: "r", type: "span.started" }).toReversed();
  assertEquals([part!.data.name, part!.data.kind, part!.data.parent_span_id], [
    "Part",
    "run",
    around!.data.span_id,
  ]);
  assertEquals(part!.data.attributes, { run_id: "child" });
  const [started] = bus.history({ run: "child", type: "run.started" });
  const { parent_run_id, parent_span_id } = started!.data;
  assertEquals([parent_run_id, parent_span_id], ["r", part!.data.span_id]);
  assertEquals(outline(bus, "child"), ["run.started", "test.tick", "run.completed ok"]);
  assertEquals(outline(bus), [
    ...["run.started", "span.started", "span.started"],
    ...["span.completed true", "span.completed true", "run.completed ok"],
  ]);
  const order = bus.history(["span.completed", "run.completed"] as never).toReversed();
  assertEquals(order.map(({ run_id }) => run_id), ["child", "r", "r", "r"]);
});

test("The parent's span says how the child went", () => {
  const bus = new EventBus();
  const parent = runContext({ runId: "r", bus }, (run) => run);
  const child = (fn: (run: Run) => unknown) => {
    try {
      withRun({ parent, name: "child" }, fn);
    } catch { /* It is on the bus. */ }
  };
  child(() => {});
  child((run) => run.setOutcome("waiting"));
  child((run) => run.setOutcome("cancelled"));
  child(() => {
    throw new Error("broken");
  });
  assertEquals(outline(bus).filter((line) => line.startsWith("span.completed")), [
    "span.completed true",
    "span.completed true",
    "span.completed false",
    "span.completed false Error: broken",
  ]);
});

test("withRun() with the id of the run that it is in is a span, and ends nothing", carried, () => {
  const bus = new EventBus();
  withRun({ runId: "r", bus }, () => {
    withRun({ runId: "child" }, () => {
      withRun({ runId: "r", name: "again" }, (run) => run.emit("test.tick", {}));
    });
    assertEquals(isClosed(bus), false);
  });
  const [again] = bus.history({ run: "r", type: "span.started" });
  assertEquals([again!.data.name, again!.data.kind], ["again", "work"]);
  const [part] = bus.history({ run: "r", type: "span.started" }).toReversed();
  assertEquals(again!.data.parent_span_id, part!.data.span_id);
  assertEquals(outline(bus), [
    ...["run.started", "span.started", "span.started", "test.tick", "span.completed true"],
    ...["span.completed true", "run.completed ok"],
  ]);
});

test("withRun() in a runContext() of the same id leaves the run open", carried, async () => {
  const bus = new EventBus();
  await runContext({ runId: "r", bus }, async () => {
    await withRun({ runId: "r" }, async () => {});
    await startRun({ runId: "r" }, async () => {}).result;
  });
  assertEquals([...new Set(outline(bus))], ["span.started", "span.completed true"]);
  assertEquals(isClosed(bus), false);
});

test("Runs that are begun one out of the other hold no chain", carried, async () => {
  const bus = new EventBus({ onError: (error) => assertEquals(error, undefined) });
  const ids: string[] = [];
  await new Promise<void>((resolve) => {
    const next = () =>
      void withRun({ bus }, (run) => {
        ids.push(run.id);
        setTimeout(() => ids.length < 5 ? next() : resolve(), 0);
      });
    next();
  });
  for (const run of ids) assertEquals(outline(bus, run), ["run.started", "run.completed ok"]);
});

test("Without a parent a run is at the top, also beside others that are open", async () => {
  const bus = new EventBus();
  const gates = [gate(), gate()];
  const runs = gates.map(({ promise }, n) => startRun({ runId: `r${n}`, bus }, () => promise));
  await Promise.all(
    runs.map((run, n) => withRun({ runId: `c${n}`, parent: run, bus }, async () => {})),
  );
  for (const { open } of gates) open();
  await Promise.all(runs.map(({ result }) => result));
  assertEquals(
    ["r0", "r1", "c0"].map((run) =>
      bus.history({ run, type: "run.started" })[0]!.data.parent_run_id
    ),
    [
      null,
      null,
      "r0",
    ],
  );
});

test("withSpan() nests by handles inside of withRun()", async () => {
  const bus = new EventBus();
  await withRun(
    { runId: "r", bus },
    (run) =>
      Promise.all([1, 2].map((n) =>
        withSpan(`s${n}`, { run }, async (span) => {
          await null;
          await withSpan("inner", { run: span!.run }, async () => {});
        })
      )),
  );
  const started = bus.history({ run: "r", type: "span.started" }).toReversed();
  assertEquals(started.map(({ data }) => data.parent_span_id !== null), [false, false, true, true]);
  assertEquals(outline(bus).at(-1), "run.completed ok");
});

// startRun()

test("startRun() returns the run at once, and its result later", async () => {
  const bus = new EventBus();
  const run = startRun({ runId: "r", bus }, async (run) => {
    await null;
    run.emit("test.tick", {});
    return 5;
  });
  assertEquals([run.id, outline(bus)], ["r", ["run.started"]]);
  assertEquals(await run.result, 5);
  assertEquals(outline(bus), ["run.started", "test.tick", "run.completed ok"]);
});

test("B5: a run in the background tells its failure to onError, once", async () => {
  const ways: ((run: Run) => unknown)[] = [
    () => Promise.reject(new Error("broken")),
    () => {
      throw new Error("broken");
    },
    () => ({ then: (_: unknown, reject: (error: Error) => void) => reject(new Error("broken")) }),
    (run) => run.waitUntil(Promise.reject(new Error("broken"))),
  ];
  for (const way of ways) {
    const bus = new EventBus();
    const errors: unknown[] = [];
    startRun({ runId: "r", bus, onError: (error) => void errors.push(String(error)) }, way);
    await settled();
    assertEquals(outline(bus), ["run.started", "run.completed error Error: broken"]);
    assertEquals(errors, ["Error: broken"]);
  }
});

test("B5: a run in the background prints its failure if nobody is told", async () => {
  const printed = await silently(() => {
    startRun({ runId: "a" }, () => Promise.reject(new Error("no handler")));
    startRun({
      runId: "b",
      onError() {
        throw new Error("broken handler");
      },
    }, () => Promise.reject(new Error("lost")));
    startRun({
      runId: "c",
      onError: (() => Promise.reject(new Error("handler that fails later"))) as () => void,
    }, () => Promise.reject(new Error("lost")));
  });
  assertEquals(printed.map(([text, error]) => `${text} ${error}`), [
    'Locus: run "a" failed: Error: no handler',
    'Locus: run "b" failed: Error: broken handler',
    'Locus: run "c" failed: Error: handler that fails later',
  ]);
});

test("A bus that fails breaks no run", async () => {
  const bus = new EventBus();
  const broken = Object.assign(new EventBus(), {
    writer: () => ({
      write() {
        throw new Error("no room");
      },
    }),
    closeStream() {
      throw new Error("no connection");
    },
    history: () => Promise.reject(new Error("no connection")),
  });
  const printed = await silently(async () => {
    assertEquals(await withRun({ runId: "r", bus: broken as never }, () => Promise.resolve(5)), 5);
  });
  assert(printed.length > 0);
  assertEquals(outline(bus), []);
});

// Bounds and bad input

test("What a run says of itself is bounded", () => {
  const bus = new EventBus();
  const tags = Object.fromEntries(
    Array.from({ length: 20 }, (_, n) => [`tag ${n} `.padEnd(70, "k"), "v".repeat(300)]),
  );
  const options = {
    name: "n".repeat(300),
    input: "i".repeat(3000),
    tags,
    metadata: { text: "m".repeat(9000) },
  };
  withRun({ runId: "r", bus, ...options }, () => {});
  const { data } = bus.history({ run: "r", type: "run.started" })[0]!;
  assertEquals([data.name!.length, data.input_preview.length], [200, 240]);
  const kept = Object.entries(data.tags);
  assertEquals([kept.length, kept[0]![0].length, kept[0]![1].length], [16, 64, 256]);
  assert(JSON.stringify(data.metadata).length < 2048);
});

test("withRun() and startRun() reject bad options, and name them", () => {
  assertThrows(() => withRun({ runId: "a b" }, () => {}), TypeError, "run_id must be 1 to 128");
  assertThrows(
    () => withRun({ title: "" } as never, () => {}),
    TypeError,
    'unknown option "title"',
  );
  assertThrows(
    () => withRun({ bus: {} } as never, () => {}),
    TypeError,
    '"bus" must be an event bus',
  );
  assertThrows(() => withRun({}, undefined as never), TypeError, "expected a function");
  assertThrows(
    () => startRun({ onError: 1 } as never, () => {}),
    TypeError,
    '"onError" must be a function',
  );
  assertThrows(
    () => withRun({ onError() {} } as never, () => {}),
    TypeError,
    'unknown option "onError"',
  );
});
