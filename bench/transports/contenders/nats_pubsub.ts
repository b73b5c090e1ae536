import { connect } from "@nats-io/transport-node";
import { type Open, TEXT } from "../contender.ts";
import { natsUrl } from "../nats_url.ts";

/** The bare client: `publish` and `subscribe` of NATS itself, which keeps nothing. */
export const open: Open = async (stream, onEvent) => {
  const connection = await connect({ servers: natsUrl() });
  const subject = `locus-bench-bare.${stream}`;
  connection.subscribe(subject, {
    callback: (_error, message) => onEvent(message.json<{ n: number }>().n),
  });
  await connection.flush();
  return {
    publish(from, to) {
      for (let n = from; n <= to; n++) {
        connection.publish(subject, JSON.stringify({ n, text: TEXT }));
      }
      return connection.flush();
    },
    close: () => connection.close(),
  };
};
