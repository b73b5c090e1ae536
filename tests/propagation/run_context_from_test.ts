import { test } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  currentRunId,
  emit,
  EventBus,
  hasEventBus,
  resetEventBus,
  runContext,
  setEventBus,
  withSpan,
} from "@locus/core";
import { runContextFrom, runHeaders } from "@locus/core/propagation";
import { ticks } from "../harness/support/runs.ts";

test("runContextFrom() makes what is emitted part of the caller's run", async () => {
  const bus = new EventBus();
  const result = await runContextFrom({ "locus-run": "order-42" }, { bus }, async (run) => {
    emit("test.tick", { n: 1 });
    await null;
    emit("test.tick", { n: 2 });
    return run?.id;
  });
  assertEquals(result, "order-42");
  assertEquals(currentRunId(), undefined);
  assertEquals(bus.history().map((event) => event.run_id), ["order-42", "order-42"]);
});

test("runContextFrom() publishes to the default bus", () => {
  const bus = new EventBus();
  setEventBus(bus);
  try {
    runContextFrom({ "locus-run": "r" }, () => emit("test.tick", {}));
    assertEquals(bus.history().map((event) => event.run_id), ["r"]);
  } finally {
    resetEventBus();
  }
});

test("runContextFrom() leaves the run open: the caller closes it", async () => {
  const bus = new EventBus();
  await runContextFrom({ "locus-run": "r" }, { bus }, async () => {
    emit("test.tick", {});
    await null;
  });
  assertEquals(bus.runs().map(({ closed }) => closed), [false]);
});

test("withSpan() in another process is inside the caller's span", async () => {
  const [here, there] = [new EventBus(), new EventBus()];
  await runContext(
    { runId: "r", bus: here },
    () =>
      withSpan("order", () =>
        runContextFrom(
          runHeaders(),
          { bus: there },
          () => withSpan("cook", () => withSpan("fry", () => {})),
        )),
  );
  const [order] = here.history("span.started");
  const [fry, cook] = there.history("span.started");
  assertEquals(cook?.data.parent_span_id, order?.data.span_id);
  assertEquals(fry?.data.parent_span_id, cook?.data.span_id);
});

test("runContextFrom() calls on through three processes, span by span", () => {
  const bus = new EventBus();
  const third = (headers: HeadersInit) =>
    runContextFrom(new Headers(headers), { bus }, () => withSpan("third", () => {}));
  const second = (headers: HeadersInit) =>
    runContextFrom(
      new Headers(headers),
      { bus },
      () => withSpan("second", () => third(runHeaders())),
    );
  runContext({ runId: "r", bus }, () => withSpan("first", () => second(runHeaders())));
  const spans = bus.history("span.started").toReversed();
  assertEquals(spans.map(({ data }) => data.name), ["first", "second", "third"]);
  assertEquals(
    spans.map(({ data }) => data.parent_span_id),
    [null, spans[0]?.data.span_id, spans[1]?.data.span_id],
  );
});

test("runContextFrom() calls without a run where the headers name none, and needs no bus", () => {
  const result = runContextFrom({}, (run, { ignored }) => {
    emit("test.tick", {});
    return [run, currentRunId(), ignored];
  });
  assertEquals(result, [undefined, undefined, []]);
  assertEquals(hasEventBus(), false);
});

test("runContextFrom() calls without a run where the headers are bad, and says so", () => {
  const result = runContextFrom(
    { "locus-run": "../admin", "locus-span": "00c0ffee" },
    (run, { ignored }) => [run, ignored],
  );
  assertEquals(result, [undefined, [{ header: "locus-run", reason: "malformed" }]]);
});

test("runContextFrom() keeps the run it is called in where the headers name none", () => {
  const result = runContext({ runId: "own" }, () => runContextFrom({}, () => currentRunId()));
  assertEquals(result, "own");
});

test("runContextFrom() publishes to no run that accept() refuses", () => {
  const bus = new EventBus();
  const accept = (runId: string) => runId.startsWith("ada-");
  const work = (runId: string) =>
    runContextFrom(
      { "locus-run": runId, "locus-span": "00c0ffee" },
      { bus, accept },
      (run, incoming) => {
        emit("test.tick", {});
        return [run?.id, incoming];
      },
    );
  assertEquals(work("ada-1")[0], "ada-1");
  assertEquals(work("bob-1"), [undefined, {
    runId: null,
    spanId: null,
    trace: null,
    ignored: [{ header: "locus-run", reason: "refused" }],
  }]);
  assertEquals(bus.history().map((event) => event.run_id), ["ada-1"]);
});

test("runContextFrom() asks accept() only about ids that can name a run", () => {
  const asked: string[] = [];
  const accept = (runId: string) => asked.push(runId) > 0;
  for (const id of ["r", "a b", "r".repeat(129), ".."]) {
    runContextFrom({ "locus-run": id }, { accept, bus: new EventBus() }, () => {});
  }
  runContextFrom({}, { accept }, () => {});
  assertEquals(asked, ["r"]);
});

test("runContextFrom() takes no promise for a yes", () => {
  assertThrows(
    () =>
      runContextFrom({ "locus-run": "r" }, {
        accept: (() => Promise.resolve(false)) as never,
      }, () => {}),
    TypeError,
    '"accept" must return true or false, got a promise',
  );
});

test("runContextFrom() passes on what accept() and the function throw", async () => {
  const accept = () => {
    throw new RangeError("not yours");
  };
  const headers = { "locus-run": "r" };
  assertThrows(() => runContextFrom(headers, { accept }, () => {}), RangeError, "not yours");
  await assertRejects(
    () => runContextFrom(headers, () => Promise.reject(new RangeError("later"))),
    RangeError,
    "later",
  );
});

test("runContextFrom() keeps apart what is interleaved", async () => {
  const bus = new EventBus();
  const work = (runId: string) =>
    runContextFrom({ "locus-run": runId }, { bus }, async () => {
      for (let n = 0; n < 50; n++) {
        emit("test.tick", { n, by: runId });
        await null;
      }
    });
  await Promise.all(Array.from({ length: 20 }, (_, n) => work(`run-${n}`)));
  for (let n = 0; n < 20; n++) {
    const by = ticks(bus, `run-${n}`).map((tick) => tick.by);
    assertEquals(by, Array.from({ length: 50 }, () => `run-${n}`));
  }
});

test("runContextFrom() rejects bad options, and names them", () => {
  const bad: [options: unknown, words: string][] = [
    [{ from: {} }, 'unknown option "from"'],
    [{ bus: {} }, '"bus" must be an event bus'],
    [{ accept: true }, '"accept" must be a function'],
    [null, "options must be an object"],
  ];
  for (const [options, words] of bad) {
    assertThrows(() => runContextFrom({}, options as never, () => {}), TypeError, words);
  }
  assertThrows(() => runContextFrom({}, {} as never), TypeError, "expected a function");
  assertThrows(() => runContextFrom(null as never, () => {}), TypeError, "headers must be");
});
