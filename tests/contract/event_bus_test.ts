/** The bus of one process keeps the contract of every bus. */
import { EventBus } from "@locus/core";
import { busContract } from "./bus_contract.ts";

busContract("EventBus", () =>
  Promise.resolve({
    bus: new EventBus({ onError() {} }),
    cleanup: () => Promise.resolve(),
  }));
