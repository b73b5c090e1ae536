import { RedisPubSub } from "graphql-redis-subscriptions";
import { Redis } from "ioredis";
import { type Open, TEXT } from "../contender.ts";
import { redisUrl } from "../redis_url.ts";

/** `graphql-redis-subscriptions` on ioredis, which keeps nothing. */
export const open: Open = async (stream, onEvent) => {
  const pubsub = new RedisPubSub({
    publisher: new Redis(redisUrl()),
    subscriber: new Redis(redisUrl()),
  });
  const channel = `locus-bench:graphql:${stream}`;
  await pubsub.subscribe(channel, ({ n }: { n: number }) => onEvent(n));
  return {
    publish(from, to) {
      const sent: Promise<unknown>[] = [];
      for (let n = from; n <= to; n++) sent.push(pubsub.publish(channel, { n, text: TEXT }));
      return Promise.all(sent);
    },
    close: () => pubsub.close(),
  };
};
