import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  chunker,
  type EmbeddingModel,
  InMemoryKeywordIndex,
  InMemoryVectorStore,
  retriever,
  toEmbedder,
} from "../../src/rag/mod.ts";
import { found, type Reranker, scene, sources, wordEmbedder } from "./_support.ts";

test("retrieve() finds the nearest first, with offsets into the source", async () => {
  const { docs } = scene({ chunker: chunker({ size: 20, overlap: 0 }) });
  const text = "a run is a run.\n\na gap is a gap.\n\na bus is a bus.";
  await docs.index([{ id: "guide", text, title: "Guide", uri: "https://x.dev/guide" }]);
  const { documents } = await docs.retrieve("gap", { limit: 1 });
  const { chunk, score, scores } = documents[0]!;
  assertEquals(chunk.id, "guide_1");
  assertEquals(text.slice(chunk.start, chunk.end), "a gap is a gap.");
  assertEquals([chunk.title, chunk.uri], ["Guide", "https://x.dev/guide"]);
  assertEquals([score, scores], [1, { vector: 1 }]);
});

test("retrieve() keeps to limit, threshold and filter", async () => {
  const { docs } = scene();
  await docs.index([
    { id: "a", text: "gap", metadata: { lang: "en" } },
    { id: "b", text: "gap run", metadata: { lang: "de" } },
    { id: "c", text: "run", metadata: { lang: "de" } },
  ]);
  assertEquals(await found(docs, "gap"), ["a", "b", "c"]);
  assertEquals(await found(docs, "gap", { limit: 1 }), ["a"]);
  assertEquals(await found(docs, "gap", { threshold: 0.5 }), ["a", "b"]);
  assertEquals(await found(docs, "gap", { filter: { lang: "de" } }), ["b", "c"]);
  assertEquals(await found(docs, "bus", { threshold: 0.1 }), []);
});

test("with keywords, what both searches find comes first", async () => {
  const { docs } = scene({ keywords: new InMemoryKeywordIndex() });
  await docs.index(sources("gaps gaps", "gap E42", "bus E42", "run"));
  const { documents } = await docs.retrieve("gap E42");
  assertEquals(documents.map(({ chunk }) => chunk.id), ["s1", "s2", "s0", "s3"]);
  const { score, scores } = documents[0]!;
  assertEquals(score, 1 / 62 + 1 / 61);
  assertEquals(scores.fused, score);
  assert(scores.keyword! > 0 && scores.vector! > 0);
  // The threshold is one of meaning: words may still find what is far away.
  assertEquals(await found(docs, "gap E42", { threshold: 0.99 }), ["s1", "s0", "s2"]);
});

/** Prefers short texts, and notes what it was asked. */
function shortest(calls: number[] = []): Reranker {
  return {
    type: "shortest",
    rerank: (_, hits, { limit }) => {
      calls.push(hits.length);
      const scored = hits.map(({ chunk }) => ({ chunk, score: 1 / chunk.content.length }));
      return Promise.resolve(scored.sort((a, b) => b.score - a.score).slice(0, limit));
    },
  };
}

test("a reranker sees the pool, and decides", async () => {
  const calls: number[] = [];
  const { docs } = scene({ reranker: shortest(calls), limit: 2, pool: 4 });
  await docs.index(sources("gap gap gap gap", "gap gap gap", "gap gap", "gap", "gap bus"));
  const { documents } = await docs.retrieve("gap");
  assertEquals(documents.map(({ chunk }) => chunk.id), ["s3", "s2"]);
  assertEquals(documents[0]?.scores, { vector: 1, rerank: 1 / 3 });
  assertEquals(calls, [4]);
  assertEquals(await found(docs, "gap", { minScore: 0.2 }), ["s3"]);
});

test("a reranker is not asked to sort nothing", async () => {
  const calls: number[] = [];
  const { docs } = scene({ reranker: shortest(calls) });
  assertEquals(await found(docs, "gap"), []);
  assertEquals(calls, []);
});

test("diversity picks what is unlike what was picked", async () => {
  const { docs } = scene();
  await docs.index(sources("gap gap run", "gap gap run ", "gap gap bus", "gap skill skill"));
  assertEquals(await found(docs, "gap run", { limit: 2 }), ["s0", "s1"]);
  assertEquals(await found(docs, "gap run", { limit: 2, diversity: 0 }), ["s0", "s1"]);
  assertEquals((await found(docs, "gap run", { limit: 3, diversity: 0.7 })).slice(0, 2), [
    "s0",
    "s3",
  ]);
});

test("index() twice embeds nothing the second time", async () => {
  const { docs, embedder } = scene();
  const list = sources("gap", "run", "bus", "skill");
  assertEquals(await docs.index(list), { added: 4, kept: 0, removed: 0 });
  embedder.embedded.length = 0;
  assertEquals(await docs.index(list), { added: 0, kept: 4, removed: 0 });
  assertEquals(embedder.embedded, []);
});

test("index() embeds what has changed, moves what has not, and removes what is gone", async () => {
  const { docs, embedder, store } = scene({ chunker: chunker({ size: 20, overlap: 0 }) });
  const paragraphs = ["a gap is a gap.", "a run is a run.", "a bus is a bus."];
  await docs.index([{ id: "g", text: paragraphs.join("\n\n") }, { id: "other", text: "run" }]);
  embedder.embedded.length = 0;
  const text = `a skill is new.\n\n${paragraphs.slice(1).join("\n\n")}\n\n${paragraphs[0]}`;
  assertEquals(await docs.index([{ id: "g", text }]), { added: 1, kept: 3, removed: 0 });
  assertEquals(embedder.embedded, ["a skill is new."]);
  for (const { chunk } of await store.rows({ source: "g" })) {
    assertEquals(text.slice(chunk.start, chunk.end), chunk.content);
  }
  assertEquals(await docs.index([{ id: "g", text: paragraphs[2]! }]), {
    added: 0,
    kept: 1,
    removed: 3,
  });
  assertEquals((await store.rows({ filter: {} })).map(({ chunk }) => chunk.id).sort(), [
    "g",
    "other",
  ]);
  assertEquals(await docs.index([{ id: "g", text: "" }]), { added: 0, kept: 0, removed: 1 });
});

test("index() embeds again what another embedder has made", async () => {
  const { docs, store } = scene();
  await docs.index(sources("gap"));
  const other = retriever({ store, embedder: wordEmbedder("other") });
  assertEquals(await other.index(sources("gap")), { added: 1, kept: 0, removed: 1 });
});

test("index() fills keywords that are younger than the store", async () => {
  const { docs, store, embedder } = scene();
  await docs.index(sources("gap E42"));
  const again = retriever({ store, embedder, keywords: new InMemoryKeywordIndex() });
  await again.index(sources("gap E42"));
  const { documents } = await again.retrieve("E42");
  assert(documents[0]!.scores.keyword! > 0);
});

test("index() refuses two sources that would share a chunk", async () => {
  const { docs } = scene({ chunker: chunker({ size: 4, overlap: 0 }) });
  const both = [{ id: "a", text: "gap run" }, { id: "a_0", text: "bus" }];
  const message = 'source "a_0" would replace chunk "a_0" of source "a"';
  await assertRejects(() => docs.index(both), Error, message);
  await docs.index([both[0]!]);
  await assertRejects(() => docs.index([both[1]!]), Error, message);
  await assertRejects(() => docs.index([both[0]!, both[0]!]), Error, 'source "a" is given twice');
});

test("a query during index() finds the old or the new text, never neither", async () => {
  const { store, embedder } = scene();
  const seen: string[][] = [];
  const docs = retriever({
    embedder,
    store: Object.assign(Object.create(store), {
      storeType: "watched",
      dimensions: 4,
      query: store.query.bind(store),
      rows: store.rows.bind(store),
      upsert: async (
        rows: never,
      ) => (await store.upsert(rows), seen.push(await found(docs, "gap"))),
      delete: async (what: never) => {
        seen.push(await found(docs, "gap"));
        return await store.delete(what);
      },
    }),
    chunker: chunker({ size: 8, overlap: 0 }),
  });
  await docs.index([{ id: "g", text: "gap one.\n\ngap two." }]);
  await docs.index([{ id: "g", text: "gap new." }]);
  assertEquals(seen, [["g_0", "g_1"], ["g", "g_0", "g_1"], ["g", "g_0", "g_1"]]);
  assertEquals(await found(docs, "gap"), ["g"]);
});

test("delete() removes from the store and from the keywords", async () => {
  const { docs } = scene({ keywords: new InMemoryKeywordIndex() });
  await docs.index(sources("gap", "run"));
  assertEquals(await docs.delete({ source: "s0" }), 1);
  assertEquals(await found(docs, "gap"), ["s1"]);
});

/** A model as the AI SDK's providers make them. */
function embeddingModel(calls: unknown[] = [], lose = 0) {
  return {
    specificationVersion: "v4" as const,
    provider: "test",
    modelId: "small",
    maxEmbeddingsPerCall: Promise.resolve(2),
    supportsParallelCalls: true,
    doEmbed: (options: { values: string[]; abortSignal?: AbortSignal }) => {
      const { values, abortSignal: _, ...rest } = options;
      calls.push({ values, ...rest });
      return Promise.resolve({ embeddings: values.map((text) => [text.length, 1]).slice(lose) });
    },
  };
}

test("an embedding model of the AI SDK is an embedder, and is asked for as much as it takes", async () => {
  const calls: unknown[] = [];
  const store = new InMemoryVectorStore({ dimensions: 2 });
  const query = { google: { taskType: "RETRIEVAL_QUERY" } };
  const docs = retriever({ embedder: toEmbedder(embeddingModel(calls), { query }), store });
  await docs.index(sources("a", "bb", "ccc"));
  assertEquals((await store.rows({ ids: ["s0"] }))[0]?.embedder, "test:small");
  await docs.retrieve("a");
  assertEquals(calls, [
    { values: ["a", "bb"] },
    { values: ["ccc"] },
    { values: ["a"], providerOptions: query },
  ]);
  const lossy = retriever({ embedder: embeddingModel([], 1), store });
  await assertRejects(() => lossy.index(sources("new")), Error, "expected 1 vectors, got 0");
});

test("a reranking model of the AI SDK is a reranker", async () => {
  const reranker = {
    provider: "test",
    modelId: "rank",
    doRerank: ({ documents, topN }: { documents: { values: string[] }; topN?: number }) => {
      assertEquals([documents.values, topN], [["gap", "gap run"], 5]);
      return Promise.resolve({
        ranking: [{ index: 1, relevanceScore: 0.9 }, { index: 7, relevanceScore: 0.1 }],
      });
    },
  };
  const { docs } = scene({ reranker });
  await docs.index(sources("gap", "gap run"));
  const { documents } = await docs.retrieve("gap");
  assertEquals(documents.map(({ chunk, score }) => [chunk.id, score]), [["s1", 0.9]]);
});

test("an embedder of another length is refused, and both lengths are named", async () => {
  const store = new InMemoryVectorStore({ dimensions: 3 });
  const docs = retriever({ embedder: embeddingModel() as EmbeddingModel, store });
  for (const attempt of [() => docs.index(sources("a")), () => docs.retrieve("a")]) {
    await assertRejects(attempt, RangeError, "expected a vector of 3 numbers, got one of 2");
  }
});

test("what is wrong with options is said", async () => {
  const { docs, store, embedder } = scene();
  assertThrows(
    () => retriever({ store, embedder: {} as never }),
    TypeError,
    '"embedder" must be an embedding model',
  );
  assertThrows(
    () => retriever({ embedder, store: {} as never }),
    TypeError,
    '"store" must be a vector store',
  );
  assertThrows(
    () => retriever({ embedder, store, reranker: 1 as never }),
    TypeError,
    '"reranker" must be',
  );
  await assertRejects(
    () => docs.retrieve(""),
    TypeError,
    '"query" must be a string that is not empty',
  );
  await assertRejects(() => docs.retrieve("x", { limit: 0 }), RangeError, '"limit"');
  await assertRejects(() => docs.retrieve("x", { diversity: 2 }), RangeError, '"diversity"');
  await assertRejects(
    () => docs.retrieve("x", { filter: { a: {}, b: { c: 1 } } as never }),
    TypeError,
    'no condition "c"',
  );
  await assertRejects(
    () => docs.index([{ id: "a" } as never]),
    TypeError,
    "must have an id and a text",
  );
});
