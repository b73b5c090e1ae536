/** Where something belongs that a hook publishes. Hooks that a test calls by hand have no place. */
export function inSpan(spanId: string | null | undefined): { span_id?: string } {
  return typeof spanId === "string" ? { span_id: spanId } : {};
}
