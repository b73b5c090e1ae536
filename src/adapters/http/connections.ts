import type { Context } from "hono";
import { checkCount, checkFunction, checkOptions, describe } from "../../core/options.ts";
import { tryAgainLater } from "./responses.ts";

/** How many event streams may be open at the same time. */
export interface LocusLimits {
  /** Of all runs and clients together; one more is answered 503. @default {1000} */
  connections?: number;
  /** Of one run; one more is answered 503. @default {100} */
  connectionsPerRun?: number;
  /**
   * How many streams one client may have open, of any kind; needs `clientOf`. One more replaces the client's oldest,
   * because a server notices a broken connection only minutes later, and it must not lock the client out.
   *
   * @default {6}
   */
  connectionsPerClient?: number;
  /**
   * The client that a request is from: a user, a session or an address. Null means that it is not known. Streams of
   * the same client replace each other, so two people must not share one value.
   *
   * @default {not known, because behind a proxy all clients have the same address}
   */
  clientOf?: (c: Context) => string | null;
}

/** A place for an event stream. */
export interface Place {
  /** Aborted when a newer stream of the same client takes the place; undefined if the client is not known. */
  readonly replaced: AbortSignal | undefined;
  /** To be called when the stream is open: where the client has too many, its oldest ends for it. */
  opened(): void;
  /** Gives the place back. Of no effect the second time. */
  release(): void;
}

/** The places for the event streams of one mount. */
export class Connections {
  readonly #limits: Required<Omit<LocusLimits, "clientOf">>;
  readonly #clientOf: LocusLimits["clientOf"];
  #count = 0;
  readonly #byRun = new Map<string, number>();
  // Each client's in the order in which they were taken.
  readonly #byClient = new Map<string, Set<TakenPlace>>();
  readonly #owner: string;
  readonly #events: PlaceEvents = {
    onOpened: ({ client }) => this.#makeRoom(client),
    onRelease: (place) => this.#remove(place),
  };

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
    this.#owner = owner;
    this.#clientOf = limits.clientOf;
    if (limits.connectionsPerClient !== undefined && this.#clientOf === undefined) {
      throw new TypeError(`${owner}: "limits.connectionsPerClient" needs "limits.clientOf"`);
    }
  }

  /**
   * Takes a place for a stream of these runs; none is all of them.
   *
   * @throws {Refusal} 503 if there are too many.
   */
  take(c: Context, runIds: readonly string[]): Place {
    const client = this.#readClient(c);
    // What the client's oldest gives back counts already.
    this.#checkRoom(runIds, this.#oldestOf(client, this.#limits.connectionsPerClient - 1));
    return this.#add(client, runIds);
  }

  /** The oldest place of a client that has more than `most`. */
  #oldestOf(client: string | null, most: number): TakenPlace | undefined {
    const own = client === null ? undefined : this.#byClient.get(client);
    if (own === undefined || own.size <= most) return undefined;
    const [oldest] = own;
    return oldest;
  }

  #makeRoom(client: string | null): void {
    while (true) {
      const oldest = this.#oldestOf(client, this.#limits.connectionsPerClient);
      if (oldest === undefined) return;
      oldest.replace();
    }
  }

  #readClient(c: Context): string | null {
    const client: unknown = this.#clientOf?.(c) ?? null;
    if (client === null || typeof client === "string") return client || null;
    throw new TypeError(
      `${this.#owner}: "limits.clientOf" must return a string or null, got ${describe(client)}`,
    );
  }

  #checkRoom(runIds: readonly string[], leaving: TakenPlace | undefined): void {
    const { connections, connectionsPerRun } = this.#limits;
    const ofAll = this.#count - (leaving === undefined ? 0 : 1);
    if (ofAll >= connections) throw tryAgainLater("Too many streams are open");
    for (const runId of runIds) {
      const ofRun = (this.#byRun.get(runId) ?? 0) - (leaving?.runIds.includes(runId) ? 1 : 0);
      if (ofRun >= connectionsPerRun) throw tryAgainLater("Too many streams of this run are open");
    }
  }

  #add(client: string | null, runIds: readonly string[]): Place {
    const place = new TakenPlace(client, runIds, this.#events);
    this.#count++;
    for (const runId of runIds) this.#countRun(runId, 1);
    if (client === null) return place;
    const own = this.#byClient.get(client) ?? new Set();
    this.#byClient.set(client, own.add(place));
    return place;
  }

  #remove(place: TakenPlace): void {
    const { client } = place;
    this.#count--;
    for (const runId of place.runIds) this.#countRun(runId, -1);
    if (client === null) return;
    const own = this.#byClient.get(client);
    own?.delete(place);
    // Names come from outside: only those of open streams are kept.
    if (own?.size === 0) this.#byClient.delete(client);
  }

  #countRun(runId: string, change: 1 | -1): void {
    const count = (this.#byRun.get(runId) ?? 0) + change;
    if (count === 0) this.#byRun.delete(runId);
    else this.#byRun.set(runId, count);
  }
}

/** Callbacks of all places. */
interface PlaceEvents {
  onOpened(place: TakenPlace): void;
  onRelease(place: TakenPlace): void;
}

class TakenPlace implements Place {
  readonly client: string | null;
  readonly runIds: readonly string[];
  readonly #events: PlaceEvents;
  readonly #replaced: AbortController | undefined;
  #isReleased = false;

  constructor(client: string | null, runIds: readonly string[], events: PlaceEvents) {
    this.client = client;
    this.runIds = runIds;
    this.#events = events;
    if (client !== null) this.#replaced = new AbortController();
  }

  get replaced(): AbortSignal | undefined {
    return this.#replaced?.signal;
  }

  opened(): void {
    if (!this.#isReleased) this.#events.onOpened(this);
  }

  /** Released first, so that the newest has its place however the oldest ends. */
  replace(): void {
    this.release();
    this.#replaced?.abort();
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#events.onRelease(this);
  }
}
