import { toTimestamp } from "../../core/timestamp.ts";
import { formatEventId } from "../../events/identifiers.ts";
import {
  addToStanding,
  changesStanding,
  closeStanding,
  createStanding,
  type RunStanding,
} from "../../view/run_standing.ts";
import type { RunState } from "./run_state.ts";
import type { NewEvent } from "./work.ts";

/** How runs stand while they are changed: it is in their rows as well, so a list is filtered by it without reading events. */
export class Standings {
  // Those that were looked at since their rows were read.
  readonly #read: Map<RunState, RunStanding> = new Map();

  clear(): void {
    this.#read.clear();
  }

  /** Most events say no more than that a run goes on: that costs nothing. */
  add(state: RunState, { type, time, seq, captured: { data } }: NewEvent): void {
    if (state.standing === "" && !changesStanding(type) && !this.#read.has(state)) return;
    const standing = this.#of(state);
    addToStanding(standing, {
      event_id: formatEventId(state.epoch, seq),
      event_type: type,
      timestamp: toTimestamp(time),
      data: Object(data),
    });
    state.state = standing.state;
  }

  close(state: RunState): void {
    const standing = this.#of(state);
    closeStanding(standing);
    state.state = standing.state;
  }

  reset(state: RunState): void {
    this.#read.delete(state);
    state.state = "running";
    state.standing = "";
  }

  /** Writes it into the row, as far as the next event needs it. */
  save(state: RunState): void {
    const standing = this.#read.get(state);
    if (standing === undefined) return;
    const { error, question, ended_at } = standing;
    const kept = [error !== null, question !== null, ended_at !== null].map(Number).join("");
    state.standing = kept === "000" && standing.state === "running" ? "" : kept;
  }

  #of(state: RunState): RunStanding {
    let standing = this.#read.get(state);
    if (standing === undefined) {
      const [error, question, ended_at] = state.standing;
      standing = createStanding();
      standing.state = state.state;
      if (error === "1") standing.error = "";
      if (question === "1") standing.question = {} as RunStanding["question"];
      if (ended_at === "1") standing.ended_at = "";
      this.#read.set(state, standing);
    }
    return standing;
  }
}
