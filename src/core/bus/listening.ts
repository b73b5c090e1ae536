import type { BusGap } from "../../events/catalogue/bus.ts";
import type { Envelope } from "../../events/stream_event.ts";
import type { Off, OnOptions, WaitForOptions } from "./bus.ts";
import { checkFrom, checkRunId, checkSignal, checkTimeout } from "../checks.ts";
import { HandlerPump } from "./handler_pump.ts";
import { checkCount, checkFunction, checkOptions, describe } from "../options.ts";
import { startLive } from "../log/reader_start.ts";
import { compileSelector } from "./selector.ts";
import { settleOnce } from "../settle_once.ts";
import type { Sources } from "./sources.ts";
import { Waiter } from "./waiter.ts";

export interface ListeningOptions {
  readonly maxLag: number;
  readonly onDrop: (count: number) => void;
  readonly onGap: (gap: Envelope<"bus.gap", BusGap>) => void;
  readonly onError: (error: unknown) => void;
}

/** Calls a handler with what is selected, of the run that the selector or the options name, or of all runs. */
export function listen<T>(
  sources: Sources,
  bus: ListeningOptions,
  selector: unknown,
  handler: (event: T) => unknown,
  options: OnOptions,
): Off {
  const owner = "EventBus.on()";
  checkOptions(owner, options, ["run", "concurrency", "from", "signal", "onGap"]);
  if (typeof handler !== "function") {
    throw new TypeError(`${owner}: handler must be a function, got ${describe(handler)}`);
  }
  checkFunction(owner, "onGap", options.onGap);
  checkSignal(owner, options.signal);
  const { run: selected, matches } = compileSelector(owner, selector);
  const { run = selected, concurrency = 10, from = "live", signal, onGap = bus.onGap } = options;
  if (run !== undefined) checkRunId(owner, run);
  checkFrom(owner, from);
  checkCount(owner, "concurrency", concurrency, 1);
  if (run === undefined && from !== "live") {
    throw new TypeError(`${owner}: "from" can be ${describe(from)} only with a "run"`);
  }
  const source = run === undefined
    ? sources.allRuns("handlers")
    : sources.oneRun(run, (log) => sources.startOf(log, from));
  const pump = new HandlerPump<T>(source, { ...bus, handler, concurrency, matches, signal, onGap });
  pump.begin();
  const off = () => pump.release("cancelled");
  return Object.assign(off, { [Symbol.dispose]: off });
}

export function waitFor<T>(
  sources: Sources,
  selector: unknown,
  options: WaitForOptions,
): Promise<T> {
  const owner = "EventBus.waitFor()";
  checkOptions(owner, options, ["timeoutMs", "signal"]);
  checkTimeout(owner, options.timeoutMs);
  checkSignal(owner, options.signal);
  const { run, matches } = compileSelector(owner, selector);
  return settleOnce(
    options,
    () => `No such event within ${options.timeoutMs} ms`,
    ({ resolve, reject }) => {
      const source = run === undefined
        ? sources.allRuns("handlers")
        : sources.oneRun(run, startLive);
      const waiter = new Waiter(source, {
        matches,
        onMatch: ({ event }) => resolve(event as T),
        onEnd: () => reject(new Error("Cannot wait: the run came to its end")),
      });
      waiter.begin();
      waiter.watchEnd();
      return () => waiter.release("cancelled");
    },
  );
}
