import { checkRecord, checkRun, checkSignal, checkText } from "../core/checks.ts";
import { describe, hasMethod, isRecord } from "../core/describe.ts";
import { summarize } from "../core/error_text.ts";
import { readChoice, readName, readWhole } from "../core/option_values.ts";
import { checkFunction, checkOptions } from "../core/options.ts";
import { ambientRun } from "../core/run/run_context.ts";
import type { AnyRun } from "../core/run/run.ts";
import { enterSpan, startSpan } from "../core/run/span.ts";
import { abortable } from "../core/waits.ts";
import { InTurn } from "../memory/in_turn.ts";
import { chunker as makeChunker } from "./chunker/chunker.ts";
import type { Embedder, KeywordIndex, Reranker, Selection, VectorStore } from "./contracts.ts";
import { isValue } from "./filter.ts";
import { type IndexParts, type IndexReport, indexSources } from "./index_sources.ts";
import { type EmbeddingModel, readEmbedder } from "./models/embedder.ts";
import { type RerankingModel, toReranker } from "./models/reranker.ts";
import { documentsText, type DocumentsTextOptions } from "./prompt/spotlight.ts";
import type { Hit } from "./search/hit.ts";
import { MAX_LIMIT, readQuery, type RetrieveOptions } from "./search/query.ts";
import { inQuerySpan } from "./search/query_span.ts";
import { search, type SearchParts } from "./search/search.ts";
import { Stages } from "./search/stages.ts";
import type { Chunk, Chunker, Source } from "./source.ts";

/** Options of {@linkcode retriever}. */
export interface RetrieverOptions {
  /** Makes vectors: an embedding model of the AI SDK, or your own. */
  embedder: Embedder | EmbeddingModel;
  /** Keeps them. */
  store: VectorStore;
  /** Searches by words as well, and the two results are fused. @default {by meaning alone} */
  keywords?: KeywordIndex;
  /** Sorts what was found once more: a reranking model of the AI SDK, or your own. @default {none} */
  reranker?: Reranker | RerankingModel;
  /** Cuts sources. @default {chunker()} */
  chunker?: Chunker;
  /** How many documents a query gives. @default {5} */
  limit?: number;
  /** How many are looked at where something is fused, reranked or made diverse. @default {50} */
  pool?: number;
}

/** What was found. */
export interface Retrieval {
  /** What was asked. */
  readonly query: string;
  /** The documents, best first. */
  readonly documents: readonly Hit[];
}

/** Options of what changes the store. */
export interface IndexOptions {
  /** Rejects with its reason when aborted. What was stored by then is known the next time. */
  signal?: AbortSignal;
  /** The run to publish to, where no context reaches. @default {the current run} */
  run?: AnyRun;
}

/** Indexes sources and finds what answers a question. Make one with {@linkcode retriever}. */
export interface Retriever {
  /**
   * Finds documents. In a run it is a span: `rag.query.started` and `rag.query.completed`, with the documents as content
   * where content is asked for.
   *
   * @throws {TypeError | RangeError} If the query is empty, or an option is wrong.
   */
  retrieve(query: string, options?: RetrieveOptions): Promise<Retrieval>;
  /** The same as a text for a prompt: {@linkcode documentsText}. */
  retrieveText(query: string, options?: RetrieveOptions & DocumentsTextOptions): Promise<string>;
  /**
   * Makes the store what these sources say; others stay. What is known is not embedded again, chunks that are gone are
   * deleted. Calls wait for each other.
   *
   * @throws {Error} If two sources would have a chunk of the same id.
   */
  index(sources: readonly Source[], options?: IndexOptions): Promise<IndexReport>;
  /** The chunks with these ids, in this order; those that are not there are left out. */
  get(ids: readonly string[]): Promise<readonly Chunk[]>;
  /** Removes what is meant, from the keywords, too. @returns How many chunks that were. */
  delete(what: Selection): Promise<number>;
}

/**
 * Puts a retriever together.
 *
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 * @throws {RangeError} If a number is out of range.
 *
 * @example
 * ```ts
 * import { InMemoryVectorStore, retriever } from "@locus/core/rag";
 * import { hashEmbedder } from "@locus/core/rag/testing";
 * import { assertEquals } from "@std/assert";
 *
 * // In your program: openai.embedding("text-embedding-3-small"), and as many dimensions as it has.
 * const embedder = hashEmbedder({ dimensions: 256 });
 * const docs = retriever({ embedder, store: new InMemoryVectorStore({ dimensions: 256 }) });
 * await docs.index([
 *   { id: "gaps.md", text: "# Gaps\n\nA gap says how many events were missed." },
 *   { id: "runs.md", text: "# Runs\n\nA run has an id and a history." },
 * ]);
 *
 * const { documents } = await docs.retrieve("missed events", { limit: 1 });
 * assertEquals(documents[0]?.chunk.source_id, "gaps.md");
 * ```
 */
export function retriever(options: RetrieverOptions): Retriever {
  const owner = "retriever()";
  checkOptions(owner, options, OPTIONS);
  const { store, keywords = null, reranker = null, chunker = makeChunker() } = options;
  if (!["upsert", "query", "rows", "delete"].every((name) => hasMethod(store, name))) {
    throw new TypeError(`${owner}: "store" must be a vector store, got ${describe(store)}`);
  }
  if (
    keywords !== null && !["upsert", "query", "delete"].every((name) => hasMethod(keywords, name))
  ) {
    throw new TypeError(`${owner}: "keywords" must be a keyword index, got ${describe(keywords)}`);
  }
  checkFunction(owner, "chunker", chunker);
  const parts: SearchParts & IndexParts = {
    store,
    keywords,
    chunker,
    embedder: readEmbedder(owner, options.embedder),
    reranker: reranker === null ? null : readReranker(owner, reranker),
  };
  return new ComposedRetriever(parts, {
    limit: readWhole(owner, "limit", options.limit ?? 5, 1, MAX_LIMIT),
    pool: readWhole(owner, "pool", options.pool ?? 50, 1, MAX_LIMIT),
  });
}

class ComposedRetriever implements Retriever {
  readonly #parts: SearchParts & IndexParts;
  readonly #defaults: { readonly limit: number; readonly pool: number };
  readonly #changes = new InTurn();

  constructor(
    parts: SearchParts & IndexParts,
    defaults: { readonly limit: number; readonly pool: number },
  ) {
    this.#parts = parts;
    this.#defaults = defaults;
  }

  async retrieve(query: string, options: RetrieveOptions = {}): Promise<Retrieval> {
    const read = readQuery("retrieve()", query, options, this.#defaults);
    const stages = new Stages(read.signal);
    const run = options.run ?? ambientRun();
    const work = () => search(this.#parts, read, stages);
    return { query, documents: await inQuerySpan(run, this.#parts, read, stages, work) };
  }

  async retrieveText(
    query: string,
    { separator, spotlight, ...options }: RetrieveOptions & DocumentsTextOptions = {},
  ): Promise<string> {
    const { documents } = await this.retrieve(query, options);
    return documentsText(documents, { separator, spotlight });
  }

  async index(sources: readonly Source[], options: IndexOptions = {}): Promise<IndexReport> {
    checkOptions("index()", options, ["signal", "run"]);
    const { signal, run = ambientRun() } = options;
    checkSignal("index()", signal);
    if (run !== undefined) checkRun('index(): "run" must be', run);
    sources.forEach(checkSource);
    const work = () => indexSources(this.#parts, sources, signal);
    // Also while it waits for its turn.
    return await abortable(this.#changes.run("", () => this.#inSpan(run, sources, work)), signal);
  }

  async get(ids: readonly string[]): Promise<readonly Chunk[]> {
    const rows = await this.#parts.store.rows({ ids });
    const chunks = new Map(rows.map(({ chunk }) => [chunk.id, chunk]));
    return ids.flatMap((id) => chunks.get(id) ?? []);
  }

  async delete(what: Selection): Promise<number> {
    return await this.#changes.run("", async () => {
      const [count] = await Promise.all([
        this.#parts.store.delete(what),
        this.#parts.keywords?.delete(what),
      ]);
      return count;
    });
  }

  async #inSpan(
    run: AnyRun | undefined,
    sources: readonly Source[],
    work: () => Promise<IndexReport>,
  ): Promise<IndexReport> {
    if (run === undefined) return await work();
    const attributes = { store_type: this.#parts.store.storeType, sources: sources.length };
    const span = startSpan(run, "index", "work", attributes);
    try {
      const report = await enterSpan(run, span.id, work);
      span.complete(true, null, { attributes: { ...report } });
      return report;
    } catch (error) {
      span.complete(false, summarize(error));
      throw error;
    }
  }
}

function readReranker(owner: string, value: Reranker | RerankingModel): Reranker {
  if (hasMethod(value, "doRerank")) return toReranker(value as RerankingModel);
  if (hasMethod(value, "rerank")) {
    readName(owner, "reranker.type", (value as Reranker).type);
    return value as Reranker;
  }
  throw new TypeError(
    `${owner}: "reranker" must be a reranking model or have rerank(), got ${describe(value)}`,
  );
}

function checkSource(source: Source): void {
  if (!isRecord(source) || typeof source.text !== "string") {
    throw new TypeError(`index(): a source must have an id and a text, got ${describe(source)}`);
  }
  const owner = `index(): source "${readName("index()", "id", source.id)}"`;
  const { title = "", uri = "", format = "text", metadata = {} } = source;
  checkText(owner, "title", title);
  checkText(owner, "uri", uri);
  readChoice<string>(owner, "format", format, ["text", "markdown", "code"]);
  checkRecord(owner, "metadata", metadata);
  for (const [name, value] of Object.entries(metadata)) {
    // What no store keeps is found by no filter.
    if (isValue(value) && !Number.isNaN(value)) continue;
    throw new TypeError(
      `${owner}: "metadata.${name}" must be a text, a number, true, false or null, got ${
        describe(value)
      }`,
    );
  }
}

const OPTIONS = ["embedder", "store", "keywords", "reranker", "chunker", "limit", "pool"];
