import { assert, assertEquals, assertRejects } from "@std/assert";
import { currentRunId, runContext } from "@locus/core";
import { until } from "../../harness/support/until.ts";
import { arrived, newRun, publish, publishUntil, readAll, within } from "../observe.ts";
import type { Register } from "./register.ts";

/** Handlers, and waiting for one event or for readers. */
export function pushing(promise: Register): void {
  promise(
    "a handler is called with what it selects, in order, until it is taken away",
    async (bus, run) => {
      const seen: unknown[] = [];
      const off = bus.on("test.tick", ({ data }) => void seen.push(data.n), {
        run,
        from: "history",
      });
      publish(bus, run, 1);
      bus.publish({ run_id: run, event_type: "test.other", data: { n: 2 } });
      publish(bus, run, 3, 4);
      await until("the handler has been called", () => seen.length >= 3);
      off();
      publish(bus, run, 5);
      await arrived(bus, run, 5);
      assertEquals(seen, [1, 3, 4]);
    },
  );

  promise("a handler selects by run, type and values of the payload", async (bus, run) => {
    const seen: unknown[] = [];
    const filter = { type: "test.*", run, data: { n: 2 } } as const;
    using _off = bus.on(filter, ({ data }) => void seen.push(data.n), { from: "history" });
    publish(bus, newRun(), 2);
    publish(bus, run, 1, 2, 3);
    await until("the handler has been called", () => seen.length > 0);
    assertEquals(seen, [2]);
  });

  promise("at most so many calls of a handler are unfinished as it allows", async (bus, run) => {
    const finish: (() => void)[] = [];
    let started = 0;
    using _off = bus.on("test.tick", () => {
      started++;
      return new Promise<void>((resolve) => finish.push(resolve));
    }, { run, from: "history", concurrency: 2 });
    publish(bus, run, 1, 2, 3, 4);
    await until("two calls have begun", () => started === 2);
    await arrived(bus, run, 4);
    assertEquals(started, 2);
    finish.shift()!();
    await until("a third has begun", () => started === 3);
    assertEquals(finish.length, 2);
    for (const end of finish) end();
    await until("the last has begun", () => started === 4);
    finish.at(-1)!();
  });

  promise("a handler that throws stays, and disturbs nobody", async (bus, run) => {
    let thrown = 0;
    const rejected: unknown[] = [];
    const seen: unknown[] = [];
    const options = { run, from: "history" } as const;
    using _throws = bus.on("test.tick", () => {
      thrown++;
      throw new Error("expected");
    }, options);
    using _rejects = bus.on("test.tick", ({ data }) => {
      rejected.push(data.n);
      return Promise.reject(new Error("expected"));
    }, { ...options, concurrency: 1 });
    using _off = bus.on("test.tick", ({ data }) => void seen.push(data.n), options);
    publish(bus, run, 1, 2, 3);
    await until("all have been called", () => {
      return thrown === 3 && rejected.length === 3 && seen.length === 3;
    });
    assertEquals([rejected, seen], [[1, 2, 3], [1, 2, 3]]);
  });

  promise("a handler runs in the context of whoever registered it", async (bus, run) => {
    const seen: unknown[] = [];
    const off = runContext(
      { runId: "registrant", bus },
      () => bus.on("test.tick", () => void seen.push(currentRunId()), { run, from: "history" }),
    );
    for (const n of [1, 2]) {
      await runContext({ runId: "publisher", bus }, async () => {
        publish(bus, run, n);
        await arrived(bus, run, n);
      });
      // The next event finds it waiting.
      await until("the handler has been called", () => seen.length === n);
    }
    assertEquals(seen, ["registrant", "registrant"]);
    off();
  });

  promise(
    "waitFor() resolves with an event that matches, and not with one of the past",
    async (bus, run) => {
      publish(bus, run, 1);
      await arrived(bus, run, 1);
      const waiting = bus.waitFor({ type: "test.tick", run });
      let isOver = false;
      void waiting.then(() => (isOver = true));
      await publishUntil(bus, run, 2, () => isOver);
      assert((await waiting).data.n as number > 1);
    },
  );

  promise(
    "waitFor() gives up at its timeout, its signal or the end of the run",
    async (bus, run) => {
      const timeout = await assertRejects(
        () => bus.waitFor({ type: "test.none", run }, { timeoutMs: 1 }),
        DOMException,
      );
      assertEquals(timeout.name, "TimeoutError");
      const reason = new Error("enough");
      const signal = AbortSignal.abort(reason);
      assertEquals(
        await bus.waitFor({ type: "test.none", run }, { signal }).catch((error) => error),
        reason,
      );
      const waiting = bus.waitFor({ type: "test.none", run });
      publish(bus, run, 1);
      bus.closeStream(run);
      await assertRejects(() => within("waitFor() to give up", waiting), Error);
    },
  );

  promise("drained() waits for the readers of a run, and for nobody else", async (bus, run) => {
    await within("drained() of a run that nobody reads", bus.drained(newRun()));
    const subscription = bus.subscribe(run);
    publish(bus, run, 1, 2);
    await arrived(bus, run, 2);
    const timeout = await assertRejects(() => bus.drained(run, { timeoutMs: 20 }), DOMException);
    assertEquals(timeout.name, "TimeoutError");
    const draining = bus.drained(run);
    bus.closeStream(run);
    await readAll(subscription);
    await within("drained()", draining);
  });
}
