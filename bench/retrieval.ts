/**
 * What finding the 10 nearest of 100,000 vectors costs, beside Orama and sqlite-vec, all in memory.
 *
 * Method: vectors of 384 numbers from a seed, 20 questions. `ms` is milliseconds a question: the median of three rounds of all
 * questions, the contenders in turns, in changing order. Filling a store is `fill_s`, once, in seconds. What is found has to be what
 * the others find. Orama with `includeVectors`, because without it a search empties its vectors; sqlite-vec with a `vec0` table,
 * where the runtime has `node:sqlite`. `ratio` is how many times as long as ours.
 *
 * Run alone: `deno run -A bench/retrieval.ts`, or the same file with `node`.
 */
import { create, insertMultiple, search } from "@orama/orama";
import { InMemoryVectorStore } from "@locus/core/rag";
import { getLoadablePath } from "sqlite-vec";
import { type Row, runCase, verify } from "./support/case.ts";
import { alternate, median } from "./support/rounds.ts";
import { startStopwatch } from "./support/stopwatch.ts";

const DIMENSIONS = 384;
const LIMIT = 10;

/** A filled store: the ids of the nearest. */
type Find = (vector: Float32Array) => Promise<readonly string[]> | readonly string[];
type Fill = (vectors: readonly Float32Array[]) => Promise<Find>;

const subjects: Readonly<Record<string, Fill>> = {
  async Locus(vectors) {
    const store = new InMemoryVectorStore({ dimensions: DIMENSIONS });
    const nothing = { source_id: "", index: 0, start: 0, end: 0, content: "", headings: [] };
    await store.upsert(vectors.map((vector, i) => ({
      chunk: { ...nothing, id: `${i}`, kind: "text", title: null, uri: null, metadata: {} },
      vector,
      embedder: "",
    })));
    return async (vector) =>
      (await store.query(vector, { limit: LIMIT })).map(({ chunk }) => chunk.id);
  },
  async Orama(vectors) {
    const db = create({ schema: { vector: `vector[${DIMENSIONS}]` as "vector[1]" } });
    const docs = vectors.map((vector, i) => ({ id: `${i}`, vector: [...vector] }));
    await insertMultiple(db, docs, 5000);
    return async (vector) => {
      const { hits } = await search(db, {
        mode: "vector",
        vector: { value: [...vector], property: "vector" },
        similarity: 0,
        limit: LIMIT,
        includeVectors: true,
      });
      return hits.map(({ id }) => id);
    };
  },
  async "sqlite-vec"(vectors) {
    const { DatabaseSync } = await import("node:sqlite");
    const db = new DatabaseSync(":memory:", { allowExtension: true });
    db.loadExtension(getLoadablePath());
    db.exec(
      `CREATE VIRTUAL TABLE v USING vec0(vector float[${DIMENSIONS}] distance_metric=cosine)`,
    );
    const insert = db.prepare("INSERT INTO v(rowid, vector) VALUES (?, ?)");
    const bytes = (vector: Float32Array) => new Uint8Array(vector.buffer);
    db.exec("BEGIN");
    vectors.forEach((vector, i) => insert.run(BigInt(i), bytes(vector)));
    db.exec("COMMIT");
    const nearest = db.prepare(`SELECT rowid FROM v WHERE vector MATCH ? AND k = ${LIMIT}`);
    return (vector) => nearest.all(bytes(vector)).map(({ rowid }) => `${rowid}`);
  },
};

await runCase("retrieval: ms a question, the 10 nearest of 100,000", async ({ quick }) => {
  const vectors = seeded(quick ? 500 : 100_000, 1);
  const questions = seeded(quick ? 2 : 20, 2);
  const finds = new Map<string, Find>();
  const rows: Row[] = [];
  for (const [subject, fill] of Object.entries(subjects)) {
    const elapsed = startStopwatch();
    // Not every runtime has SQLite.
    const find = await fill(vectors).catch((error) => console.error(`${subject}: ${error}`));
    if (find === undefined) continue;
    finds.set(subject, find);
    rows.push({ subject, setting: "384 dimensions", figures: { fill_s: elapsed() / 1000 } });
  }
  const right = await finds.get("Locus")!(questions[0]!);
  const times = new Map(rows.map(({ subject }) => [subject, [] as number[]]));
  for (let round = 0; round < (quick ? 1 : 3); round++) {
    for (const [subject, find] of alternate([...finds], round)) {
      const found = await find(questions[0]!);
      verify(`${found}` === `${right}`, () => `${subject} found ${found}, not ${right}`);
      const elapsed = startStopwatch();
      for (const question of questions) await find(question);
      times.get(subject)!.push(elapsed() / questions.length);
    }
  }
  const ours = median(times.get("Locus")!);
  return rows.map(({ figures, ...row }) => {
    const ms = median(times.get(row.subject)!);
    return { ...row, figures: { ms, ratio: ms / ours, ...figures } };
  });
});

function seeded(count: number, seed: number): Float32Array[] {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return Array.from({ length: count }, () => Float32Array.from({ length: DIMENSIONS }, next));
}
