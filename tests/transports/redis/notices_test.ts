/** The connection on which Redis tells: what happens when it does not. */
import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { connectionOf } from "../../../src/transports/redis/connection.ts";
import { Notices } from "../../../src/transports/redis/notices.ts";
import { requires } from "../../harness/support/requires.ts";
import { until } from "../../harness/support/until.ts";
import { type ClientKind, clientKinds } from "./clients.ts";
import { type Proxy, startProxy } from "../proxy.ts";
import { redisUrl } from "./server.ts";

const needs = await requires("redis");

/** Commands go to the server, notices come through a proxy. */
async function withNotices(
  { connect }: ClientKind,
  act: (place: {
    notices: Notices;
    proxy: Proxy;
    heard: string[];
    missed: () => number;
    channel: string;
    tell: (text: string) => Promise<unknown>;
  }) => Promise<void>,
): Promise<void> {
  const url = await redisUrl();
  const { hostname, port } = new URL(url);
  const proxy = await startProxy(Number(port), hostname);
  const [direct, indirect] = [await connect(url), await connect(`redis://127.0.0.1:${proxy.port}`)];
  const channel = `locus-test-${crypto.randomUUID()}`;
  const heard: string[] = [];
  let missed = 0;
  const notices = new Notices({
    connection: {
      command: connectionOf("test", direct.client).command,
      listen: connectionOf("test", indirect.client).listen,
    },
    ownChannel: `${channel}:own`,
    heartbeatMs: 100,
    onMessage: (_, text) => void heard.push(text),
    onMissed: () => void missed++,
    onFailure: () => {},
  });
  const tell = (text: string) => direct.send("PUBLISH", channel, text);
  try {
    await act({ notices, proxy, heard, missed: () => missed, channel, tell });
  } finally {
    notices.end();
    await Promise.all([direct.close(), indirect.close()]);
    await proxy.close();
  }
}

for (const kind of clientKinds) {
  test(
    `Notices on ${kind.name} replace a connection that says nothing any more`,
    needs,
    () =>
      withNotices(kind, async ({ notices, proxy, heard, missed, channel, tell }) => {
        // On a busy machine, this connection can be taken for lost, too.
        await until("it listens", () => notices.subscribe(channel).then(() => true, () => false));
        await tell("one");
        await until("it is heard", () => heard.length === 1);
        const before = missed();
        proxy.freeze();
        await until("it is noticed", () => missed() > before);
        await tell("two");
        await until("it is heard", () => heard.length === 2);
        assertEquals(heard, ["one", "two"]);
      }),
  );

  test(
    `Notices on ${kind.name} end, and subscribe no more`,
    needs,
    () =>
      withNotices(kind, async ({ notices, channel, tell }) => {
        await notices.subscribe(channel);
        assertEquals(await tell("one"), 1);
        notices.end();
        await until("nobody listens", async () => await tell("two") === 0);
        await assertRejects(() => notices.subscribe(channel));
      }),
  );

  test(
    `Notices on ${kind.name} do in order what is asked of a channel`,
    needs,
    () =>
      withNotices(kind, async ({ notices, heard, channel, tell }) => {
        for (let i = 0; i < 5; i++) {
          void notices.subscribe(channel);
          notices.unsubscribe(channel);
        }
        await notices.settled(channel);
        assertEquals(await tell("none"), 0);
        notices.unsubscribe(channel);
        await notices.subscribe(channel);
        await tell("one");
        await until("it is heard", () => heard.length > 0);
        assertEquals(heard, ["one"]);
      }),
  );
}
