import type { Bus, EventSelect, Off } from "../core/bus/bus.ts";
import { checkBus, checkRunId, checkSignal } from "../core/checks.ts";
import { createConsoleReporter } from "../core/bus/event_bus_options.ts";
import { checkFunction, describe } from "../core/options.ts";
import { Snapshot } from "../runtime/async_context.ts";
import type { StreamEvent } from "../events/stream_event.ts";
import { readEvents } from "./read_events.ts";
import { isError } from "../runtime/realm.ts";
import { compileSelect } from "../core/bus/select.ts";

/** A listener at work: stops it, once called or disposed of. */
export interface Listening extends Off {
  /**
   * Resolves when it has stopped, or what it reads has ended: everything that was published before is handled
   * then, or two seconds are over. Never rejects.
   */
  readonly done: Promise<void>;
}

/** Options that all listeners have. */
export interface ListeningOptions {
  /** Only this run, with its history; the listener ends with it. @default {all runs, from now on} */
  run?: string;
  /** Only these event types, and always gaps. @default {all} */
  select?: EventSelect;
  /** Stops the listener when aborted. */
  signal?: AbortSignal;
  /** Told what went wrong here; the bus and its runs go on. @default {a handler that prints to the console} */
  onError?: (error: Error) => void;
}

/** The names of {@linkcode ListeningOptions}. */
export const LISTENING_OPTIONS: readonly string[] = Object.keys(
  { run: 0, select: 0, signal: 0, onError: 0 } satisfies Record<keyof ListeningOptions, 0>,
);

/** What a listener does. */
export interface ListenerActions {
  /** What comes next. What it rejects with is reported. */
  handle(events: readonly StreamEvent[]): Promise<void>;
  /** Whether it goes on after an error. */
  goesOn(): boolean;
  /** It is over. */
  release(): void;
}

/**
 * Listens to a bus, or to one of its runs, in the async context of the caller.
 *
 * @throws {TypeError} If the bus is none, or an option is not valid.
 */
export function listen(
  owner: string,
  bus: Bus,
  { run, select, signal, onError }: ListeningOptions,
  actions: ListenerActions,
): Listening {
  checkBus(`${owner}: expected`, bus);
  if (run !== undefined) checkRunId(owner, run);
  compileSelect(owner, select);
  checkSignal(owner, signal);
  checkFunction(owner, "onError", onError);
  const tell = Snapshot.wrap(onError ?? createConsoleReporter());
  const report = (error: unknown) => {
    try {
      tell(isError(error) ? error : new Error(describe(error)));
    } catch {
      // There is nowhere left to report to.
    }
  };
  const subscription = run === undefined
    ? bus.subscribeGlobal({ select })
    : bus.subscribe(run, { select });
  const reader = readEvents(subscription, {
    onEvents: Snapshot.wrap(async (events: readonly StreamEvent[]) => {
      try {
        await actions.handle(events);
      } catch (error) {
        if (!actions.goesOn()) throw error;
        report(error);
      }
    }),
  });
  const stop = () => reader.stop();
  if (signal?.aborted) stop();
  else signal?.addEventListener("abort", stop, { once: true });
  const done = reader.done.then((how) => {
    if (how === "rejected") report(new Error(`${owner}: the bus has too many readers already`));
  }, report).then(() => {
    signal?.removeEventListener("abort", stop);
    actions.release();
  });
  return Object.assign(() => stop(), { done, [Symbol.dispose]: stop });
}
