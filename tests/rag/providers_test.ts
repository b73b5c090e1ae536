/** The AI SDK's own providers, with a network that answers as the services do. */
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { createCohere } from "@ai-sdk/cohere";
import { createOpenAI } from "@ai-sdk/openai";
import { InMemoryVectorStore, retriever } from "../../src/rag/mod.ts";
import { found, scene, sources } from "./_support.ts";

/** A `fetch` that answers what `answer` makes of a request's body. */
function network(answer: (body: Record<string, readonly string[]>) => object) {
  return (_: unknown, init?: { body?: unknown }) =>
    Promise.resolve(Response.json(answer(JSON.parse(String(init?.body)))));
}

test("an embedding model of @ai-sdk/openai is an embedder", async () => {
  const fetch = network(({ input }) => ({
    object: "list",
    model: "text-embedding-3-small",
    usage: { prompt_tokens: 1, total_tokens: 1 },
    data: input!.map((text, index) => ({
      object: "embedding",
      index,
      embedding: text.includes("gap") ? [1, 0] : [0, 1],
    })),
  }));
  const embedder = createOpenAI({ apiKey: "none", fetch }).embedding("text-embedding-3-small");
  const store = new InMemoryVectorStore({ dimensions: 2 });
  const docs = retriever({ embedder, store });
  await docs.index(sources("a run", "a gap"));
  assertEquals(await found(docs, "gap?", { limit: 1 }), ["s1"]);
  assertEquals(
    (await store.rows({ ids: ["s0"] }))[0]?.embedder,
    "openai.embedding:text-embedding-3-small",
  );
});

test("a reranking model of @ai-sdk/cohere is a reranker", async () => {
  const fetch = network(({ documents }) => ({
    id: "1",
    results: documents!.map((_, index) => ({ index, relevance_score: index / 10 }))
      .reverse(),
    meta: {},
  }));
  const reranker = createCohere({ apiKey: "none", fetch }).reranking("rerank-v3.5");
  const { docs } = scene({ reranker });
  await docs.index(sources("gap", "gap run"));
  assertEquals(await found(docs, "gap"), ["s1", "s0"]);
});
