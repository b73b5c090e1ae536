import type { ArchiveBus, Bus, FindRunsOptions, FoundRun, RunInfo } from "../../core/bus/bus.ts";
import { parseEventId } from "../../events/identifiers.ts";
import type { StreamEvent } from "../../events/stream_event.ts";
import {
  addToSummary,
  closeSummary,
  createRunSummary,
  type RunSummary,
} from "../../view/run_summary.ts";
import { isError } from "../../runtime/realm.ts";
import { Refusal } from "../http/responses.ts";
import { AT_ONCE, mapAFewAtATime } from "./a_few_at_a_time.ts";

/** A page of the runs of a bus. */
export interface RunPage {
  readonly runs: readonly RunSummary[];
  /** Where the next page begins; left out if the bus has no pages, null if this is the last. */
  readonly next?: string | null;
  /** Of a search: the newest event of each run in which all words occur. */
  readonly matches?: Readonly<Record<string, StreamEvent>>;
}

/** Which runs are asked for. */
export type RunQuery = Omit<FindRunsOptions, "limit">;

/** What was counted of a run so far. */
interface Count {
  readonly summary: RunSummary;
  readonly epoch: string;
  /** Everything up to here is in the summary. */
  seq: number;
}

/**
 * The summaries of the runs that a bus holds. Each continues where it was, so a run without new events is not read
 * again.
 */
export class RunList {
  readonly #counts: Map<string, Count> = new Map();
  // When the newest event of a run happened, at which cursor.
  readonly #newest: Map<string, { readonly cursor: string; readonly at: string }> = new Map();
  #bus: Bus | null = null;

  /**
   * Up to `limit` runs that `isReadable` allows, the one in which something happened last first. It is asked
   * for those that may be listed, newest first, until there are enough.
   */
  async list(
    bus: Bus & Partial<ArchiveBus>,
    limit: number,
    query: RunQuery,
    isReadable: (runId: string) => Promise<boolean>,
  ): Promise<RunPage> {
    // The default bus may have been replaced. Then the counts belong to another bus.
    if (bus !== this.#bus) {
      this.#counts.clear();
      this.#newest.clear();
    }
    this.#bus = bus;
    if (bus.findRuns !== undefined) {
      return await this.#page(bus as ArchiveBus, limit, query, isReadable);
    }
    const [asked] = Object.entries(query).find(([, value]) => value !== undefined) ?? [];
    if (asked !== undefined) {
      throw new Refusal(400, `"${asked}" needs a bus that keeps an archive, such as sqliteBus()`);
    }
    const infos = await bus.runs();
    this.#forget(infos);
    const readable: RunInfo[] = [];
    const candidates = infos.length > limit ? await this.#byNewest(bus, infos) : [...infos];
    while (candidates.length > 0 && readable.length < limit) {
      const asked = candidates.splice(0, Math.min(AT_ONCE, limit - readable.length));
      const answers = await Promise.all(asked.map(({ run_id: runId }) => isReadable(runId)));
      readable.push(...asked.filter((_, index) => answers[index]));
    }
    const summaries = await mapAFewAtATime(readable, (info) => this.#summarize(bus, info));
    return { runs: summaries.sort((a, b) => compare(b.updated_at ?? "", a.updated_at ?? "")) };
  }

  /** As many runs as there are on a page, of which those that may be read are shown. */
  async #page(
    bus: ArchiveBus,
    limit: number,
    query: RunQuery,
    isReadable: (runId: string) => Promise<boolean>,
  ): Promise<RunPage> {
    const { runs, next } = await find(bus, { ...query, limit });
    const answers = await mapAFewAtATime(runs, ({ run_id: runId }) => isReadable(runId));
    const readable = runs.filter((_, index) => answers[index]);
    const summaries = await mapAFewAtATime(readable, async (info) => {
      const summary = await this.#summarize(bus, info);
      return info.state === "interrupted" ? { ...summary, interrupted: true } : summary;
    });
    while (this.#counts.size > MAX_COUNTS) this.#counts.delete(this.#counts.keys().next().value!);
    const page = { runs: summaries, next };
    return query.search === undefined ? page : { ...page, matches: matchesOf(readable) };
  }

  /** Puts the run with the newest event first. Reads one event of each that has one since it was asked last. */
  async #byNewest(bus: Bus, infos: readonly RunInfo[]): Promise<RunInfo[]> {
    await mapAFewAtATime(infos, async ({ run_id: runId, cursor }) => {
      if (this.#newest.get(runId)?.cursor === cursor) return;
      const [event] = await bus.history({ run: runId }, { limit: 1 });
      this.#newest.set(runId, { cursor, at: event?.timestamp ?? "" });
    });
    const newestOf = ({ run_id: runId }: RunInfo) => this.#newest.get(runId)?.at ?? "";
    return infos.toSorted((a, b) => compare(newestOf(b), newestOf(a)));
  }

  async #summarize(bus: Bus, info: RunInfo): Promise<RunSummary> {
    const { run_id: runId, closed } = info;
    const head = parseEventId(info.cursor) ?? { epoch: "", seq: 0 };
    const count = this.#countOf(runId, head.epoch);
    if (head.seq > count.seq) {
      // Another request may have counted while this one waited, so it is looked at `seq` afterwards.
      const held = await eventsAfter(bus, runId, count.seq, head.seq);
      for (const event of [...keptBefore(held, info), ...held]) add(count, event);
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
    for (const known of [this.#counts, this.#newest]) {
      for (const runId of known.keys()) if (!held.has(runId)) known.delete(runId);
    }
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

/** How the run began and last ended, if the history no longer has those events. */
function keptBefore([oldest]: readonly StreamEvent[], info: RunInfo): StreamEvent[] {
  const kept: (StreamEvent | undefined)[] = [info.started, info.completed];
  return kept.filter((event): event is StreamEvent =>
    event !== undefined && (oldest === undefined || seqOf(event) < seqOf(oldest))
  );
}

function add(count: Count, event: StreamEvent): void {
  const { epoch, seq } = parseEventId(event.event_id)!;
  // Another request has counted it, or the log began again since the run was listed.
  if (seq <= count.seq || epoch !== count.epoch) return;
  // The history no longer has these events.
  count.summary.missed_events += seq - count.seq - 1;
  count.seq = seq;
  addToSummary(count.summary, event);
}

/** By code units: times of ISO 8601 in UTC in their order, what has none first. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function seqOf({ event_id: eventId }: StreamEvent): number {
  return parseEventId(eventId)?.seq ?? 0;
}

/** What the caller has asked for in a wrong way is the caller's fault. */
async function find(bus: ArchiveBus, options: FindRunsOptions) {
  try {
    return await bus.findRuns(options);
  } catch (error) {
    const [, reason] = /^Bus\.findRuns\(\): (.*)/s.exec(isError(error) ? error.message : "") ?? [];
    throw reason === undefined ? error : new Refusal(400, reason);
  }
}

function matchesOf(runs: readonly FoundRun[]): Record<string, StreamEvent> {
  const found = runs.filter(({ match }) => match !== undefined);
  return Object.fromEntries(found.map(({ run_id: runId, match }) => [runId, match!]));
}

// Of an archive, the runs that were counted last.
const MAX_COUNTS = 1_000;
const MAX_EVENTS = 10_000;
