import type { FollowState } from "../../client/mod.ts";
import type { StreamEvent } from "../../events/stream_event.ts";

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
      this.#after = lastEventId === null ? BEFORE_ALL : `after ${lastEventId}`;
      const why = cause?.code === "silent" ? " (nothing was heard)" : "";
      this.#reword = this.#show(`connection lost ${this.#after}${why} · coming back`);
      this.#resumed = false;
    }
    if (phase === "live" && reconnects > 0 && this.#reword !== null && !this.#resumed) {
      this.#resumed = true;
      this.#reword(`connection lost · resumed ${this.#after}`);
    }
    // The run was over, and no event was missing.
    if (ended?.reason === "nothing_left") this.#settle("nothing missed");
  }

  /** The next event is there: a gap comes before everything else. */
  event({ event_type: type, data }: StreamEvent): void {
    if (!this.#resumed) return;
    if (type !== "bus.gap") this.#settle("nothing missed");
    else this.#settle(data.reason === "new_epoch" ? "the server was restarted" : "with a gap");
  }

  #settle(verdict: string): void {
    // Without a cursor, it is not known whether events were missed.
    const isKnown = this.#after !== BEFORE_ALL || verdict !== "nothing missed";
    const end = isKnown ? ` · ${verdict}` : "";
    this.#reword?.(`connection lost · resumed ${this.#after}${end}`);
    this.#reword = null;
    this.#resumed = false;
  }
}

const BEFORE_ALL = "before the first event";
