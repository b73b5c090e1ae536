/** Streams of further providers, written by hand after what they publish of their APIs. */

import type { LanguageModel } from "@locus/core/agent";

/** A provider's client, and what its provider streams in two turns: reasoning, text and a call; then the answer. */
export interface Written {
  readonly name: string;
  readonly model: (baseURL: string) => LanguageModel;
  /** @default {"text/event-stream"} */
  readonly type?: string;
  readonly turns: readonly [Turn, Turn];
  /** The reasons to stop, in the provider's words. */
  readonly stopReasons: readonly [string, string];
  /** Of both turns: of the prompt, of the answer; those of the cache, those of the thinking. */
  readonly tokens: readonly [prompt: number, completion: number, cached: number, reasoning: number];
}

/** The pieces of a response. */
export type Turn = readonly (string | Uint8Array)[];

/** What all of them say. */
export const said = {
  reasoning: "It asks for weather.",
  before: "Let me look.",
  tool: "weather",
  args: { city: "Oslo" },
  after: ["It is ", "sunny."],
} as const;

/** Values as server-sent events. */
export function events(...values: object[]): string[] {
  return values.map((value) => `data: ${JSON.stringify(value)}\n\n`);
}
