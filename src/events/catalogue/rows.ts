/** One event's row of documentation, as `docs/events.md` and the CLI show it. */
export interface EventRow {
  /** What happened, in one sentence that starts with a verb in the past or a noun. */
  readonly summary: string;
  /** When it is published, and what a reader should know beside the payload. */
  readonly note?: string;
  /**
   * The event that this one opens or closes. Find the one that belongs to it by `span_id`; where the
   * payload has none, by the ids, names and indexes that both carry; else by order.
   */
  readonly pairs_with?: string;
}

/** The rows of one prefix: every event of `E` has exactly one. */
export type EventRows<E> = { readonly [K in keyof E]: EventRow };
