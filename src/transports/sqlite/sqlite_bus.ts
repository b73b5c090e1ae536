import type { ArchiveBus } from "../../core/bus/bus.ts";
import type { NoEvents, StreamEvent } from "../../events/stream_event.ts";
import type { SharedBus } from "../remote/shared_bus.ts";

/** A bus whose runs are in an SQLite file: {@linkcode ArchiveBus} finds them, {@linkcode SharedBus} closes it. */
export interface SqliteBus<E extends object = NoEvents> extends SharedBus<E>, ArchiveBus<E> {
  /** The runs of the file, the one that changed last first. */
  runs(): ReturnType<ArchiveBus<E>["runs"]>;
  /**
   * A run as it is now, from its oldest event on: to be kept as lines of JSON, such as `locus record` writes, or for
   * {@linkcode importRun}. Of a run that the bus has not got there is nothing.
   *
   * @throws {TypeError} If `runId` cannot name a run.
   */
  exportRun(runId: string): AsyncIterable<StreamEvent>;
  /**
   * Stores a run that was recorded, under its id and the times of its events, in a new epoch. Gaps of the recording stay.
   * The run is open afterwards.
   *
   * @returns How many events were stored.
   * @throws {TypeError} If one is not an event, or is of another run, as a rejection: what came before it is stored.
   * @throws {Error} If the bus has the run already, as a rejection.
   */
  importRun(events: Iterable<StreamEvent> | AsyncIterable<StreamEvent>): Promise<number>;
  /** Stores everything that was published, before it returns; what cannot be stored at once is not. */
  flushNow(): void;
}
