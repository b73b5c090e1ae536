import type { Engine } from "./engine.ts";
import type { EventRow, RunRow } from "./run_state.ts";
import type { Meta, RunTableOptions } from "./run_table.ts";
import { RunWriter } from "./run_writer.ts";
import type { Work } from "./work.ts";

export interface PlacedRow extends EventRow {
  readonly run_id: string;
  readonly epoch: string;
}

/** The open file: what is stored, and what is read of it. Everything throws when the file cannot be reached. */
export class RunFile {
  readonly writer: RunWriter;
  readonly engine: Engine;
  #meta: Meta;
  #batch = 1;
  readonly #onWritten: (orders: number) => void;

  /** @param onWritten Called in each transaction, at its end, with the order of the newest event. */
  constructor(
    engine: Engine,
    options: RunTableOptions,
    onWritten: (orders: number) => void = () => {},
  ) {
    this.#onWritten = onWritten;
    this.engine = engine;
    this.writer = new RunWriter(engine, options);
    this.#meta = this.writer.meta();
  }

  restart(): void {
    this.writer.recount();
    this.#meta = this.writer.meta();
  }

  get meta(): Meta {
    return this.#meta;
  }

  /**
   * Stores all of it or nothing. What failed is given again, the same.
   *
   * @param onNews Told first what others have stored meanwhile: from which state of the file to which.
   */
  commit(works: readonly Work[], onNews: (before: Meta, now: Meta) => void): void {
    try {
      this.#meta = this.engine.transaction(() => {
        const meta = this.writer.meta();
        // A failed commit may have become true all the same.
        if (meta.writer === this.writer.opener && meta.batch === this.#batch) {
          return meta;
        }
        this.#follow(meta, onNews);
        const next = this.writer.write(works, meta, this.#batch);
        this.#onWritten(next.orders);
        return next;
      });
    } catch (error) {
      this.writer.recount();
      throw error;
    }
    this.#batch++;
  }

  look(onNews: (before: Meta, now: Meta) => void): void {
    const { changes } = this.writer.meta();
    if (changes === this.#meta.changes) return;
    this.engine.snapshot(() => this.#follow(this.writer.meta(), onNews));
  }

  #follow(meta: Meta, onNews: (before: Meta, now: Meta) => void): void {
    if (meta.changes === this.#meta.changes) return;
    this.writer.recount();
    onNews(this.#meta, meta);
    this.#meta = meta;
  }

  page(run: number, from: number, limit: number): EventRow[] {
    return this.engine.all(
      "SELECT id, seq, type, time, data FROM locus_events WHERE run = ? AND seq >= ? ORDER BY seq LIMIT ?",
      ...[run, from, limit],
    );
  }

  numberBefore(run: number, count: number): number {
    return this.engine.one<{ seq: number }>(
      "SELECT seq FROM locus_events WHERE run = ? AND type <> '' ORDER BY seq DESC LIMIT 1 OFFSET ?",
      ...[run, count],
    )?.seq ?? 0;
  }

  behind(order: number, limit: number): PlacedRow[] {
    return this.engine.all(
      `SELECT e.id, e.seq, e.type, e.time, e.data, r.run_id, r.epoch FROM locus_events e
       JOIN locus_runs r ON r.id = e.run AND e.seq >= r.tail WHERE e.id > ? ORDER BY e.id LIMIT ?`,
      ...[order, limit],
    );
  }

  before(order: number, runId: string | undefined, limit: number): PlacedRow[] {
    const columns = "e.id, e.seq, e.type, e.time, e.data, r.run_id, r.epoch";
    const newest = "ORDER BY e.id DESC LIMIT ?";
    if (runId === undefined) {
      return this.engine.all(
        `SELECT ${columns} FROM locus_events e JOIN locus_runs r ON r.id = e.run AND e.seq >= r.tail
         WHERE e.id < ? ${newest}`,
        ...[order, limit],
      );
    }
    return this.engine.all(
      `SELECT ${columns} FROM locus_runs r JOIN locus_events e ON e.run = r.id AND e.seq >= r.tail
       WHERE r.run_id = ? AND e.id < ? ORDER BY e.seq DESC LIMIT ?`,
      ...[runId, order, limit],
    );
  }

  runs(): RunRow[] {
    return this.engine.all("SELECT * FROM locus_runs ORDER BY touched DESC");
  }

  /** The runs whose last change was before one, the one that changed last first. */
  runsBefore(change: number, limit: number): RunRow[] {
    return this.engine.all(
      "SELECT * FROM locus_runs WHERE touched < ? ORDER BY touched DESC LIMIT ?",
      ...[change, limit],
    );
  }

  runAt(id: number): RunRow | undefined {
    return this.engine.one("SELECT * FROM locus_runs WHERE id = ?", id);
  }

  /** The event of an order, if it is kept. */
  at(order: number): PlacedRow[] {
    return this.behind(order - 1, 1).filter(({ id }) => id === order);
  }

  /** The runs that changed after a change, … */
  changedSince(change: number): RunRow[] {
    return this.engine.all("SELECT * FROM locus_runs WHERE touched > ?", change);
  }

  /** … and those that were forgotten. */
  goneSince(change: number): { readonly run_id: string; readonly epoch: string }[] {
    return this.engine.all("SELECT run_id, epoch FROM locus_gone WHERE touched > ?", change);
  }
}
