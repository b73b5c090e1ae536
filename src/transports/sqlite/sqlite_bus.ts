import type { ArchiveBus } from "../../core/bus/bus.ts";
import type { NoEvents } from "../../events/stream_event.ts";
import type { SharedBus } from "../remote/shared_bus.ts";

/** A bus whose runs are in an SQLite file: {@linkcode ArchiveBus} finds them, {@linkcode SharedBus} closes it. */
export interface SqliteBus<E extends object = NoEvents> extends SharedBus<E>, ArchiveBus<E> {
  /** Stores everything that was published, before it returns; what cannot be stored at once is not. */
  flushNow(): void;
}
