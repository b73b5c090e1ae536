import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { type AnyEvent, summarize } from "../../harness/support/read.ts";
import { turn } from "../../harness/support/until.ts";
import {
  arrived,
  count,
  epochOf,
  historyOf,
  newRun,
  publish,
  publishUntil,
  readAll,
  within,
} from "../observe.ts";
import type { Register } from "./register.ts";

/** What readers of a run are given. */
export function delivery(promise: Register): void {
  promise(
    "an event has its five keys, an id within the run, its time and its data",
    async (bus, run) => {
      publish(bus, run, 7);
      bus.closeStream(run);
      const [event] = await readAll(bus.subscribe(run));
      assertEquals(Object.keys(event!), ["event_id", "run_id", "event_type", "timestamp", "data"]);
      assertMatch(event!.event_id, /^[A-Za-z0-9]{1,32}-1$/);
      assertMatch(event!.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assertEquals([event!.run_id, event!.event_type, event!.data], [run, "test.tick", { n: 7 }]);
    },
  );

  promise("a run's events are numbered from 1, in the order of publishing", async (bus, run) => {
    publish(bus, run, ...count(1, 100));
    bus.closeStream(run);
    const events = await readAll(bus.subscribe(run));
    assertEquals(summarize(events), count(1, 100));
    assertEquals(events.map(({ event_id }) => Number(event_id.split("-")[1])), count(1, 100));
    assertEquals(new Set(events.map(epochOf)).size, 1);
  });

  promise("all readers of a run are given the same events, however they read", async (bus, run) => {
    const streamed: AnyEvent[] = [];
    const piping = bus.subscribe(run).pipeTo(
      new WritableStream({ write: (event) => void streamed.push(event as AnyEvent) }),
    );
    const batched = (async () => {
      const events: AnyEvent[] = [];
      for await (const batch of bus.subscribe(run).batches()) {
        assert(batch.length > 0);
        events.push(...batch as AnyEvent[]);
      }
      return events;
    })();
    const iterated = readAll(bus.subscribe(run));
    publish(bus, run, ...count(1, 20));
    bus.closeStream(run);
    await within("pipeTo() to end", piping);
    const events = await iterated;
    assertEquals(summarize(events), count(1, 20));
    assertEquals(await within("batches() to end", batched), events);
    assertEquals(streamed, events);
  });

  promise(
    "a reader that comes while events are published is given each of them once",
    async (bus, run) => {
      publish(bus, run, ...count(1, 50));
      const reading = [readAll(bus.subscribe(run))];
      for (const n of count(51, 100)) {
        publish(bus, run, n);
        if (n % 10 === 0) reading.push(readAll(bus.subscribe(run)));
        if (n % 7 === 0) await null;
      }
      await arrived(bus, run, 100);
      reading.push(readAll(bus.subscribe(run)));
      bus.closeStream(run);
      for (const events of await Promise.all(reading)) {
        assertEquals(summarize(events), count(1, 100));
      }
    },
  );

  promise("a reader may come before its run does", async (bus, run) => {
    const reading = readAll(bus.subscribe(run));
    await null;
    publish(bus, run, 1);
    bus.closeStream(run);
    assertEquals(summarize(await reading), [1]);
  });

  promise("a reader from now on is given what comes, and nothing of the past", async (bus, run) => {
    publish(bus, run, 1, 2, 3);
    await arrived(bus, run, 3);
    const reading = readAll(bus.subscribe(run, { from: "live" }));
    const last = await publishUntil(bus, run, 4, async () => {
      const [first] = await historyOf(bus, { run });
      return first!.data.n as number > 8;
    });
    bus.closeStream(run);
    const seen = summarize(await reading) as number[];
    assert(seen.length > 0 && seen[0]! > 3, `it was given ${seen}`);
    assertEquals(seen, count(seen[0]!, last));
  });

  promise("nobody is given an event of another run", async (bus, run) => {
    const other = newRun();
    const reading = [readAll(bus.subscribe(run)), readAll(bus.subscribe(other))];
    for (const n of count(1, 10)) publish(bus, n % 2 === 0 ? run : other, n);
    for (const id of [run, other]) bus.closeStream(id);
    assertEquals((await Promise.all(reading)).map(summarize), [[2, 4, 6, 8, 10], [1, 3, 5, 7, 9]]);
  });

  promise("a selection takes exact types, prefixes and lists of them", async (bus, run) => {
    const types = ["a.x", "a.y", "ab.x", "b.z", "a.x.deep"];
    for (const event_type of types) bus.publish({ run_id: run, event_type, data: {} });
    bus.closeStream(run);
    const select = async (select: string | string[]) =>
      (await readAll(bus.subscribe(run, { select }))).map(({ event_type }) => event_type);
    assertEquals(await select("a.x"), ["a.x"]);
    assertEquals(await select("a.*"), ["a.x", "a.y", "a.x.deep"]);
    assertEquals(await select(["b.z", "ab.*"]), ["ab.x", "b.z"]);
    assertEquals(await select("*"), types);
  });

  promise("a selection leaves gaps in", async (bus, run) => {
    publish(bus, run, ...count(1, 510));
    await arrived(bus, run, 510);
    bus.closeStream(run);
    const events = await readAll(bus.subscribe(run, { select: "other.*" }));
    assertEquals(summarize(events), ["gap:evicted 1-10"]);
  });

  promise("what a publisher does to its object later changes no event", async (bus, run) => {
    const [flat, deep] = [{ n: 1 }, { n: 1, list: [{ a: 1 }] }];
    for (const data of [flat, deep]) {
      bus.publish({ run_id: run, event_type: "test.tick", data });
      data.n = 2;
    }
    deep.list[0]!.a = 2;
    bus.closeStream(run);
    const events = await readAll(bus.subscribe(run));
    assertEquals(events.map(({ data }) => data), [{ n: 1 }, { n: 1, list: [{ a: 1 }] }]);
  });

  promise("what is received cannot be changed", async (bus, run) => {
    bus.publish({ run_id: run, event_type: "test.tick", data: { n: 1, list: [{ a: 1 }] } });
    bus.closeStream(run);
    const [event] = await readAll(bus.subscribe(run));
    assertThrows(() => (event!.event_type = "other"), TypeError);
    assertThrows(() => (event!.data.n = 2), TypeError);
    assertThrows(() => ((event!.data.list as { a: number }[])[0]!.a = 2), TypeError);
  });

  promise(
    "calls of next() that do not wait for each other are answered in order",
    async (bus, run) => {
      const iterator = bus.subscribe(run)[Symbol.asyncIterator]();
      const waiting = count(1, 4).map(() => iterator.next());
      await turn();
      publish(bus, run, 1);
      await turn();
      waiting.push(iterator.next());
      publish(bus, run, 2, 3);
      bus.closeStream(run);
      const results = await within("five answers", Promise.all(waiting));
      assertEquals(results.map(({ value }) => (value as AnyEvent | undefined)?.data.n), [
        ...count(1, 3),
        undefined,
        undefined,
      ]);
    },
  );
}
