/** A process with a bus over NATS: what it is to do is its argument, as JSON. */
import process from "node:process";
import { natsBus, type NatsBusOptions } from "@locus/core/transports/nats";
import { play, type Role } from "../roles.ts";
import { connectTo } from "./connections.ts";

/** What a process is told. */
export interface Settings {
  readonly url: string;
  readonly options: Omit<NatsBusOptions, "connection">;
}

const { url, options, role }: Settings & { role: Role } = JSON.parse(process.argv[2]!);
const connection = await connectTo(url);
// It hears of every failure that the test brings about.
await play(natsBus({ connection, ...options, onError: () => {} }), role);
await connection.close();
