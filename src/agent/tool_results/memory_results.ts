/** Keeps texts in memory, and forgets the oldest when they become too much. */
export class MemoryResults {
  readonly #texts = new Map<string, string>();
  readonly #maxChars: number;
  #chars = 0;

  constructor(maxChars: number) {
    this.#maxChars = maxChars;
  }

  save(key: string, text: string): void {
    if (text.length > this.#maxChars) {
      throw new RangeError(`A text of ${text.length} characters is too long to be kept in memory`);
    }
    this.#texts.set(key, text);
    this.#chars += text.length;
    for (const [oldest, { length }] of this.#texts) {
      if (this.#chars <= this.#maxChars) break;
      this.#texts.delete(oldest);
      this.#chars -= length;
    }
  }

  load(key: string): string | null {
    return this.#texts.get(key) ?? null;
  }
}
