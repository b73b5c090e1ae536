/** Where a span is: what a run needs that waits for a person, to go on in the same one. */
export interface SpanPlace {
  readonly run_id: string;
  readonly span_id: string;
  readonly parent_span_id: string | null;
}
