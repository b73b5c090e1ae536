import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import {
  emit,
  enterSpan,
  EventBus,
  hasEventBus,
  resetEventBus,
  runContext,
  withSpan,
} from "@locus/core";

/** What a run published, oldest first: type and payload. */
function published(bus: EventBus): { type: string; data: Record<string, unknown> }[] {
  return bus.history({ run: "r" }, { limit: 500 }).toReversed()
    .map((event) => ({ type: event.event_type, data: event.data as Record<string, unknown> }));
}

/** The name of each span and of its parent, in the order in which they began. */
function tree(bus: EventBus): [unknown, unknown][] {
  const started = published(bus).filter(({ type }) => type === "span.started");
  const names = new Map(started.map(({ data }) => [data.span_id, data.name]));
  return started.map(({ data }) => [data.name, names.get(data.parent_span_id) ?? null]);
}

test("withSpan() publishes a pair with one span_id around what its function does", () => {
  const bus = new EventBus();
  const result = runContext(
    { runId: "r", bus },
    () =>
      withSpan("work", { attributes: { items: 3 } }, () => {
        emit("test.inside", {});
        return 5;
      }),
  );
  assertEquals(result, 5);
  const [started, inside, completed] = published(bus);
  const { span_id: id } = started!.data;
  assertMatch(String(id), /^[0-9a-f]{16}$/);
  assertEquals(started, {
    type: "span.started",
    data: {
      span_id: id,
      parent_span_id: null,
      name: "work",
      kind: "work",
      attributes: { items: 3 },
    },
  });
  assertEquals(inside!.type, "test.inside");
  const { duration_ms: duration, ...rest } = completed!.data;
  assertEquals(rest, {
    span_id: id,
    parent_span_id: null,
    name: "work",
    kind: "work",
    success: true,
    error: null,
  });
  assert((duration as number) >= 0);
});

test("withSpan() ends when the promise that its function returns is settled", async () => {
  const bus = new EventBus();
  let finish = (_value: number) => {};
  const result = runContext(
    { runId: "r", bus },
    () => withSpan("work", () => new Promise<number>((resolve) => (finish = resolve))),
  );
  assertEquals(published(bus).map(({ type }) => type), ["span.started"]);
  finish(5);
  assertEquals(await result, 5);
  assertEquals(published(bus).map(({ type }) => type), ["span.started", "span.completed"]);
});

test("withSpan() ends, without success, when its function throws", () => {
  const bus = new EventBus();
  const error = new TypeError("bad\nsecond line");
  const thrown = assertThrows(() =>
    runContext({ runId: "r", bus }, () =>
      withSpan("work", () => {
        throw error;
      }))
  );
  assertEquals(thrown, error);
  const { data } = published(bus)[1]!;
  assertEquals([data.success, data.error], [false, "TypeError: bad"]);
});

test("withSpan() ends, without success, when its function is aborted", async () => {
  const bus = new EventBus();
  const abort = new AbortController();
  const work = runContext(
    { runId: "r", bus },
    () =>
      withSpan("work", () =>
        new Promise((_, reject) => {
          abort.signal.addEventListener("abort", () => reject(abort.signal.reason));
        })),
  );
  abort.abort();
  await assertRejects(() => work, DOMException);
  const { data } = published(bus)[1]!;
  assertEquals(data.success, false);
  assertMatch(String(data.error), /^AbortError: /);
});

test("Spans know their parent through awaits and parallel branches", async () => {
  const bus = new EventBus();
  const leaf = (name: string) =>
    withSpan(name, async () => {
      await null;
    });
  await runContext({ runId: "r", bus }, () =>
    withSpan("root", async () => {
      await null;
      await Promise.all([
        withSpan("left", async () => {
          await null;
          await leaf("left leaf");
        }),
        withSpan("right", async () => {
          await leaf("right leaf");
        }),
      ]);
      await leaf("last");
    }));
  assertEquals(tree(bus), [
    ["root", null],
    ["left", "root"],
    ["right", "root"],
    ["right leaf", "right"],
    ["left leaf", "left"],
    ["last", "root"],
  ]);
});

test("A generator in a span runs inside it, whoever steps it, and ends it when it is finished", async () => {
  const bus = new EventBus();
  const items = runContext({ runId: "r", bus }, () =>
    withSpan("list", async function* () {
      for (const n of [1, 2]) {
        await withSpan(`item ${n}`, () => Promise.resolve());
        yield n;
      }
    }));
  const seen: number[] = [];
  for await (const n of items) {
    seen.push(n);
    assert(
      !published(bus).some(({ type, data }) => type === "span.completed" && data.name === "list"),
    );
  }
  assertEquals(seen, [1, 2]);
  assertEquals(tree(bus), [["list", null], ["item 1", "list"], ["item 2", "list"]]);
  assertEquals(published(bus).at(-1)!.data.name, "list");
});

test("Steps of a generator that do not wait for each other all run inside its span", async () => {
  const bus = new EventBus();
  const items = runContext({ runId: "r", bus }, () =>
    withSpan("list", async function* () {
      for (const n of [1, 2, 3]) {
        await null;
        withSpan(`item ${n}`, () => {});
        yield n;
      }
    }));
  await Promise.all([items.next(), items.next(), items.next()]);
  await items.return(undefined);
  assertEquals(tree(bus), [
    ["list", null],
    ["item 1", "list"],
    ["item 2", "list"],
    ["item 3", "list"],
  ]);
});

test("A generator that is left early ends its span once", async () => {
  const bus = new EventBus();
  let cleaned = false;
  const items = runContext({ runId: "r", bus }, () =>
    withSpan("list", function* () {
      try {
        yield 1;
        yield 2;
      } finally {
        cleaned = true;
      }
    }));
  for (const _ of items) break;
  for (const _ of items) throw new Error("it is over");
  assert(cleaned);
  assertEquals(published(bus).map(({ type }) => type), ["span.started", "span.completed"]);
  await null;
});

test("A generator that throws ends its span without success", async () => {
  const bus = new EventBus();
  const items = runContext({ runId: "r", bus }, () =>
    withSpan("list", async function* () {
      yield 1;
      await null;
      throw new Error("broken");
    }));
  await assertRejects(
    async () => {
      for await (const _ of items);
    },
    Error,
    "broken",
  );
  const { data } = published(bus)[1]!;
  assertEquals([data.success, data.error], [false, "Error: broken"]);
});

test("withSpan() outside of a run only calls its function", () => {
  resetEventBus();
  assertEquals(withSpan("work", (span) => [span, 5]), [undefined, 5]);
  assertEquals(hasEventBus(), false);
});

test("withSpan({ run }) works where no context reaches, and hands on its place", () => {
  const bus = new EventBus();
  const run = runContext({ runId: "r", bus }, (run) => run);
  withSpan("outer", { run }, (outer) => {
    assert(outer !== undefined);
    withSpan("inner", { run: outer.run }, (inner) => assertEquals(inner?.parentId, outer.id));
  });
  assertEquals(tree(bus), [["outer", null], ["inner", "outer"]]);
});

test("enterSpan() makes a pair of other events the parent of what happens inside", () => {
  const bus = new EventBus();
  runContext({ runId: "r", bus }, (run) => {
    enterSpan(run, "call_1", () => withSpan("inner", () => {}));
  });
  const [started] = published(bus);
  assertEquals([started!.type, started!.data.parent_span_id], ["span.started", "call_1"]);
});

test("enterSpan() publishes nothing of its own, also inside another span", () => {
  const bus = new EventBus();
  runContext({ runId: "r", bus }, (run) => {
    enterSpan(run, "call_1", (inner) => enterSpan(inner, "call_2", () => {}));
  });
  assertEquals(published(bus), []);
});

test("withSpan() rejects what is no function", () => {
  assertThrows(() => withSpan("work", {}, undefined as never), TypeError, "expected a function");
  assertThrows(
    () => withSpan("work", { tags: [] } as never, () => {}),
    TypeError,
    'unknown option "tags"',
  );
});

test("withSpan() that fails ends what is open in it first, the innermost first, and once", async () => {
  const bus = new EventBus();
  const { promise: late, resolve } = Promise.withResolvers<void>();
  let inner: Promise<unknown> | undefined;
  await runContext({ runId: "r", bus }, async () => {
    const outer = withSpan("outer", () =>
      Promise.all([
        withSpan("slow", () => inner = withSpan("slower", () => late)),
        withSpan("failing", () => Promise.reject(new Error("no"))),
      ]));
    await outer.catch(() => {});
    resolve();
    await inner;
  });
  const ends = bus.history("span.completed").toReversed();
  assertEquals(ends.map(({ data: { name, success, error } }) => [name, success, error]), [
    ["failing", false, "Error: no"],
    ["slower", false, "left open"],
    ["slow", false, "left open"],
    ["outer", false, "Error: no"],
  ]);
});

test("withSpan() that ends well leaves to itself what goes on in it", async () => {
  const bus = new EventBus();
  const { promise: late, resolve } = Promise.withResolvers<void>();
  await runContext({ runId: "r", bus }, async () => {
    let inner: Promise<void> | undefined;
    withSpan("outer", () => void (inner = withSpan("inner", () => late)));
    resolve();
    await inner;
  });
  const ends = bus.history("span.completed").toReversed();
  assertEquals(ends.map(({ data: { name, success } }) => [name, success]), [
    ["outer", true],
    ["inner", true],
  ]);
});
