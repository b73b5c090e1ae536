import type { Locks } from "../../src/client/stream_place.ts";

interface Request {
  readonly callback: (lock: object | null) => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** The locks of a browser, as the Web Locks specification has them, for what the client uses. */
export class FakeLocks implements Locks {
  readonly #held = new Map<string, Request>();
  readonly #queues = new Map<string, Request[]>();
  /** How many locks were stolen. */
  steals = 0;

  /** The names of the locks that are held. */
  get held(): string[] {
    return [...this.#held.keys()];
  }

  /** How many requests wait. */
  get waiting(): number {
    return [...this.#queues.values()].reduce((sum, queue) => sum + queue.length, 0);
  }

  request(
    name: string,
    { ifAvailable, steal, signal }: Parameters<Locks["request"]>[1],
    callback: Request["callback"],
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const request = { callback, resolve, reject };
      const holder = this.#held.get(name);
      if (steal && holder !== undefined) {
        this.steals++;
        this.#held.delete(name);
        holder.reject(new DOMException("The lock was stolen", "AbortError"));
      }
      const isFree = !this.#held.has(name);
      if (isFree && (steal || this.#queueOf(name).length === 0)) return this.#grant(name, request);
      if (ifAvailable) return Promise.resolve().then(() => callback(null)).then(resolve, reject);
      this.#queueOf(name).push(request);
      signal?.addEventListener("abort", () => {
        const queue = this.#queueOf(name);
        const index = queue.indexOf(request);
        if (index === -1) return;
        queue.splice(index, 1);
        reject(signal.reason);
      });
    });
  }

  #queueOf(name: string): Request[] {
    const queue = this.#queues.get(name) ?? [];
    this.#queues.set(name, queue);
    return queue;
  }

  #grant(name: string, request: Request): void {
    this.#held.set(name, request);
    Promise.resolve().then(() => request.callback({ name })).then(request.resolve, request.reject)
      .finally(() => {
        if (this.#held.get(name) !== request) return;
        this.#held.delete(name);
        const next = this.#queueOf(name).shift();
        if (next !== undefined) this.#grant(name, next);
      });
  }
}
