/** What an `id` must be so that a client can send it back as `Last-Event-ID`, in words for an error message. */
export const LAST_EVENT_ID_RULE = "at most 256 characters, without control characters";

// No header carries them, apart from the tab.
// deno-lint-ignore no-control-regex
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;
// Servers limit the length of a header. An `event_id` has at most 49 characters.
const MAX_LENGTH = 256;

/** Whether a client can send an `id` back as `Last-Event-ID`: {@linkcode LAST_EVENT_ID_RULE}. */
export function isLastEventId(id: string): boolean {
  return id.length <= MAX_LENGTH && !hasControls(id);
}

/** Whether a text has a character that no header can carry. */
export function hasControls(text: string): boolean {
  return CONTROL.test(text);
}
