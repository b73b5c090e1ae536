import { test } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "../harness/support/property.ts";
import {
  type Filter,
  InMemoryKeywordIndex,
  InMemoryVectorStore,
  matcher,
} from "../../src/rag/mod.ts";
import { vectorStoreCases } from "../../src/rag/testing/mod.ts";
import type { Chunk } from "../../src/rag/mod.ts";

for (
  const { name, run } of vectorStoreCases(() => new InMemoryVectorStore({ dimensions: 5 }), 5)
) test(`InMemoryVectorStore ${name}`, run);

const chunk = (id: string, content = id, metadata = {}): Chunk => ({
  id,
  source_id: id.split("_")[0]!,
  index: 0,
  start: 0,
  end: content.length,
  content,
  headings: [],
  kind: "text",
  title: null,
  uri: null,
  metadata,
});

test("the contract suite notices a store that breaks a promise", async () => {
  class Forgetful extends InMemoryVectorStore {
    override delete = () => Promise.resolve(0);
  }
  const failed: string[] = [];
  for (const { name, run } of vectorStoreCases(() => new Forgetful({ dimensions: 3 }), 3)) {
    await run().catch(() => failed.push(name));
  }
  assertEquals(failed, ["deletes by id, by source and by filter, and says how many"]);
});

test("InMemoryVectorStore finds what a sort of all rows finds, with rows freed and used again", async () => {
  const values = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 3, maxLength: 3 });
  const rows = fc.array(fc.record({ id: fc.integer({ min: 0, max: 30 }), values }), {
    maxLength: 60,
  });
  const gone = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(rows, gone, rows, values, async (first, deleted, second, query) => {
      const store = new InMemoryVectorStore({ dimensions: 3 });
      const kept = new Map<string, number[]>();
      const upsert = async (list: typeof first) => {
        for (const { id, values } of list) kept.set(`${id}`, values);
        await store.upsert(
          list.map(({ id, values }) => ({ chunk: chunk(`${id}`), vector: values, embedder: "e" })),
        );
      };
      await upsert(first);
      for (const id of deleted) kept.delete(`${id}`);
      await store.delete({ ids: deleted.map(String) });
      await upsert(second);
      const hits = await store.query(query, { limit: 5 });
      const unit = (v: number[]) => {
        const copy = Float32Array.from(v);
        const norm = Math.hypot(...v) || 1;
        return copy.map((x) => x / norm);
      };
      const [wanted] = [unit(query)];
      const scores = [...kept.values()].map((v) =>
        unit(v).reduce((sum, x, i) => sum + x * wanted![i]!, 0)
      ).sort((a, b) => b - a);
      assertEquals(
        hits.map(({ score }) => score.toFixed(4)),
        scores.slice(0, 5).map((s) => s.toFixed(4)),
      );
    }),
    { numRuns: 300 },
  );
});

test("InMemoryVectorStore refuses more rows than it may hold, and stores none of them", async () => {
  const store = new InMemoryVectorStore({ dimensions: 1, maxRows: 2 });
  const row = (id: string) => ({ chunk: chunk(id), vector: [1], embedder: "e" });
  await store.upsert([row("a"), row("b")]);
  await store.upsert([row("a")]);
  await assertRejects(
    () => store.upsert([row("b"), row("c")]),
    RangeError,
    '3 rows are more than "maxRows", 2',
  );
  assertEquals(await store.count(), 2);
  await assertRejects(() => store.upsert([{ ...row("a"), vector: [NaN] }]), RangeError, "finite");
});

test("1,000 random filters pass what plain code passes", () => {
  const value = fc.constantFrom<string | number | boolean | null>("a", "b", 0, 1, 2, true, null);
  const metadata = fc.dictionary(fc.constantFrom("x", "y"), value, { maxKeys: 2 });
  const condition = fc.oneof(
    value,
    fc.record({ eq: value }),
    fc.record({ ne: value }),
    fc.record({ in: fc.array(value, { maxLength: 3 }) }),
    fc.record({ gt: fc.constantFrom(0, 1, "a") }),
    fc.record({ gte: fc.constantFrom(0, 1, "a"), lt: fc.constantFrom(2, "b") }),
    fc.record({ exists: fc.boolean() }),
  );
  const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3 },
      fc.dictionary(fc.constantFrom("x", "y"), condition, { maxKeys: 2 }) as fc.Arbitrary<Filter>,
      fc.record({ and: fc.array(tie("filter"), { maxLength: 3 }) }),
      fc.record({ or: fc.array(tie("filter"), { maxLength: 3 }) }),
      fc.record({ not: tie("filter") }),
    ),
  }));
  fc.assert(
    fc.property(filter, metadata, (filter, metadata) => {
      assertEquals(matcher(filter)(metadata), plain(filter, metadata));
    }),
    { numRuns: 1000 },
  );
});

// deno-lint-ignore no-explicit-any
function plain(filter: any, metadata: any): boolean {
  if (Array.isArray(filter.and)) return !filter.and.some((f: unknown) => !plain(f, metadata));
  if (Array.isArray(filter.or)) return filter.or.some((f: unknown) => plain(f, metadata));
  if (typeof filter.not === "object" && filter.not !== null) return !plain(filter.not, metadata);
  for (const name in filter) {
    const [wanted, value] = [filter[name], metadata[name]];
    if (typeof wanted !== "object" || wanted === null) {
      if (value !== wanted) return false;
      continue;
    }
    if ("eq" in wanted && value !== wanted.eq) return false;
    if ("ne" in wanted && value === wanted.ne) return false;
    if ("in" in wanted && !wanted.in.includes(value)) return false;
    if ("exists" in wanted && wanted.exists !== name in metadata) return false;
    for (const op of ["gt", "gte", "lt"]) {
      if (!(op in wanted)) continue;
      if (typeof value !== typeof wanted[op]) return false;
      if (op === "gt" && value <= wanted.gt) return false;
      if (op === "gte" && value < wanted.gte) return false;
      if (op === "lt" && value >= wanted.lt) return false;
    }
  }
  return true;
}

test("a filter that is none is refused with what there is", () => {
  assertThrows(
    () => matcher({ x: { near: 1 } } as never),
    TypeError,
    '"x" has no condition "near"',
  );
  assertThrows(() => matcher({ x: [1] } as never), TypeError, '"x" must be a text, a number');
  assertThrows(() => matcher({ x: { gt: true } } as never), TypeError, '"x.gt" cannot be true');
  assertThrows(() => matcher({ x: { in: "a" } } as never), TypeError, '"x.in" cannot be "a"');
});

async function keywordIndex(...texts: string[]) {
  const index = new InMemoryKeywordIndex();
  await index.upsert(texts.map((text, i) => chunk(`s${i}`, text, { n: i })));
  const query = async (text: string, options = {}) =>
    (await index.query(text, { limit: 10, ...options })).map(({ chunk }) => chunk.id);
  return { index, query };
}

test("InMemoryKeywordIndex ranks rare words above common ones, and short texts above long ones", async () => {
  const { query } = await keywordIndex(
    "the bus and the log",
    "the epoch of the bus",
    "the epoch",
    "nothing of that",
  );
  assertEquals(await query("the epoch"), ["s2", "s1", "s0"]);
  assertEquals(await query("unknown"), []);
  assertEquals(await query("The EPOCH!", { limit: 1 }), ["s2"]);
  assertEquals(await query("epoch", { filter: { n: 1 } }), ["s1"]);
});

test("InMemoryKeywordIndex has BM25's scores", async () => {
  const { index } = await keywordIndex("gap gap run", "run", "bus");
  const [hit] = await index.query("gap", { limit: 1 });
  const [rarity, average] = [Math.log(1 + (3 - 1 + 0.5) / (1 + 0.5)), 5 / 3];
  const expected = rarity * 2 * 2.2 / (2 + 1.2 * (1 - 0.75 + 0.75 * 3 / average));
  assertEquals(hit?.score.toFixed(10), expected.toFixed(10));
});

test("InMemoryKeywordIndex forgets what is replaced or deleted", async () => {
  const { index, query } = await keywordIndex("gap", "run");
  await index.upsert([chunk("s0", "bus")]);
  assertEquals([await query("gap"), await query("bus")], [[], ["s0"]]);
  assertEquals(await index.delete({ source: "s1" }), 1);
  assertEquals(await index.delete({ ids: ["s1", "s0", "s0"] }), 1);
  assertEquals(await query("bus run"), []);
});

test("InMemoryKeywordIndex finds words inside of names and of scripts without spaces", async () => {
  const { query } = await keywordIndex("subscribeGlobal(after)", "全文検索の仕組み");
  assertEquals(await query("global"), ["s0"]);
  assertEquals(await query("検索"), ["s1"]);
});

test("InMemoryKeywordIndex is the same, whatever was replaced and deleted before", async () => {
  const words = fc.array(fc.constantFrom("gap", "run", "bus", "log", "the"), { maxLength: 6 });
  const step = fc.record({ id: fc.nat(6), text: fc.option(words.map((all) => all.join(" "))) });
  const steps = fc.array(step, { minLength: 1, maxLength: 20 });
  // So often that the places of what went are used again.
  const repeats = fc.constantFrom(1, 2500);
  await fc.assert(
    fc.asyncProperty(steps, repeats, async (steps, repeats) => {
      const index = new InMemoryKeywordIndex();
      // This one stays, and so does its place.
      const kept = new Map([["first", chunk("first", "gap run bus log the")]]);
      await index.upsert([...kept.values()]);
      for (let i = 0; i < repeats; i++) {
        const { id, text } = steps[i % steps.length]!;
        const name = `s${id}`;
        if (text === null) {
          assertEquals(await index.delete({ ids: [name] }), Number(kept.delete(name)));
        } else {
          kept.set(name, chunk(name, text));
          await index.upsert([kept.get(name)!]);
        }
      }
      const fresh = new InMemoryKeywordIndex();
      await fresh.upsert([...kept.values()]);
      for (const text of ["gap", "the run", "bus log gap run"]) {
        assertEquals(await index.query(text, { limit: 9 }), await fresh.query(text, { limit: 9 }));
      }
    }),
    { numRuns: 30 },
  );
});
