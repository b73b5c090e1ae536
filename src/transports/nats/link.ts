import { type Deferred, deferred } from "../../runtime/deferred.ts";
import { PermanentError } from "../remote/permanent_error.ts";
import type { NatsConnectionLike, NatsHeadersLike, NatsMessageLike } from "./connection.ts";
import { isError } from "../../runtime/realm.ts";

/** Told of what becomes of a connection. */
export interface LinkListener {
  /** It was lost, and is there again: what came meanwhile was missed. */
  reconnected(): void;
  failed(error: Error): void;
}

export interface LinkSubscription {
  unsubscribe(): void;
  readonly denied: Error | null;
}

/** Nothing listens on the subject of a request. */
export class NobodyThereError extends Error {
  override name = "NobodyThereError";
}

/**
 * A connection that may come and go. While it is away nothing is given to it, because it would keep that, without
 * a bound; and whoever waited for an answer does not wait for the time-out.
 */
export class Link {
  readonly #connection: NatsConnectionLike;
  readonly #timeoutMs: number;
  #listener: LinkListener | null = null;
  #statuses: (AsyncIterable<{ readonly type: string }> & { stop?: () => void }) | null = null;
  #hasEnded = false;
  hasJetStream = false;
  // Pending while the connection is away.
  #back: Deferred<void> | null = null;
  readonly #waiting: Set<(error: Error) => void> = new Set();

  constructor(connection: NatsConnectionLike, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
  }

  listen(listener: LinkListener): void {
    this.#listener = listener;
    void this.#follow();
    void this.#connection.closed().then(() => {
      if (this.#hasEnded) return;
      listener.failed(closedError());
      this.#lose("the connection was closed");
    });
  }

  get maxPayload(): number {
    const { max_payload: max = 1024 * 1024 } = this.#connection.info ?? {};
    return Math.min(Math.max(max, 16 * 1024), 8 * 1024 * 1024);
  }

  /**
   * Asks, and waits for the answer; while the connection is away, for that first.
   *
   * @throws {NobodyThereError} If nothing listens there.
   */
  async request(
    subject: string,
    payload: Uint8Array | string,
    { headers, timeoutMs = this.#timeoutMs }: {
      headers?: () => NatsHeadersLike;
      timeoutMs?: number;
    } = {},
  ): Promise<NatsMessageLike> {
    await this.#ready();
    try {
      // The headers are written down at once, so that they can be others the next time.
      const options = { timeout: timeoutMs, headers: headers?.() };
      const answer = this.#connection.request(subject, payload, options);
      return await this.#unlessLost(answer);
    } catch (error) {
      throw isNobodyThere(error) ? new NobodyThereError("NATS: nobody there") : redact(error);
    }
  }

  /** Tells everybody who listens, if the connection is there. */
  publish(subject: string, payload: string): void {
    if (this.#hasEnded || this.#back !== null || this.#connection.isClosed()) return;
    this.#connection.publish(subject, payload);
  }

  subscribe(subject: string, hear: (message: NatsMessageLike) => void): LinkSubscription {
    if (this.#hasEnded || this.#connection.isClosed()) throw closedError();
    let denied: Error | null = null;
    const subscription = this.#connection.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) return hear(message);
        denied = redact(error);
        // Whatever else listens goes on.
        this.#listener?.failed(new Error(denied.message));
      },
    });
    return {
      unsubscribe: () => subscription.unsubscribe(),
      get denied() {
        return denied;
      },
    };
  }

  /** Resolves when the server knows what we listen to; rejects if it does not let us. */
  async settled(subscription?: LinkSubscription): Promise<void> {
    await this.#ready();
    try {
      await this.#unlessLost(this.#connection.flush());
    } catch (error) {
      throw redact(error);
    }
    if (subscription?.denied) throw subscription.denied;
  }

  /** Rejects all that waits, and looks after the connection no more. */
  end(): void {
    this.#hasEnded = true;
    this.#lose("the bus was closed");
    this.#statuses?.stop?.();
  }

  async #ready(): Promise<void> {
    while (this.#back !== null && !this.#hasEnded && !this.#connection.isClosed()) {
      await this.#unlessLost(this.#back.promise);
    }
    if (this.#hasEnded) throw new Error("NATS: the bus was closed");
    if (this.#connection.isClosed()) throw closedError();
  }

  async #follow(): Promise<void> {
    const statuses = this.#statuses = this.#connection.status();
    try {
      for await (const { type } of statuses) {
        if (this.#hasEnded) return;
        if (type === "disconnect" && this.#back === null) {
          this.#back = deferred();
          this.#listener?.failed(new Error("NATS: the connection was lost"));
          this.#lose("the connection was lost");
        } else if (type === "reconnect") {
          this.#back?.resolve();
          this.#back = null;
          this.#listener?.reconnected();
        }
      }
    } catch (error) {
      this.#listener?.failed(redact(error));
    }
  }

  /** What the promise comes to, or an error as soon as the connection is lost. */
  #unlessLost<T>(promise: Promise<T>): Promise<T> {
    // No race with one long-lived promise, which would remember everybody who ever raced.
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      promise.then(resolve, reject).finally(() => this.#waiting.delete(reject));
    });
  }

  #lose(why: string): void {
    for (const reject of this.#waiting) reject(new Error(`NATS: ${why}`));
    this.#waiting.clear();
  }
}

/** As `@nats-io/nats-core` says it, without its classes. */
function isNobodyThere(error: unknown): boolean {
  return namesOf(error).some((name) => name.startsWith("NoResponders"));
}

function namesOf(error: unknown): string[] {
  if (!isError(error)) return [];
  return [error.name, isError(error.cause) ? error.cause.name : ""];
}

function closedError(): PermanentError {
  const what = "the connection was closed; a bus needs one that stays (maxReconnectAttempts: -1)";
  return new PermanentError(`NATS: ${what}`);
}

const URL_LIKE = /\b([a-z][a-z0-9+.-]*:\/\/)\S+/gi;

/** An error of the client as it may be reported: addresses can hold passwords. */
function redact(error: unknown): Error {
  if (isError(error) && error.message.startsWith("NATS: ")) return error;
  const text = isError(error) ? `${error.name}: ${error.message}` : "it gave no reason";
  const message = `NATS: ${text.replace(URL_LIKE, "$1…").slice(0, 500)}`;
  return namesOf(error).includes("PermissionViolationError")
    ? new PermanentError(`${message}; the rights that a user needs are listed at natsBus()`)
    : new Error(message);
}
