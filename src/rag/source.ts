/** What is indexed, and the pieces of it that are found. */

/** A value by which chunks can be filtered. */
export type MetadataValue = string | number | boolean | null;

/** Values by name. Stores keep them as they are; {@linkcode Filter} asks for them. */
export type Metadata = Readonly<Record<string, MetadataValue>>;

/** A document. */
export interface Source {
  /** Its name, which stays the same when the text changes. Ids of its chunks begin with it. */
  readonly id: string;
  /** The whole text. Offsets of chunks are places in it. */
  readonly text: string;
  /** Where it is, for links. */
  readonly uri?: string;
  /** Shown to people, and to the model above each chunk. */
  readonly title?: string;
  /** What its chunks can be filtered by. @default {{}} */
  readonly metadata?: Metadata;
  /** How it is cut. @default {"markdown" or "code" where the name ends like that of such a file, else "text"} */
  readonly format?: SourceFormat;
}

/** What a text is made of: paragraphs, Markdown blocks, or lines of a program. */
export type SourceFormat = "text" | "markdown" | "code";

/** A range of a source: `content === source.text.slice(start, end)`, always. */
export interface Chunk {
  /** `<source_id>_<index>`; the id of the source alone if it has one chunk. */
  readonly id: string;
  /** The source that it is a range of. */
  readonly source_id: string;
  /** Which chunk of the source it is, from 0. */
  readonly index: number;
  /** Where it starts, in UTF-16 code units. */
  readonly start: number;
  /** Where it ends: the first code unit that is not part of it. */
  readonly end: number;
  /** The text. */
  readonly content: string;
  /** The headings that it stands under, outermost first. */
  readonly headings: readonly string[];
  /** `text`, `code`, `table` or `list`; `mixed` for more than one of them. */
  readonly kind: string;
  /** The title of the source; null if it has none. */
  readonly title: string | null;
  /** Where the source is; null if that is not known. */
  readonly uri: string | null;
  /** The metadata of the source. */
  readonly metadata: Metadata;
}

/** Cuts a source into chunks, in order. */
export type Chunker = (source: Source) => readonly Chunk[];
