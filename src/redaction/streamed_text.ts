import { redactShapes, unfinishedSecret } from "./shapes.ts";

/**
 * Redacts a text that arrives in pieces, where no piece holds a whole secret: `sk-`, `ant-api03-`, `abc…`.
 *
 * What may be the beginning of a secret waits until it is clear whether it is one; all other text passes at
 * once. What waits is bounded: the middle of a run of more than 4096 characters that begins like a secret is
 * dropped.
 */
export class StreamedText {
  #held = "";
  /** Where in what passed last and what is held the secret begins. */
  #from: number | undefined;
  /** The end of what passed, back to a space: what follows may make a secret of it. */
  #passed = "";

  /** The next piece; returns what may be shown of all that came so far and was not shown yet. */
  push(piece: string): string {
    if (piece.length <= MAX_PIECE) return this.#push(piece);
    let shown = "";
    for (let start = 0; start < piece.length; start += MAX_PIECE) {
      shown += this.#push(piece.slice(start, start + MAX_PIECE));
    }
    return shown;
  }

  /** The end of the text; returns what was held of it. */
  end(): string {
    const rest = this.#show(this.#passed + this.#held);
    this.#held = this.#passed = "";
    this.#from = undefined;
    return rest;
  }

  #push(piece: string): string {
    const text = this.#passed + this.#held + piece;
    const end = unfinishedSecret(text, this.#from);
    const shown = this.#show(text.slice(0, end));
    this.#held = bounded(text.slice(Math.max(end, this.#passed.length)));
    this.#from = end < text.length ? end : undefined;
    if (end >= this.#passed.length) {
      this.#passed = WORD.exec(text.slice(Math.max(0, end - MAX_PASSED), end))![0];
      if (this.#from !== undefined) this.#from = this.#passed.length;
    }
    return shown;
  }

  /** What is new of a text that begins with what has passed. */
  #show(text: string): string {
    if (text.length <= this.#passed.length) return "";
    const redacted = redactShapes(text);
    let known = 0;
    while (known < this.#passed.length && redacted[known] === this.#passed[known]) known++;
    return redacted.slice(known);
  }
}

// No longer than the end of a text in which the beginnings of secrets are looked for.
const MAX_PIECE = 4096;
const MAX_HELD = 4096;
const KEPT = 64;

// Longer than what any secret begins with. Once that is there, the rest is held.
const MAX_PASSED = 64;
const WORD = /[^\s"'<>]*$/;

function bounded(held: string): string {
  return held.length <= MAX_HELD ? held : held.slice(0, KEPT) + held.slice(-KEPT);
}
