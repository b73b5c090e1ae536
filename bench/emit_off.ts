/**
 * What `emit` costs where nobody watches, at a site that is called all the time.
 *
 * Method: mitata's `measure()`, in batches of 100,000 calls outside of any run, after a run has been
 * active in this process (so that the context engine exists). Each contender 5 times, in turns, in
 * changing order. `ns` is the median of the 5 medians. `bytes` is how far the used heap grew, per call:
 * the median over all batches; one in which garbage was collected shows as a negative growth and is
 * left out. The payload is built from changing values, so that the literal cannot be hoisted out of
 * the loop; `arguments only` builds the same one for a function that does nothing. Baseline in the same process: a bare read of an `AsyncLocalStorage` of our own. Control: a
 * function that does allocate; where it shows nothing, this runtime cannot tell, and no bytes are given.
 *
 * Run alone: `deno run -A bench/emit_off.ts`, or the same file with `bun` or `node`.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { emit, EventBus, hasEventBus, runContext } from "@locus/core";
import { measure } from "mitata";
import { type Row, runCase, verify } from "./support/case.ts";
import { heapUsed, medianGrowth } from "./support/heap.ts";
import { alternate, collectGarbage, median } from "./support/rounds.ts";

const storage = new AsyncLocalStorage<number>();
storage.run(1, () => {});
runContext({ bus: new EventBus() }, () => emit("bench.warm", { n: 0 }));

let n = 0;
let found = 0;
let kept: unknown;
const nothing = (_eventType: string, _data: object): void => {};

const contenders: [subject: string, call: () => void][] = [
  ["context read", () => {
    if (storage.getStore() !== undefined) found += n;
    n++;
  }],
  ["emit", () => {
    emit("agent.model.chunk", {
      content_preview: n++ % 2 === 0 ? "even" : "odd",
      done: n === -1,
      has_tool_calls: false,
    });
  }],
  ["arguments only", () => {
    nothing("agent.model.chunk", {
      content_preview: n++ % 2 === 0 ? "even" : "odd",
      done: n === -1,
      has_tool_calls: false,
    });
  }],
  ["emit, template in the payload", () => {
    emit("agent.model.chunk", {
      content_preview: `chunk ${n++}`,
      done: n === -1,
      has_tool_calls: false,
    });
  }],
  ["control, allocates", () => {
    kept = { n: n++ };
  }],
];

await runCase("emit, no run, hot: ns and bytes a call", async ({ quick, roundMs }) => {
  const times = new Map(contenders.map(([subject]) => [subject, [] as number[]]));
  const heaps = new Map(contenders.map(([subject]) => [subject, [] as number[]]));
  const batch = quick ? 4_096 : 100_000;
  for (let round = 0; round < (quick ? 2 : 6); round++) {
    for (const [subject, call] of alternate(contenders, round)) {
      const readings: number[] = [];
      const { p50 } = await measure(call, {
        batch_samples: batch,
        min_cpu_time: 2 * roundMs * 1e6,
        gc: collectGarbage,
        // mitata reads it before and after each batch, and would only give the mean.
        heap: () => readings[readings.push(heapUsed()) - 1]!,
      });
      // The first round only warms the compiler up.
      if (round === 0) continue;
      times.get(subject)!.push(p50);
      heaps.get(subject)!.push(...readings);
    }
  }
  verify(found === 0, () => "the baseline ran inside of its context");
  verify(kept !== undefined, () => "the control did not run");
  verify(!hasEventBus(), () => "emit made the default bus");
  const control = medianGrowth(heaps.get("control, allocates")!) / batch;
  return contenders.map(([subject]): Row => {
    const bytes = medianGrowth(heaps.get(subject)!) / batch;
    const figures = { ns: median(times.get(subject)!), ...(control > 4 ? { bytes } : {}) };
    return { subject, setting: "", figures };
  });
});
