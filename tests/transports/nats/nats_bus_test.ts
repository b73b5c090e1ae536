import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { NatsConnection } from "@nats-io/nats-core";
import { natsBus, type SharedBus } from "@locus/core/transports/nats";
import { arrived, closed, count, historyOf, publish, readAll } from "../../contract/observe.ts";
import { summarize } from "../../harness/support/read.ts";
import { requires } from "../../harness/support/requires.ts";
import { until } from "../../harness/support/until.ts";
import { askJetStream, connectTo, deleteStream, streamsOf } from "./connections.ts";
import { needs, onStage, withLosses, withRequest } from "./scene.ts";
import { natsUrl, type OwnNats, startNats } from "./server.ts";

const ownServer = await requires("nats-server");

const RUN = "order.42:a@b~c+d=e-f_g";

test("natsBus() says what is wrong with its options", needs, async () => {
  const connection = await connectTo(await natsUrl());
  const cases: [unknown, string][] = [
    [{}, "connection"],
    [{ connection: {} }, "connection"],
    [{ connection: null }, "connection"],
    [{ connection, prefix: "a.b" }, "prefix"],
    [{ connection, prefix: "" }, "prefix"],
    [{ connection, prefix: "a>" }, "prefix"],
    [{ connection, retentionMs: 0 }, "retentionMs"],
    [{ connection, maxStoredBytes: 1 }, "maxStoredBytes"],
    [{ connection, storage: "disk" }, "storage"],
    [{ connection, replicas: 0 }, "replicas"],
    [{ connection, client: 1 }, "client"],
  ];
  for (const [options, name] of cases) {
    assertThrows(() => natsBus(options as never), Error, name);
  }
  await connection.close();
});

test("natsBus(): what one process publishes, another reads", needs, async () => {
  await onStage(async ({ bus }) => {
    const [here, there] = [await bus(), await bus()];
    const reading = readAll(there.subscribe(RUN));
    publish(here, RUN, ...count(1, 500));
    await here.flushed();
    here.closeStream(RUN);
    assertEquals(summarize(await reading), count(1, 500));
  });
});

test(
  "natsBus(): two that publish to one run at the same time get all numbers, once",
  needs,
  async () => {
    await onStage(async ({ bus }) => {
      const [a, b, there] = [await bus(), await bus(), await bus()];
      const reading = readAll(there.subscribe(RUN));
      for (let n = 1; n <= 100; n++) {
        a.publish({ run_id: RUN, event_type: "test.tick", data: { by: "a", n } });
        b.publish({ run_id: RUN, event_type: "test.tick", data: { by: "b", n } });
        if (n % 10 === 0) await Promise.race([a.flushed(), b.flushed()]);
      }
      await Promise.all([a.flushed(), b.flushed()]);
      a.closeStream(RUN);
      const events = await reading;
      assertEquals(events.map(({ event_id }) => Number(event_id.split("-")[1])), count(1, 200));
      for (const by of ["a", "b"]) {
        assertEquals(
          events.filter(({ data }) => data.by === by).map(({ data }) => data.n),
          count(1, 100),
        );
      }
    });
  },
);

test("natsBus(): whoever reads live asks the server nothing", needs, async () => {
  await onStage(async ({ bus }) => {
    let asked = 0;
    const [here, there] = [
      await bus(),
      await bus({}, (connection) =>
        withRequest(connection, (...args) => {
          asked++;
          return connection.request(...args);
        })),
    ];
    publish(here, RUN, 1);
    await arrived(here, RUN, 1);
    const subscription = there.subscribe(RUN);
    const iterator = subscription[Symbol.asyncIterator]();
    await iterator.next();
    const before = asked;
    for (let n = 2; n <= 20; n++) {
      publish(here, RUN, n);
      assertEquals((await iterator.next()).value!.data, { n });
    }
    assertEquals(asked, before);
    await iterator.return!();
  });
});

test("natsBus(): an answer that is lost makes no event come twice", needs, async () => {
  await onStage(async ({ prefix, bus }) => {
    let lose = 0;
    const here = await bus({}, (connection) =>
      withRequest(connection, async (...args) => {
        const answer = await connection.request(...args);
        if (args[0].startsWith(`${prefix}.run.`) && lose > 0 && lose--) {
          throw new Error("expected: the answer is lost");
        }
        return answer;
      }));
    publish(here, RUN, 1);
    await here.flushed();
    for (let n = 2; n <= 11; n++) {
      lose = n % 3;
      publish(here, RUN, n);
      await here.flushed();
    }
    await closed(here, RUN);
    assertEquals(summarize(await readAll(here.subscribe(RUN))), count(1, 11));
  });
});

test("natsBus(): a batch that is larger than a message is stored as several", needs, async () => {
  await onStage(async ({ bus }) => {
    const limited = (connection: NatsConnection) =>
      new Proxy(connection, {
        get(target, name) {
          if (name === "info") return { max_payload: 20_000 };
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    const here = await bus({}, limited);
    for (const n of count(1, 50)) {
      here.publish({ run_id: RUN, event_type: "test.tick", data: { n, text: "ü".repeat(1_000) } });
    }
    await closed(here, RUN);
    assertEquals(summarize(await readAll(here.subscribe(RUN))), count(1, 50));
  });
});

test("natsBus(): an append that is larger than a message is stored once", needs, async () => {
  await onStage(async ({ bus }) => {
    const limited = (connection: NatsConnection) =>
      new Proxy(connection, {
        get(target, name) {
          if (name === "info") return { max_payload: 20_000 };
          if (name === "request") return request.bind(null, target);
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    let stored = 0;
    // The answer to the second message is lost.
    const request = async (target: NatsConnection, ...args: Parameters<typeof target.request>) => {
      const answer = await target.request(...args);
      const isMessage = String(args[1]).includes("test.tick");
      if (isMessage && ++stored === 2) throw new Error("expected: the answer is lost");
      return answer;
    };
    const here = await bus({}, limited);
    const events = count(1, 50).map((n) => {
      return { run_id: RUN, event_type: "test.tick", data: { n, text: "ü".repeat(1_000) } };
    });
    const producer = { id: "p", seq: 0 };
    await here.append(RUN, events, { producer });
    assert(stored > 3, `${stored} messages`);
    assertEquals(await here.append(RUN, events, { producer }), "duplicate");
    await closed(here, RUN);
    assertEquals(summarize(await readAll(here.subscribe(RUN))), count(1, 50));
  });
});

test(
  "C4: on NATS, an event that is larger than the server takes becomes a gap in its place",
  needs,
  async () => {
    await onStage(async ({ bus, errors }) => {
      const limited = (connection: NatsConnection) =>
        new Proxy(connection, {
          get(target, name) {
            if (name === "info") return { max_payload: 20_000 };
            const value: unknown = Reflect.get(target, name, target);
            return typeof value === "function" ? value.bind(target) : value;
          },
        });
      const here = await bus({}, limited);
      publish(here, RUN, 1);
      here.publish({
        run_id: RUN,
        event_type: "test.tick",
        data: { n: 2, text: "x".repeat(20_000) },
      });
      publish(here, RUN, 3);
      await closed(here, RUN);
      assertEquals(summarize(await readAll(here.subscribe(RUN))), [1, "gap:evicted 2-2", 3]);
      assert(errors.some((message) => message.includes("larger than the server takes")));
    });
  },
);

test("natsBus(): of a long run the server holds little more than the history", needs, async () => {
  await onStage(async ({ own, prefix, bus }) => {
    const here = await bus({ historyPerRun: 100 });
    const there = await bus({ historyPerRun: 100 });
    for (let n = 0; n < 3_000; n += 50) {
      publish(here, RUN, ...count(n + 1, n + 50));
      await here.flushed();
    }
    await closed(here, RUN);
    assertEquals(summarize(await readAll(there.subscribe(RUN))), [
      "gap:evicted 1-2900",
      ...count(2_901, 3_000),
    ]);
    const { state } = await askJetStream(own, `STREAM.INFO.${prefix}`) as {
      state: { messages: number };
    };
    assert(state.messages <= 8, `${state.messages} messages of 50 events`);
  });
});

test("natsBus(): a stream that was made for something else is left alone", needs, async () => {
  await onStage(async ({ own, prefix, bus, errors }) => {
    const subjects = [`${prefix}.run.*`];
    await askJetStream(own, `STREAM.CREATE.${prefix}`, { name: prefix, subjects });
    const here = await bus();
    publish(here, RUN, 1);
    await until("it is reported", () => errors.some((text) => text.includes("something else")));
    const { state } = await askJetStream(own, `STREAM.INFO.${prefix}`) as {
      state: { messages: number };
    };
    assertEquals(state.messages, 0);
    await here.close({ timeoutMs: 0 });
  });
});

test("natsBus(): a server that fails to make the stream once is asked again", needs, async () => {
  await onStage(async ({ bus, errors }) => {
    const refusal = { code: 500, err_code: 10049, description: "error creating store for stream" };
    let failures = 1;
    const here = await bus({}, (connection) =>
      withRequest(connection, async (subject, ...rest) => {
        const fails = subject.startsWith("$JS.API.STREAM.CREATE.") && failures-- > 0;
        if (!fails) return await connection.request(subject, ...rest);
        const data = new TextEncoder().encode(JSON.stringify({ error: refusal }));
        return { ...await connection.request("$JS.API.INFO"), data };
      }));
    const all = here.subscribeGlobal();
    publish(here, RUN, 1, 2);
    await closed(here, RUN);
    assertEquals(summarize(await readAll(here.subscribe(RUN))), [1, 2]);
    assertEquals(all.ended, null);
    assert(errors.some((message) => message.includes("error creating store")));
    await all.cancel();
  });
});

test("natsBus(): whoever reads one run, or lists them, makes no stream", needs, async () => {
  await onStage(async ({ own, prefix, bus }) => {
    const here = await bus();
    const subscription = here.subscribe(RUN);
    await subscription.opened;
    assertEquals([await here.runs(), await here.history({ run: RUN })], [[], []]);
    assertEquals(await streamsOf(own, prefix), []);
    await subscription.cancel();
  });
});

test(
  "natsBus(): whoever reads all runs makes the stream, so that it knows what it misses",
  needs,
  async () => {
    await onStage(async ({ own, prefix, bus }) => {
      const subscription = (await bus()).subscribeGlobal();
      await subscription.opened;
      assertEquals(await streamsOf(own, prefix), [prefix]);
      await subscription.cancel();
    });
  },
);

test(
  "natsBus(): who has not heard that the stream was deleted does not go on from what it knew",
  needs,
  async () => {
    await onStage(async ({ own, prefix, bus }) => {
      const deaf = await bus(
        {},
        (connection) => withLosses(connection, (subject) => subject.startsWith("$JS.EVENT.")),
      );
      const other = await bus();
      publish(deaf, RUN, 0);
      await deaf.flushed();
      await deleteStream(own, prefix);
      // As many messages as the other stream had, so that the numbers would be the same.
      publish(other, RUN, 1);
      await other.flushed();
      publish(deaf, RUN, 2);
      await closed(deaf, RUN);
      assertEquals(summarize(await readAll(other.subscribe(RUN))), [1, 2]);
    });
  },
);

test("natsBus(): a stream that its keeper made is used as it is", needs, async () => {
  await onStage(async ({ own, prefix, bus }) => {
    await askJetStream(own, `STREAM.CREATE.${prefix}`, {
      name: prefix,
      subjects: [`${prefix}.run.*`, `${prefix}.mark`, `${prefix}.other`],
      storage: "memory",
      max_msgs_per_subject: 2_000,
      allow_direct: true,
      republish: { src: `${prefix}.run.*`, dest: `${prefix}.live.{{wildcard(1)}}.m` },
    });
    const here = await bus();
    publish(here, RUN, 1, 2);
    await closed(here, RUN);
    assertEquals(summarize(await readAll(here.subscribe(RUN))), [1, 2]);
  });
});

test("natsBus(): a stream that a process began to make, and left, is opened", needs, async () => {
  await onStage(async ({ own, prefix, bus }) => {
    await askJetStream(own, `STREAM.CREATE.${prefix}`, {
      name: prefix,
      subjects: [`${prefix}.run.*`, `${prefix}.mark`],
      max_msgs_per_subject: 2_000,
      max_msg_size: 1,
      allow_direct: true,
      republish: { src: `${prefix}.run.*`, dest: `${prefix}.live.{{wildcard(1)}}.m` },
    });
    const buses = [await bus(), await bus()];
    for (const one of buses) publish(one, RUN, 1);
    await Promise.all(buses.map((one) => one.flushed()));
    await closed(buses[0]!, RUN);
    assertEquals(summarize(await readAll(buses[1]!.subscribe(RUN))), [1, 1]);
  });
});

test("natsBus(): several processes that begin runs keep to their bound", needs, async () => {
  await onStage(async ({ bus }) => {
    const options = { maxRunsRetained: 20 };
    const buses = [await bus(options), await bus(options), await bus(options)];
    const watched = buses[0]!.subscribe("watched");
    publish(buses[1]!, "watched", 1);
    await arrived(buses[2]!, "watched", 1);
    for (const n of count(1, 60)) publish(buses[n % 3]!, `r${n}`, n);
    await Promise.all(buses.map((bus) => bus.flushed()));
    let held: string[] = [];
    await until("runs are forgotten", async () => {
      held = (await buses[0]!.runs()).map(({ run_id }) => run_id);
      return held.length <= 20;
    }, 25_000);
    assert(held.length >= 15, `${held.length} runs are held`);
    assert(held.includes("watched"));
    await watched.cancel();
  });
});

test(
  "natsBus(): what is lost while the server is away is counted, and announced",
  ownServer,
  async () => {
    await withOwnServer(async ({ server, bus }) => {
      publish(bus, RUN, 1);
      await bus.flushed();
      await server.away(() => {
        publish(bus, RUN, ...count(2, 201));
        assertEquals(bus.stats().dropped_events_total, 100);
      });
      await bus.flushed();
      publish(bus, RUN, 202);
      await closed(bus, RUN);
      const seen = await readAll(bus.subscribe(RUN));
      assertEquals(seen.reduce((sum, { data }) => sum + (data.count as number ?? 1), 0), 202);
      assertEquals(seen.findLast(({ event_type }) => event_type === "bus.gap")!.data.to_seq, 201);
      assertEquals(seen.at(-1)!.data.n, 202);
    });
  },
);

test(
  "natsBus(): a server that comes back with an older state does not number anew",
  ownServer,
  async () => {
    await withOwnServer(async ({ server, bus, connection }) => {
      const reader = natsBus({ connection, onError: () => {} });
      const reading = readAll(reader.subscribe(RUN));
      const backup = mkdtempSync(join(tmpdir(), "locus-nats-backup-"));
      try {
        publish(bus, RUN, 1, 2, 3);
        await arrived(reader, RUN, 3);
        await server.away((data) => cpSync(data, backup, { recursive: true }));
        publish(bus, RUN, 4, 5);
        await arrived(reader, RUN, 5);
        await server.away((data) => {
          rmSync(data, { recursive: true });
          cpSync(backup, data, { recursive: true });
        });
        publish(bus, RUN, 6);
        await bus.flushed();
        bus.closeStream(RUN);
        const events = await reading;
        // Whether the reader was there before the publisher went on or not: no id means two events.
        const numbers = new Map<string, unknown>();
        for (const { event_id, event_type, data } of events) {
          if (event_type === "bus.gap") continue;
          assertEquals(numbers.get(event_id) ?? data.n, data.n);
          numbers.set(event_id, data.n);
        }
        assertEquals([...numbers.values()], count(1, 6));
        const last = events.findLastIndex(({ event_type }) => event_type === "bus.gap");
        // A reader that is told of 6 before it looks at the server has missed nothing, and gets no gap.
        assertEquals(summarize(events.slice(last + 1)), last === -1 ? count(1, 6) : [6]);
      } finally {
        await reader.close();
        rmSync(backup, { recursive: true });
      }
    });
  },
);

test("natsBus(): what is reported has no password in it", needs, async () => {
  await onStage(async ({ bus, errors }) => {
    const here = await bus(
      {},
      (connection) =>
        withRequest(
          connection,
          () => Promise.reject(new Error("lost nats://me:secret@host:4222 x")),
        ),
    );
    publish(here, RUN, 1);
    await until("it is reported", () => errors.length > 0);
    assertEquals(errors.filter((text) => text.includes("secret")), []);
    await here.close({ timeoutMs: 0 });
  });
});

test("natsBus() leaves the connection to whoever made it", needs, async () => {
  const connection = await connectTo(await natsUrl());
  const bus = natsBus({ connection, prefix: "locus-test-unused" });
  await bus.close();
  assertEquals(connection.isClosed(), false);
  await connection.flush();
  await connection.close();
});

test("natsBus(): history() of all runs reads those of all processes", needs, async () => {
  await onStage(async ({ bus }) => {
    const [here, there] = [await bus(), await bus()];
    publish(here, "a", 1);
    publish(there, "b", 2);
    await Promise.all([here.flushed(), there.flushed()]);
    const numbers = (await historyOf(here, {})).map(({ data }) => data.n);
    assertEquals(numbers.toSorted(), [1, 2]);
  });
});

/** Plays with a server of its own, and a bus that lets a hundred events wait. */
async function withOwnServer(
  play: (scene: { server: OwnNats; bus: SharedBus; connection: NatsConnection }) => Promise<void>,
): Promise<void> {
  const server = await startNats();
  const connection = await connectTo(server.url);
  const bus = natsBus({ connection, maxPendingEvents: 100, onError: () => {} });
  try {
    await play({ server, bus, connection });
  } finally {
    await bus.close();
    await connection.close();
    await server.stop();
  }
}
