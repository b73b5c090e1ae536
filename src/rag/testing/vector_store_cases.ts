import type { Selection, VectorRow, VectorStore } from "../contracts.ts";
import { type Filter, matcher } from "../filter.ts";
import type { Chunk, Metadata } from "../source.ts";

/** A promise that every {@linkcode VectorStore} keeps, as a test. */
export interface VectorStoreCase {
  /** The promise, as the name of the test. */
  readonly name: string;
  /** Resolves if the store keeps it. @throws {Error} That says what was expected, and what was found. */
  run(): Promise<void>;
}

/**
 * What every vector store promises, as tests for any test runner.
 *
 * @param create Makes an empty store; called for each case.
 * @param dimensions The length of the vectors that it takes: at least 3.
 *
 * @example
 * ```ts
 * import { InMemoryVectorStore } from "@locus/core/rag";
 * import { vectorStoreCases } from "@locus/core/rag/testing";
 *
 * const create = () => new InMemoryVectorStore({ dimensions: 4 });
 * for (const { run } of vectorStoreCases(create, 4)) await run(); // test(name, run)
 * ```
 */
export function vectorStoreCases(
  create: () => VectorStore | Promise<VectorStore>,
  dimensions: number,
): readonly VectorStoreCase[] {
  const vector = (...values: number[]) =>
    Float32Array.from({ length: dimensions }, (_, i) => values[i] ?? 0);
  const row = (id: string, values: number[], more: Partial<Chunk> = {}): VectorRow => ({
    chunk: { ...chunkOf(id), ...more },
    vector: vector(...values),
    embedder: "test",
  });
  const three = [row("a_0", [1, 0]), row("a_1", [1, 1]), row("b", [0, 1], { source_id: "b" })];
  const ids = async (store: VectorStore, values: number[], options: object = {}) =>
    (await store.query(vector(...values), { limit: 10, ...options })).map(({ chunk }) => chunk.id);

  const cases: Record<string, (store: VectorStore) => Promise<void>> = {
    "finds the nearest first, with its cosine as score": async (store) => {
      await store.upsert(three);
      const hits = await store.query(vector(2, 0), { limit: 10 });
      same(hits.map(({ chunk }) => chunk.id), ["a_0", "a_1", "b"]);
      for (const [i, score] of [1, Math.SQRT1_2, 0].entries()) near(hits[i]!.score, score);
    },
    "gives a chunk back as it was stored": async (store) => {
      const metadata = { lang: "en", year: 2024, draft: false, note: null };
      const chunk = {
        ...chunkOf("ü/1 '\""),
        content: "Tables\n\n| 😀 |",
        start: 3,
        end: 17,
        metadata,
      };
      await store.upsert([{ chunk, vector: vector(1), embedder: "test" }]);
      same((await store.query(vector(1), { limit: 1 }))[0]?.chunk, chunk);
      const [stored] = await store.rows({ ids: [chunk.id] });
      same(stored?.chunk, chunk);
      same(stored?.embedder, "test");
      near(stored!.vector[0]! / Math.hypot(...stored!.vector), 1);
    },
    "replaces a row of the same id": async (store) => {
      await store.upsert(three);
      await store.upsert([row("a_0", [0, 1], { content: "new" })]);
      same(await store.count(), 3);
      same(await ids(store, [0, 1]), ["a_0", "b", "a_1"]);
      same((await store.rows({ ids: ["a_0"] }))[0]?.chunk.content, "new");
    },
    "puts equal scores in the order of ids": async (store) => {
      await store.upsert(["c", "a", "d", "b"].map((id) => row(id, [1])));
      same(await ids(store, [1], { limit: 3 }), ["a", "b", "c"]);
    },
    "keeps to the limit, and finds nothing where there is nothing": async (store) => {
      same(await ids(store, [1]), []);
      await store.upsert(three);
      same(await ids(store, [1], { limit: 2 }), ["a_0", "a_1"]);
    },
    "leaves out what is below the threshold": async (store) => {
      await store.upsert(three);
      same(await ids(store, [1], { threshold: 0.5 }), ["a_0", "a_1"]);
      same(await ids(store, [-1], { threshold: 0.1 }), []);
    },
    "filters before it counts": async (store) => {
      const rows = Array.from(
        { length: 40 },
        (_, i) => row(`n_${i}`, [1, i / 100], { metadata: { n: i } }),
      );
      await store.upsert(rows);
      same(await ids(store, [1], { limit: 2, filter: { n: { gte: 30 } } }), ["n_30", "n_31"]);
    },
    "filters as matcher() does": async (store) => {
      const rows = METADATA.map((metadata, i) => row(`m_${i}`, [1], { metadata }));
      await store.upsert(rows);
      for (const filter of FILTERS) {
        const passes = matcher(filter);
        const expected = rows.filter(({ chunk }) => passes(chunk.metadata)).map(({ chunk }) =>
          chunk.id
        );
        same(await ids(store, [1], { filter }), expected, JSON.stringify(filter));
        same(await store.count(filter), expected.length, JSON.stringify(filter));
      }
    },
    "finds rows by id, by source and by filter": async (store) => {
      await store.upsert(three);
      const rowsOf = async (what: Selection) =>
        (await store.rows(what)).map(({ chunk }) => chunk.id).sort();
      same(await rowsOf({ ids: ["b", "none", "a_1", "b"] }), ["a_1", "b"]);
      same(await rowsOf({ source: "a" }), ["a_0", "a_1"]);
      same(await rowsOf({ source: "none" }), []);
      same(await rowsOf({ filter: {} }), ["a_0", "a_1", "b"]);
    },
    "deletes by id, by source and by filter, and says how many": async (store) => {
      await store.upsert([...three, row("c", [1], { source_id: "c", metadata: { old: true } })]);
      same(await store.delete({ ids: ["a_0", "none"] }), 1);
      same(await store.delete({ source: "b" }), 1);
      same(await store.delete({ filter: { old: true } }), 1);
      same(await ids(store, [1]), ["a_1"]);
      await store.upsert(three);
      same(await ids(store, [1]), ["a_0", "a_1", "b"]);
    },
    "does nothing for empty lists": async (store) => {
      await store.upsert([]);
      same(await store.rows({ ids: [] }), []);
      same(await store.delete({ ids: [] }), 0);
    },
    "refuses a vector of another length, and names both": async (store) => {
      const wrong = { ...row("x", []), vector: new Float32Array(dimensions + 1) };
      for (
        const attempt of [
          () => store.upsert([row("y", [1]), wrong]),
          () => store.query(wrong.vector, { limit: 1 }),
        ]
      ) {
        const error = await attempt().then(() => null, String);
        const named = [dimensions, dimensions + 1].every((n) => error?.includes(String(n)));
        if (!named) throw new Error(`expected an error with both lengths, got ${error}`);
      }
      same(await store.count(), 0, "nothing of a refused list is stored");
    },
    "stops when it is aborted": async (store) => {
      await store.upsert(three);
      const reason = new Error("enough");
      const options = { limit: 1, signal: AbortSignal.abort(reason) };
      const error = await store.query(vector(1), options).then(() => null, (error) => error);
      if (error !== reason) throw new Error(`expected the signal's reason, got ${error}`);
    },
  };
  return Object.entries(cases).map(([name, check]) => ({
    name,
    run: async () => await check(await create()),
  }));
}

function chunkOf(id: string): Chunk {
  const content = `content of ${id}`;
  return {
    id,
    source_id: id.split("_")[0]!,
    index: 0,
    start: 0,
    end: content.length,
    content,
    headings: ["Guide", "Part"],
    kind: "text",
    title: null,
    uri: "https://example.com/a",
    metadata: {},
  };
}

const METADATA: readonly Metadata[] = [
  { lang: "en", year: 2020, draft: true },
  { lang: "de", year: 2021 },
  { lang: "en", year: null },
  { year: "2020" },
  {},
];

const FILTERS: readonly Filter[] = [
  {},
  { lang: "en" },
  { lang: "en", draft: true },
  { year: null },
  { lang: { ne: "en" } },
  { lang: { in: ["de", "fr"] } },
  { lang: { in: [] } },
  { year: { gt: 2020 } },
  { year: { gte: 2020, lt: 2021 } },
  { year: { lte: "2020" } },
  { draft: { exists: true } },
  { year: { exists: false } },
  { and: [{ lang: "en" }, { year: 2020 }] },
  { or: [{ lang: "de" }, { draft: true }] },
  { or: [] },
  { not: { lang: "en" } },
  { not: { and: [{ lang: "en" }, { not: { draft: true } }] } },
  { unknown: "x" },
];

function same(found: unknown, expected: unknown, what = ""): void {
  const [left, right] = [found, expected].map((value) => JSON.stringify(value, sortKeys));
  if (left !== right) throw new Error(`${what} expected ${right}, got ${left}`.trim());
}

function near(found: number, expected: number): void {
  if (!(Math.abs(found - expected) < 1e-3)) throw new Error(`expected ${expected}, got ${found}`);
}

/** Keys in one order: databases have their own. */
function sortKeys(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1));
}
