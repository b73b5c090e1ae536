import { pause } from "./within_time.ts";

/**
 * How many streams to a host a browser may have open. Over HTTP/1.1 it opens six connections to a host, in all tabs
 * together, and a stream keeps its connection for good. The sixth stays free for everything else: an answer to an
 * agent, a list of runs, the page itself.
 */
const PLACES = 5;
/** How long the first of the queue waits before it takes a place from another stream. */
const TURN_MS = 3_000;
/** How often it looks for a free place, and how long a wait stays unannounced. */
const LOOK_MS = 250;

/** The part of the Web Locks API that is used. All tabs of an origin share their locks; a closed tab frees its own. */
export interface Locks {
  request(
    name: string,
    options: { ifAvailable?: boolean; steal?: boolean; signal?: AbortSignal },
    callback: (lock: object | null) => unknown,
  ): Promise<unknown>;
}

/** How to wait for a place, and what to call. */
export interface PlaceOptions {
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Called once if no place becomes free soon. */
  readonly onWait: () => void;
  /** Called when another stream has taken the place. */
  readonly onLost: () => void;
}

/**
 * Waits for a place for one stream to `host`. Returns a function that frees it.
 *
 * When all places are taken, streams queue, and after a while the first of the queue takes a place from another
 * stream. Streams resume, so in turn each of them gets everything. Only one place changes hands at a time, so a
 * longer queue causes no more reconnects.
 */
export async function takePlace(
  locks: Locks,
  host: string,
  { signal, onWait, onLost }: PlaceOptions,
): Promise<() => void> {
  const name = `locus stream ${host}`;
  const announcement = setTimeout(onWait, LOOK_MS);
  try {
    const leaveQueue = await hold(locks, name, { signal });
    try {
      // By the clock, because timers of a hidden page run late.
      for (const since = performance.now(); performance.now() - since < TURN_MS;) {
        for (let place = 0; place < PLACES; place++) {
          const leave = await hold(locks, `${name} ${place}`, { ifAvailable: true }, onLost);
          if (leave !== null) return leave;
        }
        await pause(LOOK_MS, signal);
        signal.throwIfAborted();
      }
      const place = Math.floor(Math.random() * PLACES);
      return (await hold(locks, `${name} ${place}`, { steal: true }, onLost))!;
    } finally {
      leaveQueue?.();
    }
  } finally {
    clearTimeout(announcement);
  }
}

/** The locks that limit streams to `url`; null where there is no limit. */
export function locksFor(url: URL): Locks | null {
  const browser = globalThis as { readonly navigator?: { readonly locks?: Locks } };
  if (!("document" in browser) && !("WorkerGlobalScope" in browser)) return null;
  return isOverHttp1(url) ? browser.navigator?.locks ?? null : null;
}

/** Browsers use HTTP/2 only with encryption. What an encrypted host speaks is known for the page's own. */
function isOverHttp1({ protocol, origin }: URL): boolean {
  if (protocol === "http:") return true;
  const { location } = globalThis as { readonly location?: { readonly origin: string } };
  if (location?.origin !== origin) return false;
  const [page] = performance.getEntriesByType("navigation") as { nextHopProtocol?: string }[];
  return page?.nextHopProtocol === "http/1.1";
}

/** Holds a lock. Resolves with a function that releases it, or null if it isn't available. */
function hold(
  locks: Locks,
  name: string,
  options: { ifAvailable?: boolean; steal?: boolean; signal?: AbortSignal },
  onLost: () => void = () => {},
): Promise<(() => void) | null> {
  return new Promise((resolve, reject) => {
    const held = locks.request(name, options, (lock) => {
      if (lock === null) return resolve(null);
      return new Promise<void>((release) => resolve(release));
    });
    held.then(undefined, (error) => {
      // It was stolen, unless it was never held.
      onLost();
      reject(error);
    });
  });
}
