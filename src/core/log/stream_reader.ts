import type { Recovery, RunReading, SubscriptionEnd } from "../bus/bus.ts";
import type { LogPosition } from "./log_position.ts";

/** What a subscription reads with: a reader of one log, or of several. */
export interface StreamReader<T>
  extends Pick<LogPosition<T>, "atEnd" | "caughtUp" | "take" | "takeEntry" | "park" | "unpark"> {
  readonly runId: string;
  readonly runs?: readonly RunReading[];
  readonly recovery: Recovery;
  readonly ended: SubscriptionEnd | null;
  readonly cursor: string;
  readonly cursors?: readonly string[];
  /** All pending events, up to `max`; undefined while there are none. */
  takeAll(max: number): readonly T[] | undefined;
  /** Begins; ends when its signal is aborted, or `owner` is collected. */
  begin(owner: object): void;
  /** Has another one own it: it ends when that one is collected. */
  passTo(owner: object): void;
  /** Ends it, once. A pending read finishes. */
  release(how: SubscriptionEnd): void;
  /** Ends it as what it reads did. */
  readonly finish: () => void;
}

/** Calls `cancel` when `signal` is aborted, unless it stops listening, or `owner` is collected. */
export function watchReader(
  cancel: () => void,
  signal: AbortSignal | undefined,
  owner: object | undefined,
): void {
  if (signal?.aborted) return cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  if (owner === undefined) return;
  // Not every runtime can tell what was collected.
  registry ??= globalThis.FinalizationRegistry && new FinalizationRegistry((cancel) => cancel());
  registry?.register(owner, cancel, cancel);
}

/** Calls `cancel` when another owner is collected. */
export function passReader(cancel: () => void, owner: object): void {
  if (registry?.unregister(cancel)) registry.register(owner, cancel, cancel);
}

/** Undoes it: what a registry calls is held, and may lead to the owner, which would be held for good. */
export function unwatchReader(cancel: () => void, signal: AbortSignal | undefined): void {
  signal?.removeEventListener("abort", cancel);
  registry?.unregister(cancel);
}

let registry: FinalizationRegistry<() => void> | undefined;
