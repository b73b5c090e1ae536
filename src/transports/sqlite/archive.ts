import type {
  FindRunsOptions,
  FoundRun,
  FoundRuns,
  HistoryOptions,
  RunInfo,
} from "../../core/bus/bus.ts";
import { LogEntry } from "../../core/log/event_log.ts";
import { readHistory } from "../../core/bus/selector.ts";
import { toTimestamp } from "../../core/timestamp.ts";
import type { StreamEvent } from "../../events/stream_event.ts";
import { KEPT_TYPES } from "../remote/kept_events.ts";
import { runInfoOf } from "../remote/stored_runs.ts";
import { nextTurn } from "../../runtime/next_turn.ts";
import { toEntry } from "./disk_entry.ts";
import { nameOf } from "./readings.ts";
import { openersThere } from "./openers.ts";
import type { RunFile } from "./run_file.ts";
import { readRunQuery, type RunQuery } from "./run_query.ts";
import { heldOf, type RunRow } from "./run_state.ts";
import type { Search } from "./search_index.ts";

/** What is looked up in the file. However long that takes, everything else has its turn between its pages. */
export class Archive {
  readonly #file: RunFile;
  readonly #index: Search | null;
  readonly #maxEventBytes: number;
  readonly #check: () => void;

  /** @param check Throws if the bus is closed. */
  constructor(file: RunFile, index: Search | null, maxEventBytes: number, check: () => void) {
    this.#file = file;
    this.#index = index;
    this.#maxEventBytes = maxEventBytes;
    this.#check = check;
  }

  get canSearch(): boolean {
    return this.#index !== null;
  }

  async history(selector: unknown, options: HistoryOptions): Promise<StreamEvent[]> {
    const { run, matches, limit } = readHistory("Bus.history()", selector, options);
    const found: StreamEvent[] = [];
    for (let order = Number.MAX_SAFE_INTEGER; found.length < limit;) {
      this.#check();
      const size = Math.min(PAGE, matches === undefined ? limit - found.length : PAGE);
      const rows = this.#file.before(order, run, size);
      for (const row of rows) {
        order = row.id;
        const entry = toEntry(nameOf(row), row, this.#maxEventBytes);
        if (entry.isHole || found.length === limit || matches?.(entry) === false) continue;
        found.push(entry.event);
      }
      if (rows.length < size) break;
      await nextTurn();
    }
    return found;
  }

  runs(): RunInfo[] {
    this.#check();
    return this.#file.runs().map(infoOf);
  }

  async findRuns(options: FindRunsOptions): Promise<FoundRuns> {
    const query = readRunQuery("Bus.findRuns()", options);
    this.#check();
    const there = new Set(openersThere(this.#file.engine));
    const found = (row: RunRow): FoundRun | null => {
      const isLeft = row.closed === 0 && row.state === "running" && !there.has(row.opener ?? "");
      const state = isLeft ? "interrupted" : row.state;
      return query.isWanted(row, state) ? foundOf(row, state) : null;
    };
    if (query.search !== undefined) return await this.#search(query.search, query, found);
    const { limit, place } = query;
    const runs: FoundRun[] = [];
    for (let touched = place;;) {
      const rows = this.#file.runsBefore(touched, PAGE);
      for (const row of rows) {
        touched = row.touched;
        const run = found(row);
        if (run !== null) runs.push(run);
        if (runs.length === limit) return { runs, next: String(touched) };
      }
      if (rows.length < PAGE) return { runs, next: null };
      await nextTurn();
      this.#check();
    }
  }

  async #search(
    words: string,
    { limit, place }: RunQuery,
    found: (row: RunRow) => FoundRun | null,
  ): Promise<FoundRuns> {
    const index = this.#index;
    if (index === null) {
      throw new Error('Bus.findRuns(): make the bus with "search: true" to search');
    }
    while (index.catchUp()) {
      await nextTurn();
      this.#check();
    }
    const runs: FoundRun[] = [];
    const seen = new Set<number>();
    for (let order = place;;) {
      const hits = index.find(words, order, PAGE);
      for (const { id, run } of hits) {
        order = id;
        if (seen.has(run)) continue;
        seen.add(run);
        const row = this.#file.runAt(run);
        // A run whose newest match is on an earlier page was on that page.
        const wanted = row === undefined ? null : found(row);
        if (wanted === null || this.#hasNewer(index, words, run, place)) continue;
        const [event] = this.#file.at(id);
        const match = event && toEntry(nameOf(event), event, this.#maxEventBytes).event;
        runs.push({ ...wanted, ...match && { match } });
        if (runs.length === limit) return { runs, next: String(order) };
      }
      if (hits.length < PAGE) return { runs, next: null };
      await nextTurn();
      this.#check();
    }
  }

  #hasNewer(index: Search, words: string, run: number, place: number): boolean {
    return place < Number.MAX_SAFE_INTEGER && index.hasSince(words, run, place);
  }
}

// Rows that are read at a time.
const PAGE = 256;

function foundOf(row: RunRow, state: FoundRun["state"]): FoundRun {
  return {
    ...infoOf(row),
    created_at: toTimestamp(row.created),
    updated_at: toTimestamp(row.updated),
    events: heldOf(row),
    state,
  };
}

function infoOf(row: RunRow): RunInfo {
  const { run_id: runId, epoch, head, closed } = row;
  return runInfoOf({ runId, epoch, head, closed: closed === 1 }, (name) => {
    if (row[name] === null) return undefined;
    const { seq, time, data } = JSON.parse(row[name]);
    return new LogEntry(nameOf(row), seq, KEPT_TYPES[name], 0, time, data, 0).event;
  });
}
