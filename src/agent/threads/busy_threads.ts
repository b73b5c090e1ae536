import type { Checkpointer } from "../../memory/checkpointer.ts";
import { ThreadBusyError } from "../state/errors.ts";

// By checkpointer: agents that share one share its threads.
const busy = new WeakMap<Checkpointer, Set<string>>();

/**
 * Takes hold of a thread, which two runs of this process must not have at the same time: the one that
 * ends last would wipe out what the other one saved.
 *
 * @returns Lets go of it; may be called more than once.
 * @throws {ThreadBusyError} If another run has it.
 */
export function holdThread(checkpointer: Checkpointer, threadId: string): () => void {
  const threads = busy.get(checkpointer) ?? new Set<string>();
  busy.set(checkpointer, threads);
  if (threads.has(threadId)) throw new ThreadBusyError(threadId);
  threads.add(threadId);
  let held = true;
  return () => {
    if (held) threads.delete(threadId);
    held = false;
  };
}
