/** C8: what is wrong with a connection or a server, and stays so, is said and not tried again. */
import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { natsBus, type NatsBusOptions } from "@locus/core/transports/nats";
import { publish, readAll, readTo, within } from "../../contract/observe.ts";
import { summarize } from "../../harness/support/read.ts";
import { requires } from "../../harness/support/requires.ts";
import { askJetStream, connectTo } from "./connections.ts";
import { type NatsServerOptions, startNats } from "./server.ts";

const needs = await requires("nats-server");

interface Failing {
  readonly server?: NatsServerOptions;
  readonly options?: Partial<NatsBusOptions>;
  /** Streams that are there already. */
  readonly streams?: readonly object[];
  /** What fails. */
  readonly fails?: "publishing" | "reading" | "both";
  readonly says: RegExp;
}

/** On a server that is set up so, what cannot be done fails at once, for a reason that says what to do. */
function fails(
  what: string,
  { server: serverOptions, options, streams = [], fails = "both", says }: Failing,
): void {
  test(`C8: on NATS, ${what} is said, and not tried again`, needs, async () => {
    const server = await startNats(serverOptions);
    const connection = await connectTo(server.url);
    for (const stream of streams) await askJetStream(connection, "STREAM.CREATE.other", stream);
    const errors: string[] = [];
    const onError = ({ message }: Error) => void errors.push(message);
    const bus = natsBus({ connection, onError, ...options });
    try {
      publish(bus, "r", 1, 2);
      bus.closeStream("r");
      await within("nothing to wait for", bus.flushed());
      assertEquals(bus.stats().dropped_events_total, fails === "reading" ? 0 : 2);
      if (fails !== "publishing") {
        for (const subscription of [bus.subscribe("r"), bus.subscribeGlobal()]) {
          assertEquals(await readAll(subscription), []);
          assertEquals(subscription.ended, "rejected");
          await assertRejects(() => subscription.opened!, Error);
        }
      }
      assert(errors.length > 0);
      for (const message of errors) assert(says.test(message), message);
    } finally {
      await bus.close();
      await connection.close();
      await server.stop();
    }
  });
}

fails("a server without JetStream", {
  server: { jetStream: false },
  says: /start nats-server with -js/,
});

fails("an account without JetStream", {
  server: {
    config: 'accounts { A { users = [{ user: "a", password: "a" }] } }\nno_auth_user: "a"',
  },
  says: /enable it for the account/,
});

fails("a user who may not ask JetStream", {
  server: {
    config: `authorization {
      users = [{ user: "a", password: "a", permissions: { publish: "other.>" } }]
    }
    no_auth_user: "a"`,
  },
  says: /rights that a user needs are listed at natsBus\(\)/,
});

fails("a user who may not hear of runs", {
  server: {
    config: `authorization {
      users = [{ user: "a", password: "a", permissions: { subscribe: { deny: "locus.live.>" } } }]
    }
    no_auth_user: "a"`,
  },
  fails: "reading",
  says: /rights that a user needs are listed at natsBus\(\)/,
});

fails("more replicas than there are servers", {
  options: { replicas: 3 },
  fails: "publishing",
  says: /the stream "locus" cannot be made.*replicas/,
});

fails("a stream that has the subjects already", {
  streams: [{ name: "other", subjects: ["locus.>"] }],
  fails: "publishing",
  says: /the stream "locus" cannot be made.*overlap/,
});

test(
  "natsBus(): who may not make the stream reads all runs from when somebody does",
  needs,
  async () => {
    const server = await startNats({
      config: `authorization { users = [
      { user: "writer", password: "writer" },
      { user: "reader", password: "reader", permissions: { publish: { deny: "$JS.API.STREAM.CREATE.>" } } }
    ] }`,
    });
    const connectAs = (user: string) => connectTo(server.url, { user, pass: user });
    const [writing, reading] = [await connectAs("writer"), await connectAs("reader")];
    const [writer, reader] = [natsBus({ connection: writing }), natsBus({ connection: reading })];
    try {
      const subscription = reader.subscribeGlobal();
      await subscription.opened;
      publish(writer, "r", 1);
      const events = await readTo(subscription, 1);
      assertEquals(summarize(events.filter(({ run_id }) => run_id === "r")), [1]);
    } finally {
      await Promise.all([writer.close(), reader.close()]);
      await Promise.all([writing.close(), reading.close()]);
      await server.stop();
    }
  },
);

test(
  "C8: a connection that was closed is refused, and one that is closed later is said",
  needs,
  async () => {
    const server = await startNats();
    const connection = await connectTo(server.url);
    const errors: string[] = [];
    const bus = natsBus({ connection, onError: ({ message }) => void errors.push(message) });
    publish(bus, "r", 1);
    await bus.flushed();
    const reading = readAll(bus.subscribe("r"));
    await connection.close();
    publish(bus, "r", 2);
    await within("nothing to wait for", bus.flushed());
    await reading;
    assertEquals(await readAll(bus.subscribe("r")), []);
    for (const message of errors) assert(message.includes("the connection was closed"), message);
    assertThrows(() => natsBus({ connection }), TypeError, "got one that was closed");
    await within("the end", bus.close());
    await server.stop();
  },
);
