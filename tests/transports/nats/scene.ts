/**
 * Buses on one stream, each as if in a process of its own.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Msg, NatsConnection } from "@nats-io/nats-core";
import { natsBus, type NatsBusOptions, type SharedBus } from "@locus/core/transports/nats";
import { requires } from "../../harness/support/requires.ts";
import { connectTo, deleteStream, newPrefix, streamsOf } from "./connections.ts";
import { natsUrl } from "./server.ts";

/** For tests that need any server. */
export const needs = await requires("nats");

/** What a test has to do with. */
export interface Scene {
  readonly prefix: string;
  /** The test's own connection. */
  readonly own: NatsConnection;
  /** What buses reported. */
  readonly errors: string[];
  /** A bus with a connection of its own, which `change` may put something before. */
  bus(
    options?: Partial<NatsBusOptions>,
    change?: (connection: NatsConnection) => NatsConnection,
  ): Promise<SharedBus>;
}

/** Gives a test its buses, and takes them away afterwards. */
export async function onStage(play: (scene: Scene) => Promise<void>): Promise<void> {
  const url = await natsUrl();
  const own = await connectTo(url);
  const prefix = newPrefix();
  const errors: string[] = [];
  const endings: (() => Promise<void>)[] = [];
  try {
    await play({
      prefix,
      own,
      errors,
      async bus(options, change = (connection) => connection) {
        const connection = await connectTo(url);
        const bus = natsBus({
          connection: change(connection),
          prefix,
          onError: ({ message }) => void errors.push(message),
          ...options,
        });
        endings.push(async () => {
          await bus.close();
          await connection.close();
        });
        return bus;
      },
    });
  } finally {
    for (const end of endings) await end();
    await deleteStream(own, prefix);
    assertEquals(await streamsOf(own, prefix), []);
    await own.close();
  }
}

/** A connection with another way to ask. */
export function withRequest(
  connection: NatsConnection,
  request: NatsConnection["request"],
): NatsConnection {
  return new Proxy(connection, {
    get(target, name) {
      if (name === "request") return request;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** A connection that does not hear some of the messages: those that came while it was away for a moment. */
export function withLosses(
  connection: NatsConnection,
  isLost: (subject: string, message: Msg) => boolean,
): NatsConnection {
  return new Proxy(connection, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (name !== "subscribe") return typeof value === "function" ? value.bind(target) : value;
      const subscribe: NatsConnection["subscribe"] = (subject, options) =>
        target.subscribe(subject, {
          callback: (error, message) => {
            if (error !== null || !isLost(subject, message)) options?.callback?.(error, message);
          },
        });
      return subscribe;
    },
  });
}
