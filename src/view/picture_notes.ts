import type { StreamEvent } from "../events/stream_event.ts";
import { gapWords } from "./gap_words.ts";
import { clip, type Fields } from "./payload.ts";
import type { PictureParts } from "./picture_parts.ts";
import type { PictureNote } from "./picture_rows.ts";
import type { Branch } from "./row_tree.ts";

/** What a note is about, where that is known. */
export interface NoteFacts {
  /** The event; null if the note is not about one. */
  readonly event: StreamEvent | null;
  readonly at: number | null;
  readonly text: string;
  readonly warning: boolean;
  /** What it says that it happened in; null is the run. @default {where the run's own agent is} */
  readonly about?: Branch | null;
}

/** The notes of a picture: where they stand, from when they are, and which of them say the same. */
export class PictureNotes {
  readonly #parts: PictureParts;
  /** What was noted before the first event that has a time. */
  readonly #undated: PictureNote[] = [];
  /** The latest gap, while no event of the run has come after it. */
  #gap: { readonly note: PictureNote; readonly words: string; times: number } | null = null;

  constructor(parts: PictureParts) {
    this.#parts = parts;
  }

  /** Adds a note where the run is now. */
  add({ event, at, text, warning, about }: NoteFacts): PictureNote {
    const { open, turns, tree } = this.#parts;
    const turn = turns.last(null);
    const belongsToTurn = turn !== null && (turn.state === "running" || open.isBusy(turn));
    const note = tree.add<PictureNote>({
      kind: "note",
      text: clip(text, MAX_NOTE),
      warning,
      at,
      eventId: event?.event_id ?? null,
      eventType: event?.event_type ?? null,
    }, about === undefined ? belongsToTurn ? turn : null : about);
    if (at === null && this.#undated.length < MAX_UNDATED) this.#undated.push(note);
    return note;
  }

  /** Notes a gap. A server that was restarted several times says the same again and again: that is one note. */
  addGap(event: StreamEvent, data: Fields, at: number | null): PictureNote {
    const words = gapWords(data);
    if (this.#gap?.words === words) {
      const { note } = this.#gap;
      this.reword(note, `${words} · ${++this.#gap.times} times`);
      return note;
    }
    const note = this.add({ event, at, text: words, warning: true });
    this.#gap = { note, words, times: 1 };
    return note;
  }

  /** Says a note in other words. */
  reword(note: PictureNote, text: string): void {
    note.text = clip(text, MAX_NOTE);
    this.#parts.tree.touch(note);
  }

  /** An event of the run has come: gaps after it are further ones. */
  passEvent(): void {
    this.#gap = null;
  }

  /** The first time is known: what was noted before is from then. */
  date(at: number): void {
    for (const note of this.#undated.splice(0)) {
      note.at = at;
      this.#parts.tree.touch(note);
    }
  }
}

const MAX_NOTE = 1_000;
/** A stream that has nothing but notes without a time must not grow for ever. */
const MAX_UNDATED = 100;
