import { createClient } from "redis";
import { type Open, TEXT } from "../contender.ts";
import { redisUrl } from "../redis_url.ts";

/** The bare commands of node-redis, pipelined: `XADD` that keeps 500, and `XREAD` that blocks. */
export const open: Open = async (stream, onEvent) => {
  const client = await createClient({ url: redisUrl() }).connect();
  // In the older form of answers, which needs no conversion.
  const reader = await createClient({ url: redisUrl(), RESP: 2 }).connect();
  const key = `locus-bench:bare:${stream}`;
  let isOver = false;
  const reading = (async () => {
    for (let last = "0-0"; !isOver;) {
      const answer = await reader.sendCommand<[[string, [string, string[]][]]] | null>(
        ["XREAD", "COUNT", "1000", "BLOCK", "100", "STREAMS", key, last],
      );
      for (const [id, fields] of answer?.[0][1] ?? []) {
        last = id;
        onEvent((JSON.parse(fields[1]!) as { n: number }).n);
      }
    }
  })();
  return {
    publish(from, to) {
      const sent: Promise<unknown>[] = [];
      for (let n = from; n <= to; n++) {
        const event = JSON.stringify({ n, text: TEXT });
        sent.push(client.sendCommand(["XADD", key, "MAXLEN", "=", "500", "*", "e", event]));
      }
      return Promise.all(sent);
    },
    async close() {
      isOver = true;
      await reading;
      await client.sendCommand(["DEL", key]);
      client.destroy();
      reader.destroy();
    },
  };
};
