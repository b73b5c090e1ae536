import type { RowTree } from "./row_tree.ts";
import type { PictureSpan, PictureTurn } from "./picture_rows.ts";
import { cutText } from "./turn_text.ts";

/** What is known of an agent that works inside a span, or at the top of the run. */
interface Speaker {
  /** Its latest turn; null before the first. */
  turn: PictureTurn | null;
  /** When it was last heard of; null if it may have been idle since. */
  heardAt: number | null;
  /** How many of the tools that its latest turn asked for have not begun. */
  toolsToCome: number;
}

/** The turns of the agents of a run. Events of agents carry no id of the agent, so there is one agent a span. */
export class ModelTurns {
  /** The turn that was heard of last. */
  latest: PictureTurn | null = null;
  readonly #tree: RowTree;
  readonly #speakers = new Map<PictureSpan | null, Speaker>();
  /** Turns whose texts are kept at length. */
  readonly #verbose = new Set<PictureTurn>();

  constructor(tree: RowTree) {
    this.#tree = tree;
  }

  /** The turn that the agent in `place` is at work on: a new one, if its last one is complete. */
  open(place: PictureSpan | null, at: number, eventId: string): PictureTurn {
    const speaker = this.#speakerIn(place);
    const last = speaker.turn;
    if (last?.state === "running") return this.latest = last;
    const turn = this.#tree.add<PictureTurn>({
      kind: "turn",
      iteration: last === null ? 0 : last.iteration + 1,
      state: "running",
      startedAt: Math.min(at, Math.max(speaker.heardAt ?? at, place?.startedAt ?? 0)),
      endedAt: null,
      durationMs: null,
      startEventId: eventId,
      endEventId: null,
      text: "",
      textLeftOut: 0,
      textIsPreview: false,
      textHasGap: false,
      isAnswer: false,
      tokens: 0,
      children: [],
      leftOut: 0,
    }, place);
    this.#shorten(turn);
    return speaker.turn = this.latest = turn;
  }

  /** The latest turn of the agent in `place`. */
  last(place: PictureSpan | null): PictureTurn | null {
    return this.#speakers.get(place)?.turn ?? null;
  }

  /** The turn that a tool belongs to which begins now: the latest one that still waits for one. */
  takeTool(place: PictureSpan | null): PictureTurn | null {
    // With so many at work at once nobody can tell; and nobody shall have to look through all of them.
    const waiting = this.#speakers.size > MAX_GUESS
      ? undefined
      : [...this.#speakers.values()].findLast(({ toolsToCome }) => toolsToCome > 0);
    if (waiting === undefined) return this.last(place);
    waiting.toolsToCome--;
    return waiting.turn;
  }

  /** Notes how many tools a turn asked for. */
  expectTools(place: PictureSpan | null, tools: number): void {
    const speaker = this.#speakerIn(place);
    speaker.toolsToCome = tools;
    // The latest stands last.
    this.#speakers.delete(place);
    this.#speakers.set(place, speaker);
  }

  /** Notes when the agent in `place` was last heard of; null if it may be idle from now on. */
  hear(place: PictureSpan | null, at: number | null): void {
    const speaker = this.#speakerIn(place);
    speaker.heardAt = at;
    if (at === null) speaker.toolsToCome = 0;
  }

  /** Ends a turn. */
  end(turn: PictureTurn, state: "done" | "lost", at: number, eventId: string | null): void {
    if (turn.state !== "running") return;
    turn.state = state;
    turn.endedAt = at;
    if (state === "done") turn.durationMs = at - turn.startedAt;
    turn.endEventId = eventId;
    this.#tree.touch(turn);
  }

  /** Those that are not complete. */
  get running(): PictureTurn[] {
    return [...this.#speakers.values()].flatMap(({ turn }) =>
      turn?.state === "running" ? [turn] : []
    );
  }

  /** Lets go of what was left out of the picture, or is over. */
  forget(row: PictureTurn | PictureSpan): void {
    if (row.kind === "span") return void this.#speakers.delete(row);
    this.#verbose.delete(row);
    if (this.latest === row) this.latest = null;
    for (const speaker of this.#speakers.values()) {
      if (speaker.turn === row) speaker.turn = null;
    }
  }

  #speakerIn(place: PictureSpan | null): Speaker {
    let speaker = this.#speakers.get(place);
    if (speaker === undefined) {
      speaker = { turn: null, heardAt: place?.startedAt ?? null, toolsToCome: 0 };
      this.#speakers.set(place, speaker);
    }
    return speaker;
  }

  /** The texts of the latest turns are kept at length: those of all turns of a long run would be a book. */
  #shorten(turn: PictureTurn): void {
    this.#verbose.add(turn);
    const [oldest] = this.#verbose;
    if (this.#verbose.size <= MAX_VERBOSE || oldest === undefined) return;
    this.#verbose.delete(oldest);
    cutText(oldest, SHORT_TEXT);
  }
}

const MAX_GUESS = 100;
const MAX_VERBOSE = 50;
const SHORT_TEXT = 1_000;
