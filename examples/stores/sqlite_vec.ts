/** A file of SQLite as a vector store, with the distances of sqlite-vec. */
// deno-lint-ignore-file require-await
import { DatabaseSync } from "node:sqlite";
import { getLoadablePath } from "sqlite-vec";
import { checkDimensions, matcher, selector } from "@locus/core/rag";
import type { Selection, Vector, VectorStore } from "@locus/core/rag";

export function sqliteVecStore(path: string, dimensions: number): VectorStore {
  const db = new DatabaseSync(path, { allowExtension: true });
  db.loadExtension(getLoadablePath());
  db.exec(`CREATE TABLE IF NOT EXISTS chunks
    (id TEXT PRIMARY KEY, chunk TEXT, embedder TEXT, vector BLOB)`);
  const insert = db.prepare("REPLACE INTO chunks VALUES (?, ?, ?, ?)");
  const remove = db.prepare("DELETE FROM chunks WHERE id = ?");
  const all = db.prepare("SELECT chunk, embedder, vector FROM chunks");
  const nearest = db.prepare(`SELECT chunk, 1 - vec_distance_cosine(vector, ?)
    AS score FROM chunks ORDER BY score DESC, id`);

  const bytes = (vector: Vector) => {
    checkDimensions("sqlite-vec", vector, dimensions);
    return new Uint8Array(Float32Array.from(vector).buffer);
  };
  const rows = (what: Selection) => {
    const isMeant = selector(what);
    return all.all().map((row) => ({
      chunk: JSON.parse(row.chunk as string),
      embedder: row.embedder as string,
      vector: new Float32Array((row.vector as Uint8Array).slice().buffer),
    })).filter(({ chunk }) => isMeant(chunk));
  };
  return {
    storeType: "sqlite-vec",
    dimensions,
    async upsert(list) {
      const ready = list.map(({ chunk, embedder, vector }) =>
        [chunk.id, JSON.stringify(chunk), embedder, bytes(vector)] as const
      );
      for (const row of ready) insert.run(...row);
    },
    async query(vector, { limit, filter = {}, threshold = -2, signal }) {
      signal?.throwIfAborted();
      const passes = matcher(filter);
      const hits = [];
      // Best first, and no further than needed.
      for (const row of nearest.iterate(bytes(vector))) {
        const [chunk, score] = [
          JSON.parse(row.chunk as string),
          row.score as number,
        ];
        if (hits.length === limit || score < threshold) break;
        if (passes(chunk.metadata)) hits.push({ chunk, score });
      }
      return hits;
    },
    rows: async (what) => rows(what),
    delete: async (what) => rows(what).map(({ chunk }) => remove.run(chunk.id)).length,
    count: async (filter = {}) => rows({ filter }).length,
  };
}
