/**
 * What is used of a connection to NATS: that of `@nats-io/transport-node`, of `@nats-io/transport-deno`, and
 * `wsconnect()` of `@nats-io/nats-core` are such.
 */
import { describe } from "../../core/options.ts";

/** Headers of a message. */
export interface NatsHeadersLike {
  /** The code of a status message; 0 of others. */
  readonly code: number;
  /** The value of a header; empty if there is none. */
  get(name: string): string;
  /** Gives a header its value. */
  set(name: string, value: string): void;
  /** Takes a header away. */
  delete(name: string): void;
  /** The names of all headers. */
  keys(): string[];
}

/** A message. */
export interface NatsMessageLike {
  /** Where it was published. */
  readonly subject: string;
  /** What it says. */
  readonly data: Uint8Array;
  /** Where an answer is expected. */
  readonly reply?: string;
  /** Its headers, if it has any. */
  readonly headers?: NatsHeadersLike;
}

/** A subscription. */
export interface NatsSubscriptionLike {
  /** Ends it. */
  unsubscribe(): void;
}

/** A connection to NATS. */
export interface NatsConnectionLike {
  /** What the server said about itself. */
  readonly info?: { readonly max_payload: number };
  /** Sends a message. */
  publish(subject: string, payload?: Uint8Array | string): void;
  /** Sends a message, and resolves with the first answer. */
  request(
    subject: string,
    payload?: Uint8Array | string,
    options?: { timeout: number; headers?: NatsHeadersLike },
  ): Promise<NatsMessageLike>;
  /** Has messages brought to a callback. */
  subscribe(
    subject: string,
    options: { callback: (error: Error | null, message: NatsMessageLike) => void },
  ): NatsSubscriptionLike;
  /** Resolves when the server has had everything so far. */
  flush(): Promise<void>;
  /** Whether it was closed for good. */
  isClosed(): boolean;
  /** Resolves when it is closed for good. */
  closed(): Promise<void | Error>;
  /** What becomes of it: `disconnect`, `reconnect`, … */
  status(): AsyncIterable<{ readonly type: string }>;
}

const METHODS = ["publish", "request", "subscribe", "flush", "isClosed", "closed", "status"];

/** @throws {TypeError} If it is not a connection. */
export function checkConnection(owner: string, connection: unknown): NatsConnectionLike {
  const given = connection as Record<string, unknown> | null | undefined;
  if (METHODS.every((method) => typeof given?.[method] === "function")) {
    const checked = connection as NatsConnectionLike;
    if (!checked.isClosed()) return checked;
    throw new TypeError(`${owner}: "connection" must be open, got one that was closed`);
  }
  const expected = "a connection as connect() of @nats-io/transport-node resolves to";
  throw new TypeError(`${owner}: "connection" must be ${expected}, got ${describe(connection)}`);
}
