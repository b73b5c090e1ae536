import { type Tool, tool } from "../../agent/tools/tool.ts";
import { checkOptions } from "../../core/options.ts";
import { readName, readNumber, readWhole } from "../../core/option_values.ts";
import type { StandardSchema } from "../../events/standard_schema.ts";
import type { Retriever } from "../retriever.ts";
import { MAX_LIMIT } from "../search/query.ts";
import { documentsText, neutralized, SECURITY_NOTE } from "./spotlight.ts";

/** Options of {@linkcode searchTool} and {@linkcode contextTool}. */
export interface SearchToolOptions {
  /** By which the model calls it. */
  name?: string;
  /** What the model is told of it: say what the knowledge is about. */
  description?: string;
  /** How many documents, where the model does not say. */
  limit?: number;
  /** The least vector score, where the model does not say. Its scale is the embedding model's. @default {any} */
  threshold?: number;
}

/** What the model asks. */
export interface SearchArguments {
  /** What to look for. */
  readonly query: string;
  /** How many documents at most. */
  readonly max_results?: number;
  /** The least score. */
  readonly min_score?: number;
}

/**
 * Makes a tool that searches: `{ results, total, query }`, with id, score, place and text of each document, and a note that
 * they are data. Tags of ours in them are made harmless.
 *
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function searchTool(
  retriever: Retriever,
  options: SearchToolOptions = {},
): Tool<SearchArguments> {
  const { limit, threshold, ...rest } = readOptions("searchTool()", options, "search_knowledge", 5);
  return tool({
    ...rest,
    parameters: SEARCH,
    jsonSchema: {
      type: "object",
      properties: {
        query: { type: "string", description: "What to look for" },
        max_results: {
          type: "integer",
          description: `How many documents at most; ${limit} if left out`,
        },
        min_score: { type: "number", description: "Leave out documents of a lower score" },
      },
      required: ["query"],
    },
    async execute({ query, max_results = limit, min_score = threshold }, { signal, run }) {
      const call = { limit: max_results, threshold: min_score, signal, run };
      const { documents } = await retriever.retrieve(query, call);
      const results = documents.map(({ chunk, score }) => ({
        content: neutralized(chunk.content),
        score: Number(score.toFixed(3)),
        metadata: chunk.metadata,
        id: chunk.id,
        place: [chunk.title, ...chunk.headings].filter((name) => name !== null),
        uri: chunk.uri,
      }));
      return { results, total: results.length, query, _security_note: SECURITY_NOTE };
    },
  });
}

/** Makes a tool that gives the best documents as one text, marked and numbered as {@linkcode documentsText} does. */
export function contextTool(
  retriever: Retriever,
  options: SearchToolOptions = {},
): Tool<{ query: string }> {
  const { limit, threshold, ...rest } = readOptions("contextTool()", options, "get_context", 3);
  return tool<{ query: string }>({
    ...rest,
    parameters: textArgument("query", "What to look for"),
    async execute({ query }, { signal, run }) {
      const { documents } = await retriever.retrieve(query, { limit, threshold, signal, run });
      if (documents.length === 0) return "No relevant context found.";
      return `${SECURITY_NOTE}\n\n${documentsText(documents)}`;
    },
  });
}

/** Makes a tool that gives a document by the id that a search named. */
export function lookupTool(
  retriever: Retriever,
  options: Pick<SearchToolOptions, "name" | "description"> = {},
): Tool<{ id: string }> {
  checkOptions("lookupTool()", options, ["name", "description"]);
  const { name = "lookup_document", description = "Read a document by its id" } = options;
  return tool<{ id: string }>({
    name,
    description,
    parameters: textArgument("id", "The id of the document"),
    async execute({ id }) {
      const [chunk] = await retriever.get([id]);
      if (chunk === undefined) return { error: `There is no document "${id}"` };
      const { metadata, content } = chunk;
      return { id, content: neutralized(content), metadata, _security_note: SECURITY_NOTE };
    },
  });
}

/**
 * The three tools of a knowledge base: `<prefix>_search`, `<prefix>_context` and `<prefix>_lookup`.
 *
 * @param options `prefix` tells several knowledge bases of one agent apart. @default {"kb"}
 */
export function knowledgeTools(
  retriever: Retriever,
  options: { prefix?: string } = {},
): readonly Tool[] {
  checkOptions("knowledgeTools()", options, ["prefix"]);
  const prefix = readName("knowledgeTools()", "prefix", options.prefix ?? "kb");
  return [
    searchTool(retriever, { name: `${prefix}_search` }),
    contextTool(retriever, { name: `${prefix}_context` }),
    lookupTool(retriever, { name: `${prefix}_lookup` }),
  ] as readonly Tool[];
}

function readOptions(owner: string, options: SearchToolOptions, ownName: string, most: number) {
  checkOptions(owner, options, ["name", "description", "limit", "threshold"]);
  const { name = ownName, description = DESCRIPTION, limit = most, threshold } = options;
  readWhole(owner, "limit", limit, 1, MAX_LIMIT);
  if (threshold !== undefined) readNumber(owner, "threshold", threshold, -Infinity);
  return { name, description, limit, threshold };
}

function textArgument(name: string, description: string) {
  return {
    type: "object",
    properties: { [name]: { type: "string", description } },
    required: [name],
  } as const;
}

/** Models write numbers as texts, and numbers out of range: what cannot be used is left out, and the defaults hold. */
const SEARCH: StandardSchema<unknown, SearchArguments> = {
  "~standard": {
    version: 1,
    vendor: "locus",
    validate(value) {
      const { query, max_results, min_score } = (value ?? {}) as Record<string, unknown>;
      if (typeof query !== "string" || query === "") {
        return { issues: [{ message: "must be a text", path: ["query"] }] };
      }
      const limit = Math.min(MAX_LIMIT, Math.trunc(toNumber(max_results)));
      const score = toNumber(min_score);
      return {
        value: {
          query,
          ...limit >= 1 && { max_results: limit },
          ...Number.isFinite(score) && { min_score: score },
        },
      };
    },
  },
};

function toNumber(value: unknown): number {
  return typeof value === "string" && value.trim() !== ""
    ? Number(value)
    : typeof value === "number"
    ? value
    : NaN;
}

const DESCRIPTION = "Search the knowledge base. Use it before you answer from memory.";
