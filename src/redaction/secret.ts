/** What a recognizer finds in a text. */

/** The replacement for a secret of which no part may be shown. */
export const REDACTED = "[REDACTED]";

/**
 * Finds where a secret ends: the index behind it, or -1 if it continues behind `text`. It is called again
 * with each further piece, so it remembers what it has to know of those before.
 */
export type End = (text: string, from: number) => number;

/** A secret in a text. Its end need not have arrived yet. */
export interface Secret {
  /** Where the part begins that is replaced. */
  readonly start: number;
  /** Where `end` begins to look. */
  readonly from: number;
  /** Where it ends, if that is known already. */
  readonly end: End | number;
  /** What is shown in its place. Of a very long secret it gets the beginning and the end. */
  readonly show: (secret: string) => string;
}

/**
 * What a recognizer answers: a secret; `undefined`, if there is none; or, only while more text is to come,
 * the index from which on the text must wait until that is clear.
 */
export type Finding = Secret | number | undefined;

/** Where the secret ends in `text`, or -1 if it continues behind it. */
export function endOf({ end }: Secret, text: string, from: number): number {
  return typeof end === "number" ? end : end(text, from);
}

/** A secret that is replaced completely. */
export function hidden(start: number, from: number, end: End | number): Secret {
  return { start, from, end, show: () => REDACTED };
}

/**
 * A secret as it may be shown: its first 6 and last 4 characters, so that one can tell which key it was, and
 * nothing of one that is shorter than 18.
 */
export function mask(secret: string): string {
  return secret.length < 18 ? REDACTED : `${secret.slice(0, 6)}...${secret.slice(-4)}`;
}
