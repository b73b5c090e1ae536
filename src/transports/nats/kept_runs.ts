import { readEvent, writeEvent } from "../remote/stored_entry.ts";
import { keptOf } from "../remote/kept_events.ts";
import type { OutgoingEvent, StoredEvent } from "../remote/store.ts";
import type { RunStream } from "./stream.ts";

export interface KeptRun {
  readonly epoch: string;
  readonly started?: StoredEvent;
  readonly completed?: StoredEvent;
}

interface Kept {
  readonly epoch: string;
  readonly event: StoredEvent;
}

const FORMAT = 1;
const MAX_BYTES = 256 * 1024;

/**
 * Keeps how a run began and ended beside its messages, which go when they are old, of events that were stored, with numbers
 * up to `head`: a message for each, on a subject of its own. It says which incarnation it is of, because it is stored after the
 * events themselves.
 */
export async function keepRun(
  stream: RunStream,
  runId: string,
  { epoch, head }: { readonly epoch: string; readonly head: number },
  events: readonly OutgoingEvent[],
): Promise<void> {
  for (const { name, index, event } of keptOf(events)) {
    if (name === "started") {
      const last = await stream.lastKept(runId, name);
      if (last !== null && readKept(last)?.epoch === epoch) continue;
    }
    const seq = head - events.length + index + 1;
    const known = JSON.stringify({ format: FORMAT, epoch, seq });
    await stream.keep(runId, name, `${known}\n${writeEvent(event)}`);
  }
}

/** What is kept of all runs. */
export async function keptRuns(stream: RunStream): Promise<Map<string, KeptRun>> {
  const runs = new Map<string, KeptRun>();
  await stream.scanKept((runId, name, data) => {
    const kept = readKept(data);
    if (kept === null) return;
    const { epoch, event } = kept;
    const other = runs.get(runId);
    // What is older was kept of another incarnation.
    runs.set(runId, { ...other?.epoch === epoch && other, epoch, [name]: event });
  });
  return runs;
}

/** An event that is kept; null if the bytes are foreign. */
function readKept(bytes: Uint8Array): Kept | null {
  if (bytes.length > MAX_BYTES) return null;
  const [first = "", line] = new TextDecoder().decode(bytes).split("\n");
  try {
    const { format, epoch, seq } = JSON.parse(first);
    const isOurs = format === FORMAT && typeof epoch === "string" && Number.isSafeInteger(seq);
    return isOurs && seq > 0 && line !== undefined
      ? { epoch, event: { ...readEvent(line, seq), order: 0 } }
      : null;
  } catch {
    return null;
  }
}
