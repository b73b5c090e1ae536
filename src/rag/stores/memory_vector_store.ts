import { checkOptions } from "../../core/options.ts";
import { readWhole } from "../../core/option_values.ts";
import { nextTurn } from "../../runtime/next_turn.ts";
import type {
  ScoredChunk,
  SearchOptions,
  Selection,
  Vector,
  VectorRow,
  VectorStore,
} from "../contracts.ts";
import { type Filter, matcher } from "../filter.ts";
import type { Chunk } from "../source.ts";
import { Best } from "./best.ts";
import { selector } from "./selector.ts";
import { dot, normalized } from "./vectors.ts";

/** Options of {@linkcode InMemoryVectorStore}. */
export interface InMemoryVectorStoreOptions {
  /** The length of the vectors: what the embedding model makes. */
  dimensions: number;
  /** With more rows than that `upsert()` throws. @default {200_000} */
  maxRows?: number;
}

/**
 * Vectors in memory, each compared with the query: exact, and the time grows with the rows. For more than 200,000 of them, or to
 * keep them, take a database.
 *
 * @example
 * ```ts
 * import { InMemoryVectorStore } from "@locus/core/rag";
 * import { assertEquals } from "@std/assert";
 *
 * const store = new InMemoryVectorStore({ dimensions: 1536 });
 * assertEquals(await store.count(), 0);
 * ```
 */
export class InMemoryVectorStore implements VectorStore {
  readonly storeType = "InMemoryVectorStore";
  readonly dimensions: number;
  readonly #maxRows: number;
  // Vectors lie side by side, in segments, so that growing copies nothing. A free row has no chunk.
  readonly #segments: Float32Array[] = [];
  readonly #chunks: (Chunk | undefined)[] = [];
  readonly #embedders: string[] = [];
  readonly #free: number[] = [];
  readonly #byId = new Map<string, number>();

  /**
   * Makes an empty store.
   *
   * @throws {RangeError} If a number is out of range.
   * @throws {TypeError} If an option is unknown.
   */
  constructor(options: InMemoryVectorStoreOptions) {
    checkOptions(OWNER, options, ["dimensions", "maxRows"]);
    this.dimensions = readWhole(OWNER, "dimensions", options.dimensions, 1, 65_536);
    this.#maxRows = readWhole(OWNER, "maxRows", options.maxRows ?? 200_000, 1);
  }

  // Functions that throw are to reject.
  // deno-lint-ignore require-await
  async upsert(rows: readonly VectorRow[]): Promise<void> {
    // All or none: checked before the first is stored.
    const vectors = rows.map(({ vector }) => normalized(OWNER, vector, this.dimensions));
    const added = new Set(rows.map(({ chunk }) => chunk.id).filter((id) => !this.#byId.has(id)));
    if (this.#byId.size + added.size > this.#maxRows) {
      throw new RangeError(
        `${OWNER}: ${this.#byId.size + added.size} rows are more than "maxRows", ${this.#maxRows}`,
      );
    }
    rows.forEach(({ chunk, embedder }, i) => {
      const row = this.#byId.get(chunk.id) ?? this.#free.pop() ?? this.#chunks.length;
      this.#byId.set(chunk.id, row);
      this.#chunks[row] = chunk;
      this.#embedders[row] = embedder;
      const segment = this.#segments[Math.floor(row / SEGMENT)] ??= new Float32Array(
        SEGMENT * this.dimensions,
      );
      segment.set(vectors[i]!, row % SEGMENT * this.dimensions);
    });
  }

  async query(vector: Vector, options: SearchOptions): Promise<readonly ScoredChunk[]> {
    const { limit, filter, threshold, signal } = options;
    const wanted = normalized(OWNER, vector, this.dimensions);
    const passes = filter === undefined ? null : matcher(filter);
    const best = new Best(limit, threshold);
    for (let row = 0; row < this.#chunks.length; row++) {
      if (row > 0 && row % PAUSE === 0) await nextTurn();
      if (row % PAUSE === 0) signal?.throwIfAborted();
      const chunk = this.#chunks[row];
      if (chunk === undefined || (passes !== null && !passes(chunk.metadata))) continue;
      const score = dot(
        this.#segments[Math.floor(row / SEGMENT)]!,
        row % SEGMENT * this.dimensions,
        wanted,
      );
      if (score >= best.floor) best.offer(chunk, score);
    }
    return best.take();
  }

  // deno-lint-ignore require-await
  async rows(what: Selection): Promise<readonly VectorRow[]> {
    return this.#select(what).map((row) => ({
      chunk: this.#chunks[row]!,
      vector: this.#segments[Math.floor(row / SEGMENT)]!.slice(
        row % SEGMENT * this.dimensions,
        (row % SEGMENT + 1) * this.dimensions,
      ),
      embedder: this.#embedders[row]!,
    }));
  }

  // deno-lint-ignore require-await
  async delete(what: Selection): Promise<number> {
    const rows = this.#select(what);
    for (const row of rows) {
      this.#byId.delete(this.#chunks[row]!.id);
      this.#chunks[row] = undefined;
      this.#free.push(row);
    }
    return rows.length;
  }

  // deno-lint-ignore require-await
  async count(filter?: Filter): Promise<number> {
    return filter === undefined ? this.#byId.size : this.#select({ filter }).length;
  }

  #select(what: Selection): number[] {
    if ("ids" in what) {
      return [...new Set(what.ids)].map((id) => this.#byId.get(id)).filter((row) =>
        row !== undefined
      );
    }
    const isMeant = selector(what);
    return [...this.#byId.values()].filter((row) => isMeant(this.#chunks[row]!));
  }
}

const OWNER = "InMemoryVectorStore";
const SEGMENT = 4096;
// A query gives way to everything else after so many rows.
const PAUSE = 32_768;
