/** A process with a bus over an engine: what it is to do is its argument, as JSON. */
import process from "node:process";
import { natsBus } from "@locus/core/transports/nats";
import { redisBus } from "@locus/core/transports/redis";
import { connectTo } from "../nats/connections.ts";
import { clientKinds } from "../redis/clients.ts";
import { play, type Role } from "../roles.ts";

/** What a process is told. */
export interface Settings {
  readonly engine: "Redis" | "NATS";
  readonly port: number;
  /** Name of the kind of client. */
  readonly kind: string;
  readonly options: { prefix: string; historyPerRun: number; maxQueueSize: number };
}

const { engine, port, kind, options, role }: Settings & { role: Role } = JSON.parse(
  process.argv[2]!,
);
// It hears of every failure that the test brings about.
const onError = () => {};
if (engine === "NATS") {
  const connection = await connectTo(`nats://127.0.0.1:${port}`);
  await play(natsBus({ connection, ...options, onError }), role);
  await connection.close();
} else {
  const { connect } = clientKinds.find(({ name }) => name === kind)!;
  const { client, close } = await connect(`redis://127.0.0.1:${port}`);
  await play(redisBus({ client, ...options, onError }), role);
  await close();
}
