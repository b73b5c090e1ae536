import { MAX_PRODUCERS, type Progress } from "../../core/log/producers.ts";
import type { Engine } from "./engine.ts";
import type { RunState } from "./run_state.ts";

/** The producers that are remembered of each run: those that stored or claimed last. */
export class ProducerRows {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get({ id }: RunState, name: string): Progress | undefined {
    return this.#engine.one(
      "SELECT epoch, seq FROM locus_producers WHERE run = ? AND id = ?",
      ...[id, name],
    );
  }

  /** @param used A number that is higher than all before. */
  set(run: RunState, { id, epoch, seq }: Progress & { readonly id: string }, used: number): void {
    this.#engine.run(
      "INSERT OR REPLACE INTO locus_producers VALUES(?, ?, ?, ?, ?)",
      ...[run.id, id, epoch, seq, used],
    );
    this.#engine.run(
      `DELETE FROM locus_producers WHERE run = ? AND id IN
       (SELECT id FROM locus_producers WHERE run = ? ORDER BY used DESC LIMIT -1 OFFSET ${MAX_PRODUCERS})`,
      ...[run.id, run.id],
    );
  }

  delete({ id }: RunState): void {
    this.#engine.run("DELETE FROM locus_producers WHERE run = ?", id);
  }
}
