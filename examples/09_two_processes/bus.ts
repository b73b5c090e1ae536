/** What both processes begin with: the one line that differs from a bus in memory. */
import process from "node:process";
import { setEventBus } from "@locus/core";
import { redisBus, type SharedBus } from "@locus/core/transports/redis";
import { createClient } from "redis";

/** Sets a bus over the Redis of this machine, or over the one that `LOCUS_REDIS_URL` names. */
export async function shareBus(prefix?: string): Promise<SharedBus> {
  const url = process.env["LOCUS_REDIS_URL"] || "redis://127.0.0.1:6379";
  const client = createClient({ url });
  client.on("error", (error) => console.error("Redis:", error.code ?? error.name));
  const bus = redisBus({ client: await client.connect(), prefix });
  setEventBus(bus);
  return bus;
}
