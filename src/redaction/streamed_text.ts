import { MAX_LOOK_BACK } from "./text_walk.ts";
import { findSecret } from "./scan.ts";
import { endOf, type Secret } from "./secret.ts";
import { knownNames } from "./secrets.ts";
import type { Names } from "./place.ts";

/**
 * Redacts a text that arrives in pieces, where no piece holds a whole secret: `sk-`, `ant-api03-`, `abc…`.
 *
 * The pieces add up to what {@linkcode redactSecrets} makes of the whole text. What may be the beginning of a
 * secret waits until that is clear; all other text passes at once. What waits is bounded: of a long secret, only
 * its ends are kept.
 */
export class StreamedText {
  readonly #names: Names;
  /** What was shown last, which may tell what follows, and what waits. */
  #text = "";
  /** Where in it to go on, and how much of it was shown. */
  #at = 0;
  #shown = 0;
  /** Where the last secret ended. */
  #redacted = 0;
  #open: OpenSecret | undefined;

  constructor(names: Names = knownNames()) {
    this.#names = names;
  }

  /** The next piece; returns what may be shown of all that came so far and was not shown yet. */
  push(piece: string): string {
    return this.#read(piece, false);
  }

  /** The end of the text; returns what was held of it. */
  end(): string {
    const rest = this.#read("", true);
    this.#text = "";
    this.#at = this.#shown = this.#redacted = 0;
    return rest;
  }

  /** What stands for a secret that has begun, where the text is cut: what is not clear yet is not shown. */
  cut(): string {
    return this.#open === undefined ? "" : newPart(this.#open, this.#open.kept);
  }

  #read(piece: string, isWhole: boolean): string {
    this.#text += piece;
    let output = "";
    for (;;) {
      if (this.#open !== undefined) {
        const closed = this.#close(this.#open, isWhole);
        if (closed === undefined) return output;
        output += closed;
      }
      const found = findSecret(this.#text, this.#at, isWhole, this.#names);
      if (!("show" in found)) {
        output += this.#showUpTo(found.shown);
        this.#at = found.at;
        this.#forget();
        return output;
      }
      const start = Math.max(found.start, this.#redacted);
      output += this.#showUpTo(start);
      this.#open = {
        secret: found,
        kept: this.#text.slice(start, found.from),
        shown: this.#text.slice(start, this.#shown),
      };
      this.#at = found.from;
    }
  }

  /** What is shown of a secret; undefined if it goes on. */
  #close(open: OpenSecret, isWhole: boolean): string | undefined {
    const end = endOf(open.secret, this.#text, this.#at);
    if (end < 0 && !isWhole) {
      open.kept = bounded(open.kept + this.#text.slice(this.#at));
      this.#at = this.#shown = this.#text.length;
      this.#forget();
      return undefined;
    }
    const stop = end < 0 ? this.#text.length : end;
    const secret = open.kept + this.#text.slice(this.#at, stop);
    this.#at = this.#shown = this.#redacted = stop;
    this.#open = undefined;
    return newPart(open, secret);
  }

  #showUpTo(end: number): string {
    if (end <= this.#shown) return "";
    const shown = this.#text.slice(this.#shown, end);
    this.#shown = end;
    return shown;
  }

  #forget(): void {
    const start = Math.min(this.#at, this.#shown) - MAX_LOOK_BACK;
    if (start <= MAX_LOOK_BACK) return;
    this.#text = this.#text.slice(start);
    this.#at -= start;
    this.#shown -= start;
    this.#redacted = Math.max(0, this.#redacted - start);
  }
}

/** A secret whose end has not come. */
interface OpenSecret {
  readonly secret: Secret;
  /** Its ends, so far. */
  kept: string;
  /** What was shown of it before it was known to be one. */
  readonly shown: string;
}

/** What is shown of a secret, without what is shown of it already. */
function newPart({ secret, shown }: OpenSecret, whole: string): string {
  const redacted = secret.show(whole);
  let known = 0;
  while (known < shown.length && redacted[known] === shown[known]) known++;
  return redacted.slice(known);
}

const MAX_KEPT = 4096;
const KEPT_END = 64;

function bounded(kept: string): string {
  return kept.length <= MAX_KEPT ? kept : kept.slice(0, KEPT_END) + kept.slice(-KEPT_END);
}
