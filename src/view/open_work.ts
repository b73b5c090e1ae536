import type { PictureSpan } from "./picture_rows.ts";
import type { Branch } from "./row_tree.ts";
import { Siblings } from "./siblings.ts";

/** The spans that are going on, and which of them an event ends. */
export class OpenWork {
  readonly #byPair = new Map<string, PictureSpan[]>();
  readonly #pairOf = new Map<PictureSpan, string>();
  readonly #siblings = new Siblings();

  /** Those that have not ended. */
  get spans(): Iterable<PictureSpan> {
    return this.#pairOf.keys();
  }

  add(span: PictureSpan, pairKey: string): void {
    const same = this.#byPair.get(pairKey);
    if (same === undefined) this.#byPair.set(pairKey, [span]);
    else same.push(span);
    this.#pairOf.set(span, pairKey);
    span.batch = this.#siblings.add(span.parent, true);
  }

  delete(span: PictureSpan): void {
    const pairKey = this.#pairOf.get(span);
    if (pairKey === undefined) return;
    const same = this.#byPair.get(pairKey)!;
    if (same.length === 1) this.#byPair.delete(pairKey);
    else same.splice(same.indexOf(span), 1);
    this.#pairOf.delete(span);
    this.#siblings.end(span.parent);
  }

  /** The span that is meant by what two events of a pair have in common: where several are, the one that began last. */
  find(pairKey: string): PictureSpan | undefined {
    return this.#byPair.get(pairKey)?.at(-1);
  }

  /** A span has moved, whether it is over or not: what was around it until now was `before`. */
  moved(span: PictureSpan, before: Branch | null): void {
    const isOpen = this.#pairOf.has(span);
    if (isOpen) this.#siblings.end(before);
    span.batch = this.#siblings.add(span.parent, isOpen);
  }

  /** Whether some of what hangs on a line is not over. */
  isBusy(row: Branch): boolean {
    return this.#siblings.isBusy(row);
  }
}
