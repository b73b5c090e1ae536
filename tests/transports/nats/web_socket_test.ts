import { natsBus } from "@locus/core/transports/nats";
import { busContract } from "../../contract/bus_contract.ts";
import { requires } from "../../harness/support/requires.ts";
import { connectTo } from "./connections.ts";
import { startNats } from "./server.ts";

// A server speaks it only when it is told to.
if (!(await requires("nats-server")).skip) {
  busContract("natsBus() over a WebSocket", async () => {
    const server = await startNats();
    const connection = await connectTo(server.webSocketUrl);
    const bus = natsBus({ connection, onError: () => {} });
    return {
      bus,
      async cleanup() {
        await bus.close();
        await connection.close();
        await server.stop();
      },
    };
  });
}
