/**
 * Which run an event belongs to, whoever calls what from where.
 *
 * Inside stream callbacks, generator bodies and listeners, the runtimes differ in the async context they
 * give, some even by timing. What is promised here holds on all of them, because nothing of ours asks for the
 * context there. The cases:
 *
 * - C1 two runs that share an async generator never mix;
 * - C2 callbacks that others call: a run must be named, by a handle or by a wrapped function;
 * - C3 a throw restores the outer run;
 * - C4 a handler belongs to who subscribed it, whoever publishes;
 * - C5 is that all of this runs on every runtime, with handles where there is no async context.
 *
 * And the rules that bring it about:
 *
 * - R1 a run is entered for one call, and never just set (`tests/harness/repo` looks for `enterWith` besides);
 * - R2 publishing reads the context once, while it is called;
 * - R3 reading a subscription never reads the context;
 * - R4 generators are stepped inside a snapshot, one step at a time;
 * - R5 handlers run inside the subscriber's snapshot;
 * - R6 defaults are our own;
 * - R7 without async context the handle works, and the rest fails loudly.
 */
import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  AsyncVariable,
  currentRun,
  currentRunId,
  emit,
  EventBus,
  hasEventBus,
  type Run,
  runContext,
  Snapshot,
} from "@locus/core";
import { hasAsyncContext } from "../../src/runtime/async_context.ts";
import { requires, type SkipOptions } from "../harness/support/requires.ts";
import {
  countReads,
  foreignCallbacks,
  inTurn,
  publishedTo,
  settled,
  ticks,
} from "../harness/support/runs.ts";

const carried = await requires("async-context");

/** Both ways to publish: by the context, and by a handle. */
const ways: [string, SkipOptions, (run: Run) => typeof emit][] = [
  ["emit()", carried, () => emit],
  ["Run.emit()", { skip: false }, (run) => (type, data) => run.emit(type, data)],
];

// C1

for (const [way, options, emitterOf] of ways) {
  test(`C1 ${way} in two runs that share an async generator: 10,000 awaits`, options, async () => {
    const bus = new EventBus({ historyPerRun: 5_000 });
    const numbers = count();
    const work = (runId: string) =>
      runContext({ runId, bus }, async (run) => {
        for (let i = 0; i < 5_000; i++) {
          const { value } = await numbers.next();
          emitterOf(run)("test.tick", { n: value, by: runId });
        }
      });
    await Promise.all([work("a"), work("b")]);

    const [a, b] = [ticks(bus, "a"), ticks(bus, "b")];
    assertEquals([...a, ...b].filter(({ run, by }) => run !== by), []);
    assertEquals([a.length, b.length], [5_000, 5_000]);
    assertEquals(new Set([...a, ...b].map(({ n }) => n)).size, 10_000);
  });

  test(
    `C1 ${way} in the generator that two runs share, when both wait for it`,
    options,
    async () => {
      const bus = new EventBus({ historyPerRun: 10_000 });
      const numbers = runContext({ runId: "source", bus }, (run) => {
        const body = async function* () {
          for (let n = 0;; n++) {
            emitterOf(run)("test.tick", { n, by: "source" });
            await null;
            yield n;
          }
        };
        return inTurn(body(), new Snapshot());
      });
      const work = (runId: string) =>
        runContext({ runId, bus }, async (run) => {
          for (let i = 0; i < 2_500; i++) {
            await numbers.next();
            emitterOf(run)("test.tick", { by: runId });
          }
        });
      await Promise.all([work("a"), work("b")]);

      const all = ["source", "a", "b"].map((run) => ticks(bus, run));
      assertEquals(all.flat().filter(({ run, by }) => run !== by), []);
      assertEquals(all.map(({ length }) => length), [5_000, 2_500, 2_500]);
    },
  );
}

// C2

for (const { name, arm } of foreignCallbacks) {
  /** Registers in run `a`, triggers in run `b`, while a run `c` goes on. */
  const call = async (bus: EventBus, register: (run: Run) => () => void) => {
    const { promise: untilDone, resolve: done } = Promise.withResolvers<void>();
    const other = runContext({ runId: "c", bus }, () => untilDone);
    const trigger = runContext({ runId: "a", bus }, (run) => arm(register(run)));
    await runContext({ runId: "b", bus }, () => trigger());
    done();
    await other;
  };

  test(`C2 publish() at the ${name}, without a run, is refused and reported`, async () => {
    const errors: string[] = [];
    const bus = new EventBus({
      onError: ({ message }, { stage }) => errors.push(`${stage}: ${message}`),
    });
    const draft = { event_type: "test.tick", data: {} } as never;
    await call(bus, () => () => bus.publish(draft));
    assertEquals(errors.length, 1);
    assertMatch(errors[0]!, /^publish: .*run_id must be .* got undefined$/);
    const { published_events_total: published, rejected_events_total: rejected } = bus.stats();
    assertEquals([published, rejected], [0, 1]);
  });

  test(`C2 Run.emit() at the ${name} publishes to its run`, async () => {
    const bus = new EventBus();
    await call(bus, (run) => () => run.emit("test.tick", {}));
    assertEquals(publishedTo(bus), ["a"]);
  });

  test(
    `C2 emit() at the ${name}, wrapped, publishes to the run of the wrapping`,
    carried,
    async () => {
      const bus = new EventBus();
      await call(bus, () => Snapshot.wrap(() => emit("test.tick", {})));
      assertEquals(publishedTo(bus), ["a"]);
    },
  );

  test(`C2 emit() at the ${name}, bare, reaches no third run, or fails loudly`, async () => {
    const bus = new EventBus();
    const errors: string[] = [];
    await call(bus, () => () => {
      try {
        emit("test.tick", {});
      } catch (error) {
        errors.push(String(error));
      }
    });
    if (hasAsyncContext()) {
      // The run of the registration, that of the trigger, or none: that is the runtime's to say.
      assert(["", "a", "b"].includes(publishedTo(bus).join()), publishedTo(bus).join());
      assertEquals(errors, []);
    } else {
      assertEquals(publishedTo(bus), []);
      assertEquals(errors.length, 1);
      assertMatch(errors[0]!, /run\.emit/);
    }
  });
}

// C3

test("C3 a nested run that throws restores the outer one, at once or later", carried, async () => {
  await runContext({ runId: "outer" }, async () => {
    assertThrows(() => runContext({ runId: "inner" }, fail));
    assertEquals(currentRunId(), "outer");
    await assertRejects(() => runContext({ runId: "inner" }, failLater));
    assertEquals(currentRunId(), "outer");
  });
  assertStrictEquals(currentRunId(), undefined);
});

test("C3 a run that throws leaves none behind, at once or later", async () => {
  assertThrows(() => runContext({ runId: "r" }, fail));
  assertStrictEquals(currentRunId(), undefined);
  await assertRejects(() => runContext({ runId: "r" }, failLater));
  assertStrictEquals(currentRunId(), undefined);
  assertThrows(() => runContext({ runId: "outer" }, () => runContext({ runId: "inner" }, fail)));
  assertStrictEquals(currentRunId(), undefined);
});

test("C3 the outer run's handle is good after its inner run threw", async () => {
  const bus = new EventBus();
  await runContext({ runId: "outer", bus }, async (run) => {
    await assertRejects(() => runContext({ runId: "inner", bus }, failLater));
    run.emit("test.tick", { n: 1 });
  });
  assertEquals(publishedTo(bus), ["outer"]);
});

// C4

for (const [way, options, emitterOf] of ways) {
  test(`C4 ${way} in a handler belongs to the run that subscribed it`, options, async () => {
    const bus = new EventBus();
    runContext({ runId: "b", bus }, (run) => {
      bus.on("test.asked", async (event) => {
        emitterOf(run)("test.tick", { n: event.data.n, by: "b" });
        await null;
        emitterOf(run)("test.tick", { n: event.data.n, by: "b" });
      }, { concurrency: 1 });
    });
    await runContext({ runId: "a", bus }, async (run) => {
      for (let n = 0; n < 3; n++) {
        emitterOf(run)("test.asked", { n });
        await settled();
      }
    });
    assertEquals(ticks(bus, "b").map(({ n }) => n), [0, 0, 1, 1, 2, 2]);
    assertEquals([...bus.history({ run: "a", type: "test.tick" })], []);
    bus.closeGlobal();
  });
}

// R1

test("R1 runContext() inside a generator does not leak to who steps it", carried, async () => {
  const steps = async function* () {
    runContext({ runId: "inner" }, () => {});
    yield;
    await runContext({ runId: "inner" }, () => Promise.resolve());
    yield;
  };
  await runContext({ runId: "outer" }, async () => {
    for await (const _ of steps()) assertEquals(currentRunId(), "outer");
    assertEquals(currentRunId(), "outer");
  });
});

test(
  "R1 runContext() leaves the context as it found it before its promise settles",
  carried,
  async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const work = runContext({ runId: "r" }, () => promise);
    assertStrictEquals(currentRunId(), undefined);
    resolve();
    await work;
  },
);

// R2

test(
  "R2 emit() reads the context once, while it is called; publish() never does",
  carried,
  async () => {
    const bus = new EventBus();
    const reads = await countReads(async (readsSoFar) => {
      runContext({ runId: "a", bus }, () => emit("test.tick", { n: 1 }));
      assertEquals(readsSoFar(), 1);
      bus.publish({ run_id: "a", event_type: "test.tick", data: { n: 2 } });
      await settled();
    });
    assertEquals(reads, 1);
  },
);

for (const [way, options, emitterOf] of ways) {
  test(`R2 ${way} has published when it returns, in the order of the calls`, options, () => {
    const bus = new EventBus();
    runContext({ runId: "a", bus }, (a) => {
      emitterOf(a)("test.tick", { n: 1 });
      assertEquals(publishedTo(bus), ["a"]);
      runContext({ runId: "b", bus }, (b) => emitterOf(b)("test.tick", { n: 2 }));
      emitterOf(a)("test.tick", { n: 3 });
    });
    assertEquals(publishedTo(bus), ["a", "b", "a"]);
  });
}

// R3

test("R3 no way to read a subscription reads the context", async () => {
  const bus = new EventBus();
  const reads = await countReads(async () => {
    const abort = new AbortController();
    const heard: unknown[] = [];
    bus.on("test.tick", (event) => void heard.push(event.data.n), { run: "r" });
    const reader = bus.subscribe("r").getReader();
    const working = [
      (async () => {
        for await (const _ of bus.subscribe("r"));
      })(),
      (async () => {
        for await (const _ of bus.subscribe("r").batches());
      })(),
      bus.subscribe("r").pipeTo(new WritableStream()),
      bus.waitFor({ type: "test.tick", run: "r" }),
      bus.drained("r"),
      reader.read().then(() => reader.cancel()),
      bus.subscribe("r", { signal: abort.signal }).pipeTo(new WritableStream()),
      bus.subscribe("r").cancel(),
    ];
    for (let n = 0; n < 3; n++) {
      bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
      await settled();
    }
    abort.abort();
    bus.closeStream("r");
    await Promise.all(working);
    assertEquals(heard, [0, 1, 2]);
  });
  assertEquals(reads, 0);
});

for (const [way, options, emitterOf] of ways) {
  test(
    `R3 a subscription belongs to its run, whichever run reads it (${way})`,
    options,
    async () => {
      const bus = new EventBus();
      const source = (runId: string) =>
        runContext({ runId, bus }, (run) => {
          emitterOf(run)("test.tick", { by: runId });
          return bus.subscribe(run.id);
        });
      const [a, b] = [source("a"), source("b")];
      const first = (stream: typeof a, reader: string) =>
        runContext(
          { runId: reader, bus },
          async () => (await stream.getReader().read()).value?.run_id,
        );
      assertEquals(await Promise.all([first(a, "b"), first(b, "a")]), ["a", "b"]);
      assertEquals((await bus.subscribe("a").getReader().read()).value?.run_id, "a");
    },
  );
}

// R4

test(
  "R4 a generator stepped in a snapshot keeps its run, and who steps it its own",
  carried,
  async () => {
    const seen: unknown[] = [];
    const steps = runContext({ runId: "own" }, () => {
      const body = async function* () {
        try {
          while (true) {
            seen.push(currentRunId());
            await null;
            seen.push(currentRunId());
            yield;
          }
        } finally {
          seen.push(currentRunId());
        }
      };
      return inTurn(body(), new Snapshot());
    });
    for (const runId of ["b", "c"]) {
      await runContext({ runId }, async () => {
        await steps.next();
        assertEquals(currentRunId(), runId);
      });
    }
    await steps.next();
    assertStrictEquals(currentRunId(), undefined);
    await runContext({ runId: "b" }, async () => {
      await steps.return();
      assertEquals(currentRunId(), "b");
    });
    assertEquals(seen, Array(7).fill("own"));
  },
);

test("R4 steps that do not wait for each other keep the generator's run", carried, async () => {
  const seen: unknown[] = [];
  const steps = runContext({ runId: "own" }, () => {
    const body = async function* () {
      while (true) {
        seen.push(currentRunId());
        await null;
        yield;
      }
    };
    return inTurn(body(), new Snapshot());
  });
  await Promise.all(["a", "b", "c"].map((runId) => runContext({ runId }, () => steps.next())));
  assertEquals(seen, ["own", "own", "own"]);
});

test("R4 a synchronous generator stepped in a snapshot keeps its run", carried, () => {
  const steps = runContext({ runId: "own" }, () => {
    const body = (function* () {
      while (true) yield currentRunId();
    })();
    const snapshot = new Snapshot();
    return { next: () => snapshot.run(() => body.next()) };
  });
  const seen = runContext({ runId: "b" }, () => [steps.next().value, currentRunId()]);
  assertEquals(seen, ["own", "b"]);
});

// R5

test("R5 handlers, and what they await, run in the subscriber's context", carried, async () => {
  const bus = new EventBus({ maxQueueSize: 1 });
  const seen: unknown[] = [];
  const note = () => void seen.push(currentRunId());
  runContext({ runId: "subscriber", bus }, () => {
    bus.on("test.tick", async () => {
      note();
      await null;
      note();
    }, { run: "r", onGap: note });
  });
  bus.on("test.tick", note, { run: "r", onGap: note });
  // Otherwise they have not begun to wait, and need nobody to wake them.
  await settled();
  await runContext({ runId: "publisher", bus }, async () => {
    for (let n = 0; n < 3; n++) {
      bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
    }
    await settled();
    bus.closeStream("r");
    await settled();
  });
  const of = (runId: string | undefined) => seen.filter((id) => id === runId).length;
  assertEquals(of("publisher"), 0);
  // A gap, and one event with two notes; a gap, and one event with one.
  assertEquals([of("subscriber"), of(undefined)], [3, 2]);
});

test(
  "R5 a handler that waited for its turn runs in the subscriber's context",
  carried,
  async () => {
    const bus = new EventBus();
    const seen: unknown[] = [];
    const turns: (() => void)[] = [];
    runContext({ runId: "subscriber", bus }, () => {
      bus.on("test.tick", () => {
        seen.push(currentRunId());
        return new Promise<void>((resolve) => turns.push(resolve));
      }, { concurrency: 1 });
    });
    await runContext({ runId: "publisher", bus }, async () => {
      emit("test.tick", { n: 1 });
      emit("test.tick", { n: 2 });
      await settled();
      // The publisher ends the first call, and so starts the second.
      turns[0]!();
      await settled();
    });
    assertEquals(seen, ["subscriber", "subscriber"]);
    bus.closeGlobal();
  },
);

test("R5 who waits for an event goes on in its own context", carried, async () => {
  const bus = new EventBus();
  const waiting = runContext({ runId: "waiter", bus }, async () => {
    await bus.waitFor("test.tick");
    return currentRunId();
  });
  const reading = runContext({ runId: "reader", bus }, async () => {
    for await (const _ of bus.subscribe("publisher")) return currentRunId();
  });
  await settled();
  runContext({ runId: "publisher", bus }, () => emit("test.tick", { n: 1 }));
  assertEquals(await Promise.all([waiting, reading]), ["waiter", "reader"]);
});

// R6

test(
  "R6 a default holds wherever nothing is set, and gives way to undefined",
  carried,
  async () => {
    const variable = new AsyncVariable<number | undefined>({ name: "v", defaultValue: 5 });
    assertEquals([variable.name, variable.get()], ["v", 5]);
    const outside = new Snapshot();
    await variable.run(undefined, async () => {
      assertStrictEquals(variable.get(), undefined);
      await null;
      assertStrictEquals(variable.get(), undefined);
      assertEquals(outside.run(() => variable.get()), 5);
    });
    assertEquals(variable.get(), 5);
  },
);

// R7

test("R7 inside a run, emit() publishes or fails loudly; the handle always publishes", async () => {
  const bus = new EventBus();
  await runContext({ runId: "r", bus }, async (run) => {
    const attempt = () => {
      run.emit("test.tick", { n: 1 });
      if (hasAsyncContext()) {
        emit("test.tick", { n: 2 });
        return assertEquals([currentRunId(), currentRun()], ["r", run]);
      }
      const calls = [() => emit("test.tick", { n: 2 }), currentRunId, currentRun];
      for (const call of calls) assertThrows(call, Error, "run.emit(…)");
    };
    attempt();
    await null;
    attempt();
    await new Promise<void>((resolve) => setTimeout(() => resolve(attempt()), 0));
  });
  const expected = hasAsyncContext() ? [1, 2, 1, 2, 1, 2] : [1, 1, 1];
  assertEquals(ticks(bus, "r").map(({ n }) => n), expected);
});

test("R7 with two runs under way, emit() never takes the last one for the right one", async () => {
  const bus = new EventBus();
  const { promise, resolve } = Promise.withResolvers<void>();
  const attempt = () => {
    if (hasAsyncContext()) emit("test.tick", { n: 1 });
    else assertThrows(() => emit("test.tick", { n: 1 }), Error, "run.emit(…)");
  };
  const first = runContext({ runId: "first", bus }, () => promise.then(attempt));
  const last = runContext({ runId: "last", bus }, () => promise);
  resolve();
  await Promise.all([first, last]);
  assertEquals(publishedTo(bus), hasAsyncContext() ? ["first"] : []);
});

test("R7 outside of a run, emit() and currentRunId() do nothing, also after runs", async () => {
  await runContext({ bus: new EventBus() }, () => Promise.resolve());
  emit("test.tick", { n: 1 });
  assertEquals([currentRunId(), currentRun(), hasEventBus()], [undefined, undefined, false]);
});

/** 0, 1, 2 … */
async function* count(): AsyncGenerator<number, never> {
  for (let n = 0;; n++) {
    await null;
    yield n;
  }
}

function fail(): never {
  throw new Error("thrown");
}

async function failLater(): Promise<never> {
  await null;
  return fail();
}
