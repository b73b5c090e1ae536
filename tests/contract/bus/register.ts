import type { AppendingBus } from "@locus/core";

/** Registers a test: what is promised, and its proof on a bus of its own, with a run that nobody else has. */
export type Register = (
  what: string,
  body: (bus: AppendingBus, run: string) => Promise<void>,
) => void;
