import { AsyncVariable } from "../runtime/async_context.ts";
import type { Bus } from "./bus.ts";
import { EventBus } from "./event_bus.ts";
import { describe } from "./options.ts";
import type { Run } from "./run_context.ts";

interface Shared {
  readonly run: AsyncVariable<Run>;
  bus: Bus | undefined;
}

// One per process, even where two copies of this module are loaded: an event emitted through one must
// reach the reader that subscribed through the other.
const KEY = Symbol.for("@locus/core");
const registry = globalThis as { [KEY]?: Shared };

/** The run context and the default bus. */
export const shared: Shared = registry[KEY] ??= {
  run: new AsyncVariable<Run>({ name: "locus.run" }),
  bus: undefined,
};

/** The default bus, made at the first call. */
export function getEventBus(): Bus {
  return shared.bus ??= new EventBus();
}

/** Whether the default bus exists: without a run context nothing makes it. */
export function hasEventBus(): boolean {
  return shared.bus !== undefined;
}

/**
 * Replaces the default bus. Runs that have begun to publish stay with the one they know.
 *
 * @throws {TypeError} If `bus` is no bus.
 */
export function setEventBus(bus: Bus): void {
  for (const method of ["publish", "writer", "subscribe", "closeStream"] as const) {
    if (typeof (bus as Partial<Bus> | null | undefined)?.[method] !== "function") {
      throw new TypeError(`setEventBus(): expected an event bus, got ${describe(bus)}`);
    }
  }
  shared.bus = bus;
}

/** Forgets the default bus, and ends its global subscriptions; the next call makes a new one. */
export function resetEventBus(): void {
  shared.bus?.closeGlobal();
  shared.bus = undefined;
}
