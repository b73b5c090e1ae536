/**
 * What every bus promises, as tests: register them for an implementation with {@linkcode busContract}.
 *
 * They know the `AppendingBus` interface and nothing else. Nothing that is published, closed or dropped is expected to
 * be visible at once, and nothing to be answered synchronously that could come over a network: whatever has
 * to have happened is awaited, by looking at the bus. Limits are the defaults.
 *
 * @module
 */
import { test } from "node:test";
import type { AppendingBus } from "@locus/core";
import { allRuns } from "./bus/all_runs.ts";
import { catchingUp } from "./bus/catching_up.ts";
import { appending } from "./bus/appending.ts";
import { delivery } from "./bus/delivery.ts";
import { ending } from "./bus/ending.ts";
import { leaving } from "./bus/leaving.ts";
import { listing } from "./bus/listing.ts";
import { publishing } from "./bus/publishing.ts";
import { pushing } from "./bus/pushing.ts";
import type { Register } from "./bus/register.ts";
import { resuming } from "./bus/resuming.ts";
import { retention } from "./bus/retention.ts";
import { severalRuns } from "./bus/several_runs.ts";
import { newRun } from "./observe.ts";

/** A bus under test, and what has to be done when it is not needed any more. */
export interface BusUnderTest {
  readonly bus: AppendingBus;
  cleanup(): Promise<void>;
}

/**
 * Registers the tests of the contract. `createBus` is called for each of them; the buses may share a store,
 * because every test has runs of its own.
 */
export function busContract(
  name: string,
  createBus: () => Promise<BusUnderTest>,
): void {
  const promise: Register = (what, body) => {
    test(`${name}: ${what}`, async () => {
      const { bus, cleanup } = await createBus();
      try {
        await body(bus, newRun());
      } finally {
        await cleanup();
      }
    });
  };
  delivery(promise);
  resuming(promise);
  catchingUp(promise);
  ending(promise);
  retention(promise);
  listing(promise);
  allRuns(promise);
  severalRuns(promise);
  pushing(promise);
  publishing(promise);
  appending(promise);
  leaving(promise);
}
