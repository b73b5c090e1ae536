import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { currentRun, currentRunId, emit, EventBus, runContext } from "@locus/core";
import { readAll, summarize } from "../harness/support/read.ts";
import { requires } from "../harness/support/requires.ts";

const carried = await requires("async-context");

test("currentRunId() is undefined outside of a run", () => {
  assertEquals(currentRunId(), undefined);
  assertEquals(currentRun(), undefined);
});

test(
  "runContext() makes an id of 32 hexadecimal digits, and returns what the function returns",
  carried,
  () => {
    const id = runContext((run) => {
      assertEquals(currentRunId(), run.id);
      return run.id;
    });
    assertMatch(id, /^[0-9a-f]{32}$/);
    assertEquals(currentRunId(), undefined);
  },
);

test(
  "runContext() holds through awaits, timers, microtasks and promise combinators",
  carried,
  async () => {
    await runContext({ runId: "r" }, async () => {
      const seen: unknown[] = [];
      await null;
      seen.push(currentRunId());
      await new Promise<void>((resolve) =>
        setTimeout(() => resolve(void seen.push(currentRunId())), 0)
      );
      await new Promise<void>((resolve) =>
        queueMicrotask(() => resolve(void seen.push(currentRunId())))
      );
      await Promise.all([1, 2].map(async () => {
        await null;
        seen.push(currentRunId());
      }));
      assertEquals(seen, ["r", "r", "r", "r", "r"]);
    });
  },
);

test(
  "runContext() nests: the inner run holds inside, the outer one after it",
  carried,
  async () => {
    await runContext({ runId: "outer" }, async () => {
      const inner = await runContext({ runId: "inner" }, async () => {
        await null;
        return currentRunId();
      });
      assertEquals([inner, currentRunId()], ["inner", "outer"]);
    });
  },
);

test(
  "runContext() restores the outer run when its function throws, at once or later",
  carried,
  async () => {
    await runContext({ runId: "outer" }, async () => {
      assertThrows(() =>
        runContext({ runId: "inner" }, () => {
          throw new Error("at once");
        })
      );
      assertEquals(currentRunId(), "outer");
      try {
        await runContext({ runId: "inner" }, async () => {
          await null;
          throw new Error("later");
        });
      } catch { /* expected */ }
      assertEquals(currentRunId(), "outer");
    });
    assertEquals(currentRunId(), undefined);
  },
);

test("Runs that interleave never mix", carried, async () => {
  const bus = new EventBus();
  const work = (runId: string) =>
    runContext({ runId, bus }, async () => {
      for (let n = 0; n < 100; n++) {
        emit("test.tick", { n, expected: runId });
        await null;
        assertEquals(currentRunId(), runId);
      }
      bus.closeStream(runId);
    });
  const ids = Array.from({ length: 20 }, (_, i) => `run-${i}`);
  await Promise.all(ids.map(work));
  for (const id of ids) {
    const events = await readAll(bus.subscribe(id));
    assertEquals(events.length, 100);
    assert(events.every(({ run_id, data }) => run_id === id && data.expected === id));
  }
});

test("emit() publishes to the current run, however deep", carried, async () => {
  const bus = new EventBus();
  const deep = async (): Promise<void> => {
    await null;
    emit("test.tick", { n: 1 });
  };
  await runContext({ runId: "r", bus }, async () => {
    await deep();
    emit("test.tick", { n: 2 });
  });
  bus.closeStream("r");
  assertEquals(summarize(await readAll(bus.subscribe("r"))), [1, 2]);
});

test("Run.emit() publishes where no context reaches", async () => {
  const bus = new EventBus();
  const run = runContext({ runId: "r", bus }, (run) => run);
  assertEquals(currentRunId(), undefined);
  run.emit("test.tick", { n: 1 });
  bus.closeStream("r");
  assertEquals(summarize(await readAll(bus.subscribe("r"))), [1]);
});

test("Run.emit() survives a bus that throws", () => {
  const broken = Object.assign(new EventBus(), {
    writer() {
      throw new Error("broken");
    },
  });
  const { error } = console;
  const printed: unknown[] = [];
  console.error = (line) => void printed.push(line);
  try {
    runContext({ bus: broken }, (run) => run.emit("test.tick", { n: 1 }));
  } finally {
    console.error = error;
  }
  assertEquals(printed.length, 1);
});

test("runContext() rejects bad options, and names them", () => {
  assertThrows(() => runContext({ runId: "a b" }, () => {}), TypeError, "run_id must be 1 to 128");
  assertThrows(() => runContext({ id: "a" } as never, () => {}), TypeError, 'unknown option "id"');
  assertThrows(
    () => runContext({ bus: {} } as never, () => {}),
    TypeError,
    '"bus" must be an event bus',
  );
  assertThrows(() => runContext({}, undefined as never), TypeError, "expected a function");
  assertThrows(() => runContext(null as never, () => {}), TypeError, "options must be an object");
});
