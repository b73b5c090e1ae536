import { busContract } from "../contract/bus_contract.ts";
import { createRemoteBus } from "./create_remote_bus.ts";
import { MemoryEngine } from "./memory_engine.ts";

busContract("A bus over an engine in memory", () => {
  const bus = createRemoteBus(new MemoryEngine());
  return Promise.resolve({ bus, cleanup: () => bus.end(1_000) });
});
