import { checkFunction, checkOptions } from "../../core/options.ts";
import { readWhole } from "../../core/option_values.ts";
import type { Chunk, Chunker, Source, SourceFormat } from "../source.ts";
import { cut, type Measure } from "./cut.ts";
import { type Block, markdownBlocks } from "./markdown.ts";
import { pack, type Packed, trim } from "./pack.ts";

/** Options of {@linkcode chunker}. */
export interface ChunkerOptions {
  /** How large a chunk may be. @default {1000} */
  size?: number;
  /** How much of a chunk the next one may begin with: whole sentences or lines, less than `size`. @default {200} */
  overlap?: number;
  /** How large a text is, such as its number of tokens. @default {its length in UTF-16 code units} */
  length?: (text: string) => number;
}

/**
 * Makes a chunker that cuts where the text does: a fence, a table or a list stays whole if it fits, a heading stays with
 * what follows, and what is too large is cut at paragraphs, lines, sentences, words, in this order.
 *
 * Each chunk is a range of its source, `content === source.text.slice(start, end)`, so a page can jump to it. All but white
 * space is in one chunk at least; no surrogate pair is cut.
 *
 * @throws {RangeError} If `size` or `overlap` is out of range.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { chunker } from "@locus/core/rag";
 * import { assertEquals } from "@std/assert";
 *
 * const text = "# Gaps\n\nA gap is an event.\n\n# Runs\n\nA run has an id.\n";
 * const [gaps, runs] = chunker({ size: 60, overlap: 0 })({ id: "guide.md", text });
 * assertEquals(gaps?.content, "# Gaps\n\nA gap is an event.");
 * assertEquals(runs?.content, text.slice(runs?.start, runs?.end));
 * assertEquals(runs?.headings, ["Runs"]);
 * ```
 */
export function chunker(options: ChunkerOptions = {}): Chunker {
  checkOptions(OWNER, options, ["size", "overlap", "length"]);
  const { length } = options;
  const size = readWhole(OWNER, "size", options.size ?? 1000, 1);
  const overlap = readWhole(
    OWNER,
    "overlap",
    options.overlap ?? Math.min(200, size - 1),
    0,
    size - 1,
  );
  checkFunction(OWNER, "length", length);
  return (source) => {
    const { text } = source;
    const measure: Measure = {
      size,
      overlap,
      length: (start, end) => {
        const range = trim(text, start, end);
        return length === undefined
          ? range.end - range.start
          : length(text.slice(range.start, range.end));
      },
    };
    const ranges = sections(source).flatMap((blocks) =>
      pack(
        text,
        blocks.flatMap((block) => cut(text, block, measure)),
        blocks.at(-1)!.headings,
        measure,
      )
    );
    return ranges.map((range, index) => toChunk(source, range, index, ranges.length));
  };
}

/** The blocks of a source, by what may be packed together: a heading begins a section. */
function sections(source: Source): Block[][] {
  const { text } = source;
  const format = formatOf(source);
  if (format !== "markdown") return [[{ start: 0, end: text.length, kind: format, headings: [] }]];
  const all: Block[][] = [];
  let section: Block[] = [];
  let hasBody = false;
  // Headings that follow each other are one beginning.
  const isBody = ({ start, end, kind }: Block) =>
    kind !== "heading" && /\S/.test(text.slice(start, end));
  for (const block of markdownBlocks(text)) {
    if (block.kind === "heading" && hasBody) {
      all.push(section);
      section = [];
      hasBody = false;
    }
    section.push(block);
    hasBody ||= isBody(block);
  }
  if (section.length > 0) all.push(section);
  return all;
}

function formatOf({ id, uri, format }: Source): SourceFormat {
  if (format !== undefined) return format;
  const name = uri ?? id;
  return MARKDOWN.test(name) ? "markdown" : CODE.test(name) ? "code" : "text";
}

function toChunk(
  source: Source,
  { start, end, kind, headings }: Packed,
  index: number,
  total: number,
): Chunk {
  const { id, text } = source;
  return {
    id: total === 1 ? id : `${id}_${index}`,
    source_id: id,
    index,
    start,
    end,
    content: text.slice(start, end),
    headings,
    kind,
    title: source.title ?? null,
    uri: source.uri ?? null,
    metadata: source.metadata ?? {},
  };
}

const OWNER = "chunker()";
const MARKDOWN = /\.(?:md|mdx|markdown)$/i;
const CODE =
  /\.(?:[cm]?[jt]sx?|py|rb|go|rs|java|kt|swift|c|h|cc|cpp|hpp|cs|php|sh|sql|css|scss|vue|svelte)$/i;
