/**
 * The connections that a user can bring. There is none of Deno's own on npm: on Deno, that of Node is used.
 *
 * @module
 */
import { type NatsConnection, wsconnect } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";

/** A connection that does not give up, to a server whose address begins with `nats:` or `ws:`. */
export async function connectTo(
  url: string,
  credentials: { user?: string; pass?: string } = {},
): Promise<NatsConnection> {
  const options = {
    ...credentials,
    servers: url,
    // A connection that is closed before the server has said a word is noticed only by that.
    timeout: 1_000,
    reconnectTimeWait: 20,
    reconnectJitter: 0,
    maxReconnectAttempts: -1,
  };
  return url.startsWith("ws") ? await wsconnect(options) : await connect(options);
}

/** A prefix that nobody else has. */
export function newPrefix(): string {
  return `locus-test-${crypto.randomUUID().slice(0, 8)}`;
}

/** Asks JetStream for something, again if the connection is lost meanwhile. */
export async function askJetStream(
  connection: NatsConnection,
  what: string,
  request?: object,
): Promise<Record<string, unknown>> {
  const payload = request === undefined ? "" : JSON.stringify(request);
  for (let attempts = 1;; attempts++) {
    try {
      return (await connection.request(`$JS.API.${what}`, payload, { timeout: 1_000 })).json();
    } catch (error) {
      if (attempts === 5) throw error;
    }
  }
}

/** Deletes the stream of a prefix, if there is one. */
export async function deleteStream(connection: NatsConnection, prefix: string): Promise<void> {
  await askJetStream(connection, `STREAM.DELETE.${prefix}`);
}

/** The names of the streams whose names begin so. */
export async function streamsOf(connection: NatsConnection, prefix: string): Promise<string[]> {
  const { streams } = await askJetStream(connection, "STREAM.NAMES");
  return (streams as string[] | null ?? []).filter((name) => name.startsWith(prefix));
}
