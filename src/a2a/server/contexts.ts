import { deferred } from "../../runtime/deferred.ts";
import { tryAgainLater } from "../../adapters/http/responses.ts";

/** Has the tasks of a context work one after the other: they share a conversation. */
export class Contexts {
  // Who works in a context, and who waits for that.
  readonly #queues = new Map<string, Promise<void>[]>();

  /** @throws {Refusal} 503 if too many wait already. */
  check(threadId: string): void {
    if ((this.#queues.get(threadId)?.length ?? 0) > MAX_WAITING) {
      throw tryAgainLater("Too many tasks of this context wait");
    }
  }

  /** Works when all who came before are done. */
  async inTurn(threadId: string, work: () => Promise<void>): Promise<void> {
    const queue = this.#queues.get(threadId) ?? [];
    this.#queues.set(threadId, queue);
    const { promise, resolve } = deferred<void>();
    const before = queue.at(-1);
    queue.push(promise);
    try {
      await before;
      await work();
    } finally {
      queue.shift();
      if (queue.length === 0) this.#queues.delete(threadId);
      resolve();
    }
  }
}

const MAX_WAITING = 16;
