/**
 * Pipelines: stages one after the other, side by side, or again and again until they are good enough.
 *
 * {@linkcode sequential}, {@linkcode parallel} and {@linkcode loop} make them of functions, agents, graphs and other pipelines,
 * and the compiler checks that what one stage hands on is what the next one takes. They are graphs inside: with a
 * `checkpointer` and a `threadId` a question waits as long as it takes, and what is finished is not repeated. Inside of a run,
 * each stage, branch and round is on the bus.
 *
 * @example Draft, look at it from two sides, and shorten it until it fits
 * ```ts
 * import { loop, parallel, sequential } from "@locus/core/pipeline";
 * import { assertEquals } from "@std/assert";
 *
 * const write = sequential([
 *   (topic: string) => `About ${topic}: mind them, always.`,
 *   parallel([
 *     (text: string) => text,
 *     (text: string) => `${text.length} letters`,
 *   ], { separator: " - " }),
 *   loop((text: string) => text.slice(0, -1), (text) => text.length <= 40, { maxLoops: 20 }),
 * ]);
 * assertEquals(await write.invoke("gaps"), "About gaps: mind them, always. - 30 lett");
 * ```
 *
 * @module
 */

export { loop, type LoopOptions } from "./loop.ts";
export { type Merged, type MergeStrategy, parallel, type ParallelOptions } from "./parallel.ts";
export { sequential, type SequentialOptions } from "./sequential.ts";
export type {
  InputOf,
  InputOfAll,
  OutputOf,
  Pipeline,
  PipelineResult,
  PipelineResumeOptions,
  PipelineRunOptions,
  PipelineStopReason,
  Stage,
  StageContext,
  Staged,
  StageFn,
  StageOptions,
  StageWork,
} from "./types.ts";
