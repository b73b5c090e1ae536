/**
 * Answers from your own documents, with the places that they are from. The documents are our guides, the embedder needs no
 * model, and the answer is written down: replace all three.
 */
import { EventBus, withRun } from "@locus/core";
import { Agent } from "@locus/core/agent";
import * as rag from "@locus/core/rag";
import { hashEmbedder } from "@locus/core/rag/testing";
import { scriptedModel } from "@locus/core/testing";
import { guides } from "./support/guides.ts";

const docs = rag.retriever({
  embedder: hashEmbedder({ dimensions: 384 }),
  store: new rag.InMemoryVectorStore({ dimensions: 384 }),
  keywords: new rag.InMemoryKeywordIndex(),
});
console.log("index:", await docs.index(await guides()));

const bus = new EventBus();
const plugins = [rag.knowledge(docs, { limit: 3 })];
const model = scriptedModel([
  "Yes, and each follows what the others commit [k1].",
]);
await withRun(
  { bus, content: true },
  () =>
    new Agent({ model, plugins }).invoke(
      "May several processes open one SQLite file?",
    ),
);

const [query] = bus.history("rag.query.completed");
console.log(`found: ${query?.data.hit_count}, best ${query?.data.top_score}`);
for (const { data } of bus.history("span.content")) {
  if (data.used_by !== "citation") continue;
  for (const { label, source_id, start, end } of data.content as Cited[]) {
    console.log(`${label} is ${source_id}, characters ${start} to ${end}`);
  }
}
if (query?.data.hit_count !== 3) {
  throw new Error("Three documents were expected");
}

type Cited = { label: string; source_id: string; start: number; end: number };
