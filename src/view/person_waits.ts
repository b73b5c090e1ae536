import type { PictureSpan } from "./picture_rows.ts";

/** The tools that ask a person: how long they waited, and since when they are at work again. */
export class PersonWaits {
  readonly #askedAt = new WeakMap<PictureSpan, number>();
  readonly #resumedAt = new WeakMap<PictureSpan, number>();

  /** From now on it waits. */
  ask(span: PictureSpan, at: number): void {
    if (span.state === "waiting") return;
    span.state = "waiting";
    this.#askedAt.set(span, at);
  }

  /** From now on it is at work again; nothing changes for one that does not wait. */
  resume(span: PictureSpan, at: number): void {
    if (span.state !== "waiting") return;
    const askedAt = this.#askedAt.get(span) ?? at;
    span.state = "running";
    span.waitedMs += Math.max(0, at - askedAt);
    this.#resumedAt.set(span, Math.max(at, askedAt));
  }

  /** When the stretch of work began that goes on, or was the last. */
  workedSince(span: PictureSpan): number {
    return this.#resumedAt.get(span) ?? span.startedAt;
  }
}
