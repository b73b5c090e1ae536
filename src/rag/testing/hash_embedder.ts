import { checkOptions } from "../../core/options.ts";
import { hashOf } from "../../core/hash.ts";
import { readWhole } from "../../core/option_values.ts";
import type { Embedder } from "../contracts.ts";
import { wordsOf } from "../stores/words.ts";

/** Options of {@linkcode hashEmbedder}. */
export interface HashEmbedderOptions {
  /** The length of the vectors. @default {384} */
  dimensions?: number;
}

/**
 * An embedder that needs no model: texts that share parts of words are near each other. The same everywhere and always, so tests
 * can say what is found. It knows nothing of meaning.
 */
export function hashEmbedder(options: HashEmbedderOptions = {}): Embedder {
  checkOptions("hashEmbedder()", options, ["dimensions"]);
  const dimensions = readWhole("hashEmbedder()", "dimensions", options.dimensions ?? 384, 1);
  return {
    id: `hash:${dimensions}`,
    maxBatch: 96,
    embed: (texts) => Promise.resolve(texts.map((text) => vectorOf(text, dimensions))),
  };
}

/** Counts groups of three characters, each at a place of its hash, up or down by another bit of it. */
function vectorOf(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  for (const word of wordsOf(text)) {
    const marked = `^${word}$`;
    for (let i = 0; i + 3 <= marked.length; i++) {
      const value = hashOf(marked.slice(i, i + 3));
      vector[value % dimensions]! += value & 0x10000 ? 1 : -1;
    }
  }
  return vector;
}
