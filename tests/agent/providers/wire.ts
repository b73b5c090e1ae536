/** What the tests know of a provider's API. */

import type { LanguageModel } from "@locus/core/agent";

/** One API, as it is spoken over HTTP. */
export interface Wire {
  /** The first word of a recording's file name. */
  readonly name: string;
  /** Where it is asked, below the base URL. */
  readonly path: string;
  /** The real clients that speak it. */
  readonly clients: readonly Client[];
  /** The recorded lines as the event stream that they were. */
  frames(lines: readonly string[]): string[];
  /** What the lines say, read without any of the code that is tested. */
  read(lines: readonly string[]): Answer;
  /** The same answer as the API gives it to who does not ask for a stream. */
  body(lines: readonly string[]): object;
  /** What a request hands back of an answer, and of what became of its tool calls. */
  readRequest(body: unknown): HandedBack;
  /** Lines of a short answer. */
  say(text: string): string[];
  /** A line that says that the provider has failed. */
  fail(message: string): string;
}

/** A provider package. */
export interface Client {
  readonly name: string;
  /** Whether it knows how this API shows its thinking. */
  readonly readsThinking: boolean;
  /** Whether the recording is of the dialect that it insists on. */
  accepts?(lines: readonly string[]): boolean;
  model(baseURL: string, modelId: string, fetch?: typeof globalThis.fetch): LanguageModel;
}

/** What a recording says. */
export interface Answer {
  readonly model: string;
  /** The pieces of text as they came, without empty ones. */
  readonly texts: readonly string[];
  readonly reasoning: string;
  /** The calls that are the caller's to execute. */
  readonly toolCalls: readonly RecordedCall[];
  readonly usage: RecordedUsage | null;
  readonly stopReason: string | null;
  /** What later requests must hand back beside text and calls: thinking, as it was signed. */
  readonly memory: readonly unknown[];
  /** Whether the provider said that this is all. */
  readonly complete: boolean;
  /** Whether the provider said that it failed, or what it said cannot be used. */
  readonly failed: boolean;
}

/** A tool call. */
export interface RecordedCall {
  readonly id: string;
  readonly name: string;
  /** Null where it is not arguments of a function: a form of the provider's own, or broken off. */
  readonly arguments: Readonly<Record<string, unknown>> | null;
}

/** Token counts, those of the cache included. */
export interface RecordedUsage {
  readonly input: number;
  readonly output: number;
}

/** What a later request says of an earlier answer. */
export interface HandedBack {
  readonly toolCalls: readonly RecordedCall[];
  readonly results: readonly { readonly id: string; readonly text: string }[];
  readonly memory: readonly unknown[];
}

/** The lines as values; null in place of one that is not JSON. */
export function parseLines<Chunk>(lines: readonly string[]): (Chunk | null)[] {
  return lines.map((line) => {
    try {
      return JSON.parse(line);
    } catch {
      return null;
    }
  });
}

/** The arguments of a call, as models write them: nothing at all stands for none. Null if unusable. */
export function parseArguments(text: string): Record<string, unknown> | null {
  if (text.trim() === "") return {};
  const [value] = parseLines<Record<string, unknown>>([text]);
  return typeof value === "object" && !Array.isArray(value) ? value : null;
}

/** A recording as an event stream of the OpenAI APIs. */
export function openAiFrames(lines: readonly string[]): string[] {
  return [...lines, "[DONE]"].map((line) => `data: ${line}\n\n`);
}
