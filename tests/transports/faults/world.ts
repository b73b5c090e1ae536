/**
 * What a schedule is played on: processes that share a store, and everything that can be done to them.
 *
 * @module
 */
import type { BusErrorContext } from "@locus/core";
import type { SharedBus } from "../../../src/transports/remote/shared_bus.ts";
import type { Bounds, Side } from "./schedule.ts";

/** One process: a bus of its own, and its links to the store. */
export interface Process {
  readonly bus: SharedBus;
  /** Breaks a link; it may be made again at once. */
  cut(side: Side): void | Promise<void>;
  /** Breaks the links, until they are mended. */
  sever(): void | Promise<void>;
  /** What it is told comes late, until it is mended. */
  lag(): void | Promise<void>;
  mend(): void | Promise<void>;
}

/** Processes that share a store. */
export interface World {
  readonly processes: readonly Process[];
  /** The store forgets everything. */
  wipe(): Promise<void>;
  /** The store is started anew, with what it had. */
  restart(): Promise<void>;
  /** Something of a run is taken away: the run, its events, or what the store keeps besides. */
  evict(run: string, what: number): Promise<void>;
  /** One event of a run is taken away, in the middle. */
  punch(run: string): Promise<void>;
  /** Lets something happen. */
  turn(): Promise<void>;
  end(): Promise<void>;
}

/** What the buses of a world are made with. */
export interface WorldOptions {
  readonly bounds: Bounds;
  /** What a process is told of errors. */
  readonly onError: (process: number) => (error: Error, context: BusErrorContext) => void;
}

/** Makes a world, with nothing in its store. */
export type CreateWorld = (options: WorldOptions) => Promise<World>;

/** Makes worlds on one server of its own, one after the other. */
export interface Worlds {
  readonly create: CreateWorld;
  stop(): Promise<void>;
}
