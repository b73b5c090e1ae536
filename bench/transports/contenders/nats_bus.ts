import { connect } from "@nats-io/transport-node";
import { natsBus } from "@locus/core/transports/nats";
import { type Open, TEXT } from "../contender.ts";
import { natsUrl } from "../nats_url.ts";

/** Ours, on `@nats-io/transport-node`. */
export const open: Open = async (stream, onEvent) => {
  const connection = await connect({ servers: natsUrl() });
  const bus = natsBus({ connection, prefix: "locus-bench" });
  const leaving = new AbortController();
  const subscription = bus.subscribe(stream, { signal: leaving.signal });
  await subscription.opened;
  void (async () => {
    for await (const { event_type, data } of subscription) {
      if (event_type === "bus.gap") throw new Error("An event was lost");
      onEvent((data as { n: number }).n);
    }
  })();
  return {
    publish(from, to) {
      for (let n = from; n <= to; n++) {
        bus.publish({ run_id: stream, event_type: "bench.tick", data: { n, text: TEXT } });
      }
      return bus.flushed();
    },
    async close() {
      leaving.abort();
      bus.dropHistory(stream);
      await bus.close();
      await connection.close();
    },
  };
};
