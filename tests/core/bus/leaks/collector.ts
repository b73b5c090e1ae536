/**
 * The garbage collector of whatever runtime this is, and what it has left.
 *
 * @module
 */
import process from "node:process";
import { setImmediate } from "node:timers";
import v8 from "node:v8";
import vm from "node:vm";

const { Bun } = globalThis as { Bun?: { gc(isSync: boolean): void } };

let collectNow: (() => void) | undefined;

/**
 * Collects everything that nobody can reach. More than once, because what is found to be unreachable may
 * have been all that held something else; and between two jobs, because a `WeakRef` that was looked at keeps
 * its target until the job ends.
 */
export async function collect(): Promise<void> {
  collectNow ??= Bun === undefined ? exposeGc() : () => Bun.gc(true);
  for (let i = 0; i < 2; i++) {
    await new Promise((resolve) => void setImmediate(resolve));
    collectNow();
  }
}

// The flag is set here, not by whoever starts the tests, so that `deno test` and `node` alone will do.
function exposeGc(): () => void {
  v8.setFlagsFromString("--expose-gc");
  return vm.runInNewContext("gc");
}

/** The bytes that are still in use after a collection. */
export async function bytesInUse(): Promise<number> {
  await collect();
  return process.memoryUsage().heapUsed;
}

/**
 * How many bytes each call of `once` leaves behind: from three rounds of `count` calls, of which the first, in
 * which code is compiled and tables grow, does not count, and the dearer of the others neither.
 */
export async function bytesLeftBy(once: (i: number) => unknown, count = 4_000): Promise<number> {
  const round = async (first: number) => {
    for (let i = first; i < first + count; i++) await once(i);
    return await bytesInUse();
  };
  const first = await round(0);
  const second = await round(count);
  const third = await round(2 * count);
  return Math.min(second - first, third - second) / count;
}

/** How many of the objects that `create` made for it are still there after a collection. */
export async function countKept(create: (i: number) => object, count = 200): Promise<number> {
  const refs = createRefs(create, count);
  let alive = count;
  for (let i = 0; i < 5 && alive > 0; i++) {
    await collect();
    alive = refs.filter((ref) => ref.deref() !== undefined).length;
  }
  return alive;
}

function createRefs(create: (i: number) => object, count: number): WeakRef<object>[] {
  return Array.from({ length: count }, (_, i) => new WeakRef(create(i)));
}
