/** Extractors that ask a model only where nothing cheaper is sure. */

import { abortable } from "../core/waits.ts";
import { readNumber } from "../core/option_values.ts";
import { checkOptions, describe } from "../core/options.ts";
import type { NodeContext } from "../graph/mod.ts";
import type { StageWork } from "../pipeline/mod.ts";
import type { Embedder, Vector } from "../rag/contracts.ts";
import { type EmbeddingModel, readEmbedder } from "../rag/models/embedder.ts";
import { embed } from "../rag/search/search.ts";
import { dot, normalized } from "../rag/stores/vectors.ts";
import { type GoalFrame, readFrame } from "./frame.ts";
import { stageOf } from "./parts.ts";
import { isStopped } from "./state.ts";

/** A request, and what it asks for. */
export interface FrameExample {
  /** The request. */
  readonly text: string;
  /** What it asks for; what has a default may be left out. */
  readonly frame:
    & Pick<GoalFrame, "primary_goal" | "domain" | "complexity" | "risk">
    & Partial<GoalFrame>;
}

/**
 * An extractor that gives the frame of the example that a request is most like. Its `confidence` is how like they are, as the
 * embedding model sees it: find out with {@linkcode evaluateRouter} from where it can be trusted.
 *
 * The examples are embedded with the first request.
 *
 * @throws {TypeError} If there are none, or one is wrong.
 */
export function byExamples(
  embedder: Embedder | EmbeddingModel,
  examples: readonly FrameExample[],
): StageWork<string, GoalFrame> {
  const owner = "byExamples()";
  const model = readEmbedder(owner, embedder);
  if (!Array.isArray(examples) || examples.length === 0) {
    throw new TypeError(`${owner}: expected examples, got ${describe(examples)}`);
  }
  const frames = (examples as readonly FrameExample[]).map((example, i) => {
    if (typeof example?.text === "string") return readFrame(example.frame);
    throw new TypeError(`${owner}: examples[${i}] must have a text, got ${describe(example)}`);
  });
  let known: Promise<readonly Float32Array[]> | null = null;
  const vectorsOf = async (
    texts: readonly string[],
    use: "query" | "document",
    signal?: AbortSignal,
  ) => {
    const vectors: Vector[] = [];
    for (let from = 0; from < texts.length; from += model.maxBatch) {
      vectors.push(...await embed(model, texts.slice(from, from + model.maxBatch), use, signal));
    }
    return vectors.map((vector) => normalized(owner, vector, vectors[0]!.length));
  };
  return async (text, { signal }) => {
    // Not with this call's signal: others wait for them as well. What fails is tried again.
    known ??= vectorsOf(examples.map(({ text }) => text), "document");
    known.catch(() => known = null);
    const [all, [asked]] = await Promise.all([
      abortable(known, signal),
      vectorsOf([text], "query", signal),
    ]);
    const wanted = normalized(owner, asked!, all[0]!.length);
    const scores = all.map((vector) => dot(vector, 0, wanted));
    const confidence = Math.max(...scores);
    const frame = frames[scores.indexOf(confidence)]!;
    return { ...frame, confidence: Math.min(1, Math.max(0, confidence)) };
  };
}

/**
 * An extractor that asks others, the cheapest first: the first frame counts whose `confidence` is at least `minConfidence`, or
 * else what the last one gives. One that fails, or is not sure, is passed over.
 *
 * @throws {TypeError} If there are none, or one is neither an agent nor a function.
 * @throws {RangeError} If `minConfidence` is not from 0 to 1.
 *
 * @example
 * ```ts
 * import { byExamples, chain, router } from "@locus/core/router";
 * import { hashEmbedder } from "@locus/core/rag/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const low = { domain: "shop", complexity: "low", risk: "low" } as const;
 * const extractor = chain([
 *   byExamples(hashEmbedder(), [{ text: "What does it cost?", frame: { primary_goal: "answer", ...low } }]),
 *   // In place of an agent with a model.
 *   () => ({ primary_goal: "explain", ...low }),
 * ]);
 * const { frame } = await router({ extractor }).explain("What does it cost?");
 * assertEquals(frame.primary_goal, "answer");
 * ```
 */
export function chain(
  extractors: readonly StageWork<string, unknown>[],
  options: { readonly minConfidence?: number } = {},
): StageWork<string, unknown> {
  const owner = "chain()";
  checkOptions(owner, options, ["minConfidence"]);
  const { minConfidence = 0.7 } = options;
  readNumber(owner, "minConfidence", minConfidence, 0, 1);
  if (!Array.isArray(extractors) || extractors.length === 0) {
    throw new TypeError(`${owner}: expected extractors, got ${describe(extractors)}`);
  }
  const stages = extractors.map((work, i) => stageOf(`${owner}: extractors[${i}]`, work));
  const last = stages.pop()!;
  return async (text, at) => {
    // It is called as a stage in a node of the router's graph.
    const ctx = at as NodeContext;
    for (const stage of stages) {
      try {
        // What is no frame is none that counts, however sure it says it is.
        const frame = readFrame(await stage.run(text, ctx));
        if (frame.confidence !== null && frame.confidence >= minConfidence) return frame;
      } catch (error) {
        if (isStopped(ctx)) throw error;
      }
    }
    return await last.run(text, ctx);
  };
}
