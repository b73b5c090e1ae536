/** C8: what is wrong with a client or a server, and stays so, is said and not tried again. */
import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { redisBus, type RedisBusOptions, type RedisClientLike } from "@locus/core/transports/redis";
import { Cluster, Redis } from "ioredis";
import { createClient, createClientPool, createCluster, createSentinel } from "redis";
import { publish, readAll, readTo, within } from "../../contract/observe.ts";
import { summarize } from "../../harness/support/read.ts";
import { until } from "../../harness/support/until.ts";
import { requires } from "../../harness/support/requires.ts";
import { type ClientKind, clientKinds, type ConnectedClient, connectNodeRedis } from "./clients.ts";
import { type RedisServerOptions, startRedis } from "./server.ts";

const needs = await requires("redis-server");

test("C8: redisBus() takes a connected client of one server, and says what else was given", () => {
  const nodes = [{ url: "redis://127.0.0.1:1" }];
  const cases: [object, string][] = [
    [createCluster({ rootNodes: nodes }), "one of a cluster"],
    [new Cluster([{ host: "127.0.0.1", port: 1 }], { lazyConnect: true }), "one of a cluster"],
    [
      createSentinel({ name: "m", sentinelRootNodes: [{ host: "127.0.0.1", port: 1 }] }),
      "one of Sentinel",
    ],
    [createClientPool(), "a pool"],
    [createClient(), "one that is not connected"],
    [new Map(), "a Map"],
  ];
  for (const [client, got] of cases) {
    assertThrows(() => redisBus({ client: client as RedisClientLike }), TypeError, `got ${got}`);
  }
  redisBus({ client: new Redis({ lazyConnect: true }) });
});

/** On a server that is set up so, everything fails at once, for a reason that says what to do. */
function fails(
  what: string,
  { server: serverOptions, setUp = [], url = (url) => url, options, says }: {
    server: RedisServerOptions;
    /** Commands that set it up. */
    setUp?: string[][];
    /** How the client is given its address. */
    url?: (url: string) => string;
    options?: Partial<RedisBusOptions>;
    says: RegExp;
  },
): void {
  for (const kind of clientKinds) {
    test(`C8: on ${kind.name}, ${what} is said, and not tried again`, needs, async () => {
      const server = await startRedis(serverOptions);
      const own = await connectNodeRedis(server.url);
      for (const command of setUp) await own.send(...command);
      const errors: string[] = [];
      const connected = await connectTo(kind, url(server.url));
      const bus = redisBus({
        client: connected.client,
        onError: ({ message }) => void errors.push(message),
        ...options,
      });
      try {
        publish(bus, "r", 1, 2);
        bus.closeStream("r");
        await within("nothing to wait for", bus.flushed());
        assertEquals(bus.stats().dropped_events_total, 2);
        for (const subscription of [bus.subscribe("r"), bus.subscribeGlobal()]) {
          assertEquals(await readAll(subscription), []);
          assertEquals(subscription.ended, "rejected");
          await assertRejects(() => subscription.opened!, Error);
        }
        assert(errors.length > 0);
        for (const message of errors) assert(says.test(message), message);
      } finally {
        await bus.close();
        await connected.close();
        await own.close();
        await server.stop();
      }
    });
  }
}

const cluster = { args: ["--cluster-enabled", "yes"] };

fails("a prefix without braces on a node of a cluster", {
  server: cluster,
  setUp: [["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]],
  says: /CROSSSLOT.*give "prefix" a part in braces/s,
});

fails("a user without rights", {
  server: {},
  setUp: [["ACL", "SETUSER", "ada", "on", ">secret", "~*", "&*", "+info", "+hello", "+client"]],
  url: (url) => url.replace("redis://", "redis://ada:secret@"),
  says: /rights that a user needs are listed at redisBus\(\)/,
});

/** The password is changed after the client has connected: its second connection is refused. */
test("C8: a second connection that is refused is said, and not tried again", needs, async () => {
  const server = await startRedis();
  const { client, send, close } = await connectNodeRedis(server.url);
  const errors: string[] = [];
  const bus = redisBus({ client, onError: ({ message }) => void errors.push(message) });
  try {
    await send("CONFIG", "SET", "requirepass", "secret");
    assertEquals(await readAll(bus.subscribe("r")), []);
    for (const message of errors) assert(/NOAUTH.*the right credentials/.test(message), message);
    assert(errors.length > 0);
  } finally {
    await bus.close();
    await close();
    await server.stop();
  }
});

test(
  "C8: a client of the wrong node of a cluster is said, and not tried again",
  needs,
  async () => {
    const servers = [await startRedis(cluster), await startRedis(cluster)];
    const clients = await Promise.all(servers.map(({ url }) => connectNodeRedis(url)));
    const [right, wrong] = clients;
    const errors: string[] = [];
    const onError = ({ message }: Error) => void errors.push(message);
    const bus = redisBus({ client: wrong!.client, prefix: "{locus}", onError });
    try {
      await right!.send("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
      await wrong!.send("CLUSTER", "MEET", "127.0.0.1", String(servers[0]!.port));
      const state = async () => String(await wrong!.send("CLUSTER", "INFO"));
      await until("it knows the cluster", async () => (await state()).includes("state:ok"), 20_000);
      publish(bus, "r", 1);
      await within("nothing to wait for", bus.flushed());
      assert(/MOVED.*the node that has its slot/.test(errors[0]!), errors[0]);
    } finally {
      await bus.close();
      for (const { close } of clients) await close();
      for (const server of servers) await server.stop();
    }
  },
);

test("C8: redisBus() works on a node of a cluster with a prefix in braces", needs, async () => {
  const server = await startRedis(cluster);
  const { client, send, close } = await connectNodeRedis(server.url);
  try {
    await send("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    await isUp(send);
    await using bus = redisBus({ client, prefix: "{locus}" });
    const all = bus.subscribeGlobal();
    await all.opened;
    publish(bus, "r", 1, 2);
    assertEquals(summarize(await readTo(bus.subscribe("r"), 2)), [1, 2]);
    assertEquals(summarize(await readTo(all, 2)), [1, 2]);
  } finally {
    await close();
    await server.stop();
  }
});

for (const kind of clientKinds.filter(({ name }) => !name.startsWith("Bun"))) {
  test(`C8: on ${kind.name}, a client that was closed before its bus is said`, needs, async () => {
    const server = await startRedis();
    const { client, close } = await kind.connect(server.url);
    const errors: string[] = [];
    const bus = redisBus({ client, onError: ({ message }) => void errors.push(message) });
    publish(bus, "r", 1);
    await bus.flushed();
    await close();
    publish(bus, "r", 2);
    await within("nothing to wait for", bus.flushed());
    assertEquals(await readAll(bus.subscribe("r")), []);
    for (const message of errors) assert(message.includes("the client was closed"), message);
    await bus.close();
    await server.stop();
  });
}

/** Some clients refuse to connect, if they may not do what they do then; they are used all the same. */
async function connectTo({ name, connect }: ClientKind, url: string) {
  if (name !== "ioredis") return await connect(url);
  const client = new Redis(url, { lazyConnect: true, enableReadyCheck: false });
  client.on("error", () => {});
  await client.connect();
  return { client, close: () => Promise.resolve(client.disconnect()) };
}

/** Waits until a node knows its cluster. */
function isUp(send: ConnectedClient["send"]): Promise<void> {
  const isOk = async () => String(await send("CLUSTER", "INFO")).includes("cluster_state:ok");
  return until("the cluster is up", isOk, 20_000);
}
