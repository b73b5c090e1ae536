import type { Engine } from "./engine.ts";
import type { GoneRow, RunState } from "./run_state.ts";

/** What is deleted, a little with each transaction, and what is remembered of runs that were forgotten. */
export class Trash {
  /** Whether nothing is left to be deleted, as far as it is known. */
  isEmpty = false;
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  gone(runId: string): GoneRow | undefined {
    return this.#engine.one<GoneRow>("SELECT * FROM locus_gone WHERE run_id = ?", runId);
  }

  /** Remembers a run that is forgotten; the newest order of all that are not even remembered any more, if that changed. */
  remember({ run_id: runId, epoch, last, closed }: GoneRow, change: number): number {
    this.#engine.run(
      "INSERT OR REPLACE INTO locus_gone VALUES(?, ?, ?, ?, ?)",
      ...[runId, epoch, last, closed, change],
    );
    const { n } = this.#engine.one<{ n: number }>("SELECT count(*) AS n FROM locus_gone")!;
    if (n <= MAX_GONE) return 0;
    const oldest = `FROM locus_gone WHERE run_id IN
      (SELECT run_id FROM locus_gone ORDER BY touched LIMIT ${n - KEPT_GONE})`;
    const lost = this.#engine.one<{ last: number }>(`SELECT max(last) AS last ${oldest}`)!;
    this.#engine.exec(`DELETE ${oldest}`);
    return lost.last;
  }

  recall(runId: string): void {
    this.#engine.run("DELETE FROM locus_gone WHERE run_id = ?", runId);
  }

  reopen(runId: string): void {
    this.#engine.run("UPDATE locus_gone SET closed = NULL WHERE run_id = ?", runId);
  }

  /** The order of the newest event up to that number; 0 if there is none. */
  newestOf({ id }: RunState, seq: number): number {
    return this.#engine.one<{ id: number }>(
      "SELECT id FROM locus_events WHERE run = ? AND seq <= ? ORDER BY seq DESC LIMIT 1",
      ...[id, seq],
    )?.id ?? 0;
  }

  /** The number of the event that so many others are kept before. */
  eventAt({ id, head, tail, holes }: RunState, before: number): number {
    if (holes === 0) return Math.min(tail + before, head + 1);
    return this.#engine.one<{ seq: number }>(
      "SELECT seq FROM locus_events WHERE run = ? AND seq >= ? AND type <> '' ORDER BY seq LIMIT 1 OFFSET ?",
      ...[id, tail, before],
    )?.seq ?? head + 1;
  }

  /** How many numbers before that one stand for events that were lost. */
  holesBefore({ id, tail, holes }: RunState, before: number): number {
    const { n } = this.#engine.one<{ n: number }>(
      `SELECT total(seq - max(CAST(data AS INTEGER), ?2) + 1) AS n FROM locus_events
       WHERE run = ?1 AND seq >= ?2 AND seq < ?3 AND type = ''`,
      ...[id, tail, before],
    )!;
    return Math.min(holes, n);
  }

  /** Deletes events up to that number, at once or, where that would take long, later. */
  delete({ id }: RunState, upto: number): void {
    const first = this.#engine.one<{ seq: number }>(
      "SELECT seq FROM locus_events WHERE run = ? ORDER BY seq LIMIT 1",
      id,
    )?.seq ?? upto + 1;
    if (upto - first < MAX_DELETED) {
      return this.#engine.run("DELETE FROM locus_events WHERE run = ? AND seq <= ?", id, upto);
    }
    this.#engine.run("INSERT OR REPLACE INTO locus_trash VALUES(?, ?)", id, upto);
    this.isEmpty = false;
  }

  /** Deletes some of what was left for later. */
  sweep(): void {
    if (this.isEmpty) return;
    const next = this.#engine.one<{ run: number; upto: number }>(
      "SELECT * FROM locus_trash LIMIT 1",
    );
    this.isEmpty = next === undefined;
    if (next === undefined) return;
    const { run, upto } = next;
    const which = "FROM locus_events WHERE run = ? AND seq <= ?";
    const some = `SELECT id ${which} ORDER BY seq LIMIT ${SWEPT}`;
    this.#engine.run(`DELETE FROM locus_events WHERE id IN (${some})`, run, upto);
    if (this.#engine.one(`SELECT 1 ${which} LIMIT 1`, run, upto) !== undefined) return;
    this.#engine.run("DELETE FROM locus_trash WHERE run = ?", run);
  }
}

// So many runs are remembered at least, and at most.
const KEPT_GONE = 5_000;
const MAX_GONE = 5_500;
// What is deleted at once at most, and what of the rest with each transaction.
const MAX_DELETED = 2_000;
const SWEPT = 250;
