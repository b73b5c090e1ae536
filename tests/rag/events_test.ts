import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { EventBus, withRun, withSpan } from "../../mod.ts";
import { parseStreamEvent } from "../../src/events/schemas.ts";
import { InMemoryKeywordIndex, retriever } from "../../src/rag/mod.ts";
import { expectedCatalogue, extrasOf } from "../events/expected_catalogue.ts";
import { scene, sources, watch } from "./_support.ts";

const dataOf = (events: Awaited<ReturnType<typeof watch>>, type: string) =>
  events.filter(({ event_type }) => event_type === type).map(({ data }) => data as never as Data);
type Data = Record<string, unknown>;

test("a query is on the bus with all keys", async () => {
  const { docs } = scene({ keywords: new InMemoryKeywordIndex() });
  await docs.index(sources("gap", "gap run", "bus"));
  const events = await watch(() => docs.retrieve("gap", { limit: 2, threshold: 0.1 }));
  for (const event of events) parseStreamEvent(event);
  for (const type of ["rag.query.started", "rag.query.completed"] as const) {
    const keys = Object.keys({ ...expectedCatalogue[type], ...extrasOf(type) });
    const [data, ...others] = dataOf(events, type);
    assertEquals(others, []);
    assertEquals(Object.keys(data!).sort(), keys.sort(), type);
  }
  const [started] = dataOf(events, "rag.query.started");
  const { span_id, parent_span_id, ...asked } = started!;
  assertEquals(parent_span_id, null);
  assertEquals(asked, {
    query_preview: "gap",
    limit: 2,
    threshold: 0.1,
    store_type: "InMemoryVectorStore",
    mode: "hybrid",
  });
  const [completed] = dataOf(events, "rag.query.completed");
  assertEquals(completed!.span_id, span_id);
  assertEquals([completed!.hit_count, completed!.top_score], [2, 2 / 61]);
  assertEquals([completed!.score_kind, completed!.reranker_type, completed!.error], [
    "fused",
    null,
    null,
  ]);
  const stages = completed!.stages as { name: string; count: number }[];
  assertEquals(
    stages.map(({ name, count }) => `${name} ${count}`).sort(),
    ["embed 1", "keyword 2", "vector 2"],
  );
});

test("documents are content, with scores and offsets", async () => {
  const { docs } = scene();
  const text = "a gap is sk-proj-abcdefghijklmnopqrstuvwx1234567890";
  await docs.index([{ id: "g", text, title: "Guide", metadata: { lang: "en" } }]);
  const events = await watch(() => docs.retrieve("gap"), true);
  const [started] = dataOf(events, "rag.query.started");
  const [input, output] = dataOf(events, "span.content");
  assertEquals([input!.span_id, output!.span_id], [started!.span_id, started!.span_id]);
  assertEquals([input!.direction, input!.kind, input!.content], ["input", "text", "gap"]);
  assertEquals([output!.direction, output!.kind], ["output", "documents"]);
  const [{ text: shown, ...document } = {}] = output!.content as Data[];
  assert(!String(shown).includes("abcdefghijklmnop"), "secrets are taken out");
  assertEquals(document, {
    id: "g",
    source_id: "g",
    start: 0,
    end: text.length,
    score: 1,
    scores: { vector: 1 },
    headings: [],
    title: "Guide",
    uri: null,
    metadata: { lang: "en" },
  });
  assertEquals(dataOf(await watch(() => docs.retrieve("gap")), "span.content"), []);
});

test("a long query is previewed by 160 characters", async () => {
  const { docs } = scene();
  const [started] = dataOf(
    await watch(() => docs.retrieve("gap ".repeat(100))),
    "rag.query.started",
  );
  assertEquals((started!.query_preview as string).length, 160);
});

test("nothing found is no hit and no score", async () => {
  const { docs } = scene();
  const [completed] = dataOf(await watch(() => docs.retrieve("gap")), "rag.query.completed");
  assertEquals([completed!.hit_count, completed!.top_score, completed!.error], [0, null, null]);
});

for (const failing of ["embed", "vector", "keyword", "rerank", "diversify"]) {
  test(
    `a query that fails or is aborted in ${failing} is completed`,
    async () => {
      for (const how of ["fails", "aborts"]) {
        const aborting = new AbortController();
        // What ignores its signal does not hold the query up.
        const fail = () => {
          if (how === "fails") return Promise.reject(new Error("no answer"));
          queueMicrotask(() => aborting.abort(new Error("no answer")));
          return new Promise<never>(() => {});
        };
        const { store, embedder, docs } = scene({ keywords: new InMemoryKeywordIndex() });
        await docs.index(sources("gap", "gap run"));
        const at = <T>(name: string, real: T) => (failing === name ? fail : real) as T;
        const broken = retriever({
          embedder: { id: "e", maxBatch: 3, embed: at("embed", embedder.embed) },
          store: Object.assign(Object.create(store), {
            storeType: "broken",
            dimensions: 4,
            query: at("vector", store.query.bind(store)),
            rows: at("diversify", store.rows.bind(store)),
          }),
          keywords: Object.assign(
            new InMemoryKeywordIndex(),
            failing === "keyword" ? { query: fail } : {},
          ),
          reranker: { type: "r", rerank: at("rerank", (_, hits) => Promise.resolve(hits)) },
        });
        const options = { diversity: 0.5, signal: aborting.signal };
        const events = await watch(() =>
          assertRejects(() => broken.retrieve("gap", options), Error, "no answer")
        );
        const completed = dataOf(events, "rag.query.completed");
        assertEquals(completed.length, 1, how);
        const { hit_count, top_score, error, stages } = completed[0]!;
        assertEquals([hit_count, top_score, error], [0, null, "Error: no answer"]);
        assert((stages as Data[]).every(({ name }) => name !== failing));
      }
    },
  );
}

test(
  "queries side by side are spans of their own, in the span that they are asked in",
  async () => {
    const { docs } = scene();
    await docs.index(sources("gap", "run"));
    const bus = new EventBus();
    await withRun(
      { runId: "r1", bus },
      () => withSpan("answer", () => Promise.all([docs.retrieve("gap"), docs.retrieve("run")])),
    );
    const started = bus.history("rag.query.started").map(({ data }) => data);
    const [span] = bus.history("span.started");
    assertEquals(new Set(started.map(({ span_id }) => span_id)).size, 2);
    assertEquals(started.map(({ parent_span_id }) => parent_span_id), [
      span!.data.span_id,
      span!.data.span_id,
    ]);
  },
);

test(
  "index() is a span that says what became of the chunks",
  async () => {
    const { docs } = scene();
    const events = await watch(() => docs.index(sources("gap", "run")));
    const [started] = dataOf(events, "span.started");
    assertEquals([started!.name, started!.kind], ["index", "work"]);
    assertEquals(started!.attributes, { store_type: "InMemoryVectorStore", sources: 2 });
    const [completed] = dataOf(events, "span.completed");
    assertEquals(completed!.attributes, { added: 2, kept: 0, removed: 0 });
  },
);

test("a run that is handed in is published to, and without one nothing is", async () => {
  const { docs } = scene();
  await docs.index(sources("gap"));
  const bus = new EventBus();
  await withRun({ runId: "r1", bus }, async (run) => await docs.retrieve("gap", { run }));
  assertEquals(bus.history("rag.query.completed").length, 1);
});
