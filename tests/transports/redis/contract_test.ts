import { test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { redisBus } from "../../../src/transports/redis.ts";
import { busContract } from "../../contract/bus_contract.ts";
import { requires } from "../../harness/support/requires.ts";
import { clean, type ClientKind, clientKinds, keysOf } from "./clients.ts";
import { redisUrl } from "./server.ts";

const needs = await requires("redis");
let url: string | undefined;
test("There is a Redis for the contract", needs, async () => {
  url = await redisUrl();
  assertMatch(url, /^rediss?:/);
});

if (needs.skip === false) {
  for (const kind of clientKinds) busContract(`redisBus() on ${kind.name}`, () => createBus(kind));
}

async function createBus({ connect }: ClientKind) {
  const connected = await connect(url ??= await redisUrl());
  const prefix = `locus-test-${crypto.randomUUID().slice(0, 8)}`;
  const bus = redisBus({ client: connected.client, prefix, onError: () => {} });
  return {
    bus,
    async cleanup() {
      await bus.close();
      await clean(connected, prefix);
      assertEquals(await keysOf(connected.send, prefix), []);
      await connected.close();
    },
  };
}
