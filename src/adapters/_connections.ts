import type { Context } from "hono";
import { checkCount, checkFunction, checkOptions } from "../core/options.ts";
import { randomRetryAfter } from "../sse/response.ts";
import { Refusal } from "./_responses.ts";

/** How many streams may be open at the same time. Over a limit, they are answered 503 or 429. */
export interface LocusLimits {
  /** Of all runs and clients together. @default {1000} */
  connections?: number;
  /** Of one run. @default {100} */
  connectionsPerRun?: number;
  /** Of one client; needs `clientOf`. @default {6} */
  connectionsPerClient?: number;
  /**
   * Who a request is from: a user or an address, as your server knows it. Null is nobody in particular.
   *
   * @default {nobody, because behind a proxy the address is everybody's}
   */
  clientOf?: (c: Context) => string | null;
}

/** Counts the open streams of one mount. */
export class Connections {
  readonly #limits: Required<Omit<LocusLimits, "clientOf">>;
  readonly #clientOf: LocusLimits["clientOf"];
  readonly #all = new Map<"all", number>();
  readonly #byRun = new Map<string, number>();
  readonly #byClient = new Map<string, number>();

  constructor(owner: string, limits: LocusLimits) {
    checkOptions(`${owner}: limits`, limits, [
      "connections",
      "connectionsPerRun",
      "connectionsPerClient",
      "clientOf",
    ]);
    const { connections = 1_000, connectionsPerRun = 100, connectionsPerClient = 6 } = limits;
    this.#limits = { connections, connectionsPerRun, connectionsPerClient };
    for (const [name, value] of Object.entries(this.#limits)) {
      checkCount(owner, `limits.${name}`, value, 1);
    }
    checkFunction(owner, "limits.clientOf", limits.clientOf);
    this.#clientOf = limits.clientOf;
    if (limits.connectionsPerClient !== undefined && this.#clientOf === undefined) {
      throw new TypeError(`${owner}: "limits.connectionsPerClient" needs "limits.clientOf"`);
    }
  }

  /**
   * Takes a place for a stream; null is all runs. To be given back once, with what is returned.
   *
   * @throws {Refusal} 429 if the client has too many, 503 if there are too many.
   */
  take(c: Context, runId: string | null): () => void {
    const { connections, connectionsPerRun, connectionsPerClient } = this.#limits;
    const client = this.#clientOf?.(c) ?? null;
    const isTaken = (counts: Map<string, number>, key: string | null, limit: number) =>
      key !== null && (counts.get(key) ?? 0) >= limit;
    if (isTaken(this.#byClient, client, connectionsPerClient)) refuse(429, "of yours");
    if (isTaken(this.#all, "all", connections)) refuse(503, "");
    if (isTaken(this.#byRun, runId, connectionsPerRun)) refuse(503, "of this run");
    const places: [Map<string, number>, string | null][] = [
      [this.#all, "all"],
      [this.#byRun, runId],
      [this.#byClient, client],
    ];
    for (const [counts, key] of places) add(counts, key, 1);
    return () => {
      for (const [counts, key] of places.splice(0)) add(counts, key, -1);
    };
  }
}

function add(counts: Map<string, number>, key: string | null, change: 1 | -1): void {
  if (key === null) return;
  const count = (counts.get(key) ?? 0) + change;
  // Keys come from outside: only those of open streams are held.
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

function refuse(status: 429 | 503, whose: string): never {
  throw new Refusal(
    status,
    `Too many streams${whose && ` ${whose}`} are open; try again later`,
    { "Retry-After": randomRetryAfter() },
  );
}
