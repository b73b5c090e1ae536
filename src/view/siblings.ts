import type { Branch } from "./row_tree.ts";

/**
 * Of the spans that hang on the same line: how many are not over, and which ran at the same time. Counted, because
 * a line can have thousands of them, and each that begins would have to look through all.
 */
export class Siblings {
  readonly #groups = new WeakMap<Branch, Group>();
  readonly #top: Group = { open: 0, batch: 0 };
  /** Where the latest was: the next is there as well, as a rule. */
  #latest: { readonly parent: Branch; readonly group: Group } | null = null;

  /**
   * Puts a span there.
   *
   * @returns Its batch: what is there while a sibling is at work runs at the same time as that.
   */
  add(parent: Branch | null, isOpen: boolean): number {
    const group = this.#groupOf(parent);
    if (group.open === 0) group.batch++;
    if (isOpen) group.open++;
    return group.batch;
  }

  /** A span that was at work there is over, or has moved. */
  end(parent: Branch | null): void {
    this.#groupOf(parent).open--;
  }

  /** Whether a span there is not over. */
  isBusy(parent: Branch): boolean {
    return this.#groupOf(parent).open > 0;
  }

  #groupOf(parent: Branch | null): Group {
    if (parent === null) return this.#top;
    if (this.#latest?.parent === parent) return this.#latest.group;
    let group = this.#groups.get(parent);
    if (group === undefined) this.#groups.set(parent, group = { open: 0, batch: 0 });
    this.#latest = { parent, group };
    return group;
  }
}

interface Group {
  /** How many are not over: all of them are of the latest batch. */
  open: number;
  /** The latest batch. */
  batch: number;
}
