/** Where an answer comes from, as the provider says. */

/** A page or a document that the provider used for an answer. */
export interface Source {
  /** The provider's id for it; unique within the answer. */
  readonly id: string;
  /** What it is. */
  readonly type: "url" | "document";
  /** The address of a page; null for a document. */
  readonly url: string | null;
  /** Its title; null if it has none. */
  readonly title: string | null;
  /** The type of a document, such as `application/pdf`; null for a page. */
  readonly media_type: string | null;
  /** The name of a document's file; null if it has none. */
  readonly filename: string | null;
}

/** The sources of the messages, each once, in the order in which they were named. */
export function sourcesOf(
  messages: readonly { readonly metadata: Readonly<Record<string, unknown>> }[],
): readonly Source[] {
  const sources = new Map<string, Source>();
  for (const { metadata } of messages) {
    for (const source of metadata["sources"] as readonly Source[] | undefined ?? []) {
      const { url, filename, title, id } = source;
      const key = url ?? (JSON.stringify([filename, title ?? id]));
      if (!sources.has(key)) sources.set(key, source);
    }
  }
  return Object.freeze([...sources.values()]);
}
