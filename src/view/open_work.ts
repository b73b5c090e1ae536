import type { PictureSpan } from "./picture_rows.ts";
import type { Branch } from "./row_tree.ts";
import { Siblings } from "./siblings.ts";
import type { SpanReading } from "./span_reading.ts";
import { areSiblings } from "./span_readings.ts";

/**
 * The spans that are going on, and what follows from that: which of them an event ends, and which of them an
 * event without ids is most likely part of.
 */
export class OpenWork {
  readonly #byPair = new Map<string, PictureSpan[]>();
  readonly #pairOf = new Map<PictureSpan, string>();
  /** Those that are known to go on. After a gap nobody knows who is still at work. */
  readonly #sure = new Set<PictureSpan>();
  readonly #siblings = new Siblings();
  #innermost: PictureSpan | null | undefined;

  /** Those that have not ended. */
  get spans(): Iterable<PictureSpan> {
    return this.#pairOf.keys();
  }

  add(span: PictureSpan, pairKey: string): void {
    const same = this.#byPair.get(pairKey);
    if (same === undefined) this.#byPair.set(pairKey, [span]);
    else same.push(span);
    this.#pairOf.set(span, pairKey);
    this.#sure.add(span);
    span.batch = this.#siblings.add(span.parent, true);
    this.#innermost = undefined;
  }

  delete(span: PictureSpan): void {
    const pairKey = this.#pairOf.get(span);
    if (pairKey === undefined) return;
    const same = this.#byPair.get(pairKey)!;
    if (same.length === 1) this.#byPair.delete(pairKey);
    else same.splice(same.indexOf(span), 1);
    this.#pairOf.delete(span);
    this.#sure.delete(span);
    this.#siblings.end(span.parent);
    this.#innermost = undefined;
  }

  /**
   * The span that an event ends: where several have the same ids, or none, the one that began when the event's
   * duration says.
   */
  find({ pairKey, durationMs }: SpanReading, at: number): PictureSpan | undefined {
    const [first, ...others] = this.#byPair.get(pairKey) ?? [];
    if (first === undefined || others.length === 0) return first;
    if (durationMs === null) return others.at(-1);
    const distance = ({ startedAt }: PictureSpan) => Math.abs(at - durationMs - startedAt);
    return others.reduce((best, span) => distance(span) < distance(best) ? span : best, first);
  }

  /** From now on, who was at work before may have ended without a word. */
  doubt(): void {
    this.#sure.clear();
    this.#innermost = undefined;
  }

  /** A span has moved, whether it is over or not: what was around it until now was `before`. */
  moved(span: PictureSpan, before: Branch | null): void {
    const isOpen = this.#pairOf.has(span);
    if (isOpen) this.#siblings.end(before);
    span.batch = this.#siblings.add(span.parent, isOpen);
    this.#innermost = undefined;
  }

  /** Whether some of what hangs on a line is not over. */
  isBusy(row: Branch): boolean {
    return this.#siblings.isBusy(row);
  }

  /**
   * The span that all who are at work have in common, as far in as possible: where one thing goes on inside
   * another, the inner one; where several go on beside each other, what they are part of. Null is the run.
   */
  get innermost(): PictureSpan | null {
    // Asked for every piece of text.
    return this.#innermost === undefined
      ? this.#innermost = this.#common(() => true)
      : this.#innermost;
  }

  /** The same for a piece of work that begins: it is not part of those that it stands beside. */
  around(reading: SpanReading): PictureSpan | null {
    return this.#common((span) => !areSiblings(span, reading));
  }

  #common(counts: (span: PictureSpan) => boolean): PictureSpan | null {
    // With so much going on at once nobody can tell; and nobody shall have to look through it for every event.
    if (this.#sure.size > MAX_GUESS) return null;
    const candidates = [...this.#sure].filter(counts);
    const outer = new Set(candidates.flatMap((span) => [...spansAround(span)]));
    const leaves = candidates.filter((span) => !outer.has(span));
    const [first, ...others] = leaves;
    if (first === undefined) return null;
    let paths = [first, ...spansAround(first)];
    for (const leaf of others) {
      const around = new Set([leaf, ...spansAround(leaf)]);
      paths = paths.filter((span) => around.has(span));
    }
    return paths[0] ?? null;
  }
}

/** The spans that a span is part of, from the inside to the outside. */
function* spansAround(span: PictureSpan): Generator<PictureSpan> {
  for (let row = span.parent; row !== null; row = row.parent) {
    if (row.kind === "span") yield row;
  }
}

const MAX_GUESS = 100;
