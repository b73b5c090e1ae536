/** What can stand in a {@linkcode RecencyList}, in one at a time. */
export interface Listed<T extends Listed<T>> {
  list: RecencyList<T> | null;
  older: T | null;
  newer: T | null;
}

/** Things in the order in which something last happened to them. Moving one costs the same however many there are. */
export class RecencyList<T extends Listed<T>> {
  oldest: T | null = null;
  newest: T | null = null;

  /** Puts something at the newest end, and out of the list in which it was. */
  add(item: T): void {
    if (item === this.newest) return;
    item.list?.remove(item);
    item.list = this;
    item.older = this.newest;
    if (this.newest === null) this.oldest = item;
    else this.newest.newer = item;
    this.newest = item;
  }

  remove(item: T): void {
    const { older, newer } = item;
    if (older === null) this.oldest = newer;
    else older.newer = newer;
    if (newer === null) this.newest = older;
    else newer.older = older;
    item.list = item.older = item.newer = null;
  }
}
