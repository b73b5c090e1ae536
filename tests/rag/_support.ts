/** What the tests of retrieval share. */

import { EventBus, type StreamEvent, withRun } from "../../mod.ts";
import {
  type Chunk,
  type Embedder,
  InMemoryKeywordIndex,
  InMemoryVectorStore,
  type KeywordIndex,
  type Reranker,
  type Retriever,
  retriever,
  type RetrieverOptions,
  type VectorStore,
} from "../../src/rag/mod.ts";

/** Words that make up a vector, each in a direction of its own. */
const DIRECTIONS = ["gap", "run", "bus", "skill"];

/** An embedder whose vectors can be foreseen: how often each of four words is in the text. Counts its texts. */
export function wordEmbedder(id = "words"): Embedder & { readonly embedded: string[] } {
  const embedded: string[] = [];
  return {
    id,
    maxBatch: 3,
    embedded,
    embed: (texts) => {
      if (texts.length > 3) throw new Error("too many texts");
      embedded.push(...texts);
      return Promise.resolve(
        texts.map((text) => DIRECTIONS.map((word) => text.split(word).length - 1)),
      );
    },
  };
}

/** A retriever over a store of its own, with the parts that a test needs to see. */
export function scene(options: Partial<RetrieverOptions> = {}) {
  const store = new InMemoryVectorStore({ dimensions: DIRECTIONS.length });
  const embedder = wordEmbedder();
  return { store, embedder, docs: retriever({ store, embedder, ...options }) };
}

/** The ids of what is found. */
export async function found(docs: Retriever, ...call: Parameters<Retriever["retrieve"]>) {
  return (await docs.retrieve(...call)).documents.map(({ chunk }) => chunk.id);
}

/** One small source for each text. */
export const sources = (...texts: string[]) => texts.map((text, i) => ({ id: `s${i}`, text }));

/** What `fn` says in a run, oldest first. */
export async function watch(
  fn: () => Promise<unknown>,
  content = false,
): Promise<StreamEvent[]> {
  const bus = new EventBus();
  await withRun({ runId: "r1", bus, content }, fn).catch(() => {});
  return [...bus.history("*")].reverse().filter(({ run_id }) => run_id === "r1");
}

export { InMemoryKeywordIndex, InMemoryVectorStore };
export type { Chunk, Embedder, KeywordIndex, Reranker, VectorStore };
