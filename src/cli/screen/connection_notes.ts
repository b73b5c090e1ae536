import type { FollowState } from "../../client/mod.ts";

/** Shows a note; calling what it returns rewords it. */
export type ShowNote = (text: string) => (rewording: string) => void;

/** Tells how it stands with a connection: that it is lost, that it is back, and what that has cost. */
export class ConnectionNotes {
  readonly #show: ShowNote;
  #reword: ((text: string) => void) | null = null;
  #after = "";
  #resumed = false;

  constructor(show: ShowNote) {
    this.#show = show;
  }

  /** The state has changed. */
  state({ phase, ended, lastEventId, reconnects, cause }: FollowState): void {
    if (phase === "waiting" && this.#reword === null) {
      this.#after = lastEventId === null ? "before the first event" : `after ${lastEventId}`;
      const why = cause?.code === "silent" ? " (nothing was heard)" : "";
      this.#reword = this.#show(`connection lost ${this.#after}${why} · coming back`);
      this.#resumed = false;
    }
    if (phase === "live" && reconnects > 0 && this.#reword !== null && !this.#resumed) {
      this.#resumed = true;
      this.#reword(`connection lost · resumed ${this.#after}`);
    }
    // The run was over, and there was nothing more to say.
    if (ended?.reason === "nothing_left") this.#settle("nothing missed");
  }

  /** The next event is there: a gap comes before everything else. */
  event(isGap: boolean): void {
    if (this.#resumed) this.#settle(isGap ? "with a gap" : "nothing missed");
  }

  #settle(verdict: string): void {
    this.#reword?.(`connection lost · resumed ${this.#after} · ${verdict}`);
    this.#reword = null;
    this.#resumed = false;
  }
}
