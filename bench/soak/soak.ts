/**
 * A soak: runs that begin and end, viewers that come and go, and a fault now and then, on one engine.
 *
 * The server, its viewers and what stands between them are one process, so what any of them leaks is seen.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Bus } from "@locus/core";
import { locus } from "@locus/core/hono";
import { startProxy } from "../../tests/transports/proxy.ts";
import { type App, serve } from "../../tests/harness/support/serve.ts";
import { awayFor, type Engine, type Fault } from "./engines.ts";
import { Traffic } from "./traffic.ts";
import { Openings, type Seen, view } from "./viewer.ts";

/** How much of everything. */
export interface SoakOptions {
  readonly runs: number;
  readonly viewers: number;
  readonly eventsPerSecond: number;
  /** From the end of a fault to the next one. */
  readonly faultEveryMs: number;
  /** How long a server is out of reach. */
  readonly awayMs: number;
  /** How long a visit lasts at most. */
  readonly visitMs: number;
  /** How long viewers believe a silent connection. */
  readonly patienceMs: number;
  /** What stands before the routes. @default {nothing} */
  readonly around?: (app: App) => App;
}

/** A soak at work. */
export interface Soak {
  readonly seen: Seen;
  readonly traffic: Traffic;
  /** How often each fault happened. */
  readonly faults: ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

/** More at once would only wait for each other on a busy machine, until all of them give up. */
const OPENINGS = 20;

/** Begins one on an engine, which is stopped with it. */
export async function startSoak(
  engine: Engine,
  options: SoakOptions,
): Promise<Soak> {
  const { runs, viewers, eventsPerSecond, visitMs, patienceMs, around = (app) => app } = options;
  const server = await serve(around(appOf(engine.bus, viewers)));
  const proxy = await startProxy(Number(new URL(server.url).port));
  const seen: Seen = {
    visits: 0,
    delivered: 0,
    gaps: 0,
    epochs: 0,
    reconnects: 0,
    problems: [],
  };
  let [time, emptied, isEmptying] = [0, 0, false];
  const now = () => ++time;
  const traffic = new Traffic(engine.bus, runs, eventsPerSecond, now);
  const place = {
    url: `http://127.0.0.1:${proxy.port}`,
    seen,
    visitMs,
    patienceMs,
    openings: new Openings(OPENINGS),
    pick: () => traffic.pick(),
    now,
    emptied: () => isEmptying ? now() : emptied,
  };
  const leaving = new AbortController();
  const viewing = Array.from({ length: viewers }, () => view(place, leaving.signal));
  const faults = new Faults(
    [
      { name: "every viewer's connection cut", act: () => proxy.cut() },
      { name: "server out of reach for a while", act: (ms) => awayFor(ms, proxy) },
      { name: "connections frozen, and nobody told", act: () => proxy.freeze() },
      ...engine.faults,
    ],
    options,
    // An event may be seen after a store was emptied and before that is confirmed.
    ({ empties = false }) => void (isEmptying = empties),
    () => {
      if (isEmptying) emptied = now();
      isEmptying = false;
    },
  );
  return {
    seen,
    traffic,
    faults: faults.counts,
    async stop() {
      await faults.stop();
      leaving.abort();
      await Promise.all(viewing);
      traffic.stop();
      await proxy.close();
      await server.close();
      await engine.stop();
    },
  };
}

/** Has one fault after the other happen, each in its turn. */
class Faults {
  readonly counts = new Map<string, number>();
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;

  constructor(
    all: readonly Fault[],
    options: SoakOptions,
    onFault: (fault: Fault) => void,
    onOver: () => void,
  ) {
    this.#ended = this.#run(all, options, onFault, onOver);
  }

  stop(): Promise<void> {
    this.#stopping.abort();
    return this.#ended;
  }

  async #run(
    all: readonly Fault[],
    { faultEveryMs, awayMs }: SoakOptions,
    onFault: (fault: Fault) => void,
    onOver: () => void,
  ): Promise<void> {
    const { signal } = this.#stopping;
    for (let next = 0;; next++) {
      await delay(faultEveryMs, null, { signal }).catch(() => {});
      if (signal.aborted) return;
      const fault = all[next % all.length]!;
      const { name } = fault;
      onFault(fault);
      await fault.act(awayMs);
      onOver();
      this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    }
  }
}

function appOf(bus: Bus, viewers: number): App {
  // The server notices late that a frozen viewer is gone, and others come in the meantime.
  const connections = viewers * 10;
  // A store that is away fails requests; what viewers make of it is judged.
  const onError = () => {};
  return locus({ bus, onError, limits: { connections, connectionsPerRun: connections } });
}
