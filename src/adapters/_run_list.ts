import type { Bus, RunInfo } from "../core/bus.ts";
import { parseEventId } from "../events/identifiers.ts";
import type { StreamEvent } from "../events/stream_event.ts";
import {
  addToSummary,
  closeSummary,
  createRunSummary,
  type RunSummary,
} from "../view/run_summary.ts";

/** What was counted of a run so far. */
interface Count {
  readonly summary: RunSummary;
  readonly epoch: string;
  /** Everything up to here is in the summary. */
  seq: number;
}

/**
 * The summaries of the runs that a bus holds. Each goes on from where it was: of a run of which there is nothing
 * new nothing is read.
 */
export class RunList {
  readonly #counts: Map<string, Count> = new Map();
  #bus: Bus | null = null;

  /** Up to `limit` runs that `isReadable` allows, the one in which something happened last first. */
  async list(
    bus: Bus,
    limit: number,
    isReadable: (runId: string) => Promise<boolean>,
  ): Promise<RunSummary[]> {
    // The default bus may be set anew; what was counted is another's then.
    if (bus !== this.#bus) this.#counts.clear();
    this.#bus = bus;
    const infos = await bus.runs();
    this.#forget(infos);
    const summaries: RunSummary[] = [];
    for (let i = 0; i < infos.length; i += AT_ONCE) {
      const some = infos.slice(i, i + AT_ONCE).map(async (info) =>
        await isReadable(info.run_id) ? await this.#summarize(bus, info) : null
      );
      summaries.push(...(await Promise.all(some)).filter((summary) => summary !== null));
    }
    return summaries.sort(newestFirst).slice(0, limit);
  }

  async #summarize(bus: Bus, info: RunInfo): Promise<RunSummary> {
    const { run_id: runId, closed } = info;
    const head = parseEventId(info.cursor) ?? { epoch: "", seq: 0 };
    const count = this.#countOf(runId, head.epoch);
    if (head.seq > count.seq) {
      // Another request may have counted while this one waited, so it is looked at `seq` afterwards.
      for (const event of await eventsAfter(bus, runId, count.seq, head.seq)) add(count, event);
    }
    if (closed) closeSummary(count.summary, null);
    return count.summary;
  }

  #countOf(runId: string, epoch: string): Count {
    const known = this.#counts.get(runId);
    if (known?.epoch === epoch) return known;
    const count = { summary: createRunSummary(runId), epoch, seq: 0 };
    this.#counts.set(runId, count);
    return count;
  }

  /** Keeps what was counted of the runs that are held: there are no more of them than the bus has room for. */
  #forget(infos: readonly RunInfo[]): void {
    const held = new Set(infos.map(({ run_id: runId }) => runId));
    for (const runId of this.#counts.keys()) if (!held.has(runId)) this.#counts.delete(runId);
  }
}

/** What is held of a run after `seq`, oldest first. */
async function eventsAfter(
  bus: Bus,
  runId: string,
  seq: number,
  head: number,
): Promise<StreamEvent[]> {
  for (let limit = Math.min(head - seq, MAX_EVENTS);; limit *= 2) {
    const held = (await bus.history({ run: runId }, { limit })) as StreamEvent[];
    const oldest = held.at(-1);
    // If it is more than there was at first, the oldest of them are wanted too.
    const isAll = oldest === undefined || held.length < limit || seqOf(oldest) <= seq + 1;
    if (isAll || limit >= MAX_EVENTS) return held.reverse();
  }
}

function add(count: Count, event: StreamEvent): void {
  const { epoch, seq } = parseEventId(event.event_id)!;
  // Counted by another request, or of a run that began anew since it was listed.
  if (seq <= count.seq || epoch !== count.epoch) return;
  // What the history holds no more.
  count.summary.missed_events += seq - count.seq - 1;
  count.seq = seq;
  addToSummary(count.summary, event);
}

/** The run in which something happened last, first; those without an event, last. */
function newestFirst(a: RunSummary, b: RunSummary): number {
  const [late, early] = [b.updated_at ?? "", a.updated_at ?? ""];
  return late < early ? -1 : late > early ? 1 : 0;
}

function seqOf({ event_id: eventId }: StreamEvent): number {
  return parseEventId(eventId)?.seq ?? 0;
}

const AT_ONCE = 16;
const MAX_EVENTS = 10_000;
