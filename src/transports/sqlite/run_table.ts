import { randomHex } from "../../core/random_hex.ts";
import type { Engine } from "./engine.ts";
import { ProducerRows } from "./producer_rows.ts";
import { type GoneRow, heldOf, type RunRow, type RunState } from "./run_state.ts";
import { Standings } from "./standings.ts";
import { Trash } from "./trash.ts";

export interface RunTableOptions {
  readonly historyPerRun: number;
  readonly maxRunsRetained: number;
  /** Who has opened the file: stands at the runs that it wrote to last. */
  readonly opener: () => string;
  /** Whether somebody here reads the run: such a run goes last. */
  readonly isRead: (runId: string) => boolean;
  /** The epoch under which the readers of a run that has not begun wait for it. */
  readonly epochOf: (runId: string) => string | undefined;
}

/** Where the file stands: its row of `locus_meta`. */
export interface Meta {
  readonly epoch: string;
  readonly orders: number;
  readonly changes: number;
  readonly lost: number;
  readonly writer: string;
  readonly batch: number;
}

/** The rows of the runs, while they are changed inside of a transaction: what becomes of each is written at its end. */
export class RunTable {
  protected readonly engine: Engine;
  readonly #options: RunTableOptions;
  readonly #trash: Trash;
  protected readonly producers: ProducerRows;
  protected readonly standings: Standings = new Standings();
  readonly #states: Map<string, RunState> = new Map();
  // In the order of their last change; of these, the ones whose row does not say so yet.
  readonly #changed: Set<RunState> = new Set();
  readonly #untold: Set<RunState> = new Set();
  /** Runs that were forgotten by the last {@linkcode write}. */
  readonly forgotten: RunState[] = [];
  evicted = 0;
  protected order = 0;
  protected change = 0;
  #lost = 0;
  // How many runs there are; null while that has to be counted.
  #count: number | null = null;

  constructor(engine: Engine, options: RunTableOptions) {
    this.engine = engine;
    this.#options = options;
    this.#trash = new Trash(engine);
    this.producers = new ProducerRows(engine);
  }

  /** Whether something that was deleted is still to be swept out of the file. */
  get hasTrash(): boolean {
    return !this.#trash.isEmpty;
  }

  get opener(): string {
    return this.#options.opener();
  }

  get count(): number {
    return this.#count ??= this.engine.one<{ n: number }>("SELECT count(*) AS n FROM locus_runs")!
      .n;
  }

  meta(): Meta {
    return this.engine.one<Meta>("SELECT * FROM locus_meta")!;
  }

  gone(runId: string): GoneRow | undefined {
    return this.#trash.gone(runId);
  }

  find(runId: string): RunRow | undefined {
    return this.engine.one<RunRow>("SELECT * FROM locus_runs WHERE run_id = ?", runId);
  }

  /** Somebody else may have changed anything, or what was written did not become true. */
  recount(): void {
    this.#count = null;
    this.#trash.isEmpty = false;
  }

  /** Begins a transaction on top of `meta`. */
  protected begin(meta: Meta): void {
    this.#states.clear();
    this.standings.clear();
    this.#changed.clear();
    this.#untold.clear();
    this.forgotten.length = this.evicted = 0;
    this.order = meta.orders;
    this.change = meta.changes;
    this.#lost = meta.lost;
  }

  /** Writes everything that was changed, and where the file stands then. */
  protected finish(meta: Meta, batch: number): Meta {
    for (const state of this.#changed) this.save(state);
    // Whoever else has the file open compares this number.
    const changes = ++this.change;
    this.#trash.sweep();
    const { opener, order: orders } = this;
    const lost = this.#lost;
    this.engine.run(
      "UPDATE locus_meta SET orders = ?, changes = ?, lost = ?, writer = ?, batch = ?",
      ...[orders, changes, lost, opener, batch],
    );
    return { ...meta, orders, changes, lost, writer: opener, batch };
  }

  /** Events were inserted. */
  protected changed(state: RunState): void {
    this.#changed.add(state);
  }

  protected isClosed(runId: string): boolean {
    const state = this.lookUp(runId);
    return state === null ? this.#trash.gone(runId)?.closed === 1 : state.closed === 1;
  }

  protected lookUp(runId: string): RunState | null {
    const state = this.#states.get(runId) ?? this.find(runId);
    if (state === undefined) return null;
    this.#states.set(runId, state);
    return state;
  }

  /** @param importing Which import changes it: a run that somebody else has changed is not taken back with its import. */
  protected open(runId: string, importing = 0): RunState {
    const state = this.lookUp(runId) ?? this.#beginRun(runId);
    state.importing = importing;
    return this.#renew(state);
  }

  #beginRun(runId: string): RunState {
    const { epochOf, maxRunsRetained } = this.#options;
    const gone = this.#trash.gone(runId);
    this.engine.run(
      `INSERT INTO locus_runs(run_id, epoch, head, tail, closed, continued, dropped, bytes, created, updated, touched)
       VALUES(?, ?, 0, 1, ?, ?, ?, 0, ?, 0, ?)`,
      runId,
      gone === undefined && epochOf(runId) || randomHex(12),
      gone?.closed ?? 0,
      gone === undefined || gone.closed === null ? 0 : 1,
      gone?.last ?? this.#lost,
      Date.now(),
      ++this.change,
    );
    this.#trash.recall(runId);
    const state: RunState = { ...this.find(runId)! };
    this.#states.set(runId, state);
    if (this.#count !== null) this.#count++;
    if (this.count > maxRunsRetained) this.#makeRoom(runId);
    return state;
  }

  /** Forgets the run that goes first: closed ones, then those that were not published to for longest. */
  #makeRoom(runId: string): void {
    for (const { id, touched } of this.#untold) {
      this.engine.run("UPDATE locus_runs SET touched = ? WHERE id = ?", touched, id);
    }
    this.#untold.clear();
    const rows = this.engine.all<{ run_id: string }>(
      "SELECT run_id FROM locus_runs WHERE run_id <> ? ORDER BY closed DESC, touched LIMIT 100",
      runId,
    );
    const { isRead } = this.#options;
    const victim = rows.find((row) => !isRead(row.run_id)) ?? rows[0];
    if (victim !== undefined) {
      this.forget(this.lookUp(victim.run_id)!, "evict");
    }
  }

  /** Readers of a run that is open go on; any other run goes altogether. */
  protected drop(runId: string, kind: "drop" | "evict"): RunState | null {
    const state = this.lookUp(runId);
    if (state === null) {
      // A run that was closed and forgotten may begin anew.
      this.#trash.reopen(runId);
      return null;
    }
    if (kind === "evict" || state.closed === 1 || !this.#options.isRead(runId)) {
      this.forget(state, kind);
      return state;
    }
    state.dropped = Math.max(state.dropped, this.#trash.newestOf(state, state.head));
    state.tail = state.head + 1;
    state.started = state.completed = null;
    state.models = "[]";
    this.standings.reset(state);
    state.bytes = state.holes = 0;
    this.#trash.delete(state, state.head);
    return this.#renew(state);
  }

  protected forget(state: RunState, kind: "drop" | "evict"): void {
    const { id, run_id: runId, epoch, closed } = state;
    const last = Math.max(state.dropped, this.#trash.newestOf(state, state.head));
    const gone = { run_id: runId, epoch, last, closed: kind === "drop" ? null : closed };
    this.#lost = Math.max(this.#lost, this.#trash.remember(gone, ++this.change));
    this.engine.run("DELETE FROM locus_runs WHERE id = ?", id);
    this.producers.delete(state);
    this.#trash.delete(state, state.head);
    this.#states.delete(runId);
    this.#changed.delete(state);
    this.#untold.delete(state);
    if (this.#count !== null) this.#count--;
    this.forgotten.push(state);
    if (kind === "evict") this.evicted++;
  }

  /** Marks a run as changed, after everything else. */
  #renew(state: RunState): RunState {
    state.touched = ++this.change;
    for (const set of [this.#changed, this.#untold]) {
      set.delete(state);
      set.add(state);
    }
    return state;
  }

  protected save(state: RunState): void {
    const { historyPerRun } = this.#options;
    const more = heldOf(state) - historyPerRun;
    if (more > 0) this.trim(state, more);
    state.updated = Date.now();
    this.standings.save(state);
    const { id, head, closed, dropped, bytes, updated, touched } = state;
    const { state: name, standing, models, importing, holes, started, completed } = state;
    this.engine.run(
      `UPDATE locus_runs SET head = ?, tail = ?, closed = ?, dropped = ?, bytes = ?, updated = ?, touched = ?,
       opener = ?, state = ?, standing = ?, models = ?, importing = ?, holes = ?, started = ?, completed = ? WHERE id = ?`,
      ...[head, state.tail, closed, dropped, bytes, updated, touched],
      ...[this.opener, name, standing, models, importing, holes, started, completed, id],
    );
  }

  /** So many of its oldest events go. */
  protected trim(state: RunState, count: number): void {
    const held = heldOf(state);
    const tail = this.#trash.eventAt(state, count);
    if (state.holes > 0) state.holes -= this.#trash.holesBefore(state, tail);
    state.dropped = Math.max(state.dropped, this.#trash.newestOf(state, tail - 1));
    state.tail = tail;
    state.bytes = Math.round(state.bytes * heldOf(state) / Math.max(1, held));
    this.#trash.delete(state, tail - 1);
  }
}
