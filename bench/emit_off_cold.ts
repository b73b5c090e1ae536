/**
 * What `emit` costs where nobody watches, at sites that are hardly ever called.
 *
 * Most emit sites of a program are like that: not compiled, so nothing is optimised away, and each with a
 * payload of a shape of its own. The benches of hot loops do not see their cost.
 *
 * Method: 2,000 functions of their own, each of which emits once, of 2,000 shapes of payload. They are called one
 * after the other, 10 times untimed (an engine sets a function up in its first calls) and 20 times
 * timed, which leaves them uncompiled; then they are thrown away for new ones, 11 times, the kinds of
 * sites in turns, in changing order. `ns` is the median over all passes; `bytes` is how far the used heap
 * grew, as in `emit_off.ts`. The kinds:
 *
 * - `context read`: `storage.getStore()` on an `AsyncLocalStorage` of our own, the baseline;
 * - `emit`: with a literal, as people write it;
 * - `arguments only`: the same literal for a function that does nothing, which is what JavaScript
 *   itself takes for the literal before any library is called;
 * - `emit, no literal`: with a payload that exists already: what is ours alone.
 *
 * Run alone: `deno run -A bench/emit_off_cold.ts`, or the same file with `bun` or `node`.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { emit, EventBus, hasEventBus, runContext } from "@locus/core";
import { type Effort, type Row, runCase, verify } from "./support/case.ts";
import { heapUsed, medianGrowth } from "./support/heap.ts";
import { alternate, collectGarbage, median } from "./support/rounds.ts";

const SITES = 2_000;
const WARMUP = 10;
const PASSES = 20;

/** What a site calls. */
interface Callees {
  emit(eventType: string, data: object): void;
  nothing(eventType: string, data: object): void;
  keep(data: object): void;
  storage: AsyncLocalStorage<number>;
  payload: object;
}

type Site = (n: number) => unknown;

const storage = new AsyncLocalStorage<number>();
storage.run(1, () => {});
runContext({ bus: new EventBus() }, () => emit("bench.warm", { n: 0 }));

let called = 0;
let kept: unknown;
const callees: Callees = {
  emit,
  nothing: () => void called++,
  keep: (data) => kept = data,
  storage,
  payload: { n: 0 },
};

const literal = (i: number) => `{ field_${i}: n, tool_name: "search", success: n === ${i} }`;
const kinds: [subject: string, body: (i: number) => string][] = [
  ["context read", () => "return storage.getStore()"],
  ["emit", (i) => `emit("bench.cold.t${i}", ${literal(i)})`],
  ["arguments only", (i) => `nothing("bench.cold.t${i}", ${literal(i)})`],
  ["emit, no literal", (i) => `emit("bench.cold.t${i}", payload)`],
  ["control, allocates", (i) => `keep(${literal(i)})`],
];

await runCase("emit, no run, cold: ns and bytes a call", ({ quick, rounds }: Effort): Row[] => {
  const times = new Map(kinds.map(([subject]) => [subject, [] as number[]]));
  const heaps = new Map(kinds.map(([subject]) => [subject, [] as number[]]));
  const sites = quick ? SITES / 10 : SITES;
  for (let round = 0; round < rounds; round++) {
    for (const [subject, body] of alternate(kinds, round)) {
      const made = makeSites(sites, round, body);
      for (let pass = 0; pass < WARMUP; pass++) callAll(made, pass);
      collectGarbage();
      for (let pass = 0; pass < PASSES; pass++) {
        heaps.get(subject)!.push(heapUsed());
        const start = performance.now();
        callAll(made, pass);
        times.get(subject)!.push((performance.now() - start) * 1e6 / sites);
        heaps.get(subject)!.push(heapUsed());
      }
    }
  }
  verify(called === rounds * sites * (WARMUP + PASSES), () => `sites were called ${called} times`);
  verify(kept !== undefined, () => "the control did not run");
  verify(!hasEventBus(), () => "emit made the default bus");
  const control = medianGrowth(heaps.get("control, allocates")!) / sites;
  return kinds.map(([subject]) => {
    const bytes = medianGrowth(heaps.get(subject)!) / sites;
    const figures = { ns: median(times.get(subject)!), ...(control > 4 ? { bytes } : {}) };
    return { subject, setting: "", figures };
  });
});

/** Functions that no other round has: the text of each is new, so no engine knows it already. */
function makeSites(count: number, round: number, body: (i: number) => string): Site[] {
  const texts = Array.from(
    { length: count },
    (_, i) => `function site_${round}_${i}(n) { ${body(round * count + i)}; }`,
  );
  const make: (callees: Callees) => Site[] = new Function(
    `{ emit, nothing, keep, storage, payload }`,
    `return [${texts.join(",\n")}];`,
  ) as typeof make;
  return make(callees);
}

function callAll(sites: readonly Site[], n: number): void {
  for (let i = 0; i < sites.length; i++) sites[i]!(n);
}
