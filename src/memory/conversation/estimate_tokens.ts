/** Tokens, counted without a tokenizer: close enough to say when a conversation gets too long. */

import type { Message } from "../../events/message.ts";

/**
 * About how many tokens a text is, by runs of characters of one kind: letters, digits, blanks, signs, and the scripts of which
 * tokenizers know less. Within a few per cent for prose and code, up to 30 % too much for JSON and Cyrillic, and 40 % too
 * little for base64.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  let kind: Kind = KINDS.letter;
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const next = kindOf(text.charCodeAt(i));
    if (next !== kind) {
      tokens += tokensOf(kind, length);
      kind = next;
      length = 0;
    }
    length++;
  }
  return Math.ceil(tokens + tokensOf(kind, length));
}

/** About how many tokens a message is, with its calls and its files. */
export function estimateMessage({ content, tool_calls, metadata }: Message): number {
  let tokens = MESSAGE + estimateTokens(content ?? "");
  for (const call of tool_calls) {
    tokens += CALL + estimateTokens(call.name) + estimateTokens(JSON.stringify(call.arguments));
  }
  return tokens + (Array.isArray(metadata.files) ? metadata.files.length * FILE : 0);
}

/** What surrounds a message, and a call. */
const MESSAGE = 4;
const CALL = 6;
/** What an image is at most providers; other files are often more. */
const FILE = 1000;

const KINDS = {
  letter: 0,
  digit: 1,
  blank: 2,
  line: 3,
  sign: 4,
  /** Cyrillic, Arabic and the like: fewer characters a token than Latin. */
  other: 5,
  /** Halves of pairs, as emojis are. */
  pair: 6,
  /** Chinese, Japanese, Korean. */
  wide: 7,
} as const;

type Kind = (typeof KINDS)[keyof typeof KINDS];

function kindOf(code: number): Kind {
  if (code < 0x80) {
    if ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a) return KINDS.letter;
    if (code >= 0x30 && code <= 0x39) return KINDS.digit;
    if (code === 0x20) return KINDS.blank;
    return code === 0x0a || code === 0x09 || code === 0x0d ? KINDS.line : KINDS.sign;
  }
  if (code < 0x250) return KINDS.letter;
  if (code < 0x2000) return KINDS.other;
  return code >= 0xd800 && code <= 0xdfff ? KINDS.pair : KINDS.wide;
}

/** Measured with the tokenizer o200k on prose, code, JSON and eight languages. */
function tokensOf(kind: Kind, length: number): number {
  if (length === 0) return 0;
  switch (kind) {
    case KINDS.letter:
      // Words are one token up to six letters; what is longer than words are is rarely known.
      return length <= 6 ? 1 : length / (length > 14 ? 2.2 : 4.6);
    case KINDS.digit:
      return Math.ceil(length / 3);
    case KINDS.blank:
      // A single one belongs to the word behind it.
      return length > 1 ? 1 : 0.04;
    case KINDS.line:
      return 0.6;
    case KINDS.sign:
      return length * 0.5;
    case KINDS.other:
      return length * 0.38;
    case KINDS.pair:
      return length * 1.1;
    case KINDS.wide:
      return length * 0.76;
  }
}
