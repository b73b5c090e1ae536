/** What a run leaves behind when it is over. */

import { assert, assertEquals } from "@std/assert";
import process from "node:process";
import { collect as collectGarbage } from "../core/bus/leaks/collector.ts";
import { watchTimers } from "../core/bus/leaks/timers.ts";
import { until } from "../harness/support/until.ts";

/**
 * Asserts that `work` leaves nothing running: no timer, no listener on a signal that is still alive, nothing
 * that the runtime waits for, and nothing that holds the run: what a pending promise or a callback could
 * reach would keep `mark`, which belongs into the run's metadata.
 */
export async function assertLeavesNothing(
  work: (metadata: { mark: object }) => Promise<unknown>,
  times = 100,
): Promise<void> {
  // Once before, for what is made only once.
  await work({ mark: {} });
  const before = resources();
  const timers = watchTimers();
  const listeners = watchListeners();
  let marks: WeakRef<object>[];
  try {
    marks = await repeat(work, times);
    assertEquals(timers.pending, 0, "timers that still run");
    assertEquals(listeners.pending, 0, "listeners of signals");
  } finally {
    listeners.stop();
    timers.stop();
  }
  await assertCollected(marks, "runs");
  await until("nothing is waited for that was not before", () => resources() <= before);
}

/** Asserts that nothing holds these any more. */
export async function assertCollected(
  marks: readonly WeakRef<object>[],
  what: string,
): Promise<void> {
  // A collector that looks at the stack for what might be references keeps some, in no relation to how many
  // there were; what is really held is all of them.
  const few = "Bun" in globalThis ? marks.length / 2 : Math.max(1, marks.length / 100);
  let kept = marks.length;
  for (let i = 0; i < 5 && kept > few; i++) {
    await collectGarbage();
    kept = marks.filter((mark) => mark.deref() !== undefined).length;
  }
  assert(kept <= few, `${kept} of ${marks.length} ${what} are still held`);
}

async function repeat(
  work: (metadata: { mark: object }) => Promise<unknown>,
  times: number,
): Promise<WeakRef<object>[]> {
  const marks: WeakRef<object>[] = [];
  for (let i = 0; i < times; i++) {
    const mark = {};
    marks.push(new WeakRef(mark));
    await work({ mark });
  }
  return marks;
}

/** How many timers and sockets keep this process alive, where the runtime tells. */
function resources(): number {
  const kinds = process.getActiveResourcesInfo?.() ?? [];
  return kinds.filter((kind) => /^(Timeout|Immediate|TCP)/.test(kind)).length;
}

/** Counts the listeners of signals that are not aborted. */
function watchListeners(): { readonly pending: number; stop(): void } {
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  const open = new Map<unknown, AbortSignal>();
  AbortSignal.prototype.addEventListener = function (this: AbortSignal, ...args: unknown[]) {
    open.set(args[1], this);
    return Reflect.apply(addEventListener, this, args);
  };
  AbortSignal.prototype.removeEventListener = function (this: AbortSignal, ...args: unknown[]) {
    open.delete(args[1]);
    return Reflect.apply(removeEventListener, this, args);
  };
  return {
    get pending() {
      return [...open.values()].filter((signal) => !signal.aborted).length;
    },
    stop() {
      open.clear();
      Reflect.deleteProperty(AbortSignal.prototype, "addEventListener");
      Reflect.deleteProperty(AbortSignal.prototype, "removeEventListener");
    },
  };
}
