import type { Hit } from "../search/hit.ts";
import { labelOf } from "./spotlight.ts";

/** A place in an answer that says where it is from. */
export interface DocumentUse {
  /** `citation`: the answer says so itself. `match`: eight words in a row are the document's, which is a guess. */
  readonly used_by: "citation" | "match";
  /** The number of the document in the prompt, such as `k1`. */
  readonly label: string;
  /** The document; null if no document has that number. */
  readonly document: Hit | null;
  /** Where in the answer it starts, in UTF-16 code units. */
  readonly start: number;
  /** Where it ends. */
  readonly end: number;
}

/**
 * Which documents an answer was made of: those that it cites as `[k1]` or `[k1, k3]`, and those that it repeats without
 * saying so. In the order of the answer.
 *
 * @param documents Those that the model was given, in that order.
 */
export function findUses(answer: string, documents: readonly Hit[]): readonly DocumentUse[] {
  const cited = citations(answer, documents);
  const known = new Set(cited.map(({ document }) => document));
  const rest = documents.map((document) => known.has(document) ? null : document);
  return [...cited, ...matches(answer, rest)].sort((a, b) => a.start - b.start);
}

function citations(answer: string, documents: readonly Hit[]): DocumentUse[] {
  return [...answer.matchAll(CITATION)].flatMap(({ 0: text, 1: labels, index: start }) =>
    labels!.split(",").map((part): DocumentUse => {
      const label = part.trim();
      const document = documents[Number(label.slice(1)) - 1] ?? null;
      return { used_by: "citation", label, document, start, end: start + text.length };
    })
  );
}

/** The longest run of words that an answer shares with each document, if it is long enough. */
function matches(answer: string, documents: readonly (Hit | null)[]): DocumentUse[] {
  const words = [...answer.matchAll(WORD)];
  const said = rowsOf(words);
  return documents.flatMap((document, index): DocumentUse[] => {
    if (document === null) return [];
    const rows = new Set(rowsOf([...document.chunk.content.matchAll(WORD)]));
    let [first, length] = [0, 0];
    for (let i = 0, run = 0; i < said.length; i++) {
      run = rows.has(said[i]!) ? run + 1 : 0;
      if (run > length) [first, length] = [i - run + 1, run];
    }
    if (length === 0) return [];
    const last = words[first + length + IN_A_ROW - 2]!;
    const [start, end] = [words[first]!.index, last.index + last[0].length];
    return [{ used_by: "match", label: labelOf(index), document, start, end }];
  });
}

/** All words in a row that are long enough, by where they begin. */
function rowsOf(words: readonly RegExpExecArray[]): string[] {
  const texts = words.map(([word]) => word.toLowerCase());
  return texts.slice(IN_A_ROW - 1).map((_, i) => texts.slice(i, i + IN_A_ROW).join(" "));
}

const CITATION = /\[(k\d{1,4}(?:, ?k\d{1,4})*)\]/g;
const WORD = /[\p{L}\p{N}]+/gu;
const IN_A_ROW = 8;
