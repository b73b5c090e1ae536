import { AsyncVariable, hasAsyncContext } from "../runtime/async_context.ts";
import { nextTurn } from "../runtime/next_turn.ts";

/**
 * One call of a handler. It never rejects, and calls the handler through `enter`, so that what the
 * handler publishes is known to be its.
 */
export type HandlerTask = (enter: <R>(handler: () => R) => R) => Promise<void>;

/**
 * Lets a number of handler calls run at the same time, over all that is published. A handler that
 * publishes and waits cannot block it:
 *
 * - **Places:** each call takes one of `limit` places; the publish that came first is served first.
 * - **Nested publishes:** one that a handler makes while it runs brings a place with it, for as long
 *   as calls of it are left to begin. In that place they run one after another, whatever becomes of
 *   the others: so it always gets on, however deep publishes nest, and still cannot have a thousand
 *   handlers run at once.
 * - **Without async context** (browsers) the publisher is not known. There every publish that is made
 *   while any call runs counts as nested: the limit is looser, but nothing blocks.
 *
 * Lending the publisher's place instead would hold the limit exactly, and block: a handler that starts a
 * long call without waiting for it could not publish again.
 */
export class HandlerLimit {
  // Publishes with calls that have not begun, oldest first.
  readonly #waiting: Set<Delivery> = new Set();
  #free: number;
  #running = 0;
  #begun = 0;
  // What all calls wait for that would begin now, so that they keep their order.
  #rest: Promise<void> | null = null;

  constructor(limit: number) {
    this.#free = limit;
  }

  /** Makes all calls of one publish, and resolves when they are over. They begin after the caller is done. */
  run(tasks: readonly HandlerTask[]): Promise<void> {
    if (tasks.length === 0) return Promise.resolve();
    const caller = hasAsyncContext() ? unlessOver(current.get()) : undefined;
    const isNested = hasAsyncContext() ? isWithin(caller, this) : this.#running > 0;
    return new Promise((resolve) => {
      const delivery: Delivery = { tasks, caller, begun: 0, unfinished: tasks.length, resolve };
      this.#waiting.add(delivery);
      this.#fill();
      if (isNested && this.#waiting.has(delivery)) this.#begin(delivery, "own");
    });
  }

  #fill(): void {
    for (const delivery of this.#waiting) {
      while (this.#free > 0 && this.#waiting.has(delivery)) {
        this.#free--;
        this.#begin(delivery, "shared");
      }
      if (this.#free === 0) return;
    }
  }

  async #begin(delivery: Delivery, place: "own" | "shared"): Promise<void> {
    const task = delivery.tasks[delivery.begun++]!;
    if (delivery.begun === delivery.tasks.length) this.#waiting.delete(delivery);
    this.#running++;
    const call: HandlerCall = { limit: this, caller: delivery.caller, isOver: false };
    // The publisher goes first; and however deep handlers publish, the stack does not grow. Nor do they keep the
    // event loop from turning, should they publish what they handle.
    if (++this.#begun % CALLS_A_TURN === 0) {
      this.#rest ??= nextTurn().then(() => void (this.#rest = null));
    }
    await this.#rest;
    await task((handler) => hasAsyncContext() ? current.run(call, handler) : handler());
    call.isOver = true;
    // Contexts outlive calls (a timer keeps its own), and must not keep all calls before this one.
    call.caller = undefined;
    this.#running--;
    if (place === "shared") {
      this.#free++;
      this.#fill();
    } else if (this.#waiting.has(delivery)) {
      this.#begin(delivery, "own");
    }
    if (--delivery.unfinished === 0) delivery.resolve();
  }
}

const CALLS_A_TURN = 1_000;

/** The calls that one publish asked for. */
interface Delivery {
  readonly tasks: readonly HandlerTask[];
  /** The call that published, if one did. */
  readonly caller: HandlerCall | undefined;
  begun: number;
  unfinished: number;
  resolve(): void;
}

/** A handler call, as the code below it sees it. */
interface HandlerCall {
  readonly limit: HandlerLimit;
  caller: HandlerCall | undefined;
  isOver: boolean;
}

const current = new AsyncVariable<HandlerCall>({ name: "locus.coordination" });

/** What a handler left behind, a timer for example, publishes in its own name. */
function unlessOver(call: HandlerCall | undefined): HandlerCall | undefined {
  return call?.isOver ? undefined : call;
}

/** Whether a call of `limit` waits above: between it and here may be handlers of other buses. */
function isWithin(call: HandlerCall | undefined, limit: HandlerLimit): boolean {
  for (let above = call; above !== undefined; above = above.caller) {
    if (above.limit === limit && !above.isOver) return true;
  }
  return false;
}
