import { createClient } from "redis";
import { type Open, TEXT } from "../contender.ts";
import { redisUrl } from "../redis_url.ts";

/** The bare commands of node-redis, pipelined: `PUBLISH` and `SUBSCRIBE`, which keep nothing. */
export const open: Open = async (stream, onEvent) => {
  const client = await createClient({ url: redisUrl() }).connect();
  const reader = await createClient({ url: redisUrl() }).connect();
  const channel = `locus-bench:bare:${stream}`;
  await reader.subscribe(channel, (text) => onEvent((JSON.parse(text) as { n: number }).n));
  return {
    publish(from, to) {
      const sent: Promise<unknown>[] = [];
      for (let n = from; n <= to; n++) {
        sent.push(client.sendCommand(["PUBLISH", channel, JSON.stringify({ n, text: TEXT })]));
      }
      return Promise.all(sent);
    },
    close() {
      client.destroy();
      reader.destroy();
      return Promise.resolve();
    },
  };
};
