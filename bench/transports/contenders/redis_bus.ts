import { createClient } from "redis";
import { redisBus } from "@locus/core/transports/redis";
import { type Open, TEXT } from "../contender.ts";
import { redisUrl } from "../redis_url.ts";

/** Ours, on node-redis. */
export const open: Open = async (stream, onEvent) => {
  const client = await createClient({ url: redisUrl() }).connect();
  const bus = redisBus({ client, prefix: "locus-bench" });
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
      client.destroy();
    },
  };
};
