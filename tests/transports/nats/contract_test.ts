import { assertEquals } from "@std/assert";
import { natsBus } from "@locus/core/transports/nats";
import { busContract } from "../../contract/bus_contract.ts";
import { requires } from "../../harness/support/requires.ts";
import { connectTo, deleteStream, newPrefix, streamsOf } from "./connections.ts";
import { natsUrl } from "./server.ts";

if (!(await requires("nats")).skip) {
  const url = await natsUrl();
  busContract("natsBus()", () => createBus(url));
}

async function createBus(url: string) {
  const connection = await connectTo(url);
  const prefix = newPrefix();
  const bus = natsBus({ connection, prefix, onError: () => {} });
  return {
    bus,
    async cleanup() {
      await bus.close();
      await deleteStream(connection, prefix);
      assertEquals(await streamsOf(connection, prefix), []);
      await connection.close();
    },
  };
}
