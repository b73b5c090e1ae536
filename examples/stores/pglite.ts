/** PostgreSQL in this process as a vector store, with pgvector's distances. */
import { PGlite } from "@electric-sql/pglite";
import { vector as pgvector } from "@electric-sql/pglite-pgvector";
import { checkDimensions, matcher, selector } from "@locus/core/rag";
import type { Chunk, Selection, Vector, VectorStore } from "@locus/core/rag";

type Row = { chunk: Chunk; embedder: string; vector: string; score: number };

export async function pgliteStore(
  folder: string,
  dimensions: number,
): Promise<VectorStore> {
  const db = await PGlite.create(folder, { extensions: { vector: pgvector } });
  await db.exec(`CREATE EXTENSION IF NOT EXISTS vector;
    CREATE TABLE IF NOT EXISTS chunks (id TEXT COLLATE "C" PRIMARY KEY,
      chunk JSON, embedder TEXT, vector vector(${dimensions}))`);

  const literal = (vector: Vector) => {
    checkDimensions("PGlite", vector, dimensions);
    return `[${[...vector]}]`;
  };
  const rows = async (what: Selection) => {
    const isMeant = selector(what);
    const { rows } = await db.query<Row>("SELECT chunk, embedder, vector FROM chunks");
    return rows.filter(({ chunk }) => isMeant(chunk))
      .map((row) => ({ ...row, vector: JSON.parse(row.vector) as number[] }));
  };
  return {
    storeType: "PGlite",
    dimensions,
    async upsert(list) {
      const ready = list.map((
        { chunk, embedder, vector },
      ) => [chunk.id, JSON.stringify(chunk), embedder, literal(vector)]);
      await db.transaction(async (tx) => {
        for (const row of ready) {
          await tx.query("DELETE FROM chunks WHERE id = $1", [row[0]]);
          await tx.query("INSERT INTO chunks VALUES ($1, $2::text::json, $3, $4)", row);
        }
      });
    },
    async query(vector, { limit, filter = {}, threshold = -2, signal }) {
      signal?.throwIfAborted();
      const passes = matcher(filter);
      const { rows } = await db.query<Row>(
        "SELECT chunk, 1 - (vector <=> $1) AS score FROM chunks ORDER BY score DESC, id",
        [literal(vector)],
      );
      return rows.filter(({ chunk, score }) => score >= threshold && passes(chunk.metadata))
        .map(({ chunk, score }) => ({ chunk, score })).slice(0, limit);
    },
    rows,
    async delete(what) {
      const ids = (await rows(what)).map(({ chunk }) => chunk.id);
      await db.query("DELETE FROM chunks WHERE id = ANY($1)", [ids]);
      return ids.length;
    },
    count: async (filter = {}) => (await rows({ filter })).length,
  };
}
