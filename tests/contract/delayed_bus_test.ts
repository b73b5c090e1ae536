/** The contract of every bus expects nothing at once: a bus that is a while away keeps it, too. */
import { EventBus } from "@locus/core";
import { busContract } from "./bus_contract.ts";
import { DelayedBus } from "./delayed_bus.ts";

busContract("DelayedBus", () => {
  const bus = new DelayedBus(new EventBus({ onError() {} }));
  return Promise.resolve({ bus, cleanup: () => bus.settled });
});
