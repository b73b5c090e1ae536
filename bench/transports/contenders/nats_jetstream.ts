import { connect } from "@nats-io/transport-node";
import { type Open, TEXT } from "../contender.ts";
import { natsUrl } from "../nats_url.ts";

/** The bare client, pipelined: a message of JetStream for each event, each acknowledged, and a consumer that is sent them. */
export const open: Open = async (stream, onEvent) => {
  const connection = await connect({ servers: natsUrl() });
  const ask = (what: string, request: object) =>
    connection.request(`$JS.API.${what}`, JSON.stringify(request), { timeout: 10_000 });
  const name = `locus-bench-js-${stream}`;
  await ask(`STREAM.CREATE.${name}`, {
    name,
    subjects: [`${name}.run`],
    storage: "file",
    max_msgs_per_subject: 500,
  });
  connection.subscribe(`${name}.read`, {
    callback: (_error, message) => onEvent(message.json<{ n: number }>().n),
  });
  await ask(`CONSUMER.CREATE.${name}`, {
    stream_name: name,
    config: { deliver_subject: `${name}.read`, ack_policy: "none", deliver_policy: "all" },
  });
  return {
    publish(from, to) {
      const sent: Promise<unknown>[] = [];
      for (let n = from; n <= to; n++) {
        const event = JSON.stringify({ n, text: TEXT });
        sent.push(connection.request(`${name}.run`, event, { timeout: 10_000 }));
      }
      return Promise.all(sent);
    },
    async close() {
      await ask(`STREAM.DELETE.${name}`, {});
      await connection.close();
    },
  };
};
