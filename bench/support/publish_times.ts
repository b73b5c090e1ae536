/**
 * How the distribution of publish times is found, rather than their mean.
 *
 * @module
 */
import process from "node:process";
import type { EventBus } from "@locus/core";
import type { Effort, Row } from "./case.ts";
import { alternate, collectGarbage, keepAlive, percentile } from "./rounds.ts";

/** A bus under certain circumstances. */
export interface Stage {
  bus: EventBus;
  publish(n: number): void;
  /** Checks that nothing was lost, given how often `publish` was called. */
  verify(published: number): void | Promise<void>;
}

const BLOCK = 10;
const WARMUP = 5_000;
// Slow ones have fewer blocks.
const LIMIT_NS = 200e6;

/** Times publishes under several circumstances, in blocks of ten. */
export async function comparePublishTimes(
  all: readonly (readonly [subject: string, open: () => Stage | Promise<Stage>])[],
  { quick, rounds, takesSubject }: Effort,
): Promise<Row[]> {
  const stages = all.filter(([subject]) => takesSubject(subject));
  const blocks = quick ? 100 : 5_000;
  const times = new Map(stages.map(([subject]) => [subject, [] as number[]]));
  const openAndTime = async ([subject, open]: typeof stages[number]) => {
    const stage = await open();
    collectGarbage();
    keepAlive(subject, stage);
    let n = 0;
    const timeBlock = () => {
      const start = process.hrtime.bigint();
      for (let i = 0; i < BLOCK; i++) stage.publish(n++);
      return Number(process.hrtime.bigint() - start);
    };
    for (let spent = 0; n < WARMUP && spent < LIMIT_NS;) spent += timeBlock();
    for (let block = 0, spent = 0; block < blocks && spent < LIMIT_NS; block++) {
      const ns = timeBlock();
      times.get(subject)!.push(ns / BLOCK);
      spent += ns;
    }
    await stage.verify(n);
  };
  if (!quick) {
    // Only warms the compiler up.
    for (const stage of stages) await openAndTime(stage);
    for (const samples of times.values()) samples.length = 0;
  }
  for (let round = 0; round < rounds; round++) {
    for (const stage of alternate(stages, round)) await openAndTime(stage);
  }
  return Array.from(times, ([subject, samples]) => ({
    subject,
    setting: "",
    figures: { p50: percentile(samples, 50), p99: percentile(samples, 99) },
  }));
}
