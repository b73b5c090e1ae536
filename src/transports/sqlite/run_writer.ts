import { copyPayload } from "../../core/copy_payload.ts";
import { refusalOf } from "../../core/log/producers.ts";
import { MAX_MODELS, modelIn } from "../../view/payload.ts";
import type { RunState } from "./run_state.ts";
import { type Meta, RunTable } from "./run_table.ts";
import type { AppendWork, LostWork, NewEvent, Recorded, Work } from "./work.ts";

/** Changes runs, inside of a transaction: what is asked for is done to the rows, and how it went is noted in it. */
export class RunWriter extends RunTable {
  /** Does all of it, on top of `meta`; where the file stands then. */
  write(works: readonly Work[], meta: Meta, batch: number): Meta {
    this.begin(meta);
    for (const work of works) this.#do(work);
    return this.finish(meta, batch);
  }

  #do(work: Work): void {
    const { runId } = work;
    work.state = null;
    switch (work.kind) {
      case "events":
      case "lost": {
        const state = this.isClosed(runId) ? null : this.open(runId);
        if (state === null) return;
        if (work.kind === "events") this.#insert(state, work.events);
        else this.#insertLost(state, work);
        work.state = state;
        return;
      }
      case "append":
        if (!work.isGivenUp) work.answer = this.#append(work);
        return;
      case "claim": {
        const state = this.open(runId);
        const epoch = (this.producers.get(state, work.producerId)?.epoch ?? 0) + 1;
        this.producers.set(state, { id: work.producerId, epoch, seq: -1 }, ++this.change);
        work.answer = epoch;
        return;
      }
      case "close": {
        const state = this.open(runId);
        state.closed = 1;
        this.standings.close(state);
        work.state = state;
        return;
      }
      case "drop":
      case "evict":
        work.state = this.drop(runId, work.kind);
        return;
      case "whole":
      case "undo": {
        const state = this.lookUp(runId);
        if (state === null || state.importing !== work.importing) return;
        if (work.kind === "undo") return this.forget(state, "drop");
        state.importing = 0;
        return this.save(state);
      }
      case "trim": {
        const state = this.lookUp(runId);
        if (state === null) return;
        this.trim(state, work.count);
        this.save(state);
        work.state = state;
      }
    }
  }

  #append(work: AppendWork): AppendWork["answer"] {
    const { runId, producer, events, recorded } = work;
    const known = this.lookUp(runId);
    if (recorded !== null && !isOf(recorded, known)) return "fenced";
    if (producer !== null && known !== null) {
      const before = this.producers.get(known, producer.id);
      const refusal = refusalOf(before, producer);
      if (refusal === "fenced") work.fencedBy = before!.epoch;
      if (refusal !== null) return refusal;
    }
    if (this.isClosed(runId)) return "closed";
    const lost = recorded?.lost;
    if (producer === null && events.length === 0 && !lost?.count) return "stored";
    const state = this.open(runId, recorded?.importing);
    if (producer !== null) this.producers.set(state, producer, ++this.change);
    if (lost?.count) this.#insertLost(state, lost);
    this.#insert(state, events);
    work.state = state;
    return "stored";
  }

  #insert(state: RunState, events: readonly NewEvent[]): void {
    for (const event of events) {
      const { type, time, captured } = event;
      const data = JSON.stringify(captured.data);
      event.seq = ++state.head;
      event.order = ++this.order;
      this.engine.run(INSERT, event.order, state.id, event.seq, type, time, data);
      state.bytes += data.length;
      this.standings.add(state, event);
      if (type === "run.started") state.started ??= kept(event);
      else if (type === "run.completed") state.completed = kept(event);
      else if (type === "agent.tokens.used") noteModel(state, captured.data);
    }
    this.changed(state);
  }

  #insertLost(state: RunState, work: LostWork): void {
    const from = state.head + 1;
    work.seq = state.head += work.count;
    state.holes += work.count;
    work.order = ++this.order;
    this.engine.run(INSERT, work.order, state.id, work.seq, "", Date.now(), String(from));
    this.changed(state);
  }
}

const INSERT = "INSERT OR REPLACE INTO locus_events VALUES(?, ?, ?, ?, ?, ?)";
const MAX_KEPT_BYTES = 16 * 1024;

/** Whether the run is that import's: nobody else has begun it, or changed it since. */
function isOf({ importing, after }: Recorded, known: RunState | null): boolean {
  return known === null ? after === 0 : known.importing === importing && known.head === after;
}

function noteModel(state: RunState, data: unknown): void {
  const model = modelIn(Object(data));
  const known: string[] = JSON.parse(state.models);
  if (model === "" || known.length >= MAX_MODELS || known.includes(model)) return;
  state.models = JSON.stringify([...known, model]);
}

/** How a run began or ended, as it stands in its row. Its payload is small, whatever somebody has put into it. */
function kept({ seq, time, captured }: NewEvent): string {
  const { data } = captured.bytes > MAX_KEPT_BYTES
    ? copyPayload(captured.data, MAX_KEPT_BYTES)
    : captured;
  return JSON.stringify({ seq, time, data });
}
