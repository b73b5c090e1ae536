/**
 * Calls `tick` again and again, until the returned function is called. All who ask for the same period share a timer, which
 * is late by up to a sixteenth of it, so that it goes off seldom.
 */
export function everyTogether(ms: number, tick: () => void): () => void {
  let beats = heartbeats.get(ms);
  if (beats === undefined) heartbeats.set(ms, beats = new Heartbeats(ms));
  return beats.add(tick);
}

class Heartbeats {
  readonly #ms: number;
  // Who is called next, and when: in this order, because all wait for the same time.
  readonly #dueAt = new Map<() => void, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number) {
    this.#ms = ms;
  }

  add(tick: () => void): () => void {
    this.#dueAt.set(tick, performance.now() + this.#ms);
    if (this.#timer === undefined) this.#wait(this.#ms);
    return () => {
      this.#dueAt.delete(tick);
      if (this.#dueAt.size > 0) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
      heartbeats.delete(this.#ms);
    };
  }

  readonly #beat = (): void => {
    const now = performance.now();
    // Before anything is called: whatever happens there, the others are called the next time.
    this.#wait(this.#ms / 16);
    for (const [tick, dueAt] of this.#dueAt) {
      if (dueAt > now) break;
      this.#dueAt.delete(tick);
      this.#dueAt.set(tick, now + this.#ms);
      tick();
    }
  };

  #wait(ms: number): void {
    this.#timer = setTimeout(this.#beat, ms);
  }
}

const heartbeats = new Map<number, Heartbeats>();
