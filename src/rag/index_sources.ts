import { canonicalJson } from "../core/json.ts";
import { abortable } from "../core/waits.ts";
import type { Embedder, KeywordIndex, VectorRow, VectorStore } from "./contracts.ts";
import { embed } from "./search/search.ts";
import type { Chunk, Chunker, Source } from "./source.ts";

/** What became of the chunks of an {@linkcode Retriever.index}. */
export interface IndexReport {
  /** Embedded, because they are new or changed. */
  readonly added: number;
  /** Known, so their vectors were kept. */
  readonly kept: number;
  /** No longer part of their source. */
  readonly removed: number;
}

/** What indexes. */
export interface IndexParts {
  readonly embedder: Embedder;
  readonly store: VectorStore;
  readonly keywords: KeywordIndex | null;
  readonly chunker: Chunker;
}

/**
 * Makes the store what the sources say. Only texts that it does not know are embedded. What is new is stored before what is
 * old is deleted, so a query meanwhile finds one of them, never neither.
 */
export async function indexSources(
  parts: IndexParts,
  sources: readonly Source[],
  signal: AbortSignal | undefined,
): Promise<IndexReport> {
  const report = { added: 0, kept: 0, removed: 0 };
  let waiting: Plan[] = [];
  const owners = new Map<string, string>();
  for (const source of sources) {
    signal?.throwIfAborted();
    const plan = await planSource(parts, source, signal);
    for (const { id } of plan.chunks) {
      const owner = owners.get(id);
      if (owner !== undefined) throw collision(source, id, owner);
      owners.set(id, source.id);
    }
    waiting.push(plan);
    report.added += plan.unknown.length;
    report.kept += plan.chunks.length - plan.unknown.length;
    report.removed += plan.removed;
    // Small sources share a call of the model.
    const count = waiting.reduce((sum, { unknown }) => sum + unknown.length, 0);
    if (count < parts.embedder.maxBatch) continue;
    await carryOut(parts, waiting, signal);
    waiting = [];
  }
  await carryOut(parts, waiting, signal);
  return report;
}

/** What has to be done for a source. */
interface Plan {
  readonly chunks: readonly Chunk[];
  /** Chunks whose text has no vector yet. */
  readonly unknown: readonly Chunk[];
  /** Rows with a known vector that say something else than what is stored: text before them has changed. */
  readonly moved: readonly VectorRow[];
  readonly gone: readonly string[];
  readonly removed: number;
}

async function planSource(
  parts: IndexParts,
  source: Source,
  signal: AbortSignal | undefined,
): Promise<Plan> {
  const { embedder, store, chunker } = parts;
  const chunks = chunker(source);
  const stored = await abortable(store.rows({ source: source.id }), signal);
  const ids = new Set(chunks.map(({ id }) => id));
  const byId = new Map(stored.map((row) => [row.chunk.id, row]));
  const byText = new Map(
    stored.filter((row) => row.embedder === embedder.id).map((row) => [row.chunk.content, row]),
  );
  const texts = new Set(chunks.map(({ content }) => content));
  await abortable(checkOwners(store, source, [...ids].filter((id) => !byId.has(id))), signal);
  return {
    chunks,
    unknown: chunks.filter(({ content }) => !byText.has(content)),
    moved: chunks.flatMap((chunk): VectorRow[] => {
      const known = byText.get(chunk.content);
      if (known === undefined) return [];
      const there = byId.get(chunk.id);
      const isSame = there?.embedder === embedder.id &&
        canonicalJson(there.chunk) === canonicalJson(chunk);
      return isSame ? [] : [{ ...known, chunk }];
    }),
    gone: stored.map(({ chunk }) => chunk.id).filter((id) => !ids.has(id)),
    removed:
      stored.filter(({ chunk, embedder: by }) => by !== embedder.id || !texts.has(chunk.content))
        .length,
  };
}

/** The sources `a_0` and `a` could both have a chunk `a_0`. */
async function checkOwners(store: VectorStore, source: Source, ids: readonly string[]) {
  if (ids.length === 0) return;
  const [taken] = await store.rows({ ids });
  if (taken !== undefined) throw collision(source, taken.chunk.id, taken.chunk.source_id);
}

function collision(source: Source, id: string, owner: string): Error {
  const what = owner === source.id
    ? `source "${source.id}" is given twice`
    : `source "${source.id}" would replace chunk "${id}" of source "${owner}"; rename one`;
  return new Error(`index(): ${what}`);
}

async function carryOut(parts: IndexParts, plans: readonly Plan[], signal?: AbortSignal) {
  const { embedder, store, keywords } = parts;
  const unknown = plans.flatMap((plan) => plan.unknown);
  const rows = plans.flatMap(({ moved }) => moved);
  for (let from = 0; from < unknown.length; from += embedder.maxBatch) {
    signal?.throwIfAborted();
    const batch = unknown.slice(from, from + embedder.maxBatch);
    const texts = batch.map(({ content }) => content);
    const vectors = await embed(embedder, texts, "document", signal);
    batch.forEach((chunk, i) => rows.push({ chunk, vector: vectors[i]!, embedder: embedder.id }));
  }
  // A part that does not answer must not hold up those who wait for their turn.
  const wait = (change: unknown) => abortable(Promise.resolve(change), signal);
  signal?.throwIfAborted();
  if (rows.length > 0) await wait(store.upsert(rows));
  // All of them: an index in memory may be younger than the store.
  await wait(keywords?.upsert(plans.flatMap(({ chunks }) => chunks)));
  const gone = plans.flatMap((plan) => plan.gone);
  if (gone.length === 0) return;
  await wait(store.delete({ ids: gone }));
  await wait(keywords?.delete({ ids: gone }));
}
