import type { AppendingBus, Producer } from "../../core/bus/bus.ts";
import type { EventDraft } from "../../events/stream_event.ts";
import { inTime } from "../http/in_time.ts";
import { tryAgainLater } from "../http/responses.ts";
import { mapAFewAtATime } from "./a_few_at_a_time.ts";

/** What is to be done to a run: an event of it, or its end. */
export interface RunItem {
  /** Its place in the request, from 0. */
  readonly index: number;
  /** Null is the end of the run. */
  readonly draft: EventDraft | null;
}

/** What became of the events of one run. */
export interface RunOutcome {
  readonly isDuplicate: boolean;
  /** The newest epoch of the producer, if that is why nothing was stored. */
  readonly fencedBy: number | null;
  readonly rejected: readonly { readonly index: number; readonly error: string }[];
}

/**
 * Stores events, those of each run as a whole, and waits until they are stored.
 *
 * @throws {Refusal} 503 if some are not stored in time, or it is not known whether they are.
 */
export async function storeEvents(
  bus: AppendingBus,
  runs: ReadonlyMap<string, readonly RunItem[]>,
  producer: Producer | undefined,
  report: (error: unknown) => string,
): Promise<RunOutcome[]> {
  const giveUp = new AbortController();
  const outcomes = mapAFewAtATime(
    [...runs],
    ([runId, items]) => storeRun(bus, runId, items, producer, giveUp.signal),
  );
  try {
    return await inTime("append", outcomes);
  } catch (error) {
    report(error);
    throw tryAgainLater("Not all events could be stored");
  } finally {
    // What still waits for the store would be stored behind what the client sends by then.
    giveUp.abort();
  }
}

async function storeRun(
  bus: AppendingBus,
  runId: string,
  items: readonly RunItem[],
  producer: Producer | undefined,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const end = items.findIndex(({ draft }) => draft === null);
  const events = (end < 0 ? items : items.slice(0, end)).map(({ draft }) => draft!);
  let fencedBy: number | null = null;
  const onFenced = (epoch: number) => void (fencedBy = epoch);
  const stored = await bus.append<string>(runId, events, { producer, onFenced, signal });
  const isDuplicate = stored === "duplicate";
  const refuse = (refused: readonly RunItem[], error: string): RunOutcome => ({
    isDuplicate,
    fencedBy,
    rejected: refused.map(({ index }) => ({ index, error })),
  });
  if (stored === "fenced") return refuse(items, `A newer epoch of the producer is ${fencedBy}`);
  if (stored === "closed") return refuse(items, closedWords(runId));
  if (end < 0) return refuse([], "");
  bus.closeStream(runId);
  // Nothing to store, but behind the end: when this is answered, the run is closed.
  await bus.append(runId, [], { signal });
  return refuse(items.slice(end + 1), closedWords(runId));
}

/** Why an event of a run that is closed is refused. */
export function closedWords(runId: string): string {
  return `Run "${runId}" is closed`;
}
