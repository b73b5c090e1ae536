import type {
  NatsConnectionLike,
  NatsHeadersLike,
  NatsMessageLike,
  NatsSubscriptionLike,
} from "./connection.ts";

/** Told of what becomes of a connection. */
export interface LinkListener {
  /** It was lost, and is there again: what came meanwhile was missed. */
  reconnected(): void;
  failed(error: Error): void;
}

/** Nobody listens to what was asked. */
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
  // Pending while the connection is away.
  #back: PromiseWithResolvers<void> | null = null;
  readonly #waiting: Set<(error: Error) => void> = new Set();

  constructor(connection: NatsConnectionLike, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
  }

  /** Begins to look after the connection. */
  listen(listener: LinkListener): void {
    this.#listener = listener;
    void this.#follow();
    void this.#connection.closed().then(() => {
      if (this.#hasEnded) return;
      listener.failed(new Error("NATS: the connection was closed"));
      this.#lose("the connection was closed");
    });
  }

  /** The size of a message at most, in bytes. */
  get maxPayload(): number {
    const { max_payload: max = 1024 * 1024 } = this.#connection.info ?? {};
    return Math.min(Math.max(max, 16 * 1024), 8 * 1024 * 1024);
  }

  /**
   * Asks, and waits for the answer; while the connection is away, for that first.
   *
   * @throws {NobodyThereError} If nobody listens there.
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

  /** Listens; the subscription survives the connection. */
  subscribe(subject: string, hear: (message: NatsMessageLike) => void): NatsSubscriptionLike {
    if (this.#hasEnded || this.#connection.isClosed()) {
      throw new Error("NATS: the connection was closed");
    }
    return this.#connection.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) hear(message);
        else this.#listener?.failed(redact(error));
      },
    });
  }

  /** Resolves when the server knows what we listen to. */
  async settled(): Promise<void> {
    await this.#ready();
    try {
      await this.#unlessLost(this.#connection.flush());
    } catch (error) {
      throw redact(error);
    }
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
    if (this.#connection.isClosed()) throw new Error("NATS: the connection was closed");
  }

  async #follow(): Promise<void> {
    const statuses = this.#statuses = this.#connection.status();
    try {
      for await (const { type } of statuses) {
        if (this.#hasEnded) return;
        if (type === "disconnect" && this.#back === null) {
          this.#back = Promise.withResolvers();
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
  if (!(error instanceof Error)) return false;
  const { name, cause } = error;
  return [name, cause instanceof Error ? cause.name : ""]
    .some((name) => name.startsWith("NoResponders"));
}

const URL_LIKE = /\b([a-z][a-z0-9+.-]*:\/\/)\S+/gi;

/** An error of the client as it may be reported: addresses can hold passwords. */
function redact(error: unknown): Error {
  if (error instanceof Error && error.message.startsWith("NATS: ")) return error;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : "it gave no reason";
  return new Error(`NATS: ${text.replace(URL_LIKE, "$1…").slice(0, 500)}`);
}
