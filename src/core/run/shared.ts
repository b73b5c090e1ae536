import { AsyncVariable } from "../../runtime/async_context.ts";
import type { AnyEvents, Events } from "../../events/own_events.ts";
import type { AnyBus, Bus } from "../bus/bus.ts";
import { checkBus, checkEvents } from "../checks.ts";
import { EventBus } from "../bus/event_bus.ts";
import type { AnyRun, Run } from "./run.ts";

/** Ends work on the bus, before what it is part of ends. `isStopped`: no caller waits for it anymore. */
export type EndOpen = (isStopped: boolean) => void;

interface Shared {
  readonly run: AsyncVariable<Run>;
  bus: AnyBus | undefined;
  /** Whether any run has said something of content: before, a new run need not ask what is around it. */
  hasSaid?: boolean;
  /** What is open, by the place that it is in. */
  open?: WeakMap<AnyRun, Set<EndOpen>>;
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
export function getEventBus(): Bus;
/** The same bus, typed by your own event types. */
export function getEventBus<E extends object>(events: Events<E>): Bus<E>;
export function getEventBus(events?: AnyEvents): AnyBus {
  checkEvents("getEventBus()", events);
  return shared.bus ??= new EventBus();
}

/** Whether the default bus exists: without a run context nothing makes it. */
export function hasEventBus(): boolean {
  return shared.bus !== undefined;
}

/**
 * Replaces the default bus. Runs that have begun to publish stay with the one they know.
 *
 * @throws {TypeError} If `bus` is not a bus.
 */
export function setEventBus(bus: AnyBus): void {
  checkBus("setEventBus(): expected", bus);
  shared.bus = bus;
}

/** Forgets the default bus, and ends its global subscriptions; the next call makes a new one. */
export function resetEventBus(): void {
  shared.bus?.closeGlobal();
  shared.bus = undefined;
}
