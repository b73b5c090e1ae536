import { checkOptions, describe } from "../../core/options.ts";
import { checkRecord } from "../../core/checks.ts";
import { hasMethod } from "../../core/describe.ts";
import { readName, readWhole } from "../../core/option_values.ts";
import type { Embedder } from "../contracts.ts";

/** Options of a provider, by its name, as the AI SDK takes them. */
export type ModelOptions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What is needed of an embedding model of the AI SDK, such as `openai.embedding("text-embedding-3-small")`. */
export interface EmbeddingModel {
  /** Who makes it. */
  readonly provider: string;
  /** What its maker calls it. */
  readonly modelId: string;
  /** How many texts it takes at a time. */
  readonly maxEmbeddingsPerCall: PromiseLike<number | undefined> | number | undefined;
  /** Makes the vectors of texts, in their order. */
  // A method, so that models with narrower types are one.
  doEmbed(options: {
    values: string[];
    abortSignal?: AbortSignal;
    providerOptions?: never;
  }): PromiseLike<{ embeddings: number[][] }>;
}

/** Options of {@linkcode toEmbedder}. */
export interface ToEmbedderOptions {
  /** Sent with questions, such as `{ google: { taskType: "RETRIEVAL_QUERY" } }`. @default {none} */
  query?: ModelOptions;
  /** Sent with what is indexed. @default {none} */
  document?: ModelOptions;
  /** Tells vectors apart. Change it when options change the vectors. @default {"<provider>:<model id>"} */
  id?: string;
}

/**
 * Makes an embedder of an embedding model of the AI SDK. {@linkcode retriever} does so by itself; call this for models that
 * are to be told whether they embed a question or a document.
 *
 * @throws {TypeError} If it is not an embedding model, or an option is unknown.
 */
export function toEmbedder(model: EmbeddingModel, options: ToEmbedderOptions = {}): Embedder {
  if (!hasMethod(model, "doEmbed")) {
    throw new TypeError(`toEmbedder(): expected an embedding model, got ${describe(model)}`);
  }
  checkOptions("toEmbedder()", options, ["query", "document", "id"]);
  checkRecord("toEmbedder()", "query", options.query);
  checkRecord("toEmbedder()", "document", options.document);
  const { id = `${model.provider}:${model.modelId}` } = options;
  return {
    id,
    async embed(texts, { for: use, signal }) {
      const most = await model.maxEmbeddingsPerCall ?? MAX_BATCH;
      const vectors: number[][] = [];
      for (let from = 0; from < texts.length; from += most) {
        const values = texts.slice(from, from + most);
        const { [use]: providerOptions } = options;
        const { embeddings } = await model.doEmbed({
          values,
          abortSignal: signal,
          ...providerOptions !== undefined && { providerOptions: providerOptions as never },
        });
        vectors.push(...embeddings);
      }
      return vectors;
    },
    maxBatch: MAX_BATCH,
  };
}

/** @throws {TypeError | RangeError} If it is neither an embedder nor an embedding model. */
export function readEmbedder(owner: string, value: Embedder | EmbeddingModel): Embedder {
  if (hasMethod(value, "doEmbed")) return toEmbedder(value as EmbeddingModel);
  if (hasMethod(value, "embed")) {
    const embedder = value as Embedder;
    readName(owner, "embedder.id", embedder.id);
    readWhole(owner, "embedder.maxBatch", embedder.maxBatch, 1);
    return embedder;
  }
  throw new TypeError(
    `${owner}: "embedder" must be an embedding model or have embed(), got ${describe(value)}`,
  );
}

// What providers take at a time, if the model does not say.
const MAX_BATCH = 96;
