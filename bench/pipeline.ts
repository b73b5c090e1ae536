/**
 * What a stage of a pipeline costs, beside the same functions called by hand.
 *
 * Method: ten stages that add one, one after the other, side by side, or as ten rounds. `ns` is nanoseconds a stage: the median of
 * five rounds (of whole runs, at least 100 ms), the contenders in turns, in changing order. Building the pipeline is not timed. On
 * a bus each stage says its two events; stored, each writes a record in memory. Each run has to come to the right number.
 *
 * Run alone: `deno run -A bench/pipeline.ts`, or the same file with `bun` or `node`.
 */
import { EventBus, runContext } from "@locus/core";
import { MemoryCheckpointer } from "@locus/core/memory";
import { loop, parallel, type Pipeline, sequential } from "@locus/core/pipeline";
import { type Row, runCase, verify } from "./support/case.ts";
import { collectGarbage, compare, type Contender } from "./support/rounds.ts";
import { startStopwatch } from "./support/stopwatch.ts";

const STAGES = 10;
const addOne = (n: number): Promise<number> => Promise.resolve(n + 1);
const ten = [
  addOne,
  addOne,
  addOne,
  addOne,
  addOne,
  addOne,
  addOne,
  addOne,
  addOne,
  addOne,
] as const;

/** The work by hand, a pipeline that does it, and what both come to. */
interface Shape {
  readonly setting: string;
  readonly bare: () => Promise<number>;
  readonly pipeline: Pipeline<number, number>;
  readonly result: number;
}

const oneByOne = async () => {
  let n = 0;
  for (const stage of ten) n = await stage(n);
  return n;
};
const shapes: readonly Shape[] = [
  { setting: "ten in sequence", bare: oneByOne, pipeline: sequential(ten), result: STAGES },
  {
    setting: "ten in parallel",
    bare: async () => (await Promise.all(ten.map((stage) => stage(0)))).at(-1)!,
    pipeline: parallel(ten, { mergeStrategy: "last" }),
    result: 1,
  },
  {
    setting: "ten rounds",
    bare: oneByOne,
    pipeline: loop(addOne, (n) => n === STAGES, { maxLoops: STAGES }),
    result: STAGES,
  },
];

const bus = new EventBus();

await runCase("a stage of a pipeline: ns a stage", async (given) => {
  const rows: Row[] = [];
  for (const { setting, bare, pipeline, result } of shapes) {
    const subjects: Record<string, () => Promise<number>> = {
      "(bare functions)": bare,
      "Locus": () => pipeline.invoke(0),
      "Locus on a bus": () => runContext({ bus }, () => pipeline.invoke(0)),
      "Locus, stored": () => pipeline.invoke(0, { checkpointer: new MemoryCheckpointer() }),
    };
    const contenders = Object.entries(subjects).map(([subject, run]): Contender => ({
      subject,
      async run(stages) {
        collectGarbage();
        const elapsed = startStopwatch();
        let last = 0;
        for (let done = 0; done < stages; done += STAGES) last = await run();
        const ms = elapsed();
        verify(last === result, () => `${subject} came to ${last}, not ${result}`);
        return ms;
      },
    }));
    const effort = { ...given, rounds: Math.min(given.rounds, 5) };
    for (const [subject, timing] of await compare(contenders, effort, STAGES)) {
      rows.push({ subject, setting, figures: { ...timing } });
    }
  }
  return rows;
});
