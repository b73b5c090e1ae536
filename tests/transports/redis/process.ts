/** A process with a bus over Redis: what it is to do is its argument, as JSON. */
import process from "node:process";
import { redisBus, type RedisBusOptions } from "../../../src/transports/redis.ts";
import { play, type Role } from "../roles.ts";
import { clientKinds } from "./clients.ts";

/** What a process is told. */
export interface Settings {
  readonly url: string;
  /** Name of the kind of client. */
  readonly kind: string;
  readonly options: Omit<RedisBusOptions, "client">;
}

const { url, kind, options, role }: Settings & { role: Role } = JSON.parse(process.argv[2]!);
const { client, close } = await clientKinds.find(({ name }) => name === kind)!.connect(url);
// It hears of every failure that the test brings about.
await play(redisBus({ client, ...options, onError: () => {} }), role);
await close();
