/**
 * What `emit` costs where nobody watches.
 *
 * Method: ten million calls outside of any run, after a run has been active in this process (so that the
 * context engine exists), in chunks of 100,000. Per chunk: the time, and how far the used heap grew; a
 * collection within a chunk shows as a negative growth and is left out. Both are medians over the
 * chunks. The payload is built from changing values, so that the literal cannot be hoisted out of the
 * loop. Baseline in the same process: a bare read of an `AsyncLocalStorage` of our own. Control: a
 * function that does allocate; where it shows nothing, this runtime cannot tell, and the line says so.
 *
 * Claims, checked (exit code 1): at most 3 ns above the bare context read; no heap growth; no bus.
 *
 * Run: `deno run -A bench/emit_off.ts`, or the same file with `bun` or `node`.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import process from "node:process";
import { emit, EventBus, hasEventBus, runContext } from "@locus/core";

const CALLS = 10_000_000;
const CHUNK = 100_000;

interface Result {
  nsPerCall: number;
  bytesPerCall: number;
}

const storage = new AsyncLocalStorage<number>();
storage.run(1, () => {});
runContext({ bus: new EventBus() }, () => emit("bench.warm", { n: 0 }));

let sink = 0;
const contextRead = (n: number): void => {
  if (storage.getStore() !== undefined) sink += n;
};
const emitOff = (n: number): void => {
  emit("agent.model.chunk", {
    content_preview: n % 2 === 0 ? "even" : "odd",
    done: n === -1,
    has_tool_calls: false,
  });
};

let kept: unknown;
const allocate = (n: number): void => {
  kept = { n };
};

// Each twice: the first round only warms the compiler up.
measure(contextRead);
measure(emitOff);
const bare = measure(contextRead);
const off = measure(emitOff);
const control = measure(allocate);
const canTell = control.bytesPerCall > 4;

const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
const above = off.nsPerCall - bare.nsPerCall;
console.log(`${runtime} ${process.versions.v8 ?? ""}, ${CALLS.toLocaleString("en")} calls`);
console.log(`  bare context read  ${format(bare)}`);
console.log(`  emit, no run       ${format(off)}`);
console.log(
  `  control, allocates ${format(control)}${canTell ? "" : " (heap growth is not visible here)"}`,
);
console.log(`  emit is ${above.toFixed(2)} ns above the read; bus created: ${hasEventBus()}`);
if (sink !== 0 || kept === undefined) throw new Error("the baseline ran inside its context");

const failures = [
  above > 3 && `emit costs ${above.toFixed(2)} ns more than a context read, more than 3 ns`,
  canTell && off.bytesPerCall > 0.01 &&
  `emit allocates ${off.bytesPerCall.toFixed(2)} bytes a call`,
  hasEventBus() && "emit created the default bus",
].filter((failure) => failure !== false);
for (const failure of failures) console.error(`FAILED: ${failure}`);
process.exitCode = failures.length === 0 ? 0 : 1;

function measure(call: (n: number) => void): Result {
  const times: number[] = [];
  const growths: number[] = [];
  for (let done = 0; done < CALLS; done += CHUNK) {
    const heap = process.memoryUsage().heapUsed;
    const start = performance.now();
    for (let n = 0; n < CHUNK; n++) call(n);
    times.push((performance.now() - start) * 1e6 / CHUNK);
    growths.push((process.memoryUsage().heapUsed - heap) / CHUNK);
  }
  return {
    nsPerCall: median(times),
    // What the measuring itself allocates is far below a byte a call.
    bytesPerCall: Math.max(0, median(growths.filter((growth) => growth >= 0))),
  };
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function format({ nsPerCall, bytesPerCall }: Result): string {
  return `${nsPerCall.toFixed(2).padStart(6)} ns  ${bytesPerCall.toFixed(3)} bytes a call`;
}
