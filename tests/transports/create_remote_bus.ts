import type { BusErrorContext } from "@locus/core";
import { RemoteBus } from "../../src/transports/remote/remote_bus.ts";
import {
  readRemoteBusOptions,
  type RemoteBusOptions,
} from "../../src/transports/remote/remote_bus_options.ts";
import type { MemoryEngine } from "./memory_engine.ts";

/** A bus on an engine in memory: one process of several. */
export function createRemoteBus(
  engine: MemoryEngine,
  options: RemoteBusOptions = {},
): RemoteBus {
  const settings = readRemoteBusOptions("test", { onError: ignore, ...options });
  return new RemoteBus(engine.store(), settings);
}

function ignore(_error: Error, _context: BusErrorContext): void {}
