import type { Page, Store } from "../remote/store.ts";
import type { LiveTails } from "./live_tails.ts";
import type { Publisher } from "./publisher.ts";
import { findRun, pageOf } from "./run_reading.ts";
import type { RunStream } from "./stream.ts";
import { placeBehind, type StreamOrder } from "./stream_order.ts";

export interface RunReaderOptions {
  readonly stream: RunStream;
  readonly tails: LiveTails;
  readonly publisher: Pick<Publisher, "seqOf">;
  readonly limit: number;
  readonly maxChars: number;
  /** Whether what was heard of the run is asked for by its own readers, and by those of all runs. */
  readonly isReadTwice: (runId: string) => boolean;
  readonly onStrange: (runId: string, count: number) => void;
}

const MAX_READS = 5;
const MAX_PLACED = 1_000;

/** Reads runs: from what was heard of them, where that is enough, else from the stream. */
export function createRunReader(
  { stream, tails, publisher, limit, maxChars, isReadTwice, onStrange }: RunReaderOptions,
): Store["read"] {
  // Which incarnation of a run is in which stream, as far as it was found out.
  const placed = new Map<string, string>();
  return async (runId, after, { isFresh = false, isPlaced = false } = {}) => {
    const place = isPlaced ? await stream.place(true) : null;
    for (let reads = 0;; reads++) {
      const tail = tails.get(runId);
      const isAsked = reads > 0 || !(isFresh || isPlaced);
      const { order: known } = stream;
      // What this process stored must be in it, even if it has not been heard yet.
      if (isAsked && tail !== undefined && known !== null && tail.seq >= publisher.seqOf(runId)) {
        const page = tail.page(after, !isReadTwice(runId), known);
        // More may be heard while it is asked.
        const { seq } = tail;
        if (page !== undefined && await isOf(known, runId, page)) {
          return { page, place: place ?? placeBehind(known, seq) };
        }
      }
      const found = await findRun(stream, runId, {
        after,
        limit,
        maxChars,
        known: tail?.known,
        onStrange: (count) => onStrange(runId, count),
      });
      const isSame = tails.get(runId) === tail;
      const messages = tail === undefined ? found?.messages ?? [] : tail.settle(found);
      const { order } = stream;
      if (isSame && messages !== null) {
        const page = order && pageOf(messages, after, limit, order);
        if (order === null || await isOf(order, runId, page)) {
          const seq = messages.at(-1)?.seq ?? order?.base ?? 0;
          return { page, place: place ?? placeBehind(order, seq) };
        }
      }
      if (reads >= MAX_READS) throw new Error(`NATS: run "${runId}" changes too fast to be read`);
    }
  };

  /**
   * Whether a run is in the stream that gives this order. Its messages do not say so, and another process may have made
   * the stream again; their numbers would be of another order. An incarnation of a run is in one stream, so it is
   * asked once.
   */
  async function isOf({ epoch: current }: StreamOrder, runId: string, page: Page | null) {
    if (page === null) return true;
    const incarnation = `${page.epoch} ${current}`;
    if (placed.get(runId) === incarnation) return true;
    const { epoch } = await stream.place(false);
    if (epoch !== current) return false;
    placed.delete(runId);
    placed.set(runId, incarnation);
    const [oldest] = placed.keys();
    if (placed.size > MAX_PLACED) placed.delete(oldest!);
    return true;
  }
}
