/** Orama as a vector store: it compares all rows, so filters run behind it. */
import { create, insertMultiple, removeMultiple, search } from "@orama/orama";
import { checkDimensions, matcher, selector } from "@locus/core/rag";
import type { Selection, VectorRow, VectorStore } from "@locus/core/rag";

export function oramaStore(dimensions: number): VectorStore {
  const db = create({
    schema: { vector: `vector[${dimensions}]` as "vector[1]" },
  });
  const kept = new Map<string, VectorRow>();

  const rows = (what: Selection) => {
    const isMeant = selector(what);
    return [...kept.values()].filter(({ chunk }) => isMeant(chunk));
  };
  const remove = async (what: Selection) => {
    const ids = rows(what).map(({ chunk }) => chunk.id);
    for (const id of ids) kept.delete(id);
    if (ids.length > 0) await removeMultiple(db, ids);
    return ids.length;
  };
  return {
    storeType: "Orama",
    dimensions,
    async upsert(list) {
      const docs = list.map(({ chunk: { id }, vector }) => {
        checkDimensions("Orama", vector, dimensions);
        return { id, vector: [...vector] };
      });
      await remove({ ids: docs.map(({ id }) => id) });
      for (const row of list) kept.set(row.chunk.id, row);
      await insertMultiple(db, docs);
    },
    async query(vector, { limit, filter = {}, threshold = -2, signal }) {
      signal?.throwIfAborted();
      checkDimensions("Orama", vector, dimensions);
      const { hits } = await search(db, {
        mode: "vector",
        vector: { value: [...vector], property: "vector" },
        similarity: threshold,
        limit: kept.size,
        // Without them, a search empties the vectors that are stored.
        includeVectors: true,
      });
      const passes = matcher(filter);
      return hits.map(({ id, score }) => ({
        chunk: kept.get(id)!.chunk,
        score,
      }))
        .filter(({ chunk }) => passes(chunk.metadata))
        .sort((a, b) => b.score - a.score || (a.chunk.id < b.chunk.id ? -1 : 1))
        .slice(0, limit);
    },
    rows: (what) => Promise.resolve(rows(what)),
    delete: remove,
    count: (filter = {}) => Promise.resolve(rows({ filter }).length),
  };
}
