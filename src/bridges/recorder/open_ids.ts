import type { SpanKey } from "./span_options.ts";

/**
 * What a bridge knows of work that is open, by the framework's ids or objects. A bridge may be registered twice, as by a reload, or
 * beside another copy of this package: whichever hears of an id first has it, and the others have nothing of it.
 *
 * It holds 10,000 ids of each bridge; past that, the oldest is forgotten.
 */
export class OpenIds<T> {
  readonly #owned: Map<SpanKey, readonly [owner: object, value: T]>;

  constructor(source: string) {
    const registry = globalThis as { [key: symbol]: unknown };
    const key = Symbol.for(`@locus/core/bridges/${source}`);
    this.#owned = (registry[key] ??= new Map()) as Map<SpanKey, readonly [object, T]>;
  }

  get(id: SpanKey): T | undefined {
    const [owner, value] = this.#owned.get(id) ?? [];
    return owner === this ? value : undefined;
  }

  /** Whether another one tells of it. */
  isTaken(id: SpanKey): boolean {
    const owner = this.#owned.get(id)?.[0];
    return owner !== undefined && owner !== this;
  }

  set(id: SpanKey, value: T): void {
    if (this.isTaken(id)) return;
    this.#owned.set(id, [this, value]);
    if (this.#owned.size > MAX_OPEN) this.#owned.delete(this.#owned.keys().next().value!);
  }

  delete(id: SpanKey): void {
    if (!this.isTaken(id)) this.#owned.delete(id);
  }
}

const MAX_OPEN = 10_000;
